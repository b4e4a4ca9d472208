//! The plugin as a host gets it: built as a library, and loaded.

use hello_api::{Guest, Plugin};
use plugbox_loader::{Loader, Trust, testing};

#[test]
fn it_greets_the_guest_of_a_host() {
    let library = testing::build_plugin(env!("CARGO_PKG_NAME")).unwrap();
    // SAFETY: cargo has built what is in this folder.
    let trust = unsafe { Trust::directory(library.parent().unwrap()) }.unwrap();
    let plugin = Loader::new(trust.allow_group_writable()).load_file::<dyn Plugin>(&library).unwrap();
    assert_eq!(plugin.greet(&Guest { name: "Ada".to_owned(), visits: 2 }), "Hello, Ada!!");
}
