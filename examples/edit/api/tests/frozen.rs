//! The interfaces are frozen: a change of one needs another version, or better, a further interface.

use edit_api::{Document, Plugin};

#[test]
fn what_plugins_implement_is_frozen() {
    plugbox::assert_frozen::<dyn Plugin>("golden/plugin.txt");
}

#[test]
fn what_plugins_see_of_a_document_is_frozen() {
    plugbox::assert_frozen::<dyn Document>("golden/document.txt");
}
