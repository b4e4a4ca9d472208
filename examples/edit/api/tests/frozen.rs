//! The interfaces are frozen. A change to one needs a new version or, better, an additional interface.

use edit_api::{Document, Plugin};

#[test]
fn what_plugins_implement_is_frozen() {
    plugbox::assert_frozen::<dyn Plugin>("golden/plugin.txt");
}

#[test]
fn what_plugins_see_of_a_document_is_frozen() {
    plugbox::assert_frozen::<dyn Document>("golden/document.txt");
}
