//! A REST client with plugins.

mod arguments;
mod client;
mod crew;
mod download;
mod exchange;
mod failure;
mod json;
mod output;
mod request;
mod timer;

use std::panic::resume_unwind;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use clap::Parser;
use examples_shared::configs::{ConfigFile, Configs};
use examples_shared::plugins::Plugins;
use examples_shared::table::Row;
use examples_shared::{logging, message, sample_plugins};
use futures_util::FutureExt;
use plugbox_loader::Loader;
use rest_api::{Request, Response, Timer};
use tokio::runtime::Runtime;
use tokio::signal;
use tokio::task::JoinSet;

use arguments::Arguments;
use client::Client;
use crew::Crew;
use exchange::Exchange;
use failure::Failure;
use timer::TokioTimer;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    message::start(arguments.quiet);
    // The first level shows requests and responses, not logs.
    logging::start(arguments.verbose.saturating_sub(1));
    let failures = run(&arguments).unwrap_or_else(|failure| vec![failure]);
    failures.iter().for_each(|failure| message::error(&failure.error));
    Failure::exit_code(&failures)
}

/// Sends the requests, and shows the responses. Returns what went wrong after the plugins were loaded.
fn run(arguments: &Arguments) -> Result<Vec<Failure>, Failure> {
    let requests = request::of_arguments(arguments)?;
    let client = Client::new(arguments)?;
    let runtime = Runtime::new().context("cannot start the runtime").map_err(Failure::no_response)?;
    let mut crew = Crew::new(load(arguments)?, arguments.max_wait)?;
    let told = crew.load();
    let exchange = Arc::new(Exchange { client, crew, verbose: arguments.verbose > 0, file: arguments.output.clone() });
    let received = match told {
        Ok(()) => runtime.block_on(send(&exchange, requests)),
        Err(failure) => vec![Err(failure)],
    };
    // An interrupted look-up of a host's name is not waited for.
    runtime.shutdown_background();
    let shown = received.into_iter().map(|received| show(&exchange.crew, received?, arguments));
    let mut failures: Vec<Failure> = shown.filter_map(Result::err).collect();
    failures.extend(exchange.crew.unload().err());
    Ok(failures)
}

/// Sends the requests, all at the same time. Returns the responses in the same order. Ctrl-C gives up those that have
/// not arrived: it drops their futures, and with them the futures of plugins.
async fn send(exchange: &Arc<Exchange>, requests: Vec<Request>) -> Vec<Result<Response, Failure>> {
    let mut interrupt = pin!(signal::ctrl_c().fuse());
    // It listens from its first poll on, which must not come after that of a task.
    let _ = interrupt.as_mut().now_or_never();
    let mut tasks = JoinSet::new();
    for (place, request) in requests.into_iter().enumerate() {
        let exchange = exchange.clone();
        tasks.spawn(async move { (place, exchange.run(request).await) });
    }
    let mut received = Vec::new();
    loop {
        tokio::select! {
            task = tasks.join_next() => match task {
                Some(Ok(response)) => received.push(response),
                Some(Err(error)) => resume_unwind(error.into_panic()),
                None => break,
            },
            _ = &mut interrupt => {
                tasks.shutdown().await;
                received.push((usize::MAX, Err(Failure::interrupted())));
                break;
            }
        }
    }
    received.sort_by_key(|(place, _)| *place);
    received.into_iter().map(|(_, response)| response).collect()
}

fn show(crew: &Crew, response: Response, arguments: &Arguments) -> Result<(), Failure> {
    let status = response.status;
    output::response(crew, response, arguments)?;
    if status >= 400 {
        let line = output::status_line(status);
        return Err(Failure::unsuccessful(anyhow!("the server has answered {line}")));
    }
    Ok(())
}

/// Loads all plugins. Fails if one cannot be loaded: its work, such as to authorize the request, would be missing.
fn load(arguments: &Arguments) -> Result<Vec<plugbox_loader::Loaded<dyn rest_api::Plugin>>, Failure> {
    let configs = Configs::read(&arguments.configs).map_err(Failure::file)?;
    // A plugin without configuration does nothing, so an empty file is probably a mistake.
    let is_empty = |file: &&ConfigFile| configs.of(&file.plugin).is_some_and(|text| text.trim().is_empty());
    if let Some(ConfigFile { plugin, path }) = arguments.configs.iter().find(is_empty) {
        return Err(Failure::file(anyhow!("{}, the configuration of {plugin}, is empty", path.display())));
    }
    let prepared = |loader: Loader| configs.give_to(loader).service::<dyn Timer>(Arc::new(TokioTimer));
    let plugins = match &arguments.plugins {
        Some(folder) => {
            let ignore = |plugins: &mut Plugins<_>, _: &_, path: &_| plugins.add_ignored(Row::of_foreign(path));
            // SAFETY: the user asks for the plugins in this folder; the help says that this is trust. The client never
            // changes the environment.
            unsafe { Plugins::of_folder(folder, prepared, ignore) }
        }
        None => sample_plugins::build("plugins/rest").and_then(|libraries| {
            // SAFETY: cargo has just built these libraries. The client never changes the environment.
            unsafe { Plugins::of_libraries(&libraries, prepared) }
        }),
    };
    let plugins = plugins.map_err(Failure::plugin)?;
    plugins.show();
    if !plugins.are_complete() {
        return Err(Failure::plugin(anyhow!("not all plugins could be loaded, see above; nothing was sent")));
    }
    let unknown: Vec<&str> = configs.iter().map(|(name, _)| name).filter(|name| !plugins.knows(name)).collect();
    if !unknown.is_empty() {
        return Err(Failure::usage(anyhow!("there is no plugin `{}` to configure", unknown.join("`, `"))));
    }
    Ok(plugins.loaded)
}
