//! Panics that cross. To the other side's copy of std they are foreign exceptions, which it can only abort on; so each
//! side catches its own, and the host raises them again with its own std.

use std::any::Any;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, resume_unwind};

use super::link::{generation, host};
use super::payload::{drop_quietly, payload_text};
use crate::abi::{PanicNote, RawText};

type Payload = Box<dyn Any + Send>;

/// Stands in the plugin's std for a panic of the host; holds the host's own payload.
struct FromHost(*mut ());

// SAFETY: the pointer is to a `Box<dyn Any + Send>` of the host's (its `attempt` says so), which may change threads.
unsafe impl Send for FromHost {}

impl Drop for FromHost {
    fn drop(&mut self) {
        if let Some(host) = host().filter(|_| !self.0.is_null()) {
            // SAFETY: the payload came from `attempt` and is given back once: `hand_back` leaves a null behind.
            unsafe { (host.discard)(self.0) };
        }
    }
}

/// Replaces this copy of std's hook: where and why goes to the host, whose own hook speaks when the panic arrives.
pub(crate) fn install_hook() {
    std::panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| {
        let Some(host) = host() else { return };
        let place = info.location();
        let note = PanicNote {
            message: RawText::new(payload_text(info.payload())),
            file: RawText::new(place.map_or("", |place| place.file())),
            line: place.map_or(0, |place| place.line()),
            column: place.map_or(0, |place| place.column()),
        };
        // SAFETY: the table is the host's, the generation is what it gave to `bind`, the texts live for the call.
        unsafe { (host.panicking)(generation(), &note) };
    }));
}

/// Runs plugin code that the host has called: a panic is caught here and raised again by the host.
///
/// Without a host (a plugin that is linked statically, a test) the panic is an ordinary one and passes on.
#[inline]
pub(crate) fn guard<R>(plugin: impl FnOnce() -> R, site: impl FnOnce() -> (&'static str, &'static str)) -> R {
    match catch_unwind(AssertUnwindSafe(plugin)) {
        Ok(result) => result,
        Err(payload) => {
            let (name, method) = site();
            raise(payload, name, method)
        }
    }
}

#[cold]
#[inline(never)]
fn raise(mut payload: Payload, plugin: &'static str, method: &'static str) -> ! {
    let Some(host) = host() else { resume_unwind(payload) };
    if let Some(from_host) = payload.downcast_mut::<FromHost>() {
        let own = std::mem::replace(&mut from_host.0, std::ptr::null_mut());
        drop(payload);
        // SAFETY: `own` came from `attempt`, and nobody else will use it: a null stands in its place.
        unsafe { (host.resume)(own) }
    }
    // SAFETY: the table is the host's, the texts live for the call.
    let caught = unsafe {
        (host.caught)(generation(), RawText::new(plugin), RawText::new(method), RawText::new(payload_text(&*payload)))
    };
    // Only now: a payload whose drop panics would be taken for the panic that brought it here.
    drop_quietly(payload);
    // SAFETY: `caught` came from the host just now, and is given back once.
    unsafe { (host.raise)(caught) }
}

/// Runs plugin code whose panic nobody could raise (`Drop`): it is reported, and swallowed.
pub(crate) fn guard_drop(plugin: &'static str, site: &'static str, run: impl FnOnce()) {
    let Err(payload) = catch_unwind(AssertUnwindSafe(run)) else { return };
    match host() {
        // SAFETY: the table is the host's, the texts live for the call.
        Some(host) => unsafe {
            (host.report)(
                generation(),
                RawText::new(plugin),
                RawText::new(site),
                RawText::new(payload_text(&*payload)),
            );
        },
        None => resume_unwind(payload),
    }
    drop_quietly(payload);
}

/// Runs plugin code that makes something for the host; a panic becomes its message.
pub(crate) fn guard_construct<R>(run: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|payload| {
        let text = payload_text(&*payload).to_owned();
        drop_quietly(payload);
        text
    })
}

/// Runs host code that the plugin has called: the host catches its own panic, and this copy of std raises a stand-in.
#[inline]
pub(crate) fn attempt<R, F: FnOnce() -> R>(call: F) -> R {
    let Some(host) = host() else { return call() };
    let mut state = Attempt { call: Some(call), result: None };
    // SAFETY: the host calls `run::<R, F>` once, during this call, on this thread, and gives it the address of `state`, which
    // is an `Attempt<R, F>` (contract).
    let payload = unsafe { (host.attempt)(run::<R, F>, (&raw mut state).cast()) };
    match state.result {
        Some(result) => result,
        None => resume_unwind(Box::new(FromHost(payload))),
    }
}

/// Runs the `Drop` of a host's object: the host's hook has spoken of a panic, and nobody could raise it.
pub(crate) fn attempt_drop<F: FnOnce()>(drop: F) {
    let Some(host) = host() else { return drop() };
    let mut state = Attempt { call: Some(drop), result: None::<()> };
    // SAFETY: as in `attempt`.
    let payload = unsafe { (host.attempt)(run::<(), F>, (&raw mut state).cast()) };
    if !payload.is_null() {
        // SAFETY: the payload came from `attempt` just now, and is given back once.
        unsafe { (host.discard)(payload) };
    }
}

struct Attempt<R, F> {
    call: Option<F>,
    result: Option<R>,
}

/// Runs the call of an [`Attempt`].
///
/// # Safety
///
/// 1. `state` is the address of an `Attempt<R, F>` that nobody else uses meanwhile.
unsafe extern "C-unwind" fn run<R, F: FnOnce() -> R>(state: *mut ()) {
    // SAFETY: obligation 1.
    let state = unsafe { &mut *state.cast::<Attempt<R, F>>() };
    state.result = state.call.take().map(|call| call());
}
