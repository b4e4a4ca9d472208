//! What a Rust application and its Rust plugins share.
//!
//! An **API author** marks a trait with [`interface`](macro@interface) and derives [`Shape`](macro@Shape) for the types in
//! its signatures. A test with [`assert_frozen`] notices when either changes. A **plugin author** implements the trait and
//! writes one [`export!`] line. Both macros write *records* into the file: the compiler, each interface with its
//! fingerprint, and the layout of every type that crosses. The loader, `plugbox-loader`, reads these records from the
//! bytes of the file, and decides before any code of the library runs.
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
//! A plugin crate (`crate-type = ["cdylib"]`) implements `Plugin` for a type of its own, and exports it once:
//!
//! ```ignore
//! plugbox::export!(Shout as dyn Plugin);
//! ```
//!
//! # Who does what
//!
//! | role | depends on | does |
//! | --- | --- | --- |
//! | API author | this crate | marks a trait with [`interface`](macro@interface), derives [`Shape`](macro@Shape), freezes it with [`assert_frozen`] |
//! | plugin author | this crate and the API crate | implements the trait, writes one [`export!`] line; a constructor gets a [`Context`], and may fail with an [`Error`] |
//! | host author | `plugbox-loader` and the API crate | loads plugins, calls the trait's methods |
//! | operator | the command `plugbox` | inspects, checks and compares files |
//!
//! # Terms
//!
//! - **[`Interface`]**: a trait marked with [`interface`](macro@interface), with a name, a semver version and a fingerprint.
//! - **Shape**: the layout of a type in memory, and its properties: lifetimes, and whether it is `Copy`, `Send` or `Sync` or
//!   runs code when it is dropped.
//! - **[`Fingerprint`]**: a 128-bit hash of all that crosses the boundary through an interface.
//! - **Record**: what a macro writes into the file. `plugbox inspect FILE` shows the records of a file.
//! - **Host**: the application that loads plugins. **Library**: the shared object. **Plugin**: one constructor in it.
//!
//! # Features
//!
//! - `log`, `tracing`: for plugins. What the plugin logs through these crates reaches the host's `tracing` subscriber, with
//!   the plugin's name. Off by default.
//! - `anyhow`: for API crates. `anyhow::Error` may appear in an interface. Both sides then need the same build of `anyhow`,
//!   which is compared. Off by default.
//!
//! # What the checks cannot prevent
//!
//! Each library has its own copy of std and of every crate, so process-wide state exists once for each. Do not build an
//! interface that relies on a static, a thread-local, a `TypeId` or a `ThreadId` being the only one in the process, and do
//! not change the environment (`std::env::set_var`) once a plugin is loaded.
//!
//! # Where to go on
//!
//! The guide begins with [your own API](https://github.com/plugbox-rs/plugbox/blob/main/docs/api.md) and
//! [your first plugin](https://github.com/plugbox-rs/plugbox/blob/main/docs/first-plugin.md).

// The rooms, in reading order: each imports only from those below it.
mod frozen;
mod export;
#[cfg(feature = "journal")]
mod journal;
mod state;
mod error;
mod supertrait;
mod interface;
mod access;
mod crossing;
mod host;
mod shape;
mod record;
mod abi;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use access::{Access, Exclusive, Shared};
pub use error::Error;
pub use export::{Context, TestContext};
pub use frozen::assert_frozen;
pub use interface::Interface;
pub use plugbox_macros::{Shape, async_impl, interface};
pub use record::Fingerprint;
pub use shape::Shape;
pub use state::State;

/// Exports plugins from this library: written once in a crate of type `cdylib`, with a list of all its plugins.
///
/// Each item of the list is `TYPE as dyn INTERFACE` for a type with [`Default`], or `FUNCTION as dyn INTERFACE` for a
/// function from [`Context`] to the plugin or to a `Result` of it. If the last path segment starts with a lower-case
/// letter, it is a function. The macro exports a constructor that returns `Box<dyn INTERFACE>`, behind a table that the
/// loader checks first.
///
/// An API grows by further interfaces. A plugin that implements several interfaces is exported as each of them, with one
/// object behind all. A host loads it as any of them, and asks it for the rest.
///
/// If the list has one plugin, its name is the package's. If it has several, each has the name of its type in kebab-case,
/// unless you name it: `"loud" = Shout as dyn Plugin`. Version, description, authors and license are the package's.
///
/// The macro also defines the library's global allocator, which forwards to the host's, so either side may free strings,
/// vectors and boxes of the other, and the C library's four functions for thread-local keys, hidden, which the host serves:
/// the C library has few keys, and each library needs one. In the crate's own unit tests it defines neither.
///
/// A plugin therefore cannot define an allocator. With a second `#[global_allocator]` rustc reports "cannot define multiple
/// global allocators", or "the `#[global_allocator]` in this crate conflicts with global allocator in" a dependency.
/// Remove the second one. If the application is to use that allocator, define it in the host; it then serves the host and
/// all plugins.
///
/// For the same reason, a program links no crate that exports. A plugin that is also linked into a host has its type in an
/// ordinary library, and `export!` in a crate of type `cdylib` that has nothing else.
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
