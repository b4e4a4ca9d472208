//! A plugin: an ordinary implementation of the API's trait, and one line that exports it.

use my_app_api::{Guest, Plugin};

#[derive(Default)]
struct Hello;

impl Plugin for Hello {
    fn greet(&self, guest: &Guest) -> String {
        format!("Hello, {}{}", guest.name, "!".repeat(guest.visits as usize))
    }
}

plugbox::export!(Hello as dyn Plugin);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greets_louder_each_time() {
        let guest = |visits| Guest {
            name: "Ada".to_owned(),
            visits,
        };
        assert_eq!(Hello.greet(&guest(1)), "Hello, Ada!");
        assert_eq!(Hello.greet(&guest(2)), "Hello, Ada!!");
    }
}
