//! The contract at the boundary: tables that host and plugin hand to each other.
//!
//! Everything here is `repr(C)` and grows at the end only: host and plugin may carry different versions of this crate.
//! A change that is more than growth raises [`CONTRACT`], and the loader refuses the other number by name.

use std::any::TypeId;
use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::path::Path;
use std::sync::Mutex;

use crate::Interface;
use crate::construct::Failure;
use crate::context::RawContext;

/// The number of the contract that this version speaks.
pub const CONTRACT: u32 = 1;

/// The first eight bytes of every entry table.
pub const MAGIC: u64 = u64::from_be_bytes(*b"plugbox\n");

/// Text of the other side, valid for the call that passes it.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct RawText {
    /// Address of UTF-8 bytes.
    pub bytes: *const u8,
    /// Their number.
    pub len: usize,
}

impl RawText {
    /// Borrows text for a call.
    #[must_use]
    pub const fn new(text: &str) -> Self {
        Self { bytes: text.as_ptr(), len: text.len() }
    }

    /// The text.
    ///
    /// # Safety
    ///
    /// 1. `self` was made by [`new`](Self::new), here or on the other side, from text that lives for `'a`.
    #[must_use]
    pub const unsafe fn get<'a>(self) -> &'a str {
        // SAFETY: the caller vouches that pointer and length came from a `&str` that lives for `'a`.
        let bytes = unsafe { std::slice::from_raw_parts(self.bytes, self.len) };
        // SAFETY: they came from a `&str`, so they are UTF-8.
        unsafe { std::str::from_utf8_unchecked(bytes) }
    }
}

/// A path of the other side, valid for the call that passes it.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct RawPath {
    /// Address of its encoded bytes; null where there is no path.
    pub bytes: *const u8,
    /// Their number.
    pub len: usize,
}

impl RawPath {
    /// Borrows a path for a call.
    #[must_use]
    pub fn new(path: Option<&Path>) -> Self {
        let bytes = path.map(|path| path.as_os_str().as_encoded_bytes());
        Self { bytes: bytes.map_or(std::ptr::null(), <[u8]>::as_ptr), len: bytes.map_or(0, <[u8]>::len) }
    }

    /// The path.
    ///
    /// # Safety
    ///
    /// 1. `self` was made by [`new`](Self::new), here or on the other side, of a path that lives for `'a`.
    /// 2. The other side was built by the same compiler.
    #[must_use]
    pub unsafe fn get<'a>(self) -> Option<&'a Path> {
        if self.bytes.is_null() {
            return None;
        }
        // SAFETY: obligation 1.
        let bytes = unsafe { std::slice::from_raw_parts(self.bytes, self.len) };
        // SAFETY: they came from an `OsStr`, in the encoding of the same std (obligations 1 and 2).
        Some(Path::new(unsafe { OsStr::from_encoded_bytes_unchecked(bytes) }))
    }
}

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

impl Entry {
    /// The table of a plugin that is exported as these interfaces.
    #[must_use]
    pub const fn new(rows: &'static [Row]) -> Self {
        Self {
            header: EntryHeader {
                magic: MAGIC,
                contract: CONTRACT,
                size: size_of::<Self>() as u32,
                bind: crate::bound::bind,
                probe: probe_into,
                std: std::thread::yield_now,
            },
            rows: rows.as_ptr(),
            row_count: rows.len(),
            row_size: size_of::<Row>(),
        }
    }
}

/// The constructor of a plugin as one of its interfaces. It speaks Rust's ABI: only a verdict makes it callable.
pub type Construct<I> = fn(&RawContext) -> Result<Box<I>, Failure>;

/// Makes of the address of a plugin's guarded object, which any of its constructors made, the one of its trait object.
pub type View<I> = fn(*mut ()) -> *mut I;

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

impl Row {
    /// The row of this interface.
    #[must_use]
    pub const fn new<I: ?Sized + Interface>(construct: Construct<I>, view: View<I>) -> Self {
        Self {
            name: RawText::new(I::NAME),
            version: RawText::new(I::VERSION),
            fingerprint: I::FINGERPRINT.to_u128().to_le_bytes(),
            construct: construct as *const (),
            view: view as *const (),
        }
    }
}

/// How many words [`probe`] fills in.
pub const PROBE_WORDS: usize = 16;

unsafe extern "C" fn probe_into(words: *mut [u64; PROBE_WORDS]) {
    // SAFETY: the loader passes the address of an array of its own (contract).
    unsafe { words.write(probe()) }
}

/// What this copy of std looks like from inside: where a vector keeps its words, which niches enums use, sizes of types
/// whose inside is private, the identity of `String`. Another build of the same compiler's std shows here.
#[must_use]
pub fn probe() -> [u64; PROBE_WORDS] {
    const { assert!(size_of::<Vec<u8>>() == size_of::<[usize; 3]>()) };
    let mut vector = Vec::<u8>::with_capacity(7);
    vector.extend([1, 2]);
    let capacity = vector.capacity();
    // SAFETY: a `Vec` is three initialised words; it outlives the look at them.
    let words = unsafe { (&raw const vector).cast::<[usize; 3]>().read() };
    let place = |word: usize| match word {
        2 => b'l',
        _ if word == capacity => b'c',
        _ => b'p',
    };
    let order = words.map(place);

    // SAFETY: `TypeId` is sixteen initialised bytes (checked by `transmute`).
    let string: [u64; 2] = unsafe { std::mem::transmute(TypeId::of::<String>()) };
    const { assert!(size_of::<Result<String, [usize; 2]>>() == size_of::<[usize; 3]>()) };
    let failed: Result<String, [usize; 2]> = Err([1, 2]);
    // SAFETY: all three words are initialized: two are the array, and the third tells which variant it is.
    let niche = unsafe { (&raw const failed).cast::<[usize; 3]>().read() };

    let mut probe = [0; PROBE_WORDS];
    probe[0] = u64::from_le_bytes([order[0], order[1], order[2], 0, 0, 0, 0, 0]);
    probe[1] = string[0];
    probe[2] = string[1];
    probe[3] = niche.into_iter().find(|word| *word > 2).map_or(0, |niche| niche as u64);
    let sizes = [
        size_of::<Option<Vec<u8>>>(),
        size_of::<Option<Option<String>>>(),
        size_of::<HashMap<String, String>>(),
        size_of::<BTreeMap<String, String>>(),
        size_of::<Mutex<u64>>(),
        size_of::<std::fmt::Formatter<'static>>(),
        size_of::<std::io::Error>(),
        size_of::<std::thread::JoinHandle<()>>(),
        size_of::<std::sync::mpsc::Receiver<u8>>(),
        size_of::<std::time::Instant>(),
        size_of::<std::net::SocketAddr>(),
        size_of::<std::process::ExitStatus>(),
    ];
    for (word, size) in probe[4..].iter_mut().zip(sizes) {
        *word = size as u64;
    }
    probe
}
