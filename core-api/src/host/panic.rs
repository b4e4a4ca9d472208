//! Panics that cross.
//!
//! To a copy of std, a panic of the other copy is a foreign exception, and it can only abort. So each side catches its
//! own panics, and the host raises them again with its own std. The host's panic hook has run by then: the plugin's
//! hook has it run when the panic begins.

use std::any::Any;
use std::backtrace::Backtrace;
use std::borrow::Cow;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::link::{generation, host};
use super::payload::{drop_quietly, payload_text};
use crate::abi::{HostTable, PanicBegun, PanicCaught, PanicNote, RawText};

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

/// The number of panics that have begun in this library.
///
/// It tells a panic that began during a call from those that the plugin had caught itself before the call. A load costs
/// a call nothing that can be measured; a thread-local would.
static BEGUN: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static IS_RAISED_FOR_HOOK: Cell<bool> = const { Cell::new(false) };
}

/// Runs code that starts a panic only so that the panic hook runs: the loader in this image has a plugin's panic to
/// report. A plugin with a loader passes the report on to its own host, without a place and a stack of its own.
pub fn raising_for_hook<R>(run: impl FnOnce() -> R) -> R {
    IS_RAISED_FOR_HOOK.set(true);
    let result = run();
    IS_RAISED_FOR_HOOK.set(false);
    result
}

/// Replaces the panic hook of this copy of std. The new hook has the host run its own hook at once, because not every
/// panic arrives there: a second panic in a `Drop`, or one that leaves an `extern "C"` function, ends the process.
pub(crate) fn install_hook() {
    std::panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| {
        let Some(host) = host() else { return };
        let number = BEGUN.fetch_add(1, Ordering::Relaxed);
        let place = info.location().filter(|_| !IS_RAISED_FOR_HOOK.get());
        // SAFETY: *contract*: the function is the host's. *generation*: the host passed it to `bind`.
        let wants_backtrace = place.is_some() && unsafe { (host.wants_backtrace)(generation()) };
        // Only this copy of std can name the functions of this library: the host's std reads the list of libraries once,
        // at its first backtrace. The host cuts the text, because code here is in every plugin.
        let backtrace = if wants_backtrace { format!("{}", Backtrace::force_capture()) } else { String::new() };
        let message = payload_text(info.payload());
        let note = PanicNote {
            message: RawText::new(&message),
            file: RawText::new(place.map_or("", |place| place.file())),
            line: place.map_or(0, |place| place.line()),
            column: place.map_or(0, |place| place.column()),
        };
        let (identity, backtrace) = (identity(info.payload()), RawText::new(&backtrace));
        let begun = PanicBegun { note, number, identity, backtrace };
        // SAFETY: *contract*: the function is the host's. *generation*: the host passed it to `bind`. *for the call*:
        // `begun` and its texts live for the call.
        unsafe { (host.begun)(generation(), &begun) };
    }));
}

/// The address of a payload's text if it was formatted. It is the same in the hook and where the panic is caught.
///
/// A literal has no identity, because many panics may have the same one.
fn identity(payload: &(dyn Any + Send)) -> usize {
    payload.downcast_ref::<String>().map_or(0, |text| text.as_ptr().addr())
}

/// Runs plugin code that the host has called. It catches a panic, and the host raises the panic again.
///
/// Without a host (in a statically linked plugin, or in a test) it passes the panic on as an ordinary one.
#[inline]
pub(crate) fn guard<R>(plugin: impl FnOnce() -> R, site: impl FnOnce() -> (&'static str, &'static str)) -> R {
    let since = BEGUN.load(Ordering::Relaxed);
    match catch_unwind(AssertUnwindSafe(plugin)) {
        Ok(result) => result,
        Err(payload) => raise(payload, since, site()),
    }
}

/// Runs plugin code as [`guard`] does, and then a drop that belongs to it. Once the code has returned, a panic is the
/// drop's, and is only reported.
#[inline]
pub(crate) fn guard_with_drop<C, R>(
    subject: &mut C,
    plugin: impl FnOnce(&mut C) -> R,
    drop: impl FnOnce(&mut C, &R),
    site: impl FnOnce() -> (&'static str, &'static str),
) -> R {
    let since = BEGUN.load(Ordering::Relaxed);
    let mut result = None;
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let result = result.insert(plugin(subject));
        drop(subject, result);
    }));
    match (result, outcome) {
        (Some(result), Ok(())) => result,
        (Some(result), Err(payload)) => {
            report(payload, since, ("", "drop"));
            result
        }
        (None, Err(payload)) => raise(payload, since, site()),
        (None, Ok(())) => unreachable!("the code has returned"),
    }
}

#[cold]
#[inline(never)]
fn raise(mut payload: Payload, since: usize, site: (&'static str, &'static str)) -> ! {
    let Some(host) = host() else { resume_unwind(payload) };
    if let Some(from_host) = payload.downcast_mut::<FromHost>() {
        let own = std::mem::replace(&mut from_host.0, std::ptr::null_mut());
        drop(payload);
        // SAFETY: *once*: `own` came from the host's `attempt`, and null replaced it above, so no other code gives it
        // back.
        unsafe { (host.resume)(own) }
    }
    let caught = arrived(host, &*payload, since, site);
    // Not before `arrived`: if the payload's own drop panics, the host would take that panic for this one.
    drop_quietly(payload);
    // SAFETY: *once*: `caught` came from the host's `arrived` above, and no other code gives it back.
    unsafe { (host.raise)(caught) }
}

/// Has the host make its own payload for a panic that was caught here.
fn arrived(host: &HostTable, payload: &(dyn Any + Send), since: usize, site: (&str, &str)) -> *mut () {
    let message = message(payload);
    let caught = PanicCaught {
        plugin: RawText::new(site.0),
        method: RawText::new(site.1),
        message: RawText::new(&message),
        since,
        identity: identity(payload),
        is_last: !std::thread::panicking(),
    };
    // SAFETY: *contract*: the function is the host's. *generation*: the host passed it to `bind`. *for the call*:
    // `caught` and its texts live for the call.
    unsafe { (host.arrived)(generation(), &caught) }
}

/// Runs plugin code whose panic cannot be raised, because it is a `Drop`. It reports a panic to the host and does not
/// pass it on.
pub(crate) fn guard_drop(plugin: &'static str, site: &'static str, run: impl FnOnce()) {
    let since = BEGUN.load(Ordering::Relaxed);
    // SAFETY: *contract*: the function is the host's, and any thread may call it.
    let outcome = caught(run, host().is_some_and(|host| unsafe { (host.is_panicking)() }));
    if let Err(payload) = outcome {
        report(payload, since, (plugin, site));
    }
}

/// Reports a panic that cannot be raised. Without a host it is raised all the same.
#[cold]
#[inline(never)]
fn report(payload: Payload, since: usize, site: (&str, &str)) {
    match host() {
        Some(host) => {
            let caught = arrived(host, &*payload, since, site);
            // SAFETY: *once*: `caught` came from the host's `arrived` above, and no other code gives it back.
            unsafe { (host.dropped)(caught) };
        }
        None => resume_unwind(payload),
    }
    drop_quietly(payload);
}

/// Runs the code of a `Drop`, and catches its panic. Much code asks there whether its thread panics: a change is then
/// rolled back. So it is run while this copy of std panics if the other one does.
fn caught(drop: impl FnOnce(), other_panics: bool) -> Result<(), Payload> {
    if !other_panics || std::thread::panicking() {
        return catch_unwind(AssertUnwindSafe(drop));
    }
    let mut outcome = Ok(());
    while_unwinding(|| outcome = catch_unwind(AssertUnwindSafe(drop)));
    outcome
}

/// Runs code, which must not panic, while this copy of std panics: no hook is called for that. In a library or a host
/// that aborts, std cannot do this, and the code runs as it is.
pub fn while_unwinding(run: impl FnOnce()) {
    struct OnDrop<F: FnOnce()>(Option<F>);
    impl<F: FnOnce()> Drop for OnDrop<F> {
        fn drop(&mut self) {
            self.0.take().into_iter().for_each(|run| run());
        }
    }
    let run = OnDrop(Some(run));
    if cfg!(panic = "unwind") {
        drop(catch_unwind(AssertUnwindSafe(move || {
            let _run = run;
            resume_unwind(Box::new(()))
        })));
    }
}

/// Runs a plugin's constructor. A panic becomes an error with the panic's message.
pub(crate) fn guard_construct<R>(run: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|payload| {
        let text = message(&*payload).into_owned();
        drop_quietly(payload);
        text
    })
}

/// Returns a payload's text; for a panic of the host, the text of the host's own payload.
fn message(payload: &(dyn Any + Send)) -> Cow<'_, str> {
    let (Some(from_host), Some(host)) = (payload.downcast_ref::<FromHost>(), host()) else {
        return payload_text(payload);
    };
    let mut text = "the host panicked: ".to_owned();
    // SAFETY: *once*: the payload came from the host's `attempt`, and `from_host` still owns it. *for the call*: the
    // host calls `append` during this call, with the address of `text`.
    unsafe { (host.describe)(from_host.0, append, (&raw mut text).cast()) };
    Cow::Owned(text)
}

/// Appends a text of the host to a string.
///
/// # Safety
///
/// 1. `string` is the address of a `String` that no other code uses during the call.
/// 2. `text` lives for the call.
unsafe extern "C" fn append(string: *mut (), text: RawText) {
    // SAFETY: obligation 1.
    let string = unsafe { &mut *string.cast::<String>() };
    // SAFETY: *for the call*: obligation 2.
    string.push_str(unsafe { text.get() });
}

/// Runs host code that the plugin has called. The host catches a panic of that code, and the plugin's std then raises a
/// [`FromHost`] that stands for it.
#[inline]
pub(crate) fn attempt<R, F: FnOnce() -> R>(call: F) -> R {
    let Some(host) = host() else { return call() };
    let mut state = Attempt { call: Some(call), result: None };
    let payload = state.run(host.attempt);
    match state.result {
        Some(result) => result,
        None => resume_unwind(Box::new(FromHost(payload))),
    }
}

/// Runs host code as [`attempt`] does, and then a drop that belongs to it. Once the code has returned, a panic is the
/// drop's. The host's hook has already printed it.
#[inline]
pub(crate) fn attempt_with_drop<C, R>(
    subject: &mut C,
    call: impl FnOnce(&mut C) -> R,
    drop: impl FnOnce(&mut C, &R),
) -> R {
    let mut result = None;
    let run = || {
        let result = result.insert(call(subject));
        drop(subject, result);
    };
    let Some(host) = host() else {
        run();
        return result.expect("the code has returned");
    };
    let payload = Attempt { call: Some(run), result: None }.run(host.attempt);
    match result {
        Some(result) => {
            discard(host, payload);
            result
        }
        None => resume_unwind(Box::new(FromHost(payload))),
    }
}

/// Runs the `Drop` of a host's object. The host's hook has already printed a panic, and a `Drop` must not raise it, so
/// its payload is discarded.
pub(crate) fn attempt_drop<F: FnOnce()>(drop: F) {
    let Some(host) = host() else { return drop() };
    let attempt = if std::thread::panicking() { host.attempt_unwinding } else { host.attempt };
    discard(host, Attempt { call: Some(drop), result: None }.run(attempt));
}

/// Discards the payload of a panic of the host, if there is one.
fn discard(host: &HostTable, payload: *mut ()) {
    if !payload.is_null() {
        // SAFETY: *once*: the payload came from the host's `attempt`, and no other code gives it back.
        unsafe { (host.discard)(payload) };
    }
}

/// The type of the host's `attempt`.
type AttemptFn = unsafe extern "C-unwind" fn(unsafe extern "C-unwind" fn(*mut ()), *mut ()) -> *mut ();

/// A call for the host's `attempt`, and its result after it has returned.
struct Attempt<R, F> {
    call: Option<F>,
    result: Option<R>,
}

impl<R, F: FnOnce() -> R> Attempt<R, F> {
    /// Has the host run the call. Returns the payload of a panic, or null.
    #[inline]
    fn run(&mut self, attempt: AttemptFn) -> *mut () {
        // SAFETY: *for the call*: the host calls `run::<R, F>` once, during this call, on this thread, with the address of
        // `self`, which is an `Attempt<R, F>`.
        unsafe { attempt(run::<R, F>, std::ptr::from_mut(self).cast()) }
    }
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
