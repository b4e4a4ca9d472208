//! Panics that have started in a plugin and have not yet reached the host.

use std::cell::RefCell;

use super::location::PanicLocation;

/// The report of a plugin's panic hook, kept until the panic reaches a guard.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) plugin: String,
    pub(crate) message: String,
    pub(crate) location: Option<PanicLocation>,
}

/// The last panic on this thread that has not reached a guard.
struct Pending(RefCell<Option<Note>>);

impl Drop for Pending {
    fn drop(&mut self) {
        if let Some(note) = self.0.borrow_mut().take() {
            not_arrived(&note);
        }
    }
}

thread_local! {
    static PENDING: Pending = const { Pending(RefCell::new(None)) };
}

/// Records that a panic has started in a plugin's code on this thread.
pub(crate) fn begun(note: Note) {
    // While the thread exits, its thread-local may be gone. Then the panic is only logged.
    let unsaid = PENDING.try_with(|pending| pending.0.borrow_mut().replace(note.clone()));
    match unsaid {
        Ok(Some(earlier)) => not_arrived(&earlier),
        Ok(None) => {}
        Err(_) => not_arrived(&note),
    }
}

/// Takes the note of this thread's last panic if it has this message; `None` while the thread exits. A note with a
/// different message stays: that panic was caught inside a plugin, or is about to end a thread.
pub(crate) fn arrived(message: &str) -> Option<Note> {
    let take = |pending: &Pending| pending.0.borrow_mut().take_if(|note| note.message == message);
    PENDING.try_with(take).ok().flatten()
}

/// Logs a panic that the plugin caught itself, or that ended one of the plugin's threads.
fn not_arrived(note: &Note) {
    let Note { plugin, message, location } = note;
    let (file, line) = location.as_ref().map(|location| (&*location.file, location.line)).unzip();
    tracing::warn!(plugin, file, line, "a panic stayed inside the plugin: {message}");
}
