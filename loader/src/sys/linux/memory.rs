//! Files without a place in any folder.

use std::ffi::CString;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
use rustix::io::Errno;

/// Creates an empty file in memory; see memfd_create(2). The name is only shown by the system.
pub(crate) fn create_in_memory(name: &Path) -> io::Result<File> {
    let name = CString::new(name.as_os_str().as_bytes())?;
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let file = match memfd_create(&name, flags | MemfdFlags::EXEC) {
        // Kernels before 6.3 do not know the flag, and do not need it.
        Err(Errno::INVAL) => memfd_create(&name, flags),
        file => file,
    };
    Ok(file?.into())
}

/// Makes the bytes of a file in memory permanent: nobody can change them afterwards.
pub(crate) fn seal(file: &File) -> io::Result<()> {
    let all = SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL;
    Ok(fcntl_add_seals(file, all)?)
}

/// A path of an open file that no other file of this process has had. `number` is different for each call.
///
/// glibc returns the old image for a path that it knows, compared as text, and the number of a descriptor may be used
/// again. So `number` is in the path, too, written in binary: each 1 is a `/.`, which leads nowhere, and each 0 a `/`.
pub(crate) fn unique_path(file: &File, number: u64) -> PathBuf {
    let bits = (0..u64::BITS - number.leading_zeros()).map(|bit| if number >> bit & 1 == 1 { "/." } else { "/" });
    let bits: String = bits.collect();
    format!("/proc/self{bits}/fd/{}", file.as_raw_fd()).into()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::fs;
    use std::io::Write;

    use super::*;

    #[test]
    fn a_sealed_file_keeps_its_bytes_and_each_of_its_paths_is_another_one() {
        let mut file = create_in_memory(Path::new("libone.so")).unwrap();
        file.write_all(b"text").unwrap();
        seal(&file).unwrap();
        // As text: for `Path`, a `/.` is no difference.
        let paths: HashSet<_> = (1..300).map(|number| unique_path(&file, number).into_os_string()).collect();
        assert_eq!(paths.len(), 299);
        for path in paths {
            assert_eq!(fs::read(&path).unwrap(), b"text");
            assert!(fs::write(&path, b"changed").is_err());
        }
        assert!(file.write_all(b"more").is_err() && file.set_len(0).is_err());
    }
}
