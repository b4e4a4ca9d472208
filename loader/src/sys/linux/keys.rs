//! The C library's keys for thread-local values.

use std::ffi::{c_int, c_uint, c_void};

/// What the functions return if no further key can be made, if there is no memory, and if there is no such key.
pub(crate) const NO_KEY_LEFT: c_int = libc::EAGAIN;
pub(crate) const NO_MEMORY: c_int = libc::ENOMEM;
pub(crate) const NO_SUCH_KEY: c_int = libc::EINVAL;

/// How often a thread that ends runs the destructors of values that destructors have set.
pub(crate) const PASSES: u32 = 4;

/// A key of the C library, by its number. Any number may be used: the C library checks it.
#[derive(Clone, Copy)]
pub(crate) struct ThreadKey(pub(crate) c_uint);

impl ThreadKey {
    /// Creates a key. A thread that ends calls the function with its value for the key, if that is not null.
    ///
    /// # Errors
    ///
    /// Returns the number of the error.
    pub(crate) fn create(destructor: Option<unsafe extern "C" fn(*mut c_void)>) -> Result<Self, c_int> {
        let mut key = 0;
        // SAFETY: pthread_key_create(3) stores the key at the address. The destructor is called only with values that
        // are set for this key; who sets one knows the destructor.
        match unsafe { libc::pthread_key_create(&raw mut key, destructor) } {
            0 => Ok(Self(key)),
            error => Err(error),
        }
    }

    pub(crate) fn delete(self) -> c_int {
        // SAFETY: pthread_key_delete(3) checks the key, and calls no destructor.
        unsafe { libc::pthread_key_delete(self.0) }
    }

    /// This thread's value; null if there is none.
    pub(crate) fn get(self) -> *mut c_void {
        // SAFETY: pthread_getspecific(3) checks the key.
        unsafe { libc::pthread_getspecific(self.0) }
    }

    /// Sets this thread's value. Returns the number of an error, or 0.
    ///
    /// # Safety
    ///
    /// 1. The key's destructor, if it has one, may be called with the value.
    pub(crate) unsafe fn set(self, value: *const c_void) -> c_int {
        // SAFETY: pthread_setspecific(3) checks the key. Obligation 1.
        unsafe { libc::pthread_setspecific(self.0, value) }
    }
}
