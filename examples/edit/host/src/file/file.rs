//! Reading whole files, and saving them atomically.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use tempfile::NamedTempFile;

use super::system::Kept;

/// Reads a text file.
pub(crate) fn read(path: &Path) -> anyhow::Result<String> {
    let bytes = fs::read(path).with_context(|| format!("{}: cannot read it", path.display()))?;
    String::from_utf8(bytes).with_context(|| format!("{}: it is not UTF-8 text", path.display()))
}

/// Replaces the text of a file. At every moment the file contains either the whole old text or the whole new one. It
/// keeps its permissions: on Unix its owner and its mode, on Windows its access list and its attributes. A symbolic link
/// is kept, and its target is replaced; other hard links to the file keep the old text.
pub(crate) fn save(path: &Path, text: &str) -> anyhow::Result<()> {
    replace(path, text).with_context(|| path.display().to_string())
}

fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    let target = path.canonicalize().context("cannot find it")?;
    // To replace a file, the system checks only the folder's permissions. Respect the file's own permissions too.
    let old = File::options().write(true).open(&target).context("cannot write it")?;
    let kept = Kept::of(&old, &target)?;
    drop(old);
    let folder = target.parent().unwrap_or(&target);
    let mut new = NamedTempFile::new_in(folder).context("cannot make a file beside it")?;
    new.write_all(text.as_bytes()).context("cannot write beside it")?;
    kept.give_to(&new)?;
    new.as_file().sync_all().context("cannot write beside it")?;
    kept.replace(new, &target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saving_replaces_the_text_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, "old, and longer").unwrap();
        save(&path, "new").unwrap();
        assert_eq!(read(&path).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn saving_keeps_permissions_and_links() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a.txt"), folder.path().join("link"));
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o751)).unwrap();
        symlink("a.txt", &link).unwrap();
        save(&link, "new").unwrap();
        assert_eq!(read(&path).unwrap(), "new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o751);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bin");
        fs::write(&path, [0xff]).unwrap();
        let error = read(&path).unwrap_err().to_string();
        assert_eq!(error, format!("{}: it is not UTF-8 text", path.display()));
    }
}
