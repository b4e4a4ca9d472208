//! Cases that the guide lists as not checked, and that could end the process. Each has a library that shows what happens
//! today.

use harness::{Build, in_child, load};

/// Nothing ensures this: plugins lose methods if `construct` in plugbox has no code that drops the object, which keeps the
/// optimization away.
#[test]
fn methods_that_the_compiler_might_take_out_of_the_vtable_are_there() {
    let library = Build::plugin().optimized("1").lto("fat").config("profile.dev.codegen-units=1");
    let library = library.last_crate_flag("-Zvirtual-function-elimination").env("RUSTC_BOOTSTRAP", "1").library();
    let child = in_child("methods_that_the_compiler_might_take_out_of_the_vtable_are_there", &[], || {
        let plugin = load(&library).unwrap();
        println!("it fits");
        assert_eq!(plugin.split("a b c"), ["a", "b", "c"]);
    });
    if let Some(child) = child {
        child.must_succeed();
        assert!(child.stdout.contains("it fits"), "{}", child.stdout);
    }
}
