//! Calls of the loaded plugins.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use anyhow::{Context, anyhow};
use examples_shared::message;
use futures_util::stream;
use plugbox_loader::{CallError, Loaded};
use rest_api::{BodyStream, Console, Next, Plugin, Request, Response, Save, Show, Shown, Stage};
use tokio::time::timeout;

use crate::download::Fault;
use crate::failure::Failure;
use crate::request;

/// All plugins, in the order in which requests pass through them.
pub(crate) struct Crew {
    plugins: Vec<Loaded<dyn Plugin>>,
    /// The number of plugins whose `on_plugin_load` was called.
    told: usize,
    /// The maximum time for a call that may wait.
    max_wait: Duration,
}

/// What an `async fn` of a plugin returns.
type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, plugbox::Error>> + Send + 'a>>;

impl Crew {
    /// Sorts plugins by stage, then by name.
    pub(crate) fn new(plugins: Vec<Loaded<dyn Plugin>>, max_wait: Duration) -> Result<Self, Failure> {
        let place = |plugin: Loaded<dyn Plugin>| {
            let stage = call(&plugin, "stage", |plugin| Ok(plugin.stage()))?;
            Ok(((stage, Loaded::info(&plugin).name.clone()), plugin))
        };
        let mut placed: Vec<((Stage, String), _)> = plugins.into_iter().map(place).collect::<Result<_, Failure>>()?;
        placed.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(Self { plugins: placed.into_iter().map(|(_, plugin)| plugin).collect(), told: 0, max_wait })
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
    pub(crate) async fn prepare(&self, request: &mut Request) -> Result<(), Failure> {
        let attempt = request.attempt;
        for plugin in &self.plugins {
            let mut voice = Voice(plugin);
            let prepared = self.wait(plugin, "pre_send", |object| object.pre_send(request, &mut voice)).await;
            prepared
                .and_then(|()| check(plugin, request))
                .map_err(|failure| failure.context("the request is not sent"))?;
            request.attempt = attempt;
        }
        Ok(())
    }

    /// Passes a response to the plugins, in the opposite order. Returns whether one of them requests another try.
    pub(crate) async fn receive(&self, request: &Request, response: &mut Response) -> Result<Next, Failure> {
        let mut next = Next::Finish;
        for plugin in self.plugins.iter().rev() {
            let mut voice = Voice(plugin);
            let answer =
                self.wait(plugin, "post_receive", |object| object.post_receive(request, response, &mut voice)).await;
            if answer.map_err(|failure| failure.context("the response is not shown"))? == Next::TryAgain {
                next = Next::TryAgain;
            }
        }
        Ok(next)
    }

    /// Passes the body of a response that is saved through the plugins that implement `Save`, in the order of a
    /// response.
    pub(crate) fn save<'a>(
        &'a self,
        response: &Response,
        mut body: BodyStream<'a>,
        fault: &Fault,
    ) -> Result<BodyStream<'a>, Failure> {
        for plugin in self.plugins.iter().rev() {
            if let Some(save) = Loaded::get::<dyn Save>(plugin) {
                let saved = call(plugin, "pre_save", |_| Ok(save.pre_save(response, body)))?;
                body = contained(plugin, saved, fault.clone());
            }
        }
        Ok(body)
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
    pub(crate) fn unload(&self) -> Result<(), Failure> {
        let told = self.plugins[..self.told].iter().rev().filter(|plugin| Loaded::poison(plugin).is_none());
        let told = told.map(|plugin| {
            call(plugin, "on_plugin_unload", |object| {
                object.on_plugin_unload(&mut Voice(plugin));
                Ok(())
            })
        });
        told.fold(Ok(()), Result::and)
    }

    /// Calls a method that may wait. Whoever drops this future drops the plugin's future.
    async fn wait<'a, T>(
        &self,
        plugin: &'a Loaded<dyn Plugin>,
        hook: &str,
        act: impl FnOnce(&'a dyn Plugin) -> Answer<'a, T>,
    ) -> Result<T, Failure> {
        let mut answer = Loaded::call(plugin, |_| act(&**plugin)).map_err(Failure::plugin)?;
        // A panic arrives in the poll in which it happens, so each poll is a call.
        let polls = poll_fn(|context| match Loaded::call(plugin, |_| answer.as_mut().poll(context)) {
            Ok(poll) => poll.map(Ok),
            Err(error) => Poll::Ready(Err(error)),
        });
        match timeout(self.max_wait, polls).await {
            Ok(answer) => result(plugin, hook, answer),
            Err(_) => {
                let (name, most) = (&Loaded::info(plugin).name, self.max_wait.as_secs_f64());
                let error = anyhow!("plugin {name} is still waiting in {hook} after {most} s; see --max-wait");
                Err(Failure::plugin(error))
            }
        }
    }
}

/// Calls a method that does not wait.
fn call<T>(
    plugin: &Loaded<dyn Plugin>,
    hook: &str,
    act: impl FnOnce(&dyn Plugin) -> Result<T, plugbox::Error>,
) -> Result<T, Failure> {
    result(plugin, hook, Loaded::call(plugin, |object| act(object)))
}

fn result<T>(
    plugin: &Loaded<dyn Plugin>,
    hook: &str,
    answer: Result<Result<T, plugbox::Error>, CallError>,
) -> Result<T, Failure> {
    match answer {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => {
            Err(Failure::plugin(anyhow!("plugin {} failed in {hook}: {error:#}", Loaded::info(plugin).name)))
        }
        Err(error) => Err(Failure::plugin(error)),
    }
}

/// A plugin's body whose panics and errors are kept in `fault`, with the plugin's name.
fn contained<'a>(plugin: &'a Loaded<dyn Plugin>, mut body: BodyStream<'a>, fault: Fault) -> BodyStream<'a> {
    Box::pin(stream::poll_fn(move |context| {
        let piece = match Loaded::call(plugin, |_| body.as_mut().poll_next(context)) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(None)) => return Poll::Ready(None),
            Ok(Poll::Ready(Some(piece))) => Ok(piece),
            Err(error) => Err(error),
        };
        Poll::Ready(Some(result(plugin, "pre_save", piece).map_err(|failure| fault.keep(failure))))
    }))
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
