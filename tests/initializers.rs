//! Code that runs before a library is bound must not keep allocated memory, because the host's allocator did not
//! allocate it.

use fixture_api::Commands;
use harness::{Build, codes, loader};
use plugbox_loader::{Code, LoadError, Loaded};

fn load(build: &Build) -> Result<Loaded<dyn Commands>, LoadError> {
    let library = build.library();
    loader(&library).load_file::<dyn Commands>(&library)
}

#[test]
fn what_ctor_and_inventory_register_without_memory_is_there() {
    let mut plugin = load(&Build::new("registers")).unwrap();
    assert_eq!(plugin.commands(), ["quit", "save"]);
    // The initializer emptied this list. The list is used again, with the host's memory.
    assert_eq!(plugin.run("save").unwrap(), 1);
}

#[test]
fn an_initializer_that_keeps_what_it_allocated_is_refused_with_the_cure() {
    let error = load(&Build::new("registers").feature("keeps")).unwrap_err();
    assert_eq!(codes(&error), [Code::EarlyAllocation], "{error}");
    assert!(error.reasons()[0].remedy.contains("LazyLock"), "{error}");
    // The same crate fits above with `inventory`, so that is not to blame.
    assert!(!error.to_string().contains("inventory"), "{error}");
}
