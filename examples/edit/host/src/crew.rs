//! Calls of the loaded plugins.

use edit_api::Plugin;
use plugbox_loader::{CallError, Loaded, PluginPanic};

/// All loaded plugins. They are called in the order of their names; the names of their libraries do not matter.
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

/// A loaded plugin.
pub(crate) struct Member(Loaded<dyn Plugin>);

impl Member {
    pub(crate) fn name(&self) -> &str {
        &Loaded::info(&self.0).name
    }

    /// Calls the plugin. Returns `None` without a call if it has panicked before.
    ///
    /// # Errors
    ///
    /// The plugin's panic.
    pub(crate) fn call<T>(&mut self, act: impl FnOnce(&mut dyn Plugin) -> T) -> Result<Option<T>, Box<PluginPanic>> {
        match Loaded::call_mut(&mut self.0, |plugin| act(plugin)) {
            Ok(answer) => Ok(Some(answer)),
            // The panic may have left its state inconsistent, so it is not called again.
            Err(CallError::Poisoned(_)) => Ok(None),
            Err(error) => Err(Box::new(error.into_panic())),
        }
    }
}
