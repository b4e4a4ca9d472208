//! Your API in its third year: this host loads the plugins of all three years.

mod adapters;

use adapters::{First, Second};
use plugbox_loader::{Loaded, Loader, Trust};
use v3::{Line, Plugin, Summary};

const TEXT: [&str; 3] = ["  once upon a time", "", "the end"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).unwrap_or("plugins".to_owned());
    // SAFETY: only we write to this folder, and we put only cargo's output there.
    let trust = unsafe { Trust::directory(&folder)? };
    // With a umask of 002, cargo's output is group-writable.
    let loader = Loader::new(trust.allow_group_writable())
        .adapt::<dyn v1::Plugin, dyn Plugin>(|old| Box::new(First(old)))
        .adapt::<dyn v2::Plugin, dyn Plugin>(|old| Box::new(Second(old)));
    let report = loader.load_dir::<dyn Plugin>(&folder)?;
    for failure in report.failures() {
        eprintln!("{failure}");
    }
    for plugin in report.into_loaded() {
        let info = Loaded::info(&plugin);
        println!("{} {}, built against version {} of the API", info.name, info.version, info.interface.version);
        for (line, number) in TEXT.iter().zip(1..) {
            match plugin.apply(&Line { number, text: (*line).to_owned() }) {
                Ok(lines) => lines.iter().for_each(|line| println!("  |{line}")),
                Err(error) => println!("  {error:#}"),
            }
        }
        if let Some(summary) = Loaded::get::<dyn Summary>(&plugin) {
            println!("  {}", summary.summary());
        }
    }
    Ok(())
}
