//! The port to Linux.

mod barrier;
mod file;
mod file_system;
mod image;
mod keys;
mod lease;
mod libc;
mod limits;
mod memory;
mod process;

pub(crate) use self::libc::glibc;
pub(crate) use super::unix::*;
pub(crate) use barrier::{heavy_barrier, light_barrier, prepare_barriers};
pub(crate) use file::{copy, granted_at, granted_of, maps_users, path_of};
pub(crate) use file_system::{may_map_code, space, without_events, without_modes};
pub(crate) use image::{image_at, image_of, mapped_instead_of};
pub(crate) use keys::{NO_KEY_LEFT, NO_MEMORY, NO_SUCH_KEY, PASSES, ThreadKey};
pub(crate) use lease::has_writer;
pub(crate) use limits::{mappings, most_mappings};
pub(crate) use memory::{create_in_memory, seal, unique_path};
pub(crate) use process::{Process, run_on_a_thread};

/// Std takes one when it first needs the current thread.
pub(crate) const KEYS_OF_AN_IMAGE: usize = 1;

pub(crate) const CAPABILITIES: super::Capabilities =
    super::Capabilities { tested: cfg!(target_env = "gnu"), ..super::Capabilities::LINUX };
