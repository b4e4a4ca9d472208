//! Pins: the approved SHA-256 of each library of a folder, in a file that `sha256sum --check` can read too.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::{Component, Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::errors::{Code, Reason};
use crate::sys;

/// The maximum size of a lock, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// The SHA-256 of a library's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin([u8; 32]);

impl Pin {
    /// Hashes all bytes of an open file.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error if the file cannot be read.
    pub fn of(file: &mut File) -> io::Result<Self> {
        let mut hasher = Sha256::new();
        let mut block = vec![0; 64 << 10];
        file.rewind()?;
        loop {
            match file.read(&mut block)? {
                0 => return Ok(Self(hasher.finalize().into())),
                len => hasher.update(&block[..len]),
            }
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let digits = text.as_bytes();
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The pins of a folder, as its file `plugbox.lock` lists them.
///
/// # Examples
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// # let folder = std::env::temp_dir().join(format!("pins-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # std::fs::write(folder.join("libshout.so"), "bytes")?;
/// use plugbox_loader::Pins;
///
/// let mut pins = Pins::beside(&folder.join("plugbox.lock"))?;
/// pins.pin(&folder.join("libshout.so"))?;
/// pins.write()?;
/// assert_eq!(Pins::read(&folder.join("plugbox.lock"))?.names().count(), 1);
/// # std::fs::remove_dir_all(folder)
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pins {
    /// The canonical path of the lock.
    path: PathBuf,
    /// The pins by file name, relative to the lock's folder.
    pins: BTreeMap<String, Pin>,
}

impl Pins {
    /// Creates an empty list of pins for a lock at this path; its names will be relative to the lock's folder. Writes
    /// nothing yet.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error if the folder does not exist, and
    /// [`InvalidData`](io::ErrorKind::InvalidData) if the path does not end in a file name.
    pub fn beside(lock: &Path) -> io::Result<Self> {
        let folder = lock.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = lock.file_name().ok_or_else(|| invalid("the path of a lock must end in a file name"))?;
        Ok(Self { path: sys::canonicalize(folder)?.join(name), pins: BTreeMap::new() })
    }

    /// Reads a lock.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error if the lock cannot be read, and
    /// [`InvalidData`](io::ErrorKind::InvalidData) if the lock is larger than 1 MiB, if a line is not a pin of a file
    /// below the lock's folder, or if a name occurs twice.
    pub fn read(lock: &Path) -> io::Result<Self> {
        let mut text = String::new();
        let failed = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", lock.display()));
        let path = sys::canonicalize(lock).map_err(failed)?;
        let file = File::open(&path).map_err(failed)?;
        if file.metadata().map_err(failed)?.len() > MAX_BYTES {
            return Err(invalid(format!("{} is larger than {MAX_BYTES} bytes", lock.display())));
        }
        file.take(MAX_BYTES).read_to_string(&mut text).map_err(failed)?;
        let mut pins = BTreeMap::new();
        for (number, line) in text.lines().enumerate() {
            let wrong = |what: &str| invalid(format!("{}, line {}: {what}", lock.display(), number + 1));
            let parts = line.split_once("  ").or_else(|| line.split_once(" *"));
            let (pin, name) = parts
                .and_then(|(pin, name)| Some((Pin::parse(pin)?, name)))
                .ok_or_else(|| wrong("the line is not `SHA-256, two spaces, name`"))?;
            if !is_inside(Path::new(name)) {
                return Err(wrong("the name points outside the lock's folder"));
            }
            if pins.insert(name.to_owned(), pin).is_some() {
                return Err(wrong("the name is pinned twice"));
            }
        }
        Ok(Self { path, pins })
    }

    /// Pins a file to its current bytes.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error if the file cannot be read, and
    /// [`InvalidData`](io::ErrorKind::InvalidData) if the file is not below the lock's folder, or if its name is not
    /// UTF-8 or contains a line break or a backslash.
    pub fn pin(&mut self, file: &Path) -> io::Result<()> {
        let canonical = sys::canonicalize(file)?;
        let name = self.name(&canonical).filter(|name| !name.contains(['\n', '\r', '\\']));
        let name = name.ok_or_else(|| {
            invalid(format!(
                "{} cannot be pinned by {}: the file is not below the lock's folder, or its name is not UTF-8 or \
                 contains a line break or a backslash",
                file.display(),
                self.path.display()
            ))
        })?;
        let pin = Pin::of(&mut File::open(&canonical)?)?;
        self.pins.insert(name, pin);
        Ok(())
    }

    /// Writes the lock atomically: writes a temporary file beside it, and renames that file.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error if the lock cannot be written.
    pub fn write(&self) -> io::Result<()> {
        let partial = self.path.with_extension(format!("partial-{}", std::process::id()));
        let written = File::create(&partial)
            .and_then(|mut file| {
                self.pins.iter().try_for_each(|(name, pin)| writeln!(file, "{pin}  {name}"))?;
                file.sync_all()
            })
            .and_then(|()| fs::rename(&partial, &self.path));
        if written.is_err() {
            let _ = fs::remove_file(partial);
        }
        written
    }

    /// The path of the lock, in a folder without links.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The pinned file names, relative to the lock's folder and sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pins.keys().map(String::as_str)
    }

    /// The pin of the file with this canonical path; `None` if the file is not pinned.
    #[must_use]
    pub fn get(&self, canonical: &Path) -> Option<Pin> {
        self.name(canonical).and_then(|name| self.pins.get(&name).copied())
    }

    /// The name of a file in the lock, which is the same on every system.
    fn name(&self, canonical: &Path) -> Option<String> {
        let inside = canonical.strip_prefix(self.path.parent()?).ok()?;
        let parts: Option<Vec<&str>> = inside.iter().map(|part| part.to_str()).collect();
        Some(parts?.join("/"))
    }
}

/// Compares the bytes of a file with its pin. Returns whether the file is pinned, or the reason why its bytes are not
/// trusted. A file without a pin is refused only if pins are `required`.
pub(crate) fn pinned(
    pins: Option<&Pins>,
    required: bool,
    canonical: &Path,
    file: &mut File,
) -> io::Result<Result<bool, Reason>> {
    let known = pins.and_then(|pins| pins.get(canonical));
    let name = pins.and_then(|pins| pins.name(canonical)).unwrap_or_else(|| canonical.display().to_string());
    let lock = pins.map_or("plugbox.lock".to_owned(), |pins| pins.path().display().to_string());
    let at = format!("{name} in {lock}");
    let command = "verify where the library comes from, and then run `plugbox check --write-lock`, which pins every \
                   library that fits, and with `--allow-library` those that it needs";
    Ok(match known {
        Some(pin) => match Pin::of(file)? {
            found if found == pin => Ok(true),
            found => {
                let (host, plugin) = (format!("SHA-256 {pin}"), format!("SHA-256 {found}"));
                Err(Reason::new(Code::NotTrusted, host, plugin, command).at(at))
            }
        },
        None if required => {
            Err(Reason::new(Code::NotTrusted, "requires a pin", "the library has no pin", command).at(at))
        }
        None => Ok(false),
    })
}

fn is_inside(name: &Path) -> bool {
    name.components().next().is_some() && name.components().all(|part| matches!(part, Component::Normal(_)))
}

fn invalid(message: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A lock may come from another system.
    #[test]
    fn a_file_in_a_subfolder_has_the_same_name_on_every_system() {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("sub").join("shout");
        fs::create_dir(library.parent().unwrap()).unwrap();
        fs::write(&library, "bytes").unwrap();
        let lock = folder.path().join("plugbox.lock");
        let mut pins = Pins::beside(&lock).unwrap();
        pins.pin(&library).unwrap();
        assert_eq!(pins.names().collect::<Vec<_>>(), ["sub/shout"]);
        pins.write().unwrap();
        let pin = Pin::of(&mut File::open(&library).unwrap()).unwrap();
        assert_eq!(Pins::read(&lock).unwrap().get(&sys::canonicalize(&library).unwrap()), Some(pin));
    }
}
