//! The contract at the boundary: the tables that host and plugin give to each other.
//!
//! Host and plugin may contain different versions of this crate, so every table is `repr(C)` and grows at the end only.
//! Any other change raises [`CONTRACT`], and the loader refuses a library that has a different number. The hidden methods
//! that `#[interface]` adds to a trait belong to the contract, too: they are in the trait's vtable.

use std::ffi::{c_int, c_uint, c_void};

use super::probe::PROBE_WORDS;
use super::text::RawText;

/// The number of the contract that this version of the crate implements.
pub const CONTRACT: u32 = 1;

/// The first eight bytes of every entry table.
pub const MAGIC: u64 = u64::from_be_bytes(*b"plugbox\n");

/// The message and the location of a panic in a plugin.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct PanicNote {
    /// The message; if the payload is not text, a fixed text that says so.
    pub message: RawText,
    /// The path of the source file, as the plugin's compiler recorded it; empty if the location is unknown.
    pub file: RawText,
    /// The line, from 1; 0 if the location is unknown.
    pub line: u32,
    /// The column, from 1; 0 if the location is unknown.
    pub column: u32,
}

/// A panic that begins in a plugin, as the plugin's panic hook sees it.
#[repr(C)]
pub struct PanicBegun {
    /// The message and the location.
    pub note: PanicNote,
    /// The number of panics that began in the plugin's library before this one.
    pub number: usize,
    /// The [identity](PanicCaught::identity) of the payload.
    pub identity: usize,
    /// The stack, as the plugin's std writes it; empty if the host does not want it.
    pub backtrace: RawText,
}

/// A panic that a plugin has caught at the boundary.
#[repr(C)]
pub struct PanicCaught {
    /// The plugin's name; empty if the panic is that of an object that does not know its plugin.
    pub plugin: RawText,
    /// The method that the host called, as `Trait::method`.
    pub method: RawText,
    /// The message.
    pub message: RawText,
    /// The number of panics that had begun in the plugin's library when the host called.
    pub since: usize,
    /// The address of the payload's text if the text was formatted, because no other payload has it then; otherwise 0.
    pub identity: usize,
    /// Whether no other panic of the plugin unwinds on this thread.
    pub is_last: bool,
}

/// A function that gets a thread's value for a key when the thread ends.
pub type KeyDestructor = unsafe extern "C" fn(*mut c_void);

/// The host's functions for a plugin. A generation among the arguments is the one that the host passed to `bind`.
#[repr(C)]
pub struct HostTable {
    /// `size_of::<HostTable>()` in the host.
    pub size: usize,
    /// [`CONTRACT`] in the host.
    pub contract: u32,
    /// Allocates with the host's global allocator. Arguments: size, alignment.
    pub alloc: unsafe extern "C" fn(usize, usize) -> *mut u8,
    /// Allocates zeroed memory with the host's global allocator. Arguments: size, alignment.
    pub alloc_zeroed: unsafe extern "C" fn(usize, usize) -> *mut u8,
    /// Frees a block with the host's global allocator. Arguments: address, size, alignment.
    pub dealloc: unsafe extern "C" fn(*mut u8, usize, usize),
    /// Resizes a block with the host's global allocator. Arguments: address, size, alignment, new size.
    pub realloc: unsafe extern "C" fn(*mut u8, usize, usize, usize) -> *mut u8,
    /// `begun`, for plugins that know only the first fields of it.
    pub panicking: unsafe extern "C" fn(generation: *const (), note: &PanicNote),
    /// `arrived`, for plugins that know only these fields of it. Arguments: generation, plugin, method, message.
    pub caught: unsafe extern "C" fn(*const (), RawText, RawText, RawText) -> *mut (),
    /// Raises the payload that `arrived` made: starts a panic of the host's std. The hook has run already, in `begun`.
    pub raise: unsafe extern "C-unwind" fn(*mut ()) -> !,
    /// Resumes a panic of the host that passed through the plugin, with the payload that `attempt` returned.
    pub resume: unsafe extern "C-unwind" fn(*mut ()) -> !,
    /// Runs a function that calls host code, once and on this thread. Returns the address of the payload, a
    /// `Box<dyn Any + Send>` of the host, if that code panicked; otherwise null.
    pub attempt: unsafe extern "C-unwind" fn(unsafe extern "C-unwind" fn(*mut ()), *mut ()) -> *mut (),
    /// Drops a payload that `attempt` returned and that is not resumed.
    pub discard: unsafe extern "C" fn(*mut ()),
    /// `arrived` and `dropped`, for plugins that know only these fields. Arguments: generation, plugin, method, message.
    pub report: unsafe extern "C" fn(*const (), RawText, RawText, RawText),
    /// Runs the host's panic hook for a panic that begins in the plugin on this thread, and notes it.
    pub begun: unsafe extern "C" fn(generation: *const (), begun: &PanicBegun),
    /// Makes the host's payload for a panic that the plugin has caught at the boundary.
    pub arrived: unsafe extern "C" fn(generation: *const (), caught: &PanicCaught) -> *mut (),
    /// Reports and drops a payload that `arrived` made and that cannot be raised, because the panic left a `Drop`.
    pub dropped: unsafe extern "C" fn(*mut ()),
    /// Calls a function with the text of a payload that `attempt` returned. Arguments: payload, function, its first
    /// argument.
    pub describe: unsafe extern "C" fn(*const (), unsafe extern "C" fn(*mut (), RawText), *mut ()),
    /// Registers a function that the host calls when the process ends, on a thread, which it does not wait for long.
    pub at_exit: unsafe extern "C" fn(extern "C" fn()),
    /// Whether the host wants the stack of a panic.
    pub wants_backtrace: unsafe extern "C" fn(generation: *const ()) -> bool,
    /// Whether the host's std panics on this thread.
    pub is_panicking: unsafe extern "C" fn() -> bool,
    /// `attempt`, for code for which the host's std is to panic on this thread.
    pub attempt_unwinding: unsafe extern "C-unwind" fn(unsafe extern "C-unwind" fn(*mut ()), *mut ()) -> *mut (),
    /// `pthread_key_create`, for a generation: the address of the new key, and its destructor.
    pub key_create: unsafe extern "C" fn(*const (), *mut c_uint, Option<KeyDestructor>) -> c_int,
    /// `pthread_key_delete`.
    pub key_delete: unsafe extern "C" fn(c_uint) -> c_int,
    /// `pthread_getspecific`.
    pub key_get: unsafe extern "C" fn(c_uint) -> *mut c_void,
    /// `pthread_setspecific`.
    pub key_set: unsafe extern "C" fn(c_uint, *const c_void) -> c_int,
}

/// The outcome of `bind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum BindError {
    /// The library is bound.
    None = 0,
    /// The host's table has a different contract, or is smaller than the plugin needs.
    Contract = 1,
    /// Memory that was allocated before `bind` is still in use.
    EarlyAllocation = 2,
}

/// The first fields of an entry table in every contract, so that a loader recognizes a table of any contract.
#[repr(C)]
pub struct EntryHead {
    /// [`MAGIC`].
    pub magic: u64,
    /// [`CONTRACT`] in the plugin.
    pub contract: u32,
    /// The size of the whole table in the plugin, in bytes. A larger table than the loader's is accepted.
    pub size: u32,
}

/// The table behind a plugin's entry symbol.
#[repr(C)]
pub struct Entry {
    /// The loader compares these fields before it refers to the table as a whole.
    pub head: EntryHead,
    /// Binds the library to its host: takes the host's table and the generation, and returns a [`BindError`] as a
    /// number.
    pub bind: unsafe extern "C" fn(*const HostTable, *const ()) -> u32,
    /// Writes the [probe](super::probe()) of the library's copy of std; called after `bind`.
    pub probe: unsafe extern "C" fn(*mut [u64; PROBE_WORDS]),
    /// A function of std. Its address is inside the library if the library contains its own std; it is never called.
    pub std: fn(),
    /// The address of the first row. There is a row for each interface as which the plugin is exported.
    pub rows: *const Row,
    /// The number of rows.
    pub row_count: usize,
    /// `size_of::<Row>()` in the plugin: the distance from one row to the next.
    pub row_size: usize,
}

// SAFETY: sharing an `Entry` shares addresses only. Reading through them is unsafe, and each such block has its own
// argument.
unsafe impl Sync for Entry {}

/// One interface as which a plugin is exported.
///
/// The types of its functions depend on the interface, so they are erased until the fingerprint has been compared.
#[repr(C)]
pub struct Row {
    /// The interface's name.
    pub name: RawText,
    /// The version of the crate that defines it.
    pub version: RawText,
    /// The interface's fingerprint, little-endian.
    pub fingerprint: [u8; 16],
    /// The address of a `Construct` for the interface.
    pub construct: *const (),
    /// The address of a `View` for the interface.
    pub view: *const (),
}

// SAFETY: as for `Entry`: sharing a `Row` shares addresses only.
unsafe impl Sync for Row {}
