//! File systems, by the name that statfs(2) gives, and their space.

use std::ffi::c_char;
use std::io;
use std::path::Path;

use rustix::fs::statfs;

use super::super::Space;

/// Those that keep no owners and modes of their own.
const WITHOUT_MODES: [&str; 4] = ["msdos", "exfat", "ntfs", "smbfs"];
/// Those without events for the changes that other machines make.
const WITHOUT_EVENTS: [&str; 5] = ["nfs", "smbfs", "afpfs", "webdav", "macfuse"];

fn name_among(path: &Path, names: &[&'static str]) -> Option<&'static str> {
    let found = statfs(path).ok()?.f_fstypename;
    let is = |name: &str| found.iter().map(|unit: &c_char| *unit as u8).take_while(|byte| *byte != 0).eq(name.bytes());
    names.iter().find(|name| is(name)).copied()
}

pub(crate) fn without_modes(path: &Path) -> Option<&'static str> {
    name_among(path, &WITHOUT_MODES)
}

pub(crate) fn without_events(path: &Path) -> Option<&'static str> {
    name_among(path, &WITHOUT_EVENTS)
}

pub(crate) fn may_map_code(folder: &Path) -> io::Result<bool> {
    Ok(statfs(folder)?.f_flags & libc::MNT_NOEXEC as u32 == 0)
}

pub(crate) fn space(path: &Path) -> Option<Space> {
    let system = statfs(path).ok()?;
    Some(Space { left: u64::from(system.f_bsize).saturating_mul(system.f_bavail), is_memory: false })
}
