//! Binding: this library gets its host.

use super::link::{host, link, unlink};
use super::{allocator, panic};
use crate::abi::{BindError, CONTRACT, HostTable};

/// The part of a host's table that every contract has.
#[repr(C)]
struct TableHead {
    size: usize,
    contract: u32,
}

/// Binds this library to its host; a second call (another plugin of the library) finds it bound.
///
/// # Safety
///
/// 1. `table` is the address of a [`HostTable`] whose first two fields are right, and lives as long as the process.
/// 2. `generation` may be passed to that table's functions as long as the process lives.
pub(crate) unsafe extern "C" fn bind(table: *const HostTable, generation: *const ()) -> u32 {
    if host().is_some() {
        return BindError::None as u32;
    }
    // SAFETY: obligation 1. A smaller table would not be ours to refer to as a whole, so only its head is.
    let head = unsafe { &*table.cast::<TableHead>() };
    if head.contract != CONTRACT || head.size < size_of::<HostTable>() {
        return BindError::Contract as u32;
    }
    if allocator::early_blocks() != 0 {
        return BindError::EarlyAllocation as u32;
    }
    link(table, generation);
    if allocator::early_blocks() != 0 {
        // A thread of an initializer's has allocated just now. That memory is not the host's: stay unbound.
        unlink();
        return BindError::EarlyAllocation as u32;
    }
    // A panic that ends the process never arrives at the host: then std's own hook is the one that speaks.
    if cfg!(not(panic = "abort")) {
        panic::install_hook();
    }
    BindError::None as u32
}
