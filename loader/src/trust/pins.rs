//! Pins: which bytes the libraries of a folder are, by their SHA-256, in a file that `sha256sum --check` reads as well.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::{Component, Path, PathBuf};

use sha2::{Digest, Sha256};

/// The most bytes of a lock that are read.
const MAX_BYTES: u64 = 1 << 20;

/// The SHA-256 of a library's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin([u8; 32]);

impl Pin {
    /// The pin of an open file's bytes, from its beginning.
    ///
    /// # Errors
    ///
    /// The system's.
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

/// The pins of a folder: what its file `plugbox.lock` says.
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
    /// The lock, without links.
    path: PathBuf,
    /// By name relative to the lock's folder.
    pins: BTreeMap<String, Pin>,
}

impl Pins {
    /// No pins yet, for a lock at this path; names in it will be relative to its folder.
    ///
    /// # Errors
    ///
    /// The system's, where there is no such folder.
    pub fn beside(lock: &Path) -> io::Result<Self> {
        let folder = lock.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = lock.file_name().ok_or_else(|| invalid("a lock has a name"))?;
        Ok(Self { path: folder.canonicalize()?.join(name), pins: BTreeMap::new() })
    }

    /// Reads a lock.
    ///
    /// # Errors
    ///
    /// The system's; [`InvalidData`](io::ErrorKind::InvalidData) where a line is no pin, or names are given twice.
    pub fn read(lock: &Path) -> io::Result<Self> {
        let mut text = String::new();
        let path = lock.canonicalize()?;
        let file = File::open(&path)?;
        if file.metadata()?.len() > MAX_BYTES {
            return Err(invalid(format!("{} is larger than {MAX_BYTES} bytes", lock.display())));
        }
        file.take(MAX_BYTES).read_to_string(&mut text)?;
        let mut pins = BTreeMap::new();
        for (number, line) in text.lines().enumerate() {
            let wrong = |what: &str| invalid(format!("{}, line {}: {what}", lock.display(), number + 1));
            let parts = line.split_once("  ").or_else(|| line.split_once(" *"));
            let (pin, name) = parts
                .and_then(|(pin, name)| Some((Pin::parse(pin)?, name)))
                .ok_or_else(|| wrong("it is not `SHA-256, two blanks, name`"))?;
            if !is_inside(Path::new(name)) {
                return Err(wrong("the name leads out of the lock's folder"));
            }
            if pins.insert(name.to_owned(), pin).is_some() {
                return Err(wrong("the name is pinned twice"));
            }
        }
        Ok(Self { path, pins })
    }

    /// Pins a file to the bytes that it has now.
    ///
    /// # Errors
    ///
    /// The system's; [`InvalidData`](io::ErrorKind::InvalidData) where it does not lie below the lock's folder, or its
    /// name does not fit in a line.
    pub fn pin(&mut self, file: &Path) -> io::Result<()> {
        let canonical = file.canonicalize()?;
        let name = self.name(&canonical).filter(|name| !name.contains(['\n', '\r', '\\']));
        let name = name.ok_or_else(|| {
            invalid(format!(
                "{} cannot be pinned by {}: it lies elsewhere, or has a name of several lines",
                file.display(),
                self.path.display()
            ))
        })?;
        let pin = Pin::of(&mut File::open(&canonical)?)?;
        self.pins.insert(name, pin);
        Ok(())
    }

    /// Writes the lock: beside it first, and then in its place.
    ///
    /// # Errors
    ///
    /// The system's.
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

    /// The lock, without links.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The names that are pinned, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pins.keys().map(String::as_str)
    }

    /// The pin of a file, by its canonical path.
    #[must_use]
    pub fn get(&self, canonical: &Path) -> Option<Pin> {
        self.name(canonical).and_then(|name| self.pins.get(&name).copied())
    }

    fn name(&self, canonical: &Path) -> Option<String> {
        Some(canonical.strip_prefix(self.path.parent()?).ok()?.to_str()?.to_owned())
    }
}

fn is_inside(name: &Path) -> bool {
    name.components().next().is_some() && name.components().all(|part| matches!(part, Component::Normal(_)))
}

fn invalid(message: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message.into())
}
