//! Cases that the guide lists as not checked, and that end the process. Each has a library that shows it.

use harness::{Build, in_child, load};

#[test]
fn methods_that_the_compiler_has_taken_out_of_the_vtable() {
    let library = Build::plugin().optimized("1").lto("fat").config("profile.dev.codegen-units=1");
    let library = library.last_crate_flag("-Zvirtual-function-elimination").env("RUSTC_BOOTSTRAP", "1").library();
    let child = in_child("methods_that_the_compiler_has_taken_out_of_the_vtable", &[], || {
        let plugin = load(&library).unwrap();
        println!("it fits");
        plugin.split("a b c");
    });
    if let Some(child) = child {
        assert_eq!(child.signal, Some(11), "{}", child.stderr);
        assert!(child.stdout.contains("it fits"), "{}", child.stdout);
    }
}
