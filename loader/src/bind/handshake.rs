//! The checks before and right after a library receives the host's table.

use std::sync::Arc;

use plugbox::__private::{BindError, CONTRACT, Entry, EntryHead, MAGIC, PROBE_WORDS, Row, probe};

use super::table::Table;
use crate::errors::{Code, Reason};
use crate::map::{EntryTable, Generation};
use crate::sys::MappedImage;

/// Binds a library to this host, and compares the library's copy of std with the host's.
///
/// # Errors
///
/// Returns the reason why the library cannot be bound.
///
/// # Safety
///
/// 1. `entry` is the address of a plugin's entry table, of any contract. The verdict on its library is `Fits`, and the
///    library stays mapped.
/// 2. The library's mapping holds a count of `generation` as long as the library is mapped, because the library keeps
///    the address.
pub(crate) unsafe fn bind(
    entry: *const (),
    image: &MappedImage,
    table: Table,
    generation: &Arc<Generation>,
) -> Result<EntryTable, Box<Reason>> {
    // SAFETY: obligation 1. *contract*: the table of any contract begins with these fields. Nobody writes to it.
    let head = unsafe { &*entry.cast::<EntryHead>() };
    if head.magic != MAGIC || head.contract != CONTRACT {
        return Err(Box::new(Reason::new(
            Code::ContractDiffers,
            format!("contract {CONTRACT}"),
            format!("an entry table of contract {} (magic {:#x})", head.contract, head.magic),
            "build plugin and host with the same version of plugbox",
        )));
    }
    let small = |what: &str, least: usize, found: usize| {
        let (host, plugin) = (format!("{what} of at least {least} bytes"), format!("{what} of {found} bytes"));
        let remedy = "build plugin and host with the same version of plugbox";
        Err(Box::new(Reason::new(Code::ContractDiffers, host, plugin, remedy)))
    };
    if (head.size as usize) < size_of::<Entry>() {
        return small("an entry table", size_of::<Entry>(), head.size as usize);
    }
    // SAFETY: obligation 1. *contract*: the table has our contract, tables grow at the end only, and this one is not
    // smaller than ours.
    let Entry { bind, probe: probe_into, std, row_size, .. } = unsafe { &*entry.cast::<Entry>() };
    if *row_size < size_of::<Row>() {
        return small("rows", size_of::<Row>(), *row_size);
    }
    if !image.contains((*std as *const ()).addr()) {
        return Err(Box::new(Reason::shared_std("")));
    }
    // SAFETY: *pinned*: the table is a static of an image that is never unmapped, and so are the functions that it
    // names. *generation*: the library's mapping holds a count of the generation (obligation 2). So both live as long
    // as the library, which stays mapped until the process ends (obligation 1).
    let outcome = unsafe { bind(table.0, Arc::as_ptr(generation).cast()) };
    if outcome == BindError::EarlyAllocation as u32 {
        return Err(Box::new(Reason::new(
            Code::EarlyAllocation,
            "no memory from before the library was bound is in use",
            "an initializer (such as a function with `#[ctor]`) allocated memory, and has not freed it",
            "do that work in the plugin's constructor, or on first use with `std::sync::LazyLock`",
        )));
    }
    if outcome != BindError::None as u32 {
        return Err(Box::new(Reason::new(
            Code::ContractDiffers,
            format!("a table of {} bytes, contract {CONTRACT}", table.0.size),
            "the plugin needs a larger table or a different contract",
            "build the host with the plugin's version of plugbox, or a later one",
        )));
    }
    let mut theirs = [0; PROBE_WORDS];
    // SAFETY: *contract*: the function fills in exactly such an array (contract 1).
    unsafe { probe_into(&raw mut theirs) };
    let ours = probe();
    if let Some(word) = (0..PROBE_WORDS).find(|word| ours[*word] != theirs[*word]) {
        return Err(Box::new(
            Reason::new(
                Code::ProbeDiffers,
                format!("{:#x}", ours[word]),
                format!("{:#x}", theirs[word]),
                "build both sides with the same toolchain, as installed: a rebuilt or patched std is a different std",
            )
            .at(format!("probe {word}")),
        ));
    }
    // SAFETY: obligation 1; the checks above found our contract, and a table and rows that are not smaller than ours.
    Ok(unsafe { EntryTable::new(entry) })
}
