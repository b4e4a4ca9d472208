//! The `plugbox` command. It answers questions about libraries and hosts without loading them, and makes new projects.
//!
//! It uses `plugbox_loader::inspect` to read, judge and compare files, and prints the results. Each subcommand has its
//! own file.

mod args;
mod check;
mod completions;
mod console;
mod diff;
mod exit;
mod inspect;
mod json;
mod man;
mod new;
mod subject;
mod version;

use std::io;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use crate::args::{Args, Command};
use crate::console::Console;
use crate::exit::Outcome;

fn main() -> ExitCode {
    let args = Args::parse();
    let console = Console::new(args.color);
    let done = run(args, &console);
    console.finish(done).into()
}

/// Runs a subcommand. The only possible error is a failed write to stdout.
fn run(args: Args, console: &Console) -> io::Result<Outcome> {
    match args.command {
        _ if args.version => version::run(args.verbose, console),
        Some(Command::Inspect(args)) => inspect::run(&args, console),
        Some(Command::Check(args)) => check::run(&args, console),
        Some(Command::Diff(args)) => diff::run(&args, console),
        Some(Command::New(args)) => new::run(&args, console),
        Some(Command::Completions(args)) => completions::run(&args, console),
        Some(Command::Man(args)) => man::run(&args, console),
        None => Args::command().error(ErrorKind::MissingSubcommand, "a subcommand is missing").exit(),
    }
}
