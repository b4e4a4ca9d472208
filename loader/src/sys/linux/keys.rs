//! The C library's keys for thread-local values.

/// Whether so many keys are free. It takes them and gives them back, because nothing else tells.
pub(crate) fn are_keys_free(count: usize) -> bool {
    let mut taken = Vec::with_capacity(count);
    while taken.len() < count {
        let mut key = 0;
        // SAFETY: pthread_key_create(3) stores the key at the address, and needs no destructor.
        if unsafe { libc::pthread_key_create(&raw mut key, None) } != 0 {
            break;
        }
        taken.push(key);
    }
    for key in &taken {
        // SAFETY: the key was taken above, and no thread has a value for it.
        unsafe { libc::pthread_key_delete(*key) };
    }
    taken.len() == count
}

/// The number of keys that a process may have.
pub(crate) fn most_keys() -> usize {
    // SAFETY: sysconf(3) accepts any name.
    let most = unsafe { libc::sysconf(libc::_SC_THREAD_KEYS_MAX) };
    most.try_into().unwrap_or(0)
}
