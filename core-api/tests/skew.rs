//! Host and plugin with different versions of this crate: tables only grow, and the contract's number decides whether
//! they fit.

use std::ffi::{c_int, c_uint, c_void};

use plugbox::__private::{
    BUILD, BindError, CONTRACT, Entry, EntryHead, EntryWithRecords, HostTable, KeyDestructor, PanicBegun, PanicCaught,
    PanicNote, RawContext, RawService, RawText, Row,
};

static ENTRY: Entry = Entry::new(&[]);
static ENTRY_WITH_RECORDS: EntryWithRecords = EntryWithRecords::new(&[], &[BUILD]);

unsafe extern "C" fn alloc(_: usize, _: usize) -> *mut u8 {
    std::process::abort()
}
unsafe extern "C" fn dealloc(_: *mut u8, _: usize, _: usize) {
    std::process::abort()
}
unsafe extern "C" fn realloc(_: *mut u8, _: usize, _: usize, _: usize) -> *mut u8 {
    std::process::abort()
}
unsafe extern "C" fn panicking(_: *const (), _: &PanicNote) {}
unsafe extern "C" fn caught(_: *const (), _: RawText, _: RawText, _: RawText) -> *mut () {
    std::process::abort()
}
unsafe extern "C-unwind" fn raise(_: *mut ()) -> ! {
    std::process::abort()
}
unsafe extern "C-unwind" fn attempt(_: unsafe extern "C-unwind" fn(*mut ()), _: *mut ()) -> *mut () {
    std::process::abort()
}
unsafe extern "C" fn discard(_: *mut ()) {}
unsafe extern "C" fn report(_: *const (), _: RawText, _: RawText, _: RawText) {}
unsafe extern "C" fn begun(_: *const (), _: &PanicBegun) {}
unsafe extern "C" fn arrived(_: *const (), _: &PanicCaught) -> *mut () {
    std::process::abort()
}
unsafe extern "C" fn wants_backtrace(_: *const ()) -> bool {
    false
}
unsafe extern "C" fn is_panicking() -> bool {
    false
}
unsafe extern "C" fn key_create(_: *const (), _: *mut c_uint, _: Option<KeyDestructor>) -> c_int {
    0
}
unsafe extern "C" fn key_delete(_: c_uint) -> c_int {
    0
}
unsafe extern "C" fn key_get(_: c_uint) -> *mut c_void {
    std::ptr::null_mut()
}
unsafe extern "C" fn key_set(_: c_uint, _: *const c_void) -> c_int {
    0
}
unsafe extern "C" fn at_exit(_: extern "C" fn()) {}
unsafe extern "C" fn describe(_: *const (), _: unsafe extern "C" fn(*mut (), RawText), _: *mut ()) {}

/// Makes the table of a host with a different version of this crate.
fn host(contract: u32, size: usize) -> &'static HostTable {
    Box::leak(Box::new(HostTable {
        size,
        contract,
        alloc,
        alloc_zeroed: alloc,
        dealloc,
        realloc,
        panicking,
        caught,
        raise,
        resume: raise,
        attempt,
        discard,
        report,
        begun,
        arrived,
        dropped: discard,
        describe,
        at_exit,
        wants_backtrace,
        is_panicking,
        attempt_unwinding: attempt,
        key_create,
        key_delete,
        key_get,
        key_set,
    }))
}

fn bind(table: &'static HostTable) -> u32 {
    // SAFETY: the table is leaked, so it lives as long as the process, and its first two fields are those that the test
    // wants `bind` to see. Its functions abort or ignore their arguments, so the null generation is never used.
    unsafe { (ENTRY.bind)(table, std::ptr::null()) }
}

/// This is a single test because a library is bound only once.
#[test]
fn the_records_after_a_table_are_no_part_of_it() {
    // SAFETY: the table is the first field of a `repr(C)` struct.
    let entry = unsafe { &*(&raw const ENTRY_WITH_RECORDS).cast::<Entry>() };
    assert_eq!(entry.head.magic, ENTRY.head.magic);
    assert_eq!(entry.head.size as usize, size_of::<Entry>());
    assert!(size_of::<EntryWithRecords>() > size_of::<Entry>());
    assert_eq!(ENTRY_WITH_RECORDS.records(), [BUILD]);
}

#[test]
#[cfg_attr(miri, ignore = "leaks its tables")]
fn a_host_of_another_contract_or_with_a_smaller_table_is_refused_and_a_larger_one_is_not() {
    let size = size_of::<HostTable>();
    assert_eq!(bind(host(CONTRACT + 1, size)), BindError::Contract as u32);
    assert_eq!(bind(host(0, size)), BindError::Contract as u32);
    assert_eq!(bind(host(CONTRACT, size - 8)), BindError::Contract as u32);
    assert_eq!(bind(host(CONTRACT, 0)), BindError::Contract as u32);
    // Later versions add functions at the end.
    assert_eq!(bind(host(CONTRACT, size + 64)), BindError::None as u32);
    // The library stays bound when `bind` is called again, for a second plugin of the library.
    assert_eq!(bind(host(CONTRACT + 1, size)), BindError::None as u32);
}

/// Pins the fields of this contract: a table may grow at the end, and any other change raises the number.
#[cfg(target_pointer_width = "64")]
#[test]
fn the_tables_of_this_contract_keep_their_places() {
    use std::mem::offset_of;
    assert_eq!(CONTRACT, 1);
    let places = [
        offset_of!(HostTable, size),
        offset_of!(HostTable, contract),
        offset_of!(HostTable, alloc),
        offset_of!(HostTable, alloc_zeroed),
        offset_of!(HostTable, dealloc),
        offset_of!(HostTable, realloc),
        offset_of!(HostTable, panicking),
        offset_of!(HostTable, caught),
        offset_of!(HostTable, raise),
        offset_of!(HostTable, resume),
        offset_of!(HostTable, attempt),
        offset_of!(HostTable, discard),
        offset_of!(HostTable, report),
        offset_of!(HostTable, begun),
        offset_of!(HostTable, arrived),
        offset_of!(HostTable, dropped),
        offset_of!(HostTable, describe),
        offset_of!(HostTable, at_exit),
        offset_of!(HostTable, wants_backtrace),
        offset_of!(HostTable, is_panicking),
        offset_of!(HostTable, attempt_unwinding),
        offset_of!(HostTable, key_create),
        offset_of!(HostTable, key_delete),
        offset_of!(HostTable, key_get),
        offset_of!(HostTable, key_set),
    ];
    assert_eq!(
        places,
        [0, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120, 128, 136, 144, 152, 160, 168, 176, 184, 192]
    );
    assert_eq!([offset_of!(Entry, head), offset_of!(EntryHead, contract), offset_of!(EntryHead, size)], [0, 8, 12]);
    let places = [
        offset_of!(Entry, bind),
        offset_of!(Entry, probe),
        offset_of!(Entry, std),
        offset_of!(Entry, rows),
        offset_of!(Entry, row_count),
        offset_of!(Entry, row_size),
    ];
    assert_eq!(places, [16, 24, 32, 40, 48, 56]);
    let places = [
        offset_of!(Row, name),
        offset_of!(Row, version),
        offset_of!(Row, fingerprint),
        offset_of!(Row, construct),
        offset_of!(Row, view),
    ];
    assert_eq!(places, [0, 16, 32, 48, 56]);
    assert_eq!((offset_of!(RawService, fingerprint), offset_of!(RawService, object)), (16, 32));
    assert_eq!((offset_of!(PanicNote, file), offset_of!(PanicNote, line), offset_of!(PanicNote, column)), (16, 32, 36));
    let places = [
        offset_of!(PanicBegun, note),
        offset_of!(PanicBegun, number),
        offset_of!(PanicBegun, identity),
        offset_of!(PanicBegun, backtrace),
        size_of::<PanicBegun>(),
    ];
    assert_eq!(places, [0, 40, 48, 56, 72]);
    let places = [
        offset_of!(PanicCaught, plugin),
        offset_of!(PanicCaught, method),
        offset_of!(PanicCaught, message),
        offset_of!(PanicCaught, since),
        offset_of!(PanicCaught, identity),
        offset_of!(PanicCaught, is_last),
        size_of::<PanicCaught>(),
    ];
    assert_eq!(places, [0, 16, 32, 48, 56, 64, 72]);
    assert_eq!([size_of::<RawContext>(), size_of::<RawService>(), size_of::<PanicNote>()], [80, 40, 40]);
}
