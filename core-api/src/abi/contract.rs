//! The contract at the boundary: tables that host and plugin hand to each other.
//!
//! Everything here is `repr(C)` and grows at the end only: host and plugin may carry different versions of this crate.
//! A change that is more than growth raises [`CONTRACT`], and the loader refuses the other number by name.

use super::probe::PROBE_WORDS;
use super::text::RawText;

/// The number of the contract that this version speaks.
pub const CONTRACT: u32 = 1;

/// The first eight bytes of every entry table.
pub const MAGIC: u64 = u64::from_be_bytes(*b"plugbox\n");

/// What a plugin knows of a panic of its own.
#[repr(C)]
pub struct PanicNote {
    /// The message; a payload that is no text says so.
    pub message: RawText,
    /// The source file, as the compiler of the plugin saw it.
    pub file: RawText,
    /// The line, from 1; 0 where the place is not known.
    pub line: u32,
    /// The column, from 1; 0 where the place is not known.
    pub column: u32,
}

/// What the host does for a plugin. `generation` is what it gave to `bind`.
#[repr(C)]
pub struct HostTable {
    /// `size_of::<HostTable>()` in the host.
    pub size: usize,
    /// [`CONTRACT`] in the host.
    pub contract: u32,
    /// The host's global allocator: size and alignment.
    pub alloc: unsafe extern "C" fn(usize, usize) -> *mut u8,
    /// The same, with zeroed memory.
    pub alloc_zeroed: unsafe extern "C" fn(usize, usize) -> *mut u8,
    /// Address, size and alignment.
    pub dealloc: unsafe extern "C" fn(*mut u8, usize, usize),
    /// Address, size, alignment and the new size.
    pub realloc: unsafe extern "C" fn(*mut u8, usize, usize, usize) -> *mut u8,
    /// A panic has begun on this thread, in the plugin's code.
    pub panicking: unsafe extern "C" fn(generation: *const (), note: &PanicNote),
    /// A panic left a plugin's method: makes the host's payload of it. Plugin, method, message.
    pub caught: unsafe extern "C" fn(*const (), RawText, RawText, RawText) -> *mut (),
    /// Raises the payload that `caught` made: the host's hook speaks, and the panic begins anew in the host.
    pub raise: unsafe extern "C-unwind" fn(*mut ()) -> !,
    /// The panic is the host's own, on its way back: the payload that `attempt` returned.
    pub resume: unsafe extern "C-unwind" fn(*mut ()) -> !,
    /// Runs a function that calls host code, once and on this thread; the payload if the host's code panicked, a
    /// `Box<dyn Any + Send>` of the host's, else null.
    pub attempt: unsafe extern "C-unwind" fn(unsafe extern "C-unwind" fn(*mut ()), *mut ()) -> *mut (),
    /// Drops a payload that `attempt` returned and nobody resumes.
    pub discard: unsafe extern "C" fn(*mut ()),
    /// A panic that cannot be raised (in `Drop`): plugin, where, message.
    pub report: unsafe extern "C" fn(*const (), RawText, RawText, RawText),
}

/// Why a library could not be bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum BindError {
    /// The library is bound.
    None = 0,
    /// The host's table speaks another contract, or is smaller than the plugin needs.
    Contract = 1,
    /// Memory that was allocated before `bind` is still in use.
    EarlyAllocation = 2,
}

/// The part of an entry table that does not depend on the interface: what the loader looks at first. Magic, contract and
/// size stand at its start in every contract, so that a loader can tell a table of another one.
#[repr(C)]
pub struct EntryHeader {
    /// [`MAGIC`].
    pub magic: u64,
    /// [`CONTRACT`] in the plugin.
    pub contract: u32,
    /// Size of the whole table in the plugin, in bytes; a table that only grew is accepted.
    pub size: u32,
    /// Gives the library its host: the table and the generation. Returns a [`BindError`] as a number.
    pub bind: unsafe extern "C" fn(*const HostTable, *const ()) -> u32,
    /// Fills in what this copy of std looks like from inside; called after `bind`.
    pub probe: unsafe extern "C" fn(*mut [u64; PROBE_WORDS]),
    /// A function of std: it lies in the library if std does. Only its address is looked at.
    pub std: fn(),
}

/// The table behind a plugin's entry symbol.
#[repr(C)]
pub struct Entry {
    /// What is checked before anything else is touched; its first three fields before the rest of it.
    pub header: EntryHeader,
    /// A row for each interface that the plugin is exported as.
    pub rows: *const Row,
    /// Their number.
    pub row_count: usize,
    /// `size_of::<Row>()` in the plugin: the distance from one to the next.
    pub row_size: usize,
}

// SAFETY: sharing it shares addresses only. Whoever reads through them is unsafe code, with an argument of its own.
unsafe impl Sync for Entry {}

/// One interface that a plugin is exported as. The functions' types depend on the interface, so they are erased until
/// the fingerprint has been compared.
#[repr(C)]
pub struct Row {
    /// The interface's name.
    pub name: RawText,
    /// The version of the crate that defines it.
    pub version: RawText,
    /// The interface's fingerprint, little-endian.
    pub fingerprint: [u8; 16],
    /// A [`Construct`].
    pub construct: *const (),
    /// A [`View`].
    pub view: *const (),
}

// SAFETY: as for `Entry`.
unsafe impl Sync for Row {}
