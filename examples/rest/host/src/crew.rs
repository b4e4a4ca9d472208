//! Calls of the loaded plugins.

use anyhow::{Context, anyhow};
use examples_shared::message;
use plugbox_loader::Loaded;
use rest_api::{Console, Next, Plugin, Request, Response, Show, Shown, Stage};

use crate::failure::Failure;
use crate::request;

/// All plugins, in the order in which requests pass through them.
pub(crate) struct Crew {
    plugins: Vec<Loaded<dyn Plugin>>,
    /// The number of plugins whose `on_plugin_load` was called.
    told: usize,
}

impl Crew {
    /// Sorts plugins by stage, then by name.
    pub(crate) fn new(plugins: Vec<Loaded<dyn Plugin>>) -> Result<Self, Failure> {
        let place = |plugin: Loaded<dyn Plugin>| {
            let stage = call(&plugin, "stage", |plugin| Ok(plugin.stage()))?;
            Ok(((stage, Loaded::info(&plugin).name.clone()), plugin))
        };
        let mut placed: Vec<((Stage, String), _)> = plugins.into_iter().map(place).collect::<Result<_, Failure>>()?;
        placed.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(Self { plugins: placed.into_iter().map(|(_, plugin)| plugin).collect(), told: 0 })
    }

    /// Calls `on_plugin_load` of the plugins.
    pub(crate) fn load(&mut self) -> Result<(), Failure> {
        for plugin in &self.plugins {
            // Count first: a plugin is unloaded even if its loading fails.
            self.told += 1;
            call(plugin, "on_plugin_load", |object| object.on_plugin_load(&mut Voice(plugin)))
                .map_err(|failure| failure.context("the request is not sent"))?;
        }
        Ok(())
    }

    /// Lets the plugins change a request that is about to be sent.
    pub(crate) fn prepare(&self, request: &mut Request) -> Result<(), Failure> {
        let attempt = request.attempt;
        for plugin in &self.plugins {
            let prepared = call(plugin, "pre_send", |object| object.pre_send(request, &mut Voice(plugin)));
            prepared
                .and_then(|()| check(plugin, request))
                .map_err(|failure| failure.context("the request is not sent"))?;
            request.attempt = attempt;
        }
        Ok(())
    }

    /// Passes a response to the plugins, in the opposite order. Returns whether one of them requests another try.
    pub(crate) fn receive(&self, request: &Request, response: &mut Response) -> Result<Next, Failure> {
        let mut next = Next::Finish;
        for plugin in self.plugins.iter().rev() {
            let answer = |object: &dyn Plugin| object.post_receive(request, response, &mut Voice(plugin));
            let answer = call(plugin, "post_receive", answer);
            next = later(next, answer.map_err(|failure| failure.context("the response is not shown"))?);
        }
        Ok(next)
    }

    /// Lets the plugins that implement `Show` change a shown message, in the order of a response.
    pub(crate) fn show(&self, shown: &mut Shown) -> Result<(), Failure> {
        for plugin in self.plugins.iter().rev() {
            if let Some(show) = Loaded::get::<dyn Show>(plugin) {
                call(plugin, "pre_show", |_| show.pre_show(shown))?;
            }
        }
        Ok(())
    }

    /// Calls `on_plugin_unload` of the plugins, in the opposite order, even if some of them fail.
    pub(crate) fn unload(self) -> Result<(), Failure> {
        let told = self.plugins[..self.told].iter().rev().filter(|plugin| Loaded::poison(plugin).is_none());
        let told = told.map(|plugin| {
            call(plugin, "on_plugin_unload", |object| {
                object.on_plugin_unload(&mut Voice(plugin));
                Ok(())
            })
        });
        told.fold(Ok(()), Result::and)
    }
}

/// The longer of two delays.
fn later(one: Next, other: Next) -> Next {
    match (one, other) {
        (Next::TryAgain { after: one }, Next::TryAgain { after: other }) => Next::TryAgain { after: one.max(other) },
        (Next::Finish, next) | (next, Next::Finish) => next,
    }
}

fn call<T>(
    plugin: &Loaded<dyn Plugin>,
    hook: &str,
    act: impl FnOnce(&dyn Plugin) -> Result<T, plugbox::Error>,
) -> Result<T, Failure> {
    match Loaded::call(plugin, |object| act(object)) {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => {
            Err(Failure::plugin(anyhow!("plugin {} failed in {hook}: {error:#}", Loaded::info(plugin).name)))
        }
        Err(error) => Err(Failure::plugin(error)),
    }
}

/// Checks that a request can be sent after a plugin has changed it.
fn check(plugin: &Loaded<dyn Plugin>, request: &Request) -> Result<(), Failure> {
    let left = || format!("plugin {} made a request that cannot be sent", Loaded::info(plugin).name);
    request::to_http(request).map(drop).with_context(left).map_err(Failure::plugin)
}

/// Shows a plugin's messages on standard error.
struct Voice<'a>(&'a Loaded<dyn Plugin>);

impl Console for Voice<'_> {
    fn say(&mut self, line: &str) {
        message::note(format_args!("{}: {line}", Loaded::info(self.0).name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_longest_delay_counts() {
        let after = |seconds| Next::TryAgain { after: Duration::from_secs(seconds) };
        assert_eq!(later(later(after(1), after(3)), after(2)), after(3));
        assert_eq!((later(after(1), Next::Finish), later(Next::Finish, after(1))), (after(1), after(1)));
        assert_eq!(later(Next::Finish, Next::Finish), Next::Finish);
    }
}
