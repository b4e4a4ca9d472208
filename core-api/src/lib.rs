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

mod allocator;
mod bound;
mod build;
mod canary;
mod canonical;
mod construct;
mod context;
mod contract;
mod error;
mod features;
mod fingerprint;
mod golden;
mod guard;
mod interface;
#[cfg(feature = "journal")]
mod journal;
mod panic;
mod record;
mod shape;

pub use context::Context;
pub use error::Error;
pub use fingerprint::Fingerprint;
pub use golden::assert_frozen;
pub use interface::Interface;
pub use plugbox_macros::{Shape, interface};
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
/// the name that is given: `"loud" = Shout as dyn Plugin`. Version, description, authors and licence are the package's.
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

/// What the macros' output and the loader use. Not a public API: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::allocator::HostAllocator;
    pub use crate::build::BUILD;
    pub use crate::canary::{Canary, in_order};
    pub use crate::construct::{Constructor, Failure, PANICKED, assert_one_type, construct, construct_default, object};
    pub use crate::context::{RawContext, RawService, words};
    pub use crate::contract::{
        BindError, CONTRACT, Construct, Entry, EntryHeader, HostTable, MAGIC, PROBE_WORDS, PanicNote, RawPath, RawText,
        Row, View, probe,
    };
    pub use crate::features::TARGET_FEATURES;
    pub use crate::fingerprint::hash;
    pub use crate::guard::{Crossing, Guard, Hold, HostSide, Origin, PluginSide, Way};
    pub use crate::interface::{ImplementedBy, InterfaceNotes, InterfaceRecord};
    pub use crate::record::{Kind, NOTE_NAME, Notes, PluginRecord, plugin_record};
    pub use crate::shape::{
        Body, Carries, Definition, Exactly, Facts, Field, Form, Hidden, Layout, Lifetime, Method, Named, Probe,
        Reached, Revision, Shown, Token, Type, TypeRef, Unproved, Use, Variant, Written, assert_auto_trait,
        assert_crosses, assert_sized, hides_object, of_field,
    };
    pub use plugbox_macros::export;

    /// What plugins log.
    #[cfg(feature = "journal")]
    pub mod journal {
        pub use crate::journal::{Callsite, Field, Interest, Journal, Level, Listener, Parent, Value};
    }

    /// Canonical text, compared.
    pub mod canonical {
        pub use crate::canonical::{Change, Difference, Harm, differences};
    }
}
