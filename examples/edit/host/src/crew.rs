//! The plugins at work.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use edit_api::Plugin;
use plugbox_loader::{Loaded, PluginPanic};

/// All plugins that are loaded. They are asked in the order of their names, whatever their libraries are called.
pub(crate) struct Crew(Vec<Member>);

impl Crew {
    pub(crate) fn new(mut plugins: Vec<Loaded<dyn Plugin>>) -> Self {
        plugins.sort_by(|one, other| one.info().name.cmp(&other.info().name));
        Self(plugins.into_iter().map(|plugin| Member { plugin, panicked: false }).collect())
    }

    pub(crate) fn members(&mut self) -> &mut [Member] {
        &mut self.0
    }
}

/// A plugin at work.
pub(crate) struct Member {
    plugin: Loaded<dyn Plugin>,
    /// What it holds may be half-done since, so it is not called again.
    panicked: bool,
}

impl Member {
    pub(crate) fn name(&self) -> &str {
        &self.plugin.info().name
    }

    /// Calls the plugin; nothing where it has panicked before.
    ///
    /// # Errors
    ///
    /// The plugin's panic.
    pub(crate) fn call<T>(&mut self, act: impl FnOnce(&mut dyn Plugin) -> T) -> Result<Option<T>, Box<PluginPanic>> {
        if self.panicked {
            return Ok(None);
        }
        let plugin = &mut *self.plugin;
        catch_unwind(AssertUnwindSafe(|| act(plugin))).map(Some).map_err(|payload| {
            self.panicked = true;
            // Any other payload is a panic of our own, on its way through the plugin.
            payload.downcast().unwrap_or_else(|payload| resume_unwind(payload))
        })
    }
}
