//! The host's functions for plugins that panic, and for panics of the host that pass through a plugin.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::Ordering;

use plugbox::__private::{PanicBegun, PanicCaught, PanicNote, RawText, drop_quietly, payload_text, while_unwinding};

use crate::map::Generation;
use crate::panic::{self, Note, PanicLocation, PluginPanic};

/// A panic payload of the host. It crosses a plugin as the address of a box of it.
type Payload = Box<dyn Any + Send>;

/// The generation with which a library was bound.
///
/// # Safety
///
/// 1. `generation` is the address that `bind` passed to a library that is still mapped.
unsafe fn generation<'a>(generation: *const ()) -> &'a Generation {
    // SAFETY: *generation*: the library's mapping holds a count of it (obligation 1, and obligation 2 of `bind`).
    unsafe { &*generation.cast::<Generation>() }
}

/// A text of the plugin, borrowed for the call.
///
/// # Safety
///
/// 1. The plugin made the text from a `&str` that lives for the call, and the result is not used after it.
unsafe fn text<'a>(text: RawText) -> &'a str {
    // SAFETY: *for the call*: obligation 1.
    unsafe { text.get() }
}

pub(super) unsafe extern "C" fn begun(address: *const (), begun: &PanicBegun) {
    // SAFETY: *generation*: the plugin passes the address that `bind` gave to it.
    let generation = unsafe { generation(address) };
    let PanicBegun { note, number, identity, backtrace } = begun;
    // SAFETY: *for the call*: the plugin's hook made the message from a `&str`.
    let message = unsafe { text(note.message) };
    // SAFETY: *for the call*: as above.
    let file = unsafe { text(note.file) };
    // SAFETY: *for the call*: as above.
    let backtrace = unsafe { text(*backtrace) };
    let one = PluginPanic::of(generation, "", message);
    let panic = PluginPanic {
        // Only the guard where the panic arrives knows which of several plugins it is.
        plugin: if one.version.is_some() { one.plugin.clone() } else { generation.names() },
        location: (!file.is_empty()).then(|| PanicLocation::new(file, note.line, note.column)),
        backtrace: (!backtrace.is_empty()).then(|| panic::shown_backtrace(backtrace)),
        ..one
    };
    panic::run_hook(&panic);
    quietly(|| panic::begun(Note { panic, number: *number, identity: *identity }));
}

pub(super) unsafe extern "C" fn panicking(address: *const (), note: &PanicNote) {
    let now = PanicBegun { note: *note, number: 0, identity: 0, backtrace: RawText::new("") };
    // SAFETY: the plugin keeps the contract of `begun`, of which this is a part.
    unsafe { begun(address, &now) }
}

pub(super) unsafe extern "C" fn arrived(address: *const (), caught: &PanicCaught) -> *mut () {
    // SAFETY: *generation*: the plugin passes the address that `bind` gave to it.
    let generation = unsafe { generation(address) };
    // SAFETY: *for the call*: the plugin's guard made the text from a `&str`.
    let plugin = unsafe { text(caught.plugin) };
    // SAFETY: *for the call*: as above.
    let method = unsafe { text(caught.method) };
    // SAFETY: *for the call*: as above.
    let message = unsafe { text(caught.message) };
    generation.panics.fetch_add(1, Ordering::Relaxed);
    let mut panic = PluginPanic { method: Some(method.to_owned()), ..PluginPanic::of(generation, plugin, message) };
    quietly(|| {
        let note = panic::arrived(generation.number, message, caught.since, Some(caught.identity), caught.is_last);
        if let Some(note) = note {
            (panic.location, panic.backtrace) = (note.location, note.backtrace);
        }
    });
    Box::into_raw(Box::new(panic)).cast()
}

pub(super) unsafe extern "C" fn caught(
    address: *const (),
    plugin: RawText,
    method: RawText,
    message: RawText,
) -> *mut () {
    let caught = PanicCaught { plugin, method, message, since: 0, identity: 0, is_last: false };
    // SAFETY: the plugin keeps the contract of `arrived`, of which this is a part.
    unsafe { arrived(address, &caught) }
}

pub(super) unsafe extern "C-unwind" fn raise(arrived: *mut ()) -> ! {
    // SAFETY: *once*: the plugin gives back, once, the address that `arrived` returned.
    let panic = unsafe { Box::from_raw(arrived.cast::<PluginPanic>()) };
    if !panic::RUNS_HOOK_AT_ONCE {
        panic::raise_for_hook(&panic.to_string());
    }
    resume_unwind(panic)
}

pub(super) unsafe extern "C-unwind" fn resume(payload: *mut ()) -> ! {
    // SAFETY: *once*: the plugin gives back, once, the address that `attempt` returned.
    let payload = unsafe { Box::from_raw(payload.cast::<Payload>()) };
    resume_unwind(*payload)
}

pub(super) unsafe extern "C-unwind" fn attempt(run: unsafe extern "C-unwind" fn(*mut ()), state: *mut ()) -> *mut () {
    // SAFETY: *for the call*: plugbox's code in the plugin passes a function together with the state that it is for,
    // alive for this call (`attempt` in `core-api/src/host/panic.rs`). The function is called once.
    let outcome = catch_unwind(AssertUnwindSafe(|| unsafe { run(state) }));
    outcome.map_or_else(|payload| Box::into_raw(Box::new(payload)).cast(), |()| std::ptr::null_mut())
}

pub(super) unsafe extern "C" fn wants_backtrace(address: *const ()) -> bool {
    // SAFETY: *generation*: the plugin passes the address that `bind` gave to it.
    let generation = unsafe { generation(address) };
    panic::wants_backtrace(generation.number)
}

pub(super) unsafe extern "C" fn is_panicking() -> bool {
    std::thread::panicking()
}

pub(super) unsafe extern "C-unwind" fn attempt_unwinding(
    run: unsafe extern "C-unwind" fn(*mut ()),
    state: *mut (),
) -> *mut () {
    if std::thread::panicking() {
        // SAFETY: the plugin keeps the contract of `attempt`, which is the same.
        return unsafe { attempt(run, state) };
    }
    let mut payload = std::ptr::null_mut();
    // SAFETY: as above. The function is called once.
    while_unwinding(|| payload = unsafe { attempt(run, state) });
    payload
}

pub(super) unsafe extern "C" fn describe(
    payload: *const (),
    take: unsafe extern "C" fn(*mut (), RawText),
    state: *mut (),
) {
    // SAFETY: *once*: the plugin passes the address that `attempt` returned and that it has not given back.
    let payload = unsafe { &*payload.cast::<Payload>() };
    let text = payload_text(&**payload);
    // SAFETY: *for the call*: plugbox's code in the plugin passes a function together with the state that it is for.
    unsafe { take(state, RawText::new(&text)) }
}

pub(super) unsafe extern "C" fn discard(payload: *mut ()) {
    // SAFETY: *once*: the plugin gives back, once, the address that `attempt` returned.
    let payload = unsafe { Box::from_raw(payload.cast::<Payload>()) };
    drop_quietly(*payload);
}

pub(super) unsafe extern "C" fn dropped(arrived: *mut ()) {
    // SAFETY: *once*: the plugin gives back, once, the address that `arrived` returned.
    let panic = unsafe { Box::from_raw(arrived.cast::<PluginPanic>()) };
    quietly(|| {
        let (file, line) = panic.location.as_ref().map(|location| (&*location.file, location.line)).unzip();
        tracing::error!(plugin = panic.plugin, file, line, "{panic}");
    });
}

pub(super) unsafe extern "C" fn report(address: *const (), plugin: RawText, site: RawText, message: RawText) {
    // SAFETY: the plugin keeps the contract of `caught`: the arguments are the same.
    let panic = unsafe { caught(address, plugin, site, message) };
    // SAFETY: *once*: the address came from `caught` above, and no other code gives it back.
    unsafe { dropped(panic) }
}

/// Runs code that calls the host's subscriber. A panic of the subscriber is swallowed, because it would end the process
/// here.
fn quietly(report: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(report)) {
        std::mem::forget(payload);
    }
}
