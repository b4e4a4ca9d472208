//! What the ports to systems other than Linux share, which do without something.

mod keys;
mod limits;
mod memory;
mod process;

pub(crate) use keys::{NO_KEY_LEFT, NO_MEMORY, NO_SUCH_KEY, PASSES, ThreadKey};
pub(crate) use limits::{glibc, mappings, most_mappings};
pub(crate) use memory::{create_in_memory, seal, unique_path};
pub(crate) use process::Process;
