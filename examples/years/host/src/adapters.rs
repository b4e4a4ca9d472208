//! What plugins of earlier years are for this one.

use plugbox_loader::Loaded;
use v3::Line;

/// A plugin of the first year: a line becomes a line.
pub(crate) struct First(pub(crate) Loaded<dyn v1::Plugin>);

impl v3::Plugin for First {
    fn apply(&self, line: &Line) -> Result<Vec<String>, plugbox::Error> {
        Ok(vec![self.0.apply(&line.text)])
    }
}

/// A plugin of the second year: a line becomes a line, or goes.
pub(crate) struct Second(pub(crate) Loaded<dyn v2::Plugin>);

impl v3::Plugin for Second {
    fn apply(&self, line: &Line) -> Result<Vec<String>, plugbox::Error> {
        Ok(self.0.apply(&line.text).into_iter().collect())
    }
}
