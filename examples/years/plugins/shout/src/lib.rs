//! Written in the first year, and not changed since.

use years_api::Plugin;

#[derive(Default)]
struct Shout;

impl Plugin for Shout {
    fn apply(&self, line: &str) -> String {
        line.to_uppercase()
    }
}

plugbox::export!("shout" = Shout as dyn Plugin);
