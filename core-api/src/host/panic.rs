//! Panics that cross.
//!
//! To a copy of std, a panic of the other copy is a foreign exception, and it can only abort. So each side catches its
//! own panics, and the host raises them again with its own std.

use std::any::Any;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, resume_unwind};

use super::link::{generation, host};
use super::payload::{drop_quietly, payload_text};
use crate::abi::{PanicNote, RawText};

type Payload = Box<dyn Any + Send>;

/// The payload that stands for a panic of the host while the panic unwinds in the plugin's std.
///
/// It holds the address of the host's own payload, or null after `raise` has given that payload back.
struct FromHost(*mut ());

// SAFETY: the address is that of a `Box<dyn Any + Send>` of the host (*once*), which may move to another thread.
unsafe impl Send for FromHost {}

impl Drop for FromHost {
    fn drop(&mut self) {
        if let Some(host) = host().filter(|_| !self.0.is_null()) {
            // SAFETY: *once*: the payload came from the host's `attempt`, and this `FromHost` still owns it: `raise`
            // leaves null in its place when it gives the payload back.
            unsafe { (host.discard)(self.0) };
        }
    }
}

/// Replaces the panic hook of this copy of std. The new hook sends message and location to the host, whose own hook
/// prints them when the panic arrives there.
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
        // SAFETY: *contract*: the function is the host's. *generation*: the host passed it to `bind`. *for the call*:
        // `note` and its texts live for the call.
        unsafe { (host.panicking)(generation(), &note) };
    }));
}

/// Runs plugin code that the host has called. It catches a panic, and the host raises the panic again.
///
/// Without a host (in a statically linked plugin, or in a test) it passes the panic on as an ordinary one.
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
        // SAFETY: *once*: `own` came from the host's `attempt`, and null replaced it above, so no other code gives it
        // back.
        unsafe { (host.resume)(own) }
    }
    // SAFETY: *contract*: the function is the host's. *generation*: the host passed it to `bind`. *for the call*: the
    // texts live for the call.
    let caught = unsafe {
        (host.caught)(generation(), RawText::new(plugin), RawText::new(method), RawText::new(payload_text(&*payload)))
    };
    // Not before `caught`: if the payload's own drop panics, the host would take that panic for this one.
    drop_quietly(payload);
    // SAFETY: *once*: `caught` came from the host's `caught` above, and no other code gives it back.
    unsafe { (host.raise)(caught) }
}

/// Runs plugin code whose panic cannot be raised, because it is a `Drop`. It reports a panic to the host and does not
/// pass it on.
pub(crate) fn guard_drop(plugin: &'static str, site: &'static str, run: impl FnOnce()) {
    let Err(payload) = catch_unwind(AssertUnwindSafe(run)) else { return };
    match host() {
        // SAFETY: *contract*: the function is the host's. *generation*: the host passed it to `bind`. *for the call*:
        // the texts live for the call.
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

/// Runs a plugin's constructor. A panic becomes an error with the panic's message.
pub(crate) fn guard_construct<R>(run: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|payload| {
        let text = payload_text(&*payload).to_owned();
        drop_quietly(payload);
        text
    })
}

/// Runs host code that the plugin has called. The host catches a panic of that code, and the plugin's std then raises a
/// [`FromHost`] that stands for it.
#[inline]
pub(crate) fn attempt<R, F: FnOnce() -> R>(call: F) -> R {
    let Some(host) = host() else { return call() };
    let mut state = Attempt { call: Some(call), result: None };
    // SAFETY: *for the call*: the host calls `run::<R, F>` once, during this call, on this thread, with the address of
    // `state`, which is an `Attempt<R, F>`.
    let payload = unsafe { (host.attempt)(run::<R, F>, (&raw mut state).cast()) };
    match state.result {
        Some(result) => result,
        None => resume_unwind(Box::new(FromHost(payload))),
    }
}

/// Runs the `Drop` of a host's object. The host's hook has already printed a panic, and a `Drop` must not raise it, so
/// its payload is discarded.
pub(crate) fn attempt_drop<F: FnOnce()>(drop: F) {
    let Some(host) = host() else { return drop() };
    let mut state = Attempt { call: Some(drop), result: None::<()> };
    // SAFETY: *for the call*: the host calls `run::<(), F>` once, during this call, on this thread, with the address of
    // `state`, which is an `Attempt<(), F>`.
    let payload = unsafe { (host.attempt)(run::<(), F>, (&raw mut state).cast()) };
    if !payload.is_null() {
        // SAFETY: *once*: the payload came from the host's `attempt` above, and no other code gives it back.
        unsafe { (host.discard)(payload) };
    }
}

/// A call for the host's `attempt`, and its result after it has returned.
struct Attempt<R, F> {
    call: Option<F>,
    result: Option<R>,
}

/// Runs the call of an [`Attempt`].
///
/// # Safety
///
/// 1. `state` is the address of an `Attempt<R, F>` that no other code uses during the call.
unsafe extern "C-unwind" fn run<R, F: FnOnce() -> R>(state: *mut ()) {
    // SAFETY: obligation 1.
    let state = unsafe { &mut *state.cast::<Attempt<R, F>>() };
    state.result = state.call.take().map(|call| call());
}
