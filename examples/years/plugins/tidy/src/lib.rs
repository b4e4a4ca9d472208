//! Written in the second year.

use years_api::Plugin;

#[derive(Default)]
struct Tidy;

impl Plugin for Tidy {
    fn apply(&self, line: &str) -> Option<String> {
        let line = line.trim();
        (!line.is_empty()).then(|| line.to_owned())
    }
}

plugbox::export!("tidy" = Tidy as dyn Plugin);
