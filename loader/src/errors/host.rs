//! Hosts that cannot load plugins, and why.

use std::fmt;

/// Why this process cannot load plugins soundly, whichever they are.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HostError {
    /// The C library is linked statically: a plugin would bring a second one, with another allocator.
    StaticLibc,
    /// The file carries no records of plugbox.
    NoRecords,
    /// The host's records are of another contract, of this number.
    Contract(u32),
    /// The host's own records cannot be read.
    Manifest(String),
    /// The host is a library, and could not be kept mapped as long as its plugins.
    NotPinned(String),
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StaticLibc => f.write_str(
                "this host cannot load plugins: its C library is linked statically, so a plugin would bring a second one; \
                 build the host without `-C target-feature=+crt-static`",
            ),
            Self::NoRecords => {
                f.write_str("this is no host: it carries no records of plugbox; it links no `plugbox-loader`, or a tool removed them")
            }
            Self::Contract(number) => write!(
                f,
                "the host speaks contract {number} of plugbox, and this is contract {}: use the version of plugbox that \
                 the host was built with",
                plugbox::__private::CONTRACT
            ),
            Self::NotPinned(why) => write!(
                f,
                "this host cannot load plugins: it is a library that could not be kept mapped, and plugins call it until the \
                 process ends: {why}; open it with dlopen(3), by the path of its file"
            ),
            Self::Manifest(what) => write!(f, "the host's own records cannot be read: {what}"),
        }
    }
}

impl std::error::Error for HostError {}
