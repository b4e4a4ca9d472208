//! What ended processes have left.
//!
//! A process that does not end by `exit` leaves its copies. They stay for some days, within a size, because a debugger
//! needs them to read the core of such a process.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::owner;
use crate::sys::Stat;

/// How long the folder of an ended process is kept, from its last load.
const KEPT_FOR: Duration = Duration::from_secs(3 * 24 * 60 * 60);
/// How many bytes the folders of all ended processes may have.
const KEPT_BYTES: u64 = 256 << 20;

/// The folder of a process that does not run, as far as this process can see.
struct Left {
    path: PathBuf,
    age: Duration,
    bytes: u64,
}

/// Removes the folders of ended processes beside `own`, if these have left them, if they are old, or if they are large
/// together. `prefix` is empty if all that is in the parent is this user's; otherwise the names begin with it.
pub(super) fn sweep(parent: &Path, prefix: &str, own: &Path) {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let entries = entries.filter(|entry| entry.file_name().to_str().is_some_and(|name| name.starts_with(prefix)));
    // Where users share a folder, anybody may give any name to anything.
    let is_ours = |path: &PathBuf| {
        let is_private = |found: Stat| found.is_folder() && found.access().is_private();
        prefix.is_empty() || Stat::of_link(path).is_ok_and(is_private)
    };
    let others = entries.map(|entry| entry.path()).filter(|path| path != own && is_ours(path));
    let mut left: Vec<Left> = others.filter_map(left).collect();
    left.sort_by_key(|left| left.age);
    let mut kept = 0;
    for Left { path, age, bytes } in left {
        if !owner::has_left(&path) && age < KEPT_FOR && kept + bytes <= KEPT_BYTES {
            kept += bytes;
            continue;
        }
        tracing::debug!(folder = %path.display(), "removing the copies of a process that has ended");
        let _ = fs::remove_dir_all(path);
    }
}

/// The folder at a path, if its process does not run.
fn left(path: PathBuf) -> Option<Left> {
    let modified = fs::symlink_metadata(&path).ok()?.modified().ok()?;
    let age = SystemTime::now().duration_since(modified).unwrap_or_default();
    (!owner::runs(&path)).then(|| Left { bytes: size(&path), path, age })
}

/// The size of the files in a folder and below it.
fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.metadata() {
        Ok(found) if found.is_dir() => size(&entry.path()),
        found => found.map_or(0, |found| found.len()),
    });
    sizes.sum()
}
