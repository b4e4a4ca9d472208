//! `docs/trust.md`.

use plugbox_loader::{Loader, Trust};

#[plugbox::interface]
pub trait Plugin {
    fn name(&self) -> String;
}

fn example() -> Result<(), Box<dyn std::error::Error>> {
    // SAFETY: the installer alone writes to this folder (see `Trust::directory`).
    let trust = unsafe { Trust::directory("plugins")? }.pinned_by("plugins/plugbox.lock")?.enforce_pins();
    let report = Loader::new(trust).load_dir::<dyn Plugin>("plugins")?;
    drop(report);
    Ok(())
}
