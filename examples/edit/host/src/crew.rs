//! Calls of the loaded plugins.

use edit_api::Plugin;
use plugbox_loader::{CallError, Live, Loaded, PluginPanic};

/// All loaded plugins. They are called in the order of their names; the names of their libraries do not matter.
pub(crate) struct Crew(Vec<Member>);

impl Crew {
    pub(crate) fn new(plugins: Vec<Loaded<dyn Plugin>>) -> Self {
        let member =
            |plugin| Member { name: Loaded::info(&plugin).name.clone(), handle: Handle::Loaded(Box::new(plugin)) };
        Self::of(plugins.into_iter().map(member).collect())
    }

    /// Plugins that reload while they serve.
    pub(crate) fn of_live(plugins: Vec<Live<dyn Plugin>>) -> Self {
        let member = |plugin: Live<_>| Member { name: plugin.info().name, handle: Handle::Live(plugin) };
        Self::of(plugins.into_iter().map(member).collect())
    }

    fn of(mut members: Vec<Member>) -> Self {
        members.sort_by(|one, other| one.name.cmp(&other.name));
        Self(members)
    }

    pub(crate) fn members(&mut self) -> &mut [Member] {
        &mut self.0
    }
}

/// A loaded plugin.
pub(crate) struct Member {
    name: String,
    handle: Handle,
}

enum Handle {
    Loaded(Box<Loaded<dyn Plugin>>),
    Live(Live<dyn Plugin>),
}

impl Member {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Calls the plugin. Returns `None` without a call if it has panicked before.
    ///
    /// # Errors
    ///
    /// The plugin's panic.
    pub(crate) fn call<T>(&mut self, act: impl FnOnce(&mut dyn Plugin) -> T) -> Result<Option<T>, Box<PluginPanic>> {
        let answer = match &mut self.handle {
            Handle::Loaded(plugin) => Loaded::call_mut(plugin, |plugin| act(plugin)),
            Handle::Live(plugin) => plugin.call_mut(|plugin| act(plugin)),
        };
        match answer {
            Ok(answer) => Ok(Some(answer)),
            // The panic may have left its state inconsistent, so it is not called again.
            Err(CallError::Poisoned(_)) => Ok(None),
            Err(error) => Err(Box::new(error.into_panic())),
        }
    }
}
