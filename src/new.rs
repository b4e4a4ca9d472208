//! `plugbox new`: new applications, and new plugins for an API that exists.

mod api;
mod cargo;
mod condition;
mod crate_source;
mod files;
mod name;
mod origin;
mod plugin;
mod skeleton;
mod workspace;

use std::error::Error;
use std::io;

pub(crate) use origin::Origin;

use crate::args::{NewArgs, NewCommand};
use crate::console::Console;
use crate::exit::Outcome;

/// Why a project cannot be made.
type Problem = Box<dyn Error>;

pub(crate) fn run(args: &NewArgs, console: &Console) -> io::Result<Outcome> {
    let made = match (&args.what, &args.path) {
        (Some(NewCommand::Plugin(args)), _) => plugin::make(args),
        (None, Some(path)) => workspace::make(path, args.plugbox.clone()),
        (None, None) => unreachable!("clap asks for one of the two"),
    };
    match made {
        Ok(text) => {
            console.text(&text)?;
            Ok(Outcome::Fits)
        }
        Err(problem) => {
            console.complain(&problem.to_string());
            Ok(Outcome::Unreadable)
        }
    }
}
