//! The plugin: an ordinary implementation of the trait, and one line that exports it.

use hello_api::{Guest, Plugin};

#[derive(Default)]
struct Hello;

impl Plugin for Hello {
    fn greet(&self, guest: &Guest) -> String {
        format!("Hello, {}{}", guest.name, "!".repeat(guest.visits as usize))
    }
}

plugbox::export!(Hello as dyn Plugin);
