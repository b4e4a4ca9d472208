//! The host: loads every plugin of a folder, and calls it.

use hello_api::{Guest, Plugin};
use plugbox_loader::{Loader, Trust};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "target/debug".to_owned());
    // SAFETY: what lies in this folder is what cargo has just built from this workspace.
    let loader = Loader::new(unsafe { Trust::directory(&folder)? });
    let report = loader.load_dir::<dyn Plugin>(&folder)?;
    for refused in report.refused() {
        eprintln!("{refused}");
    }
    for plugin in report.into_loaded() {
        println!("{}: {}", plugin.info().name, plugin.greet(&Guest { name: "world".to_owned(), visits: 3 }));
    }
    Ok(())
}
