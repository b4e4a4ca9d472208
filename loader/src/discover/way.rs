//! The way to a file, name by name: whoever can replace one of these names can replace the file.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Component, Path, PathBuf};

/// The maximum number of symbolic links on the way; see path_resolution(7).
const MOST_LINKS: usize = 40;

/// What a name on the way is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A symbolic link, which leads on.
    Link,
    /// A folder on the way.
    Folder,
    /// The end of the way.
    Last,
    /// Nothing: the way ends before it.
    Missing,
}

/// Follows a path as the system does, and calls `step` with each name on the way and with the folder in which it is, whose
/// path has no links. Returns where the way leads to; `None` if there is nothing.
pub(crate) fn walk(path: &Path, mut step: impl FnMut(&Path, &OsStr, Step)) -> io::Result<Option<PathBuf>> {
    // Not canonical: the links are what may be replaced.
    let path = std::path::absolute(path)?;
    let mut left: VecDeque<OsString> = parts(&path).collect();
    let (mut at, mut links) = (PathBuf::new(), 0);
    while let Some(part) = left.pop_front() {
        match Path::new(&part).components().next() {
            Some(Component::ParentDir) => drop(at.pop()),
            Some(Component::Normal(name)) => {
                let next = at.join(name);
                match next.read_link() {
                    Ok(target) if links < MOST_LINKS => {
                        step(&at, name, Step::Link);
                        links += 1;
                        parts(&target).rev().for_each(|part| left.push_front(part));
                    }
                    _ if next.symlink_metadata().is_ok() => {
                        step(&at, name, if left.is_empty() { Step::Last } else { Step::Folder });
                        at = next;
                    }
                    _ => {
                        step(&at, name, Step::Missing);
                        return Ok(None);
                    }
                }
            }
            // The root, or nothing.
            _ => at.push(part),
        }
    }
    Ok(Some(at))
}

fn parts(path: &Path) -> impl DoubleEndedIterator<Item = OsString> {
    let parts: Vec<OsString> = path.components().map(|part| part.as_os_str().to_owned()).collect();
    parts.into_iter()
}
