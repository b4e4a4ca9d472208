//! The C library's functions for thread-local keys, as the code of this library calls them.
//!
//! The C library has 1,024 keys for a process. Each copy of std takes one when it first needs the current thread, and
//! ends the process if there is none. So `export!` defines the functions anew in the library, hidden from every other
//! one, and the host serves them with one key for all plugins.

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::mem::transmute;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use super::link::{generation, host, host_now};
use crate::abi::KeyDestructor;

/// Defines the functions under the names of the C library. Only `export!` does it, so a host keeps those of the C
/// library.
///
/// They are weak, because several plugins may be linked into one program.
#[doc(hidden)]
#[macro_export]
macro_rules! __define_keys {
    () => {
        $crate::__define_keys!(
            "pthread_key_create" key_create,
            "pthread_key_delete" key_delete,
            "pthread_getspecific" key_get,
            "pthread_setspecific" key_set,
        );
    };
    ($($name:literal $function:ident),* $(,)?) => {$(
        #[cfg(not(any(test, miri)))]
        ::core::arch::global_asm!(
            concat!(".pushsection .text.plugbox.", $name, ",\"ax\",%progbits"),
            concat!(".weak ", $name),
            concat!(".hidden ", $name),
            concat!(".type ", $name, ",%function"),
            concat!($name, ":"),
            $crate::__jump!(),
            concat!(".size ", $name, ", . - ", $name),
            ".popsection",
            function = sym $crate::__private::keys::$function,
        );
    )*};
}

/// The processor's jump to a function.
#[doc(hidden)]
#[macro_export]
#[cfg(target_arch = "x86_64")]
macro_rules! __jump {
    () => {
        "jmp {function}"
    };
}
#[doc(hidden)]
#[macro_export]
#[cfg(target_arch = "aarch64")]
macro_rules! __jump {
    () => {
        "b {function}"
    };
}
#[doc(hidden)]
#[macro_export]
#[cfg(target_arch = "riscv64")]
macro_rules! __jump {
    () => {
        "tail {function}"
    };
}

unsafe extern "C" {
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
    fn pthread_key_create(key: *mut c_uint, destructor: Option<KeyDestructor>) -> c_int;
    fn pthread_key_delete(key: c_uint) -> c_int;
}

/// The C library's own function, for a library without a host: an initializer runs before `bind`, and a plugin may be
/// linked into a program. Null if there is none.
fn of_the_c_library(known: &AtomicPtr<c_void>, name: &CStr) -> *mut c_void {
    let function = known.load(Ordering::Relaxed);
    if !function.is_null() {
        return function;
    }
    // SAFETY: dlsym(3) with RTLD_DEFAULT, which is null, and a C string. It finds no hidden function.
    let function = unsafe { dlsym(ptr::null_mut(), name.as_ptr()) };
    known.store(function, Ordering::Relaxed);
    function
}

/// The number of the error for a system without these functions: EAGAIN, "too few resources".
const NO_KEY: c_int = 11;

/// `pthread_key_create`.
///
/// # Safety
///
/// 1. As for pthread_key_create(3).
pub unsafe extern "C" fn key_create(key: *mut c_uint, destructor: Option<KeyDestructor>) -> c_int {
    static KNOWN: AtomicPtr<c_void> = AtomicPtr::new(ptr::null_mut());
    type Create = unsafe extern "C" fn(*mut c_uint, Option<KeyDestructor>) -> c_int;
    // In this order: a thread that sees the host sees the generation, too.
    if let Some(host) = host_now() {
        // SAFETY: *contract*: the function is the host's. *generation*: the host passed it to `bind`. Obligation 1.
        return unsafe { (host.key_create)(generation(), key, destructor) };
    }
    // SAFETY: it is null, or the C library's function of this type.
    let create = unsafe { transmute::<*mut c_void, Option<Create>>(of_the_c_library(&KNOWN, c"pthread_key_create")) };
    // SAFETY: obligation 1.
    create.map_or(NO_KEY, |create| unsafe { create(key, destructor) })
}

/// `pthread_key_delete`.
///
/// # Safety
///
/// 1. As for pthread_key_delete(3).
pub unsafe extern "C" fn key_delete(key: c_uint) -> c_int {
    static KNOWN: AtomicPtr<c_void> = AtomicPtr::new(ptr::null_mut());
    type Delete = unsafe extern "C" fn(c_uint) -> c_int;
    let own = || of_the_c_library(&KNOWN, c"pthread_key_delete");
    // SAFETY: it is null, or the C library's function of this type.
    let own = || unsafe { transmute::<*mut c_void, Option<Delete>>(own()) };
    let delete = host().map_or_else(own, |host| Some(host.key_delete));
    // SAFETY: *contract*: the function is the host's, or it is the C library's. Obligation 1.
    delete.map_or(NO_KEY, |delete| unsafe { delete(key) })
}

/// `pthread_getspecific`.
///
/// # Safety
///
/// 1. As for pthread_getspecific(3).
pub unsafe extern "C" fn key_get(key: c_uint) -> *mut c_void {
    static KNOWN: AtomicPtr<c_void> = AtomicPtr::new(ptr::null_mut());
    type Get = unsafe extern "C" fn(c_uint) -> *mut c_void;
    let own = || of_the_c_library(&KNOWN, c"pthread_getspecific");
    // SAFETY: it is null, or the C library's function of this type.
    let own = || unsafe { transmute::<*mut c_void, Option<Get>>(own()) };
    let get = host().map_or_else(own, |host| Some(host.key_get));
    // SAFETY: *contract*: the function is the host's, or it is the C library's. Obligation 1.
    get.map_or(ptr::null_mut(), |get| unsafe { get(key) })
}

/// `pthread_setspecific`.
///
/// # Safety
///
/// 1. As for pthread_setspecific(3).
pub unsafe extern "C" fn key_set(key: c_uint, value: *const c_void) -> c_int {
    static KNOWN: AtomicPtr<c_void> = AtomicPtr::new(ptr::null_mut());
    type Set = unsafe extern "C" fn(c_uint, *const c_void) -> c_int;
    let own = || of_the_c_library(&KNOWN, c"pthread_setspecific");
    // SAFETY: it is null, or the C library's function of this type.
    let own = || unsafe { transmute::<*mut c_void, Option<Set>>(own()) };
    let set = host().map_or_else(own, |host| Some(host.key_set));
    // SAFETY: *contract*: the function is the host's, or it is the C library's. Obligation 1.
    set.map_or(NO_KEY, |set| unsafe { set(key, value) })
}

/// Makes a key as std does it, so that the host sees whether this library makes keys with the host's function.
pub(super) fn show() {
    let mut key = 0;
    // SAFETY: pthread_key_create(3) stores the key at the address, and needs no destructor.
    if unsafe { pthread_key_create(&raw mut key, None) } == 0 {
        // SAFETY: nobody else knows the key.
        unsafe { pthread_key_delete(key) };
    }
}
