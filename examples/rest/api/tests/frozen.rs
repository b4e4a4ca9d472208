//! The interfaces are frozen. A change to one needs a new version or, better, an additional interface.

use rest_api::{Console, Plugin, Save, Show, Timer};

#[test]
fn what_plugins_implement_is_frozen() {
    plugbox::assert_frozen::<dyn Plugin>("golden/plugin.txt");
}

#[test]
fn what_plugins_that_change_what_is_shown_implement_is_frozen() {
    plugbox::assert_frozen::<dyn Show>("golden/show.txt");
}

#[test]
fn what_plugins_say_something_through_is_frozen() {
    plugbox::assert_frozen::<dyn Console>("golden/console.txt");
}

#[test]
fn what_plugins_that_see_a_download_implement_is_frozen() {
    plugbox::assert_frozen::<dyn Save>("golden/save.txt");
}

#[test]
fn what_plugins_wait_with_is_frozen() {
    plugbox::assert_frozen::<dyn Timer>("golden/timer.txt");
}
