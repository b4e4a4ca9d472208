//! Loads Rust plugins as `Box<dyn Trait>`, after a verdict on the bytes of their file.
//!
//! A plugin is a constructor in a shared library that returns `Box<dyn Trait>`. Rust's ABI is not stable, so a library from
//! another build may lay out the trait object differently. The loader therefore reads the compiler, the API version and
//! the layout of the interface from the bytes of the file, before any code of the library runs: no constructor, no
//! initializer. It refuses a library that does not fit, and gives every reason.
//!
//! # Examples
//!
//! ```no_run
//! # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
//! use plugbox_loader::{Loaded, Loader, Trust};
//!
//! // SAFETY: only we write to this folder, and only what cargo built (see `Trust::directory`).
//! let loader = Loader::new(unsafe { Trust::directory("plugins")? });
//! let report = loader.load_dir::<dyn Plugin>("plugins")?;
//! for failure in report.failures() {
//!     eprintln!("{failure}");
//! }
//! for plugin in report.into_loaded() {
//!     println!("{} {}: {}", Loaded::info(&plugin).name, Loaded::info(&plugin).version, plugin.name());
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `loader/examples/load.rs` in the repository is a program that loads the plugins of a folder.
//!
//! # Who does what
//!
//! | role | depends on | does |
//! | --- | --- | --- |
//! | API author | [`plugbox`] | marks a trait with [`#[interface]`](macro@plugbox::interface), derives [`Shape`](macro@plugbox::Shape) |
//! | plugin author | [`plugbox`] and the API crate | implements the trait, writes one [`export!`](plugbox::export) line |
//! | host author | this crate and the API crate | makes a [`Trust`] and a [`Loader`], calls the trait's methods on [`Loaded`] |
//! | operator | the command `plugbox` | inspects, checks and compares files; reads refusals |
//!
//! # Terms
//!
//! - **Interface**: a trait marked `#[interface]`, with a name, a semver version and a *fingerprint*.
//! - **Fingerprint**: a 128-bit hash of all that crosses the boundary through an interface: its methods in vtable order,
//!   and the layout of every type that they reach.
//! - **Library**: the shared object. **Plugin**: one constructor in it. **Manifest**: the parsed records of a library.
//! - **Verdict**: a library fits, or is refused with every [`Reason`]. Each reason has a stable [`Code`].
//! - **Staging**: the private copy that is judged and then mapped.
//! - **Generation**: one mapped image of a library. It stays mapped until the process ends.
//!
//! # Where to go on
//!
//! - The guide: [your own host](https://github.com/plugbox-rs/plugbox/blob/main/docs/host.md) and
//!   [trust](https://github.com/plugbox-rs/plugbox/blob/main/docs/trust.md) first; in this documentation it is the module
//!   `guide`.
//! - [`LoadError`] for all that can go wrong, and [`FileOutcome`] for what can become of a file.
//! - [`inspect`] reads and judges files without loading them.
//!
//! # Features
//!
//! - `testing`: the module `testing`, for tests that load a real plugin. Off by default.
//!
//! The crate loads plugins on Linux, Windows and macOS ([`Capabilities`] says what a system cannot do), and reads files of
//! all targets.

// The rooms, in reading order: each imports only from those below it.
mod live;
mod loader;
mod bind;
mod loaded;
mod panic;
#[allow(dead_code, reason = "sets of plugins will use the rest")]
mod watch;
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

#[cfg(any(doc, doctest))]
pub mod guide;
pub mod inspect;
#[cfg(feature = "testing")]
pub mod testing;

pub use errors::{
    Code, Difference, Holder, Holders, HostError, LoadError, Reason, Refusal, ReloadError, ReloadPhase, Resource,
};
pub use live::{
    Events, Handover, Live, LiveBuilder, LiveDir, LiveEvent, LiveInterface, LiveLock, LivePin, NotCarried, OpenError,
    Probation, ReloadTimes, Reloaded,
};
pub use loaded::{CallError, Loaded};
pub use loader::{FileOutcome, Loader, PassedOver, Report, Warning};
pub use manifest::{InterfaceVersion, PluginVersion};
pub use panic::{Origin, PanicLocation, PluginInfo, PluginPanic};
pub use sys::{Capabilities, Owner};
pub use trust::{Pin, Pins, Trust};
pub use watch::WatchError;
