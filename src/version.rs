//! `plugbox --version`: who this command is, and with `--verbose` who built it.

use std::io;

use crate::console::Console;
use crate::exit::Outcome;

/// What the build script was told by the compiler.
const IDENTITY: &str = include_str!(concat!(env!("OUT_DIR"), "/identity.txt"));

pub(crate) fn run(verbose: bool, console: &Console) -> io::Result<Outcome> {
    console.text(concat!("plugbox ", env!("CARGO_PKG_VERSION"), "\n"))?;
    if verbose {
        console.text(IDENTITY)?;
    }
    Ok(Outcome::Fits)
}
