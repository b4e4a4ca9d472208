//! Paths: with and without the prefix `\\?\`, which stands for "as it is" and is not for people.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::windows::ffi::{OsStrExt, OsStringExt};
use std::os::windows::io::AsRawHandle;
use std::path::{Component, Path, PathBuf, Prefix};

use windows_sys::Win32::Storage::FileSystem::GetFinalPathNameByHandleW;

/// The length from which on the system needs the prefix, for a folder.
const LONG: usize = 248 - 13;

pub(crate) fn canonicalize(path: &Path) -> io::Result<PathBuf> {
    Ok(plain(path.canonicalize()?))
}

pub(crate) fn path_of(file: &File) -> Option<PathBuf> {
    let mut text = vec![0; 512];
    loop {
        let (buffer, size) = (text.as_mut_ptr(), text.len() as u32);
        // SAFETY: the handle is open, and the buffer has this length.
        let len = unsafe { GetFinalPathNameByHandleW(file.as_raw_handle(), buffer, size, 0) } as usize;
        match text.get(..len) {
            Some([]) => return None,
            Some(path) if len < text.len() => return Some(plain(OsString::from_wide(path).into())),
            _ => text.resize(len + 1, 0),
        }
    }
}

/// The path without the prefix, if it means the same without it. std adds it again where the system needs it.
fn plain(path: PathBuf) -> PathBuf {
    let mut parts = path.components();
    let start = match parts.next() {
        Some(Component::Prefix(prefix)) => match prefix.kind() {
            Prefix::VerbatimDisk(disk) => format!("{}:", char::from(disk)).into(),
            Prefix::VerbatimUNC(server, share) => {
                let mut start = OsString::from(r"\\");
                start.push(server);
                start.push(r"\");
                start.push(share);
                start
            }
            _ => return path,
        },
        _ => return path,
    };
    let rest: Vec<Component<'_>> = parts.collect();
    let is_plain = rest.iter().all(|part| match part {
        Component::Normal(name) => name.to_str().is_some_and(is_plain_name),
        part => *part == Component::RootDir,
    });
    if !is_plain {
        return path;
    }
    let mut plain = PathBuf::from(start);
    plain.extend(rest);
    plain
}

/// Whether a name means itself in a path without the prefix: it is not that of a device, and does not end in what the
/// system removes. See "Naming Files, Paths, and Namespaces" in the documentation of Windows.
fn is_plain_name(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_ascii_uppercase();
    let is_numbered = |device| {
        let number = stem.strip_prefix(device);
        number.is_some_and(|number| matches!(number.as_bytes(), [b'0'..=b'9']) || ["¹", "²", "³"].contains(&number))
    };
    let is_device = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(&stem.as_str());
    !is_device && !is_numbered("COM") && !is_numbered("LPT") && !name.ends_with(['.', ' ']) && !name.contains('/')
}

/// A path for the system: UTF-16 with a zero at the end, and with the prefix if it is long.
pub(super) fn wide(path: &Path) -> Vec<u16> {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut text: Vec<u16> = absolute.as_os_str().encode_wide().collect();
    if text.len() >= LONG {
        let mut parts = absolute.components();
        let prefix = match parts.next() {
            Some(Component::Prefix(prefix)) => match prefix.kind() {
                Prefix::Disk(_) => Some((r"\\?\", 0)),
                Prefix::UNC(..) => Some((r"\\?\UNC\", 2)),
                _ => None,
            },
            _ => None,
        };
        if let Some((prefix, skipped)) = prefix {
            text = prefix.encode_utf16().chain(text.drain(skipped..)).collect();
        }
    }
    text.push(0);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_see_no_prefix_where_the_path_means_the_same_without_it() {
        for (path, expected) in [
            (r"\\?\C:\plugins\shout.dll", r"C:\plugins\shout.dll"),
            (r"\\?\UNC\server\share\shout.dll", r"\\server\share\shout.dll"),
            (r"\\?\C:\", r"C:\"),
            (r"C:\plugins", r"C:\plugins"),
            (r"\\?\C:\a.\b", r"\\?\C:\a.\b"),
            (r"\\?\C:\nul.dll", r"\\?\C:\nul.dll"),
            (r"\\?\C:\com1", r"\\?\C:\com1"),
            (r"\\?\C:\com10", r"C:\com10"),
            (r"\\?\Volume{1}\a", r"\\?\Volume{1}\a"),
        ] {
            assert_eq!(plain(path.into()), Path::new(expected), "{path}");
        }
        let long = format!(r"\\?\C:\{}\x.dll", "long".repeat(100));
        assert_eq!(plain(long.clone().into()).to_str(), Some(&long[4..]));
        let text = |path: &str| String::from_utf16(&wide(Path::new(path))).unwrap();
        assert_eq!(text(&long[4..]), long.clone() + "\0");
        assert_eq!(text(r"C:\x.dll"), "C:\\x.dll\0");
        let unc = format!(r"\\server\share\{}", "long".repeat(100));
        assert_eq!(text(&unc), format!(r"\\?\UNC\{}", &unc[2..]) + "\0");
    }
}
