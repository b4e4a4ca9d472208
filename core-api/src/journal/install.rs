//! Installs the bridges.

use std::sync::{Arc, Once};

use super::journal::Journal;
use super::unwinding::Unwinding;

/// Installs the bridges, if the host has a journal. The first plugin of a library does this for all plugins of the
/// library.
pub(crate) fn install(journal: impl FnOnce() -> Option<Arc<dyn Journal>>) {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let Some(journal) = journal() else { return };
        let journal: Arc<dyn Journal> = Arc::new(Unwinding(journal));
        #[cfg(feature = "tracing")]
        super::tracing::install(Arc::clone(&journal));
        #[cfg(feature = "log")]
        super::log::install(journal);
    });
}
