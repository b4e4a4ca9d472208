//! `plugbox --version`: the version of this command, and with `--verbose` the compiler that built it and
//! what the loader can do on this system.

use std::io;

use plugbox_loader::Capabilities;

use crate::console::Console;
use crate::exit::Outcome;

/// The identity of the compiler, written by the build script.
const IDENTITY: &str = include_str!(concat!(env!("OUT_DIR"), "/identity.txt"));

pub(crate) fn run(verbose: bool, console: &Console) -> io::Result<Outcome> {
    console.text(concat!("plugbox ", env!("CARGO_PKG_VERSION"), "\n"))?;
    if verbose {
        console.text(IDENTITY)?;
        for (what, how) in Capabilities::of_this_system().rows() {
            console.text(&format!("{what}: {how}\n"))?;
        }
    }
    Ok(Outcome::Fits)
}
