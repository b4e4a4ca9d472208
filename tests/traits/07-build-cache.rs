//! Places where a compiler's output is kept. The plugin trait is `Depot`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Cursor, Read, Seek};
use std::time::{Duration, SystemTime};

pub use anyhow::{anyhow, bail, Context, Error};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

pub type Result<T> = anyhow::Result<T>;

/// A trait object has one trait that is not an auto trait.
pub trait ReadSeek: Read + Seek + Send {}

impl<T: Read + Seek + Send> ReadSeek for T {}

/// An entry to read.
pub struct Found {
    archive: Box<dyn ReadSeek>,
    names: Vec<String>,
}

impl Found {
    pub fn from<R>(reader: R, names: Vec<String>) -> Result<Found>
    where
        R: ReadSeek + 'static,
    {
        Ok(Found { archive: Box::new(reader), names })
    }

    pub fn names(&self) -> &[String] {
        &self.names
    }

    pub fn into_bytes(mut self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.archive.read_to_end(&mut bytes).context("cannot read the entry")?;
        Ok(bytes)
    }
}

/// An entry to write.
#[derive(Default)]
pub struct Filling {
    archive: Cursor<Vec<u8>>,
}

impl Filling {
    pub fn add<T>(&mut self, from: &mut T) -> Result<u64>
    where
        T: Read,
    {
        Ok(io::copy(from, &mut self.archive)?)
    }

    pub fn finish(self) -> Result<Vec<u8>> {
        Ok(self.archive.into_inner())
    }
}

/// What a search has found.
pub enum Lookup {
    Hit(Found),
    Miss,
    Renew,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Access {
    Read,
    ReadWrite,
}

/// How headers are compared.
#[derive(Debug, Copy, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(default)]
pub struct HeaderMode {
    pub on: bool,
    pub by_time: bool,
    pub by_change_time: bool,
    pub ignore_clock: bool,
    pub skip_system: bool,
    pub hash_folder: bool,
}

impl Default for HeaderMode {
    fn default() -> Self {
        HeaderMode {
            on: false,
            by_time: false,
            by_change_time: true,
            ignore_clock: false,
            skip_system: false,
            hash_folder: true,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Header {
    path: OsString,
    digest: String,
    bytes: u64,
    modified: Option<SystemTime>,
    changed: Option<SystemTime>,
}

/// The headers that a unit has included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderEntry {
    number: usize,
    results: BTreeMap<String, Vec<Header>>,
}

/// A place for entries.
#[async_trait]
pub trait Depot: Send + Sync {
    /// Searches an entry.
    async fn get(&self, key: &str) -> Result<Lookup>;

    /// Writes an entry, and returns how long it took.
    async fn put(&self, key: &str, entry: Filling) -> Result<Duration>;

    /// Finds out what may be done.
    async fn check(&self) -> Result<Access> {
        Ok(Access::ReadWrite)
    }

    /// Returns where this is.
    fn location(&self) -> String;

    /// Returns the number of bytes, if known.
    async fn size(&self) -> Result<Option<u64>>;

    /// Returns the greatest number of bytes, if there is one.
    async fn max_size(&self) -> Result<Option<u64>>;

    /// Returns how headers are compared.
    fn header_mode(&self) -> HeaderMode {
        HeaderMode::default()
    }

    /// Searches the headers of a unit.
    async fn get_headers(&self, _key: &str) -> Result<Option<Box<dyn crate::ReadSeek>>> {
        Ok(None)
    }

    /// Writes the headers of a unit.
    async fn put_headers(&self, _key: &str, _headers: HeaderEntry) -> Result<()> {
        Ok(())
    }
}
