//! The error for a host that cannot load any plugin.

use std::fmt;

/// The reason why a host cannot load any plugin soundly.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HostError {
    /// The host links its C library statically. A plugin would bring a second one, with another allocator.
    StaticLibc,
    /// The file has no plugbox records.
    NoRecords,
    /// The host's records use a different contract; the value is its number.
    Contract(u32),
    /// The host's own records cannot be read; the text says why.
    Manifest(String),
    /// The host is a library that could not be pinned, that is, kept mapped until the process ends; the text says why.
    NotPinned(String),
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StaticLibc => f.write_str(
                "this host cannot load plugins: its C library is linked statically, so a plugin would bring a second \
                 one; build the host without `-C target-feature=+crt-static`",
            ),
            Self::NoRecords => f.write_str(
                "this is not a host: the file has no plugbox records; either it does not link `plugbox-loader`, or a \
                 tool removed the records",
            ),
            Self::Contract(number) => write!(
                f,
                "the host uses contract {number} of plugbox, and this version of plugbox uses contract {}: use the \
                 version of plugbox that the host was built with",
                plugbox::__private::CONTRACT
            ),
            Self::NotPinned(why) => write!(
                f,
                "this host cannot load plugins: it is a library that could not be pinned in memory, and plugins call \
                 it until the process ends: {why}; open the host with dlopen(3), by the path of its file"
            ),
            Self::Manifest(what) => write!(f, "the host's own records cannot be read: {what}"),
        }
    }
}

impl std::error::Error for HostError {}
