//! Loads the plugins of a folder, shows what became of each file, and calls each plugin.
//!
//! ```console
//! $ cargo build -p hello
//! $ cargo run -p plugbox-loader --example load -- target/debug
//! ```

use hello_api::{Guest, Plugin};
use plugbox_loader::{FileOutcome, HostError, Loaded, Loader, Report, Trust};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: load FOLDER")?;
    // SAFETY: the caller of this program says which folder to trust; the program never changes the environment.
    let trust = unsafe { Trust::directory(&folder)? };
    // With a umask of 002, files made by cargo are group-writable.
    let loader = Loader::new(trust.allow_group_writable()).configure("hello", "a text for its constructor");
    let report: Report<dyn Plugin> = match loader.load_dir(&folder) {
        Err(plugbox_loader::LoadError::Host(HostError::StaticLibc)) => {
            return Err("link this program dynamically, or it can load nothing".into());
        }
        outcome => outcome?,
    };
    for file in &report {
        match file {
            FileOutcome::Loaded { path, plugins, .. } => println!("{}: {} plugins", path.display(), plugins.len()),
            // Several lines: every reason, with both sides' values and what to do.
            FileOutcome::Failed(error) => eprintln!("{error}"),
            FileOutcome::PassedOver(other) => println!("{other}"),
            // Other programs' libraries are not worth a line.
            _ => {}
        }
    }
    for plugin in report.into_loaded() {
        let info = Loaded::info(&plugin);
        println!("{} {}, built by {}, loaded in {:?}", info.name, info.version, info.rustc, info.load_time);
        // A method panics like any method; `Loaded::call` makes an error of the panic.
        match Loaded::call(&plugin, |plugin| plugin.greet(&Guest { name: "reader".to_owned(), visits: 1 })) {
            Ok(greeting) => println!("  {greeting}"),
            Err(error) => eprintln!("  {error}"),
        }
    }
    Ok(())
}
