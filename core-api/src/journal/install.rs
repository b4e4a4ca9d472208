//! The bridges, put in place.

use std::sync::{Arc, Once};

use super::journal::Journal;

/// Puts the bridges in place, where the host has a journal. The first plugin of a library does it for all of them.
pub(crate) fn install(journal: impl FnOnce() -> Option<Arc<dyn Journal>>) {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let Some(journal) = journal() else { return };
        #[cfg(feature = "tracing")]
        super::tracing::install(Arc::clone(&journal));
        #[cfg(feature = "log")]
        super::log::install(journal);
    });
}
