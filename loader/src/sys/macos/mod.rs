//! The port to macOS. It was compiled, but never run.

mod access_list;
mod barrier;
mod file;
mod file_system;
mod image;
mod process;

pub(crate) use super::others::*;
pub(crate) use super::unix::*;
pub(crate) use access_list::{granted_at, granted_of};
pub(crate) use barrier::{heavy_barrier, light_barrier, prepare_barriers};
pub(crate) use file::{copy, has_writer, maps_users, path_of};
pub(crate) use file_system::{may_map_code, space, without_events, without_modes};
pub(crate) use image::{image_at, image_of, mapped_instead_of};
pub(crate) use process::{run_on_a_thread, started};

/// Std takes a key when it first needs the current thread, and the system's loader another one for the thread-locals of an
/// image.
pub(crate) const KEYS_OF_AN_IMAGE: usize = 2;

pub(crate) const CAPABILITIES: super::Capabilities = super::Capabilities::MACOS;
