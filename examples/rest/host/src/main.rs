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

use std::process::ExitCode;

use anyhow::anyhow;
use clap::Parser;
use examples_shared::configs::{ConfigFile, Configs};
use examples_shared::plugins::Plugins;
use examples_shared::table::Row;
use examples_shared::{logging, message, sample_plugins};

use arguments::Arguments;
use client::Client;
use crew::Crew;
use exchange::Exchange;
use failure::Failure;

/// The server has answered with an error status: see the help.
const UNSUCCESSFUL: u8 = 1;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    message::start(arguments.quiet);
    // The first level shows requests and responses, not logs.
    logging::start(arguments.verbose.saturating_sub(1));
    match run(&arguments) {
        Ok(status) if status >= 400 => {
            message::error(&anyhow!("the server has answered {}", output::status_line(status)));
            UNSUCCESSFUL.into()
        }
        Ok(_) => ExitCode::SUCCESS,
        Err(failure) => {
            message::error(&failure.error);
            failure.exit_code()
        }
    }
}

/// Sends the request, and shows the response. Returns its status.
fn run(arguments: &Arguments) -> Result<u16, Failure> {
    let request = request::of_arguments(arguments)?;
    let client = Client::new(arguments)?;
    let mut crew = Crew::new(load(arguments)?)?;
    let told = crew.load();
    let file = arguments.output.as_deref();
    let exchange = Exchange { client: &client, crew: &crew, verbose: arguments.verbose > 0, file };
    let received = told.and_then(|()| exchange.run(request));
    let shown = received.and_then(|response| {
        let status = response.status;
        output::response(&crew, response, arguments).map(|()| status)
    });
    match (shown, crew.unload()) {
        (Err(failure), Err(further)) => {
            message::error(&further.error);
            Err(failure)
        }
        (shown, unloaded) => unloaded.and(shown),
    }
}

/// Loads all plugins. Fails if one cannot be loaded: its work, such as to authorize the request, would be missing.
fn load(arguments: &Arguments) -> Result<Vec<plugbox_loader::Loaded<dyn rest_api::Plugin>>, Failure> {
    let configs = Configs::read(&arguments.configs).map_err(Failure::file)?;
    // A plugin without configuration does nothing, so an empty file is probably a mistake.
    let is_empty = |file: &&ConfigFile| configs.of(&file.plugin).is_some_and(|text| text.trim().is_empty());
    if let Some(ConfigFile { plugin, path }) = arguments.configs.iter().find(is_empty) {
        return Err(Failure::file(anyhow!("{}, the configuration of {plugin}, is empty", path.display())));
    }
    let plugins = match &arguments.plugins {
        Some(folder) => {
            let ignore = |plugins: &mut Plugins<_>, _: &_, path: &_| plugins.add_ignored(Row::of_foreign(path));
            // SAFETY: the user asks for the plugins in this folder; the help says that this is trust. The client never
            // changes the environment.
            unsafe { Plugins::of_folder(folder, &configs, ignore) }
        }
        None => sample_plugins::build("plugins/rest").and_then(|libraries| {
            // SAFETY: cargo has just built these libraries. The client never changes the environment.
            unsafe { Plugins::of_libraries(&libraries, &configs) }
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
