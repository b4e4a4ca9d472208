//! Constructing: the first call of Rust's ABI across the boundary.

use std::path::Path;

use plugbox::__private::{Entry, PANICKED, RawContext, RawService, RawText};
use plugbox::Interface;

use crate::error::LoadError;
use crate::panic::arrived;

/// Runs a plugin's constructor.
///
/// # Errors
///
/// [`LoadError::Construct`] with the constructor's own error, or with the message and place of its panic.
///
/// # Safety
///
/// 1. `entry` is the address of the entry table of a plugin that is exported as `I`, in a bound library whose verdict
///    for `I` is `Fits`, which stays mapped.
/// 2. The object of each service is the address of an `Arc` of the interface that its row names, and outlives the call.
pub(crate) unsafe fn construct<I: ?Sized + Interface>(
    entry: *const (),
    path: &Path,
    plugin: &str,
    config: &str,
    services: &[RawService],
) -> Result<Box<I>, LoadError> {
    // SAFETY: obligation 1.
    let entry = unsafe { &*entry.cast::<Entry<I>>() };
    let context = RawContext {
        size: size_of::<RawContext>(),
        plugin: RawText::new(plugin),
        config: RawText::new(config),
        services: services.as_ptr(),
        services_len: services.len(),
    };
    (entry.construct)(&context).map_err(|mut failure| {
        // The place of its panic; a constructor that returns an error may have caught another one.
        let panic = failure.first().and_then(|first| first.strip_prefix(PANICKED)).and_then(arrived);
        if let (Some(note), Some(first)) = (panic, failure.first_mut()) {
            first.push_str(&format!(" (at {}:{}:{})", note.file, note.line, note.column));
        }
        LoadError::Construct { path: path.to_owned(), plugin: plugin.to_owned(), failure }
    })
}
