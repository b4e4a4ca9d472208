//! A host without a gate: it makes one call of a plugin, and says whether the answer is right.

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
    // SAFETY: none: what happens without a gate is what is to be seen.
    let plugin = unsafe {
        // A wrong call may never come back.
        alarm(10);
        let library = dlopen(library.as_ptr(), 2);
        assert!(!library.is_null(), "{:?}", CStr::from_ptr(dlerror()));
        let make = dlsym(library, c"unguarded".as_ptr());
        std::mem::transmute::<*mut c_void, fn() -> Box<dyn api::Plugin>>(make)()
    };
    let (found, right) = calls::call(plugin, &arguments[2]);
    if found == right { println!("right") } else { println!("wrong: {found}, not {right}") }
}
