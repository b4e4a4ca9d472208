//! Updated for the third year, but hosts of the second year can still load it: one object implements both versions.

#[derive(Default)]
struct Quote;

impl v2::Plugin for Quote {
    fn apply(&self, line: &str) -> Option<String> {
        Some(format!("> {line}"))
    }
}

impl v3::Plugin for Quote {
    fn apply(&self, line: &v3::Line) -> Result<Vec<String>, plugbox::Error> {
        Ok(v2::Plugin::apply(self, &line.text).into_iter().collect())
    }
}

plugbox::export!("quote" = Quote as dyn v2::Plugin + dyn v3::Plugin);
