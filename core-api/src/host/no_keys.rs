//! Thread-local keys where a library cannot have functions of its own for them: those of the system count.

/// Defines nothing.
#[doc(hidden)]
#[macro_export]
macro_rules! __define_keys {
    () => {};
}

pub(super) fn show() {}
