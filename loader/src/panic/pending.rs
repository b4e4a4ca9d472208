//! Panics that have begun in a plugin and have not yet reached the host.

use std::cell::RefCell;

use super::panic::PluginPanic;

/// The most notes that a thread keeps. A note beyond that is of a panic that the plugin has caught itself, unless the
/// plugin panics so often while one panic unwinds. That one then has no location.
const MAX_NOTES: usize = 64;

/// A panic as the plugin's hook has reported it, kept until the panic reaches a guard.
#[derive(Debug)]
pub(crate) struct Note {
    pub(crate) panic: PluginPanic,
    /// The number of panics that began in the library before this one.
    pub(crate) number: usize,
    /// The address of a formatted text; otherwise 0.
    pub(crate) identity: usize,
}

/// The panics of this thread that have not reached a guard, in the order in which they began. There may be several,
/// because a `Drop` that runs while one unwinds may catch others.
struct Pending(RefCell<Vec<Note>>);

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.take().iter().for_each(not_arrived);
    }
}

thread_local! {
    static PENDING: Pending = const { Pending(RefCell::new(Vec::new())) };
}

/// Records that a panic has begun in a plugin's code on this thread.
pub(crate) fn begun(note: Note) {
    // A plugin that is itself a host passes on the panic of another; there is no location to keep.
    if note.panic.location.is_none() {
        return;
    }
    let mut note = Some(note);
    let beyond = PENDING.try_with(|pending| {
        let mut notes = pending.0.borrow_mut();
        notes.extend(note.take());
        (notes.len() > MAX_NOTES).then(|| notes.remove(0))
    });
    // While the thread exits, its thread-local may be gone. Then the panic is only logged.
    beyond.ok().flatten().or(note).iter().for_each(not_arrived);
}

/// Takes the note of the panic with this message that a guard of this library has caught on this thread. The panic has
/// the number `since` or a later one, and this identity, if it is known.
///
/// Returns `None` if there is no such note, and if the library had several such panics that cannot be told apart. All
/// other notes that the guard rules out are of panics that stayed inside the plugin; they are removed too. `is_last`
/// says that the plugin has no other panic on this thread.
pub(crate) fn arrived(
    generation: u64,
    message: &str,
    since: usize,
    identity: Option<usize>,
    is_last: bool,
) -> Option<PluginPanic> {
    let is_over = |note: &Note| is_of(note, generation) && (is_last || note.number >= since);
    let mut over: Vec<Note> = PENDING
        .try_with(|pending| {
            let (over, kept) = pending.0.take().into_iter().partition(is_over);
            pending.0.replace(kept);
            over
        })
        .unwrap_or_default();
    let is_it = |note: &Note| {
        note.number >= since && note.panic.message == message && identity.is_none_or(|known| note.identity == known)
    };
    let found = over.iter().rposition(is_it).map(|last| over.remove(last).panic);
    // A formatted text is at its address until its panic is caught, so the last panic with this address is the one.
    // Literals may be equal.
    let is_formatted = identity.is_some_and(|known| known != 0);
    let is_same =
        |panic: &PluginPanic| over.iter().filter(|note| is_it(note)).all(|note| note.panic.location == panic.location);
    let panic = found.filter(|panic| is_formatted || is_same(panic));
    over.iter().for_each(not_arrived);
    panic
}

/// The number that the next panic of this library on this thread has at least.
pub(crate) fn next_number(generation: u64) -> usize {
    let next = |pending: &Pending| {
        let notes = pending.0.borrow();
        notes.iter().filter(|note| is_of(note, generation)).map(|note| note.number + 1).max()
    };
    PENDING.try_with(next).ok().flatten().unwrap_or_default()
}

fn is_of(note: &Note, generation: u64) -> bool {
    note.panic.origin.generation() == Some(generation)
}

/// Logs a panic that the plugin caught itself, or that ended one of the plugin's threads.
fn not_arrived(note: &Note) {
    let PluginPanic { plugin, message, location, .. } = &note.panic;
    let (file, line) = location.as_ref().map(|location| (&*location.file, location.line)).unzip();
    tracing::warn!(plugin, file, line, "a panic stayed inside the plugin: {message}");
}
