//! Binding: what is compared before a plugin gets the host's table, and right after.

use std::sync::Arc;

use plugbox::__private::{BindError, CONTRACT, Entry, MAGIC, PROBE_WORDS, Row, probe};

use super::table::Table;
use crate::errors::{Code, Reason};
use crate::map::{EntryTable, Generation};
use crate::sys::MappedImage;

/// What an entry table of every contract begins with.
#[repr(C)]
struct Head {
    magic: u64,
    contract: u32,
    size: u32,
}

/// Binds a library to this host, and compares its copy of std with ours.
///
/// # Errors
///
/// The reason why it cannot be bound.
///
/// # Safety
///
/// 1. `entry` is the address of a plugin's entry table, of whichever contract, in a library that stays mapped and whose
///    verdict is `Fits`.
/// 2. The library's mapping holds a count of `generation` as long as the library is mapped: the library keeps the address.
pub(crate) unsafe fn bind(
    entry: *const (),
    image: &MappedImage,
    table: Table,
    generation: &Arc<Generation>,
) -> Result<EntryTable, Box<Reason>> {
    // SAFETY: obligation 1; nobody writes to it.
    let head = unsafe { &*entry.cast::<Head>() };
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
    // SAFETY: obligation 1; it says that it is of our contract, whose tables grow at the end only, and as large as ours.
    let Entry { header, row_size, .. } = unsafe { &*entry.cast::<Entry>() };
    if *row_size < size_of::<Row>() {
        return small("rows", size_of::<Row>(), *row_size);
    }
    if !image.contains((header.std as *const ()).addr()) {
        return Err(Box::new(Reason::shared_std("")));
    }
    // SAFETY: the table is a static of an image that is pinned (`Table::pinned`), and so are the functions that it names;
    // the library's mapping holds a count of the generation (obligation 2). So both live as long as the library is mapped.
    let outcome = unsafe { (header.bind)(table.0, Arc::as_ptr(generation).cast()) };
    if outcome == BindError::EarlyAllocation as u32 {
        return Err(Box::new(Reason::new(
            Code::EarlyAllocation,
            "no memory is in use before the library is bound",
            "an initializer (of a crate such as `ctor` or `inventory`) allocated, and keeps what it allocated",
            "do that work in the plugin's constructor, or on first use with `std::sync::LazyLock`",
        )));
    }
    if outcome != BindError::None as u32 {
        return Err(Box::new(Reason::new(
            Code::ContractDiffers,
            format!("a table of {} bytes, contract {CONTRACT}", table.0.size),
            "the plugin needs a larger table or another contract",
            "build the host with the plugin's version of plugbox, or a later one",
        )));
    }
    let mut theirs = [0; PROBE_WORDS];
    // SAFETY: the function fills in exactly such an array (contract 1).
    unsafe { (header.probe)(&raw mut theirs) };
    let ours = probe();
    if let Some(word) = (0..PROBE_WORDS).find(|word| ours[*word] != theirs[*word]) {
        return Err(Box::new(Reason::new(
            Code::ProbeDiffers,
            format!("{:#x}", ours[word]),
            format!("{:#x}", theirs[word]),
            "build both sides with the same toolchain, as it was installed: a std that was rebuilt or patched is another",
        )
        .at(format!("probe {word}"))));
    }
    // SAFETY: obligation 1; the table was found to be of our contract and as large as ours.
    Ok(unsafe { EntryTable::new(entry) })
}
