//! Who may change a file: the words that are the same on every system.

use std::collections::BTreeSet;
use std::fmt;

/// The owner of files, as the system names users.
///
/// # Examples
///
/// ```
/// use plugbox_loader::Owner;
/// assert_eq!(Owner::from(1000).to_string(), "1000");
/// assert_eq!(Owner::from("S-1-5-21-1-2-3-1001").to_string(), "S-1-5-21-1-2-3-1001");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Owner {
    /// A user ID of a Unix system.
    Uid(u32),
    /// A security identifier (SID) of Windows, in its text form, such as `S-1-5-18`. `whoami /user` shows that of a user.
    Sid(String),
}

impl From<u32> for Owner {
    fn from(uid: u32) -> Self {
        Self::Uid(uid)
    }
}

impl From<&str> for Owner {
    fn from(sid: &str) -> Self {
        Self::Sid(sid.to_owned())
    }
}

impl From<String> for Owner {
    fn from(sid: String) -> Self {
        Self::Sid(sid)
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uid(uid) => write!(f, "{uid}"),
            Self::Sid(sid) => f.write_str(sid),
        }
    }
}

/// Who is trusted to change a file.
#[derive(Clone, Debug)]
pub(crate) struct Writers {
    /// The users who may own the file, and on Windows also those who may change it.
    pub(crate) owners: BTreeSet<Owner>,
    /// Whether the members of a file's group are trusted. Windows has no such group.
    pub(crate) groups: bool,
}

/// Somebody who is not trusted may change a file: what plugbox requires of the file, what was found, and the fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exposed {
    /// The end of the sentence "Every component of the path ...".
    pub(crate) rule: String,
    pub(crate) found: String,
    pub(crate) fix: String,
}
