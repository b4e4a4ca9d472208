//! The C library.

/// The release of the GNU C library in this process, such as `2.36`; `None` with another C library.
#[cfg(target_env = "gnu")]
pub(crate) fn glibc() -> Option<String> {
    // SAFETY: gnu_get_libc_version(3) has no conditions.
    let version = unsafe { libc::gnu_get_libc_version() };
    // SAFETY: the function returns a C string that lives as long as the process, says gnu_get_libc_version(3).
    let version = unsafe { std::ffi::CStr::from_ptr(version) };
    version.to_str().ok().map(str::to_owned)
}

/// The release of the GNU C library in this process, such as `2.36`; `None` with another C library.
#[cfg(not(target_env = "gnu"))]
pub(crate) fn glibc() -> Option<String> {
    None
}
