//! The table of the host's functions for plugins: memory and panics.

use std::alloc::Layout;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use once_cell::sync::OnceCell;
use plugbox::__private::{CONTRACT, HostTable, PanicNote, RawText, drop_quietly};

use crate::errors::HostError;
use crate::map::{self, Generation};
use crate::panic::{Note, PanicLocation, PluginPanic, begun};

/// A panic payload of the host. It crosses a plugin as the address of a box of it.
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
    /// Returns the host's table, after pinning the host's image once.
    ///
    /// # Errors
    ///
    /// Returns [`HostError::NotPinned`] if the image cannot be pinned.
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
    /// The table of a test. A test's image is the program, which needs no pin.
    pub(crate) fn unpinned() -> Self {
        Self(&TABLE)
    }
}

/// The layout of a plugin's request.
///
/// # Safety
///
/// 1. Size and alignment come from a [`Layout`].
unsafe fn layout(size: usize, align: usize) -> Layout {
    // SAFETY: obligation 1.
    unsafe { Layout::from_size_align_unchecked(size, align) }
}

// Only plugbox's own code in a plugin calls the functions below. The first four are called by `HostAllocator`, which
// takes size and alignment from a `Layout`, and whose callers keep the contract of `GlobalAlloc`.

unsafe extern "C" fn alloc(size: usize, align: usize) -> *mut u8 {
    // SAFETY: *allocator*: `HostAllocator` took size and alignment from a `Layout`.
    let layout = unsafe { layout(size, align) };
    // SAFETY: *allocator*: the caller of `HostAllocator` keeps the contract of `GlobalAlloc`.
    unsafe { std::alloc::alloc(layout) }
}

unsafe extern "C" fn alloc_zeroed(size: usize, align: usize) -> *mut u8 {
    // SAFETY: *allocator*: `HostAllocator` took size and alignment from a `Layout`.
    let layout = unsafe { layout(size, align) };
    // SAFETY: *allocator*: the caller of `HostAllocator` keeps the contract of `GlobalAlloc`.
    unsafe { std::alloc::alloc_zeroed(layout) }
}

unsafe extern "C" fn dealloc(block: *mut u8, size: usize, align: usize) {
    // SAFETY: *allocator*: `HostAllocator` took size and alignment from a `Layout`.
    let layout = unsafe { layout(size, align) };
    // SAFETY: *allocator*: the caller of `HostAllocator` keeps the contract of `GlobalAlloc`, and the block is from the
    // host's allocator.
    unsafe { std::alloc::dealloc(block, layout) }
}

unsafe extern "C" fn realloc(block: *mut u8, size: usize, align: usize, new: usize) -> *mut u8 {
    // SAFETY: *allocator*: `HostAllocator` took size and alignment from a `Layout`.
    let layout = unsafe { layout(size, align) };
    // SAFETY: *allocator*: the caller of `HostAllocator` keeps the contract of `GlobalAlloc`, and the block is from the
    // host's allocator.
    unsafe { std::alloc::realloc(block, layout, new) }
}

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

unsafe extern "C" fn panicking(address: *const (), note: &PanicNote) {
    // SAFETY: *generation*: the plugin passes the address that `bind` gave to it.
    let generation = unsafe { generation(address) };
    let plugin =
        generation.plugin("").map_or_else(|| generation.path.display().to_string(), |plugin| plugin.name.clone());
    // SAFETY: *for the call*: the plugin's hook made the message from a `&str`.
    let message = unsafe { text(note.message) }.to_owned();
    // SAFETY: *for the call*: the plugin's hook made the file's name from a `&str`.
    let file = unsafe { text(note.file) };
    let location = (!file.is_empty()).then(|| PanicLocation::new(file, note.line, note.column));
    quietly(|| begun(Note { plugin, message, location }));
}

unsafe extern "C" fn caught(address: *const (), plugin: RawText, method: RawText, message: RawText) -> *mut () {
    // SAFETY: *generation*: the plugin passes the address that `bind` gave to it.
    let generation = unsafe { generation(address) };
    // SAFETY: *for the call*: the plugin's guard made the text from a `&str`.
    let plugin = unsafe { text(plugin) };
    // SAFETY: *for the call*: as above.
    let method = unsafe { text(method) };
    // SAFETY: *for the call*: as above.
    let message = unsafe { text(message) };
    Box::into_raw(Box::new(PluginPanic::caught(generation, plugin, method, message))).cast()
}

unsafe extern "C-unwind" fn raise(caught: *mut ()) -> ! {
    // SAFETY: *once*: the plugin gives back, once, the address that `caught` returned.
    let panic = unsafe { Box::from_raw(caught.cast::<PluginPanic>()) };
    // A text payload makes the host's hook run once, with a message that it can print. The payload that then unwinds is
    // the `PluginPanic`, without a second run of the hook.
    drop(catch_unwind(|| panic!("{panic}")));
    resume_unwind(panic)
}

unsafe extern "C-unwind" fn resume(payload: *mut ()) -> ! {
    // SAFETY: *once*: the plugin gives back, once, the address that `attempt` returned.
    let payload = unsafe { Box::from_raw(payload.cast::<Payload>()) };
    resume_unwind(*payload)
}

unsafe extern "C-unwind" fn attempt(run: unsafe extern "C-unwind" fn(*mut ()), state: *mut ()) -> *mut () {
    // SAFETY: *for the call*: plugbox's code in the plugin passes a function together with the state that it is for, alive for this
    // call (`attempt` in `core-api/src/host/panic.rs`). The function is called once.
    let outcome = catch_unwind(AssertUnwindSafe(|| unsafe { run(state) }));
    outcome.map_or_else(|payload| Box::into_raw(Box::new(payload)).cast(), |()| std::ptr::null_mut())
}

unsafe extern "C" fn discard(payload: *mut ()) {
    // SAFETY: *once*: the plugin gives back, once, the address that `attempt` returned.
    let payload = unsafe { Box::from_raw(payload.cast::<Payload>()) };
    drop_quietly(*payload);
}

unsafe extern "C" fn report(address: *const (), plugin: RawText, site: RawText, message: RawText) {
    // SAFETY: *generation*: the plugin passes the address that `bind` gave to it.
    let generation = unsafe { generation(address) };
    // SAFETY: *for the call*: the plugin's guard made the text from a `&str`.
    let plugin = unsafe { text(plugin) };
    // SAFETY: *for the call*: as above.
    let site = unsafe { text(site) };
    // SAFETY: *for the call*: as above.
    let message = unsafe { text(message) };
    let panic = PluginPanic::caught(generation, plugin, site, message);
    quietly(|| {
        let (file, line) = panic.location.as_ref().map(|location| (&*location.file, location.line)).unzip();
        tracing::error!(plugin = panic.plugin, file, line, "{panic}");
    });
}

/// Runs code that calls the host's subscriber. A panic of the subscriber is swallowed, because it would end the process
/// here.
fn quietly(report: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(report)) {
        std::mem::forget(payload);
    }
}
