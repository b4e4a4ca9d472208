//! Hashes all files of a package.

use std::fs;
use std::path::{Path, PathBuf};

use crate::sha256::sha256;

/// The most files that a package may have. The limit ends a walk that a link to a parent folder would make endless.
const MAX_FILES: usize = 20_000;

/// The most bytes that all files together may have. Files are read one at a time, each as a whole.
const MAX_BYTES: u64 = 256 << 20;

/// The files of a package that would be part of its release.
pub(crate) struct Files {
    /// The first 32 digits of the SHA-256 of the output of `sha256sum` for all files, sorted by the bytes of their
    /// names.
    pub(crate) hash: String,
    pub(crate) paths: Vec<PathBuf>,
}

impl Files {
    /// Reads the files in a package's folder.
    pub(crate) fn of(package: &Path) -> Result<Self, String> {
        let cannot = |path: &Path, error| format!("{} cannot be read: {error}", path.display());
        let mut found: Vec<(String, PathBuf)> = Vec::new();
        let (mut seen, mut bytes) = (0, 0);
        let mut folders = vec![(String::new(), package.to_owned())];
        while let Some((prefix, folder)) = folders.pop() {
            for entry in fs::read_dir(&folder).map_err(|error| cannot(&folder, error))? {
                let path = entry.map_err(|error| cannot(&folder, error))?.path();
                let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                    return Err(format!("{} has a name that is not Unicode", path.display()));
                };
                if is_no_source(name, prefix.is_empty()) {
                    continue;
                }
                // A link counts as its target, as in a release.
                let kind = fs::metadata(&path).map_err(|error| cannot(&path, error))?;
                (seen, bytes) = (seen + 1, bytes + kind.len());
                if seen > MAX_FILES || bytes > MAX_BYTES {
                    return Err(format!("{} has too many files or bytes for a package", package.display()));
                }
                let name = format!("{prefix}{name}");
                if kind.is_file() {
                    found.push((name, path));
                } else if kind.is_dir() && !path.join("Cargo.toml").exists() {
                    folders.push((format!("{name}/"), path));
                }
            }
        }
        found.sort();
        let mut list = String::new();
        for (name, path) in &found {
            let bytes = fs::read(path).map_err(|error| cannot(path, error))?;
            list += &format!("{}  {name}\n", sha256(&bytes));
        }
        let mut hash = sha256(list.as_bytes());
        hash.truncate(32);
        Ok(Self { hash, paths: found.into_iter().map(|(_, path)| path).collect() })
    }
}

/// Whether a file is not a source: cargo or version control keep it beside the sources, or omit it from copies of them.
fn is_no_source(name: &str, at_root: bool) -> bool {
    let kept_at_root = at_root && matches!(name, "target" | "Cargo.lock");
    kept_at_root || name.starts_with('.') || name.ends_with(".orig") || name.ends_with(".rej")
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    fn package(name: &str) -> PathBuf {
        let root = env::temp_dir().join(format!("plugbox-build-{}-{name}", std::process::id()));
        _ = fs::remove_dir_all(&root);
        for (path, text) in [("Cargo.toml", "[package]"), ("src/lib.rs", "mod a;"), ("src/a/mod.rs", "")] {
            write(&root, path, text);
        }
        root
    }

    fn write(root: &Path, path: &str, text: &str) {
        fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
        fs::write(root.join(path), text).unwrap();
    }

    fn hash(root: &Path) -> String {
        Files::of(root).unwrap().hash
    }

    #[test]
    fn every_name_and_byte_of_a_source_counts_and_where_it_lies_does_not() {
        let (one, other) = (package("one"), package("other"));
        let first = hash(&one);
        assert_eq!((first.len(), &first), (32, &hash(&other)));
        for (path, text) in [("src/lib.rs", "mod b;"), ("src/b.rs", ""), ("README.md", ""), ("src/target/c.rs", "")] {
            write(&other, path, text);
            assert_ne!(first, hash(&other), "{path}");
            _ = fs::remove_dir_all(&other);
            package("other");
        }
        // A file that moved.
        fs::rename(other.join("src/a/mod.rs"), other.join("src/a.rs")).unwrap();
        assert_ne!(first, hash(&other));
        [one, other].iter().for_each(|root| fs::remove_dir_all(root).unwrap());
    }

    #[test]
    fn what_is_no_source_does_not_count() {
        let root = package("beside");
        let first = hash(&root);
        for path in [
            "target/debug/a",
            "Cargo.lock",
            ".git/HEAD",
            ".cargo-ok",
            ".cargo-checksum.json",
            "src/.swp",
            "Cargo.toml.orig",
            "other/Cargo.toml",
            "other/src/lib.rs",
        ] {
            write(&root, path, "x");
        }
        assert_eq!(first, hash(&root));
        assert_eq!(Files::of(&root).unwrap().paths.len(), 3);
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    #[cfg(unix)]
    fn a_folder_that_contains_itself_ends() {
        let root = package("circle");
        std::os::unix::fs::symlink(&root, root.join("src/again")).unwrap();
        // A folder with a manifest is a separate package, and is skipped. A folder without one is walked.
        assert_eq!(Files::of(&root).unwrap().paths.len(), 3);
        std::os::unix::fs::symlink(root.join("src"), root.join("src/more")).unwrap();
        assert!(Files::of(&root).is_err());
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn it_is_what_sha256sum_says_of_what_sha256sum_says() {
        let root = package("sum");
        let script = "find Cargo.toml src -type f | LC_ALL=C sort | xargs sha256sum | sha256sum";
        let output = std::process::Command::new("sh").args(["-c", script]).current_dir(&root).output().unwrap();
        assert!(String::from_utf8(output.stdout).unwrap().starts_with(&hash(&root)));
        fs::remove_dir_all(root).unwrap();
    }
}
