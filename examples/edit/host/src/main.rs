//! A text editor with plugins. This is its batch mode, which edits files without a screen.

mod arguments;
mod c_plugins;
mod commands;
mod crew;
mod file;
mod progress;
mod session;
mod trouble;
mod watch;

use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use clap::Parser;
use edit_api::Buffer;
use examples_shared::configs::Configs;
use examples_shared::plugins::Plugins;
use examples_shared::{logging, message, sample_plugins};

use arguments::Arguments;
use crew::Crew;
use progress::Progress;
use session::Session;

/// Something failed: see the help.
const FAILED: u8 = 1;
/// Everything was done, except for the edits of a plugin that failed.
const TROUBLED: u8 = 3;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    message::start(arguments.quiet);
    logging::start(arguments.verbose);
    edit(&arguments).unwrap_or_else(|error| {
        message::error(&error);
        FAILED.into()
    })
}

fn edit(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let configs = Configs::read(&arguments.configs)?;
    if arguments.watch {
        return watch::watch(arguments, &configs);
    }
    let configured = |loader| configs.give_to(loader);
    let plugins = match &arguments.plugins {
        Some(folder) => {
            let in_c = |plugins: &mut _, report: &_, path: &_| {
                c_plugins::add(plugins, report, path, arguments.c_plugins, &configs);
            };
            // SAFETY: the user asks for the plugins in this folder; the help says that this is trust. The editor never
            // changes the environment.
            unsafe { Plugins::of_folder(folder, configured, in_c) }?
        }
        None => {
            let libraries = sample_plugins::build("plugins/edit")?;
            // SAFETY: cargo has just built these libraries. The editor never changes the environment.
            unsafe { Plugins::of_libraries(&libraries, configured) }?
        }
    };
    plugins.show();
    for (name, _) in configs.iter().filter(|(name, _)| !plugins.knows(name)) {
        message::warning(format_args!("there is no plugin `{name}` to configure"));
    }
    let mut crew = Crew::new(plugins.loaded);
    if arguments.list {
        return commands::list(&mut crew).map(|()| ExitCode::SUCCESS);
    }
    with_commands(&mut crew, arguments)?;
    let mut code = 0;
    for path in &arguments.files {
        match edit_file(path, &mut crew, arguments) {
            Ok(0) => {}
            Ok(_troubles) => code = if code == 0 { TROUBLED } else { code },
            Err(error) => {
                message::error(&error);
                code = FAILED;
            }
        }
    }
    Ok(code.into())
}

/// Checks that the commands of the arguments exist.
fn with_commands(crew: &mut Crew, arguments: &Arguments) -> anyhow::Result<()> {
    arguments.commands.iter().try_for_each(|name| commands::find(crew, name))
}

/// Opens a file, lets the plugins edit it, and saves or prints it. Returns the number of troubles with plugins.
fn edit_file(path: &Path, crew: &mut Crew, arguments: &Arguments) -> anyhow::Result<usize> {
    let original = file::read(path)?;
    let mut buffer = Buffer::new(original.as_str()).with_path(path);
    if let Some(lines) = &arguments.select {
        let selection = lines.of(&buffer).with_context(|| format!("{}: cannot select {lines}", path.display()))?;
        buffer = buffer.select(selection);
    }
    let progress = Progress::with(path, &original, arguments.verbose > 0);
    let mut session = Session::open(crew, buffer, &progress);
    for name in &arguments.commands {
        session.run(name);
    }
    session.before_save();
    for (plugin, status) in session.statuses() {
        progress.aside(|| message::note(format_args!("{}: {plugin}: {status}", path.display())));
    }
    let text = session.document().text();
    let saved = if arguments.write && text != original { file::save(path, text) } else { Ok(()) };
    let mut printed = Ok(());
    if arguments.print {
        progress.aside(|| printed = print(text));
    }
    let troubles = session.close();
    drop(progress);
    for trouble in &troubles {
        message::warning(format_args!("{}{trouble}", path.display()));
    }
    saved.and(printed).map(|()| troubles.len())
}

/// Prints to standard output. It is not an error if the reader has closed the pipe.
fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("cannot print"),
        Err(_) => {
            CLOSED.store(true, Ordering::Relaxed);
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// Whether the reader of standard output has closed the pipe.
static CLOSED: AtomicBool = AtomicBool::new(false);

fn is_closed() -> bool {
    CLOSED.load(Ordering::Relaxed)
}
