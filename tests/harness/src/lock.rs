//! A lock that processes of this project take. `File::lock` needs Rust 1.89.

use std::fs::File;
use std::path::Path;

/// Waits for the lock of this file, which is free again when the result is dropped.
#[cfg(unix)]
pub(crate) fn lock(path: &Path) -> File {
    use rustix::fs::{FlockOperation, flock};

    let lock = File::create(path).expect("the lock can be made");
    flock(&lock, FlockOperation::LockExclusive).expect("the lock can be taken");
    lock
}

/// Waits for the lock of this file, which is free again when the result is dropped: nobody else can open it meanwhile.
#[cfg(windows)]
pub(crate) fn lock(path: &Path) -> File {
    use std::os::windows::fs::OpenOptionsExt;
    use std::time::Duration;

    const SHARING_VIOLATION: i32 = 32;
    loop {
        match File::options().create(true).write(true).truncate(false).share_mode(0).open(path) {
            Ok(lock) => return lock,
            Err(error) if error.raw_os_error() == Some(SHARING_VIOLATION) => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(error) => panic!("the lock {} cannot be made: {error}", path.display()),
        }
    }
}
