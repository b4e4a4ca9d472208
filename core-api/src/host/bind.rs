//! Binds this library to its host.

use std::io::Write;
use std::panic::catch_unwind;

use super::link::{host, link, unlink};
use super::{allocator, keys, panic};
use crate::abi::{BindError, CONTRACT, HostTable};

/// The part of a host's table that every contract has.
#[repr(C)]
struct TableHead {
    size: usize,
    contract: u32,
}

/// Binds this library to its host. Further calls, for further plugins of the library, change nothing and succeed.
///
/// # Safety
///
/// 1. `table` is the address of a [`HostTable`] that lives as long as the process, and whose fields `size` and
///    `contract` are correct.
/// 2. `generation` may be passed to that table's functions as long as the process lives.
pub(crate) unsafe extern "C" fn bind(table: *const HostTable, generation: *const ()) -> u32 {
    if host().is_some() {
        return BindError::None as u32;
    }
    // SAFETY: *contract*: every table begins with these two fields (obligation 1). The reference covers only them,
    // because the whole table may be smaller than ours.
    let head = unsafe { &*table.cast::<TableHead>() };
    if head.contract != CONTRACT || head.size < size_of::<HostTable>() {
        return BindError::Contract as u32;
    }
    if allocator::early_blocks() != 0 {
        return BindError::EarlyAllocation as u32;
    }
    link(table, generation);
    if allocator::early_blocks() != 0 {
        // A thread that an initializer started has just allocated a block, which is not the host's: stay unbound.
        unlink();
        return BindError::EarlyAllocation as u32;
    }
    panic::install_hook();
    keys::show();
    if let Some(host) = host() {
        // SAFETY: *contract*: the function is the host's. The function that it gets is of this library, which stays
        // mapped (*mapped*).
        unsafe { (host.at_exit)(flush) };
    }
    BindError::None as u32
}

/// Writes what this library's copy of std still holds for stdout. The program's std does this only for its own copy.
extern "C" fn flush() {
    // The process may end while this thread writes, and then the writer is in use.
    let _ = catch_unwind(|| std::io::stdout().flush());
}
