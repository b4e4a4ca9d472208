//! Greets again each time the plugin is built.

use std::path::PathBuf;

use hello_api::{Guest, Plugin};
use plugbox_loader::{LiveEvent, Loader, Trust};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or("target/debug".to_owned()));
    // SAFETY: only cargo writes to this folder.
    let loader = Loader::new(unsafe { Trust::directory(&folder)? }.allow_group_writable());
    let hello = loader.live::<dyn Plugin>(folder.join("libhello.so")).watch()?;
    for event in hello.events() {
        match event {
            LiveEvent::Loaded { .. } | LiveEvent::Reloaded(_) => {
                println!("{}", hello.pin().greet(&Guest { name: "world".to_owned(), visits: 3 }));
            }
            LiveEvent::Refused { error } => println!("{error}"),
            _ => {}
        }
    }
    Ok(())
}
