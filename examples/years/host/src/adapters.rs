//! Adapters from the plugins of earlier years to this year's interface.

use plugbox_loader::Loaded;
use v3::Line;

/// A plugin of the first year: it returns one line for each line.
pub(crate) struct First(pub(crate) Loaded<dyn v1::Plugin>);

impl v3::Plugin for First {
    fn apply(&self, line: &Line) -> Result<Vec<String>, plugbox::Error> {
        Ok(vec![self.0.apply(&line.text)])
    }
}

/// A plugin of the second year: it returns one line for each line, or removes it.
pub(crate) struct Second(pub(crate) Loaded<dyn v2::Plugin>);

impl v3::Plugin for Second {
    fn apply(&self, line: &Line) -> Result<Vec<String>, plugbox::Error> {
        Ok(self.0.apply(&line.text).into_iter().collect())
    }
}
