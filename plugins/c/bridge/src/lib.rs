//! Plugins of the editor in C, and in whatever can export a C function: libraries of the interface `plugin.h` become
//! ordinary [`edit_api::Plugin`]s.
//!
//! A library in Rust is judged before any code of it runs. C leaves nothing in the file to judge but names: that there is
//! a function `plugin_register` is what [`Library::look`] can say. The rest is found when the library is mapped and that
//! function has run ([`Library::register`]), and much of it not at all, which `plugin.h` lists for authors.
//!
//! # Examples
//!
//! ```no_run
//! use c_bridge::Library;
//! use edit_api::{Buffer, Plugin};
//!
//! let library = Library::look("plugins/libcensus.so")?.expect("it exports `plugin_register`");
//! // SAFETY: it is ours, and keeps to `plugin.h`.
//! let mut plugin = unsafe { library.register() }?;
//! plugin.opened(&Buffer::new("text"));
//! println!("{} {}: {:?}", plugin.name(), plugin.release(), plugin.status());
//! # Ok::<(), c_bridge::LoadError>(())
//! ```

pub mod abi;
mod answer;
mod document;
mod error;
mod library;
mod memory;
mod plugin;
mod table;
mod text;

pub use error::LoadError;
pub use library::Library;
pub use plugin::CPlugin;
