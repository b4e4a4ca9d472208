//! std limits the number of libraries that a process can map, and would end the process. The loader returns a typed
//! error before that.

use harness::{Build, in_child, load};
use plugbox_loader::LoadError;

#[test]
fn too_many_libraries_are_an_error_and_not_the_end_of_the_process() {
    // Stripped, because the loader copies each library.
    let library = Build::plugin().stripped().library();
    let child = in_child("too_many_libraries_are_an_error_and_not_the_end_of_the_process", &[], || {
        let mut loaded = 0;
        let error = loop {
            match load(&library) {
                Ok(plugin) => {
                    // Allocates the thread-local key that each image of std needs.
                    assert_eq!(plugin.fail("thread"), 1);
                    loaded += 1;
                }
                Err(error) => break error,
            }
            assert!(loaded < 5000, "the number of libraries has no limit");
        };
        assert!(matches!(error, LoadError::TooMany { limit: 960, .. }), "{error}");
        assert_eq!(loaded, 960);
    });
    if let Some(child) = child {
        child.must_succeed();
    }
}
