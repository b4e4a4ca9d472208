//! What a Rust application and its Rust plugins share.
//!
//! An **API author** marks a trait with [`interface`] and derives [`Shape`] for the types in its signatures; a test with
//! [`assert_frozen`] notices when either changes. A **plugin author** implements the trait and writes one [`export!`]
//! line. Both macros leave records in the file: who built it, which interfaces with which fingerprints, what every type
//! looks like in memory. The loader (`plugbox-loader`) reads these records from the bytes of the file and decides before
//! any code of the library runs.
//!
//! # Examples
//!
//! The API crate:
//!
//! ```
//! #[plugbox::interface]
//! pub trait Plugin: Send + Sync {
//!     fn on_edit(&mut self, edit: &Edit, document: &dyn Document) -> Vec<Edit>;
//!     fn status(&self) -> Option<String> { None }
//! }
//!
//! #[plugbox::interface]
//! pub trait Document {
//!     fn text(&self) -> String;
//! }
//!
//! #[derive(Debug, Clone, plugbox::Shape)]
//! pub struct Edit { pub at: usize, pub removed: usize, pub inserted: String }
//! ```
//!
//! A plugin crate (`crate-type = ["cdylib"]`) implements `Plugin` for its own type and says, once:
//!
//! ```ignore
//! plugbox::export!(Shout as dyn Plugin);
//! ```
//!
//! # Features
//!
//! - `log`, `tracing`: what the plugin logs through these crates reaches the host's `tracing` subscriber, with the
//!   plugin's name. For plugins; off by default.
//!
//! # What no verdict can mend
//!
//! Each library carries its own copy of std and of every crate, so process-wide things exist twice. Do not build an
//! interface on a static, a thread-local, a `TypeId` or a `ThreadId` being one in the process, and do not change the
//! environment (`std::env::set_var`) once a plugin is loaded.

// The rooms, in reading order: each imports only from those below it.
mod frozen;
mod export;
#[cfg(feature = "journal")]
mod journal;
mod error;
mod interface;
mod crossing;
mod host;
mod shape;
mod record;
mod abi;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use error::Error;
pub use export::Context;
pub use frozen::assert_frozen;
pub use interface::Interface;
pub use plugbox_macros::{Shape, interface};
pub use record::Fingerprint;
pub use shape::Shape;

/// Exports plugins from this library: written once in a crate of type `cdylib`.
///
/// Each item of the list is `TYPE as dyn INTERFACE` for a type with [`Default`], or `FUNCTION as dyn INTERFACE` for a
/// function from [`Context`] to the plugin or to a `Result` of it. A last path segment that starts with a lower-case
/// letter is taken for a function. What is exported is a constructor that returns `Box<dyn INTERFACE>`, behind a table
/// that the loader checks first.
///
/// An API grows by further interfaces: a plugin that implements several is exported as each of them, with one object
/// behind all. A host loads it as any of them, and asks it for the others.
///
/// A single plugin carries the name of its package; of several, each carries the name of its type in kebab-case, or
/// the name that is given: `"loud" = Shout as dyn Plugin`. Version, description, authors and license are the package's.
///
/// The macro also makes this library's global allocator the one that asks the host, so that strings, vectors and boxes
/// may be freed on either side. In the crate's own unit tests it expands to nothing.
///
/// So a plugin has no allocator of its own: beside a `#[global_allocator]` rustc says "cannot define multiple global
/// allocators", or "the `#[global_allocator]` in this crate conflicts with global allocator in" a dependency. Remove
/// it; if the application shall use that allocator, it is the host that names it, for itself and all of its plugins.
///
/// # Examples
///
/// ```ignore
/// plugbox::export!(Shout as dyn Plugin);
/// plugbox::export!(Shout as dyn Plugin + dyn Commands);
/// plugbox::export!(Upper as dyn Plugin, Abbrev::new as dyn Plugin, "loud" = Shout as dyn Plugin);
/// ```
#[macro_export]
macro_rules! export {
    ($($plugins:tt)*) => {
        $crate::__private::export! { $crate; $($plugins)* }
    };
}
