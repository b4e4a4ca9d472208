//! Panics that have begun in a plugin and have not arrived at the host.

use std::cell::RefCell;

use super::location::PanicLocation;

/// What a plugin's panic hook said, until the panic arrives.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) plugin: String,
    pub(crate) message: String,
    pub(crate) location: Option<PanicLocation>,
}

/// The last panic on this thread that has not arrived at a guard.
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

/// A panic has begun in a plugin's code on this thread.
pub(crate) fn begun(note: Note) {
    // The thread may be ending: then there is nobody left to tell it to but the log.
    let unsaid = PENDING.try_with(|pending| pending.0.borrow_mut().replace(note.clone()));
    match unsaid {
        Ok(Some(earlier)) => not_arrived(&earlier),
        Ok(None) => {}
        Err(_) => not_arrived(&note),
    }
}

/// Takes the last panic that has not arrived, if this is its message; none where the thread is ending. Another one
/// stays: it was caught inside a plugin, or is about to end a thread.
pub(crate) fn arrived(message: &str) -> Option<Note> {
    let take = |pending: &Pending| pending.0.borrow_mut().take_if(|note| note.message == message);
    PENDING.try_with(take).ok().flatten()
}

/// The plugin has caught it itself, or it has ended a thread of the plugin's.
fn not_arrived(note: &Note) {
    let Note { plugin, message, location } = note;
    let (file, line) = location.as_ref().map(|location| (&*location.file, location.line)).unzip();
    tracing::warn!(plugin, file, line, "a panic stayed inside the plugin: {message}");
}
