//! The plugins at work.

use edit_api::Plugin;
use plugbox_loader::{CallError, Loaded, PluginPanic};

/// All plugins that are loaded. They are asked in the order of their names, whatever their libraries are called.
pub(crate) struct Crew(Vec<Member>);

impl Crew {
    pub(crate) fn new(mut plugins: Vec<Loaded<dyn Plugin>>) -> Self {
        plugins.sort_by(|one, other| Loaded::info(one).name.cmp(&Loaded::info(other).name));
        Self(plugins.into_iter().map(Member).collect())
    }

    pub(crate) fn members(&mut self) -> &mut [Member] {
        &mut self.0
    }
}

/// A plugin at work.
pub(crate) struct Member(Loaded<dyn Plugin>);

impl Member {
    pub(crate) fn name(&self) -> &str {
        &Loaded::info(&self.0).name
    }

    /// Calls the plugin; nothing where it has panicked before.
    ///
    /// # Errors
    ///
    /// The plugin's panic.
    pub(crate) fn call<T>(&mut self, act: impl FnOnce(&mut dyn Plugin) -> T) -> Result<Option<T>, Box<PluginPanic>> {
        match Loaded::call_mut(&mut self.0, |plugin| act(plugin)) {
            Ok(answer) => Ok(Some(answer)),
            // What it holds may be half-done since, so it is not called again.
            Err(CallError::Poisoned(_)) => Ok(None),
            Err(error) => Err(Box::new(error.into_panic())),
        }
    }
}
