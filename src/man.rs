//! `plugbox man`: the man pages.

use std::io;

use clap::CommandFactory;
use clap::error::ErrorKind;
use clap_mangen::Man;

use crate::args::{Args, ManArgs};
use crate::console::Console;
use crate::exit::Outcome;

pub(crate) fn run(args: &ManArgs, console: &Console) -> io::Result<Outcome> {
    let mut command = Args::command();
    command.build();
    let page = match &args.subcommand {
        None => command,
        Some(name) => match command.find_subcommand(name) {
            Some(subcommand) => subcommand.clone(),
            None => command.error(ErrorKind::InvalidSubcommand, format!("there is no subcommand `{name}`")).exit(),
        },
    };
    let mut roff = Vec::new();
    Man::new(page).render(&mut roff)?;
    console.data(&roff)?;
    Ok(Outcome::Fits)
}
