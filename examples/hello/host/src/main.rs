//! The host: loads and calls every plugin in a folder.

use hello_api::{Guest, Plugin};
use plugbox_loader::{Loaded, Loader, Trust};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).unwrap_or("plugins".to_owned());
    // SAFETY: only we write to this folder, and we put only cargo's output there.
    let trust = unsafe { Trust::directory(&folder)? };
    // With a umask of 002, cargo's output is group-writable.
    let loader = Loader::new(trust.allow_group_writable());
    let report = loader.load_dir::<dyn Plugin>(&folder)?;
    for failure in report.failures() {
        eprintln!("{failure}");
    }
    for plugin in report.into_loaded() {
        println!("{}: {}", Loaded::info(&plugin).name, plugin.greet(&Guest { name: "world".to_owned(), visits: 3 }));
    }
    Ok(())
}
