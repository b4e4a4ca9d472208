//! `plugbox completions`: a completion script for a shell.

use std::io;

use clap::CommandFactory;

use crate::args::{Args, CompletionsArgs};
use crate::console::Console;
use crate::exit::Outcome;

pub(crate) fn run(args: &CompletionsArgs, console: &Console) -> io::Result<Outcome> {
    // Write into memory first, because the generator panics if it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "plugbox", &mut script);
    console.data(&script)?;
    Ok(Outcome::Fits)
}
