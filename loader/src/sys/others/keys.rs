//! Thread-local keys where the host serves none: plugins never ask for one.

use std::ffi::{c_int, c_uint, c_void};
use std::ptr::null_mut;

pub(crate) const NO_KEY_LEFT: c_int = 11;
pub(crate) const NO_MEMORY: c_int = 12;
pub(crate) const NO_SUCH_KEY: c_int = 22;
pub(crate) const PASSES: u32 = 1;

/// A key, of which there are none.
#[derive(Clone, Copy)]
pub(crate) struct ThreadKey(pub(crate) c_uint);

impl ThreadKey {
    pub(crate) fn create(_destructor: Option<unsafe extern "C" fn(*mut c_void)>) -> Result<Self, c_int> {
        Err(NO_KEY_LEFT)
    }

    pub(crate) fn delete(self) -> c_int {
        NO_SUCH_KEY
    }

    pub(crate) fn get(self) -> *mut c_void {
        null_mut()
    }

    /// # Safety
    ///
    /// None: there is no such key.
    pub(crate) unsafe fn set(self, _value: *const c_void) -> c_int {
        NO_SUCH_KEY
    }
}
