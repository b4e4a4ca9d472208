//! The mappings of the process, of which each library has some.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::errors::{LoadError, Resource};
use crate::sys;

/// The number of mappings that a load leaves free. Threads and allocators of the whole process need some, and many end
/// the process if there are none.
const LEFT_FREE: usize = 2_048;

/// A library has four or five, and so has each library that it needs.
const FOR_A_LOAD: usize = 16;

/// The first loads of a process, for which counting would take as long as all the rest.
const UNCOUNTED: usize = 16;

/// The most loads without a count, because others make mappings, too. Counting takes the longer the more there are, so
/// there are more loads without it then: a load's share in a count stays that of a few mappings.
const fn most_loads(used: usize) -> usize {
    64 + used / 4
}

/// Checks that a library finds room among the process's mappings.
///
/// Counting them takes long if there are many, so it is not done for each load.
///
/// # Errors
///
/// Returns [`LoadError::TooMany`] if too few are left.
pub(super) fn check(path: &Path) -> Result<(), LoadError> {
    /// The number of loads until they are counted again.
    static LOADS: Mutex<usize> = Mutex::new(UNCOUNTED);
    let mut loads = LOADS.lock().unwrap_or_else(PoisonError::into_inner);
    if *loads == 0 {
        // At most half of what is left is used up until they are counted again.
        let (used, left) = used_and_left(path)?;
        *loads = (left / FOR_A_LOAD).div_ceil(2).min(most_loads(used));
    }
    *loads -= 1;
    Ok(())
}

/// The number of mappings that there are, and the number that libraries may still occupy; at least those for a load.
///
/// # Errors
///
/// Returns [`LoadError::TooMany`] if too few are left.
pub(super) fn used_and_left(path: &Path) -> Result<(usize, usize), LoadError> {
    let (Some(used), Some(limit)) = (sys::mappings(), sys::most_mappings()) else { return Ok((0, usize::MAX)) };
    let left = limit.checked_sub(used + LEFT_FREE).filter(|left| *left >= FOR_A_LOAD);
    let left =
        left.ok_or_else(|| LoadError::TooMany { path: path.to_owned(), resource: Resource::Mappings, used, limit })?;
    Ok((used, left))
}
