//! A barrier that costs one side nothing, because the other side makes it for all threads: FlushProcessWriteBuffers.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering, compiler_fence, fence};

use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleW, GetProcAddress};
use windows_sys::Win32::System::Threading::FlushProcessWriteBuffers;

/// Whether threads must make the barrier themselves: in Wine, of which releases before 9 do nothing in that function.
static ALONE: AtomicBool = AtomicBool::new(true);

pub(crate) fn prepare_barriers() {
    static ASKED: OnceLock<()> = OnceLock::new();
    ASKED.get_or_init(|| ALONE.store(is_wine(), Ordering::SeqCst));
}

fn is_wine() -> bool {
    // SAFETY: the name ends with a zero, and the library is in every process.
    let library = unsafe { GetModuleHandleW(windows_sys::w!("ntdll.dll")) };
    // SAFETY: the handle is null or that of a library that stays, and the name ends with a zero.
    !library.is_null() && unsafe { GetProcAddress(library, windows_sys::s!("wine_get_version")) }.is_some()
}

#[inline]
pub(crate) fn light_barrier() {
    if ALONE.load(Ordering::Relaxed) { fence(Ordering::SeqCst) } else { compiler_fence(Ordering::SeqCst) }
}

pub(crate) fn heavy_barrier() -> bool {
    fence(Ordering::SeqCst);
    if !ALONE.load(Ordering::SeqCst) {
        // SAFETY: the function has no conditions.
        unsafe { FlushProcessWriteBuffers() };
    }
    true
}
