//! The application: it loads every plugin in a folder, and lets it greet a guest.

use std::error::Error;
use std::path::PathBuf;

use my_app_api::{Guest, Plugin};

use plugbox_loader::{Loaded, Loader, Trust};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = plugins()?;
    // SAFETY: whoever runs this program vouches for the plugins in the folder.
    let trust = unsafe { Trust::directory(&folder)? };
    // With a umask of 002, cargo's output is group-writable.
    let loader = Loader::new(trust.allow_group_writable());
    let report = loader.load_dir::<dyn Plugin>(&folder)?;
    for failure in report.failures() {
        eprintln!("{failure}");
    }
    if report.loaded().next().is_none() {
        eprintln!("no plugin was loaded from {}", folder.display());
    }
    let guest = Guest {
        name: "world".to_owned(),
        visits: 3,
    };
    for plugin in report.into_loaded() {
        // A plugin's panic is an error here, and not the end of the application.
        match Loaded::call(&plugin, |plugin| plugin.greet(&guest)) {
            Ok(greeting) => println!("{}: {greeting}", Loaded::info(&plugin).name),
            Err(error) => eprintln!("{error}"),
        }
    }
    Ok(())
}

/// The folder that the command line names. Without one it is the program's own, where cargo puts plugins too.
fn plugins() -> Result<PathBuf, Box<dyn Error>> {
    if let Some(folder) = std::env::args_os().nth(1) {
        return Ok(folder.into());
    }
    let program = std::env::current_exe()?;
    Ok(program
        .parent()
        .ok_or("the program has no folder")?
        .to_owned())
}
