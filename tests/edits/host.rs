//! A host without a gate: it makes one call of a plugin, and prints whether the answer is right.

use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};

mod calls;

unsafe extern "C" {
    fn dlopen(file: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
    fn dlerror() -> *const c_char;
    fn alarm(seconds: c_uint) -> c_uint;
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let library = CString::new(&*arguments[1]).unwrap();
    // SAFETY: not sound: this host shows the effect of a missing gate.
    let plugin = unsafe {
        // A call of the wrong method may never return.
        alarm(10);
        let library = dlopen(library.as_ptr(), 2);
        assert!(!library.is_null(), "{:?}", CStr::from_ptr(dlerror()));
        let make = dlsym(library, c"unguarded".as_ptr());
        std::mem::transmute::<*mut c_void, fn() -> Box<dyn api::Plugin>>(make)()
    };
    let (found, right) = calls::call(plugin, &arguments[2]);
    if found == right { println!("right") } else { println!("wrong: {found}, not {right}") }
}
