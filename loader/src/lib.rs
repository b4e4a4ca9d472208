//! Loads Rust plugins as `Box<dyn Trait>`, after a verdict on the bytes of their file.
//!
//! The way of a plugin goes in one direction, a module a step: `discover` finds files, [`read`] looks at their bytes,
//! `select` takes the best of several builds, `stage` copies it, [`verdict`] judges the copy, `map` opens it, `bind` gives
//! it this process's memory and panics, `construct` makes the object, and [`Loaded`] is what a host holds. A library
//! whose verdict is not [`Fits`](verdict::Verdict::Fits) runs nothing: not a constructor, not an initializer.
//!
//! # Examples
//!
//! ```no_run
//! # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
//! use plugbox_loader::{Loader, Trust};
//!
//! // SAFETY: only we write to this folder, and what we put there is what rustc made (see `Trust::directory`).
//! let loader = Loader::new(unsafe { Trust::directory("plugins")? });
//! let report = loader.load_dir::<dyn Plugin>("plugins")?;
//! for refused in report.failures() {
//!     eprintln!("{refused}");
//! }
//! for plugin in report.into_loaded() {
//!     println!("{}", plugin.name());
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(not(target_os = "linux"))]
compile_error!("plugbox-loader loads plugins on Linux only, so far; libraries of other systems can be read there");

// The rooms, in reading order: each imports only from those below it.
mod loader;
mod bind;
mod loaded;
mod panic;
mod trust;
mod map;
mod stage;
mod verdict;
mod compare;
mod discover;
mod read;
mod manifest;
mod sys;
mod errors;

pub mod inspect;

pub use errors::{Code, Difference, HostError, LoadError, Reason, Refusal};
pub use loaded::{CallError, Loaded};
pub use loader::{FileOutcome, Loader, PassedOver, Report};
pub use manifest::{InterfaceVersion, PluginVersion};
pub use panic::{Origin, PanicLocation, PluginInfo, PluginPanic};
pub use trust::{Pin, Pins, Trust};

/// The guide's code is compiled and run.
#[cfg(doctest)]
mod guide {
    #[doc = include_str!("../../docs/crossing.md")]
    struct Crossing;
    #[doc = include_str!("../../docs/first-plugin.md")]
    struct FirstPlugin;
    #[doc = include_str!("../../docs/api.md")]
    struct Api;
    #[doc = include_str!("../../docs/host.md")]
    struct Host;
    #[doc = include_str!("../../docs/boundary.md")]
    struct Boundary;
    #[doc = include_str!("../../docs/trust.md")]
    struct Trust;
    #[doc = include_str!("../../docs/growing.md")]
    struct Growing;
    #[doc = include_str!("../../docs/two-copies.md")]
    struct TwoCopies;
}
