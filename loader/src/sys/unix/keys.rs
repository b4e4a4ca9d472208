//! How many of the C library's keys for thread-local values are left.

use std::ffi::{c_int, c_void};
use std::mem::transmute;

use libc::pthread_key_t;

/// The number of the C library's keys that are free, but at most this one. It takes them and gives them back, because
/// nothing else tells.
///
/// A host may itself be a plugin, with functions of its own for keys (`export!`). So the C library's are looked up.
pub(crate) fn keys_left(most: usize) -> usize {
    type Create = unsafe extern "C" fn(*mut pthread_key_t, Option<unsafe extern "C" fn(*mut c_void)>) -> c_int;
    type Delete = unsafe extern "C" fn(pthread_key_t) -> c_int;
    // SAFETY: dlsym(3) with a C string.
    let create = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"pthread_key_create".as_ptr()) };
    // SAFETY: it is null, or the C library's function of this type.
    let create = unsafe { transmute::<*mut c_void, Option<Create>>(create) };
    // SAFETY: dlsym(3) with a C string.
    let delete = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"pthread_key_delete".as_ptr()) };
    // SAFETY: it is null, or the C library's function of this type.
    let delete = unsafe { transmute::<*mut c_void, Option<Delete>>(delete) };
    let (Some(create), Some(delete)) = (create, delete) else { return 0 };
    let taken: Vec<pthread_key_t> = (0..most)
        .map_while(|_| {
            let mut key = 0;
            // SAFETY: pthread_key_create(3) stores the key at the address, and needs no destructor.
            (unsafe { create(&raw mut key, None) } == 0).then_some(key)
        })
        .collect();
    for key in &taken {
        // SAFETY: nobody else knows the key.
        unsafe { delete(*key) };
    }
    taken.len()
}

/// The number of keys that a process may have.
pub(crate) fn most_keys() -> usize {
    // SAFETY: sysconf(3) accepts any name.
    let most = unsafe { libc::sysconf(libc::_SC_THREAD_KEYS_MAX) };
    most.try_into().unwrap_or(0)
}
