//! The table that gives a plugin this process's memory and panics.

use std::alloc::Layout;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use once_cell::sync::OnceCell;
use plugbox::__private::{CONTRACT, HostTable, PanicNote, RawText, drop_quietly};

use crate::errors::HostError;
use crate::map::{self, Generation};
use crate::panic::{Note, PanicLocation, PluginPanic, begun};

/// A payload of the host, on its way through a plugin: the address of a box of it.
type Payload = Box<dyn Any + Send>;

static TABLE: HostTable = HostTable {
    size: size_of::<HostTable>(),
    contract: CONTRACT,
    alloc,
    alloc_zeroed,
    dealloc,
    realloc,
    panicking,
    caught,
    raise,
    resume,
    attempt,
    discard,
    report,
};

/// The host's table, in an image that is never unmapped.
#[derive(Clone, Copy)]
pub(crate) struct Table(pub(super) &'static HostTable);

impl Table {
    /// Pins the image of this host, if that has not been done.
    ///
    /// # Errors
    ///
    /// [`HostError::NotPinned`].
    pub(crate) fn pinned() -> Result<Self, HostError> {
        static PINNED: OnceCell<Table> = OnceCell::new();
        let pin = || match map::pin((&raw const TABLE).addr()) {
            Ok(()) => Ok(Self(&TABLE)),
            Err(why) => Err(HostError::NotPinned(why.to_string())),
        };
        PINNED.get_or_try_init(pin).copied()
    }
}

#[cfg(test)]
impl Table {
    /// The table of a test, whose image is the program.
    pub(crate) fn unpinned() -> Self {
        Self(&TABLE)
    }
}

/// The layout behind a plugin's request.
///
/// # Safety
///
/// 1. Size and alignment are those of a [`Layout`].
unsafe fn layout(size: usize, align: usize) -> Layout {
    // SAFETY: obligation 1.
    unsafe { Layout::from_size_align_unchecked(size, align) }
}

// The functions below are called by plugbox's own code in a plugin: the four of the allocator by `HostAllocator`, whose own
// callers keep `GlobalAlloc`'s contract, and which takes size and alignment from a `Layout`.

unsafe extern "C" fn alloc(size: usize, align: usize) -> *mut u8 {
    // SAFETY: taken from a `Layout` in the plugin.
    let layout = unsafe { layout(size, align) };
    // SAFETY: `GlobalAlloc`'s contract, kept by the plugin's caller.
    unsafe { std::alloc::alloc(layout) }
}

unsafe extern "C" fn alloc_zeroed(size: usize, align: usize) -> *mut u8 {
    // SAFETY: taken from a `Layout` in the plugin.
    let layout = unsafe { layout(size, align) };
    // SAFETY: `GlobalAlloc`'s contract, kept by the plugin's caller.
    unsafe { std::alloc::alloc_zeroed(layout) }
}

unsafe extern "C" fn dealloc(block: *mut u8, size: usize, align: usize) {
    // SAFETY: taken from a `Layout` in the plugin.
    let layout = unsafe { layout(size, align) };
    // SAFETY: `GlobalAlloc`'s contract, kept by the plugin's caller; the block is the host's own (`HostAllocator`).
    unsafe { std::alloc::dealloc(block, layout) }
}

unsafe extern "C" fn realloc(block: *mut u8, size: usize, align: usize, new: usize) -> *mut u8 {
    // SAFETY: taken from a `Layout` in the plugin.
    let layout = unsafe { layout(size, align) };
    // SAFETY: `GlobalAlloc`'s contract, kept by the plugin's caller; the block is the host's own (`HostAllocator`).
    unsafe { std::alloc::realloc(block, layout, new) }
}

/// The generation that a plugin was bound with.
///
/// # Safety
///
/// 1. `generation` is the address that `bind` passed to a library that is still mapped.
unsafe fn generation<'a>(generation: *const ()) -> &'a Generation {
    // SAFETY: obligation 1: the library's mapping holds a count of it (obligation 2 of `bind`).
    unsafe { &*generation.cast::<Generation>() }
}

/// Text of the plugin, for the call.
///
/// # Safety
///
/// 1. The plugin made it from a `&str` that lives for the call.
unsafe fn text<'a>(text: RawText) -> &'a str {
    // SAFETY: obligation 1.
    unsafe { text.get() }
}

unsafe extern "C" fn panicking(address: *const (), note: &PanicNote) {
    // SAFETY: the plugin passes what it was bound with.
    let generation = unsafe { generation(address) };
    let plugin =
        generation.plugin("").map_or_else(|| generation.path.display().to_string(), |plugin| plugin.name.clone());
    // SAFETY: the plugin's hook makes it from a `&str`.
    let message = unsafe { text(note.message) }.to_owned();
    // SAFETY: as above.
    let file = unsafe { text(note.file) };
    let location = PanicLocation::new(file, note.line, note.column);
    quietly(|| begun(Note { plugin, message, location }));
}

unsafe extern "C" fn caught(address: *const (), plugin: RawText, method: RawText, message: RawText) -> *mut () {
    // SAFETY: the plugin passes what it was bound with.
    let generation = unsafe { generation(address) };
    // SAFETY: the plugin's guard makes it from a `&str`.
    let plugin = unsafe { text(plugin) };
    // SAFETY: as above.
    let method = unsafe { text(method) };
    // SAFETY: as above.
    let message = unsafe { text(message) };
    Box::into_raw(Box::new(PluginPanic::new(generation, plugin, method, message))).cast()
}

unsafe extern "C-unwind" fn raise(caught: *mut ()) -> ! {
    // SAFETY: the plugin gives back, once, what `caught` gave to it.
    let panic = unsafe { Box::from_raw(caught.cast::<PluginPanic>()) };
    // The host's hook runs once, with a message that it can print; the payload that travels is the value.
    drop(catch_unwind(|| panic!("{panic}")));
    resume_unwind(panic)
}

unsafe extern "C-unwind" fn resume(payload: *mut ()) -> ! {
    // SAFETY: the plugin gives back, once, what `attempt` gave to it.
    let payload = unsafe { Box::from_raw(payload.cast::<Payload>()) };
    resume_unwind(*payload)
}

unsafe extern "C-unwind" fn attempt(run: unsafe extern "C-unwind" fn(*mut ()), state: *mut ()) -> *mut () {
    // SAFETY: the plugin passes a function and the state that it is for.
    let outcome = catch_unwind(AssertUnwindSafe(|| unsafe { run(state) }));
    outcome.map_or_else(|payload| Box::into_raw(Box::new(payload)).cast(), |()| std::ptr::null_mut())
}

unsafe extern "C" fn discard(payload: *mut ()) {
    // SAFETY: the plugin gives back, once, what `attempt` gave to it.
    let payload = unsafe { Box::from_raw(payload.cast::<Payload>()) };
    drop_quietly(*payload);
}

unsafe extern "C" fn report(address: *const (), plugin: RawText, site: RawText, message: RawText) {
    // SAFETY: the plugin passes what it was bound with.
    let generation = unsafe { generation(address) };
    // SAFETY: the plugin's guard makes it from a `&str`.
    let plugin = unsafe { text(plugin) };
    // SAFETY: as above.
    let site = unsafe { text(site) };
    // SAFETY: as above.
    let message = unsafe { text(message) };
    let panic = PluginPanic::new(generation, plugin, site, message);
    quietly(|| {
        let (file, line) = panic.location.as_ref().map(|location| (&*location.file, location.line)).unzip();
        tracing::error!(plugin = panic.plugin, file, line, "{panic}");
    });
}

/// Runs the host's subscriber of events, whose own panic must not end the process here.
fn quietly(report: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(report)) {
        std::mem::forget(payload);
    }
}
