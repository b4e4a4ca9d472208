//! Leases: how the system says whether a file is being written; see fcntl(2), `F_SETLEASE`.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::Path;

use rustix::io::Errno;

/// The command of fcntl(2), for the processors of Rust's Linux targets.
const F_SETSIG: i32 = 10;

/// Whether somebody has a file open for writing, or has it mapped so. `file` is open for reading only, by nobody else.
///
/// `None` if the system does not say: it tells only the file's owner and root, and some file systems have no leases. On
/// a network file system, a writer on another machine is not seen, or the answer is always yes.
pub(crate) fn has_writer(file: &File, _path: &Path) -> Option<bool> {
    has_writer_with(file, || ())
}

/// Asks, and calls the function while the lease exists.
fn has_writer_with(file: &File, meanwhile: impl FnOnce()) -> Option<bool> {
    // A program that opens the file for writing while the lease exists waits until it ends, and the holder of the lease
    // gets a signal. By default that is SIGIO, which ends the process; SIGURG is ignored.
    lease(file, F_SETSIG, libc::SIGURG).ok()?;
    // The system grants a lease for reading if nobody has the file open for writing.
    match lease(file, libc::F_SETLEASE, libc::F_RDLCK) {
        Ok(()) => {
            meanwhile();
            let _ = lease(file, libc::F_SETLEASE, libc::F_UNLCK);
            Some(false)
        }
        Err(Errno::AGAIN) => Some(true),
        Err(_) => None,
    }
}

fn lease(file: &File, command: i32, argument: i32) -> rustix::io::Result<()> {
    // SAFETY: both commands take a number, says fcntl(2), and the descriptor is that of an open file.
    let result = unsafe { libc::fcntl(file.as_raw_fd(), command, argument) };
    if result == 0 { Ok(()) } else { Err(Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::IO)) }
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;
    use std::os::unix::fs::OpenOptionsExt;

    use super::*;

    #[test]
    fn a_writer_is_seen_while_the_file_is_open_and_while_it_is_mapped() {
        let path = std::env::temp_dir().join(format!("plugbox-lease-{}", std::process::id()));
        std::fs::write(&path, [0; 4096]).unwrap();
        let asked = || has_writer(&File::open(&path).unwrap(), &path);
        assert_eq!(asked(), Some(false));
        let writer = OpenOptions::new().read(true).write(true).open(&path).unwrap();
        assert_eq!(asked(), Some(true));
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: the address is chosen by the system, and the file has these 4,096 bytes.
        let mapped = unsafe { libc::mmap(std::ptr::null_mut(), 4096, access, libc::MAP_SHARED, writer.as_raw_fd(), 0) };
        assert_ne!(mapped, libc::MAP_FAILED);
        drop(writer);
        assert_eq!(asked(), Some(true), "linkers close the file, and write through the mapping");
        // SAFETY: the mapping was made above, and nothing refers to it.
        unsafe { libc::munmap(mapped, 4096) };
        let reader = File::open(&path).unwrap();
        assert_eq!(asked(), Some(false));
        drop(reader);
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn a_program_that_opens_the_file_for_writing_meanwhile_waits_and_ends_nobody() {
        let path = std::env::temp_dir().join(format!("plugbox-leases-{}", std::process::id()));
        std::fs::write(&path, "text").unwrap();
        let write = || OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK).open(&path);
        let reader = File::open(&path).unwrap();
        let mut meanwhile = None;
        // The signal comes now.
        assert_eq!(has_writer_with(&reader, || meanwhile = Some(write())), Some(false));
        assert_eq!(meanwhile.unwrap().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
        write().unwrap();
        std::fs::remove_file(&path).unwrap();
    }
}
