//! The verdict: a pure function of the host's profile and a library's bytes.

mod boundary;
mod changes;
mod compiler;
mod flags;
mod interface;
mod judge;
mod linkage;
mod nesting;
mod processor;
mod profile;
mod requirements;
mod toolchain;
mod verdict;
mod versions;

pub use judge::judge;
pub(crate) use linkage::is_platform;
pub use linkage::{judge_linkage, judge_needed, warnings};
pub use processor::Processor;
pub use profile::HostProfile;
pub use requirements::Requirements;
pub use verdict::Verdict;
pub(crate) use versions::{fits, versions_fit};
