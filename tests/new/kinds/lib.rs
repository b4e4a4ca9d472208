//! An API whose interfaces have every form that a signature can have, and whose names come from everywhere.

mod hidden;
pub mod shown;

use std::collections::HashMap as Map;
use std::path::Path;
use std::time::*;

use hidden::deep::*;
pub use hidden::{Base, Renamed as Other, Shown};
use shown::Item;

/// The length of a code.
pub const LENGTH: usize = 4;

/// What the other side may fail with. It hides the name of the prelude.
pub type Result<T> = std::result::Result<T, plugbox::Error>;

/// Only the API can name this.
type Pairs<'a, T> = Vec<(&'a str, T)>;

/// A type with a plugin's name.
#[derive(plugbox::Shape)]
pub struct Kinds {
    /// A number.
    pub number: u8,
}

/// Every form. Its documentation has more than one
/// line, and more than one sentence.
///
/// And a further paragraph.
#[plugbox::interface]
pub trait Every: Base + Send + Sync {
    /// Names from everywhere.
    fn names(&self, map: Map<String, Item>, path: &Path, other: &Other, deep: Deep, kinds: &Kinds) -> Duration;
    /// Paths.
    fn paths(&mut self, item: crate::shown::Item, other: self::shown::other::Item, std: &::std::path::PathBuf);
    /// A result that hides the prelude's, and the prelude's.
    fn results(&self) -> Result<std::result::Result<u8, String>>;
    /// Objects.
    fn objects(&self, lent: &dyn Peer, changed: &mut dyn Peer, owned: Box<dyn Peer>) -> Option<std::sync::Arc<dyn Peer>>;
    /// Lifetimes.
    fn lifetimes<'a, 'b: 'a>(&'a self, _: &'b str, tagged: shown::Tagged<'b>) -> shown::Tagged<'a>
    where
        'b: 'a;
    /// Aliases, arrays and slices.
    fn aliases<'a>(&self, pairs: Pairs<'a, Item>, code: [u8; LENGTH], slice: &mut [(u8, Item)]);
    /// Raw identifiers.
    fn r#match(&self, r#type: u8) -> bool;
    /// On this system only.
    #[cfg(unix)]
    fn of_unix(&self) -> u8;
    /// On other systems only.
    #[cfg(not(unix))]
    fn of_others(&self) -> u8;
    /// With a feature that is on by default.
    #[cfg(feature = "usual")]
    fn usual(&self) -> u8;
    /// With a feature that is off by default.
    #[cfg(all(feature = "rare", not(feature = "usual")))]
    fn rare(&self) -> u8;
    /// With a feature, and on this system only.
    #[cfg(all(unix, feature = "usual"))]
    fn usual_of_unix(&self) -> u8;
    /// With conditions that are decided, and others.
    #[cfg(all(not(feature = "rare"), any(feature = "rare", unix, target_os = "none"), not(any(windows, feature = "rare"))))]
    fn mixed(&self) -> u8;
    /// Without a feature that is on by default.
    #[cfg(any(feature = "rare", all(unix, not(feature = "usual"))))]
    fn unusual(&self) -> u8;
    /// It has a body.
    fn provided(&self, item: Option<&shown::other::Item>) -> bool {
        item.is_some()
    }
    /// Not a method of objects.
    fn sized<T: Into<Item>, const N: usize>(item: T) -> [Item; N]
    where
        Self: Sized;
    /// Not a method of objects, either.
    ///
    /// # Safety
    ///
    /// None.
    unsafe extern "C" fn foreign(item: *const Item)
    where
        Self: Sized;
}

/// An object.
#[plugbox::interface]
pub trait Peer: Send + Sync {
    /// A number.
    fn number(&self) -> u8;
}

/// An interface that no other mentions.
#[plugbox::interface]
pub trait Commands {
    /// The commands.
    fn commands(&self) -> Vec<Other>;
}

/// An interface with a feature that is off by default. It is not offered.
#[cfg(feature = "rare")]
pub mod rare {
    #[plugbox::interface]
    pub trait Rare {
        fn rare(&self);
    }
}

#[cfg(test)]
mod tests {
    #[plugbox::interface]
    pub trait OfTests {
        fn nothing(&self);
    }
}
