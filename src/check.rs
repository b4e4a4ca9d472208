//! `plugbox check`: the loader's verdict, from files alone.

mod json;

use std::error::Error;
use std::io;
use std::path::Path;

use plugbox_loader::profile::HostProfile;
use plugbox_loader::read::{self, Image, ReadError};
use plugbox_loader::verdict::{self, Demand, Verdict};
use plugbox_loader::{Pins, Refused};

use crate::args::{CheckArgs, Format};
use crate::console::{BAD, Console, GOOD, printable};
use crate::exit::Outcome;
use crate::json::print;

pub(crate) fn run(args: &CheckArgs, console: &Console) -> io::Result<Outcome> {
    let host = match profile(&args.host) {
        Ok(host) => host,
        Err(error) => {
            console.error(&args.host, &*error);
            return Ok(Outcome::Unreadable);
        }
    };
    let mut worst = Outcome::Fits;
    let mut fits = Vec::new();
    for file in &args.files {
        let read = read::image(file);
        if let Err(error @ ReadError::Io(_)) = &read {
            console.error(file, error);
            worst = Outcome::Unreadable;
            continue;
        }
        let verdict = verdict::judge(&host, read.as_ref(), &Demand::default());
        match args.format {
            Format::Json => print(&json::Line::new(file, &verdict), console)?,
            Format::Text => console.text(&text(file, read.ok(), &verdict))?,
        }
        match verdict {
            Verdict::Fits => fits.push(file.as_path()),
            Verdict::Refused(_) => worst = worst.max(Outcome::Refused),
        }
    }
    if let Some(path) = &args.write_lock {
        let lock = path.clone().unwrap_or_else(|| args.files[0].with_file_name("plugbox.lock"));
        if let Err(error) = write_lock(&lock, &fits) {
            console.error(&lock, &error);
            worst = Outcome::Unreadable;
        }
    }
    Ok(worst)
}

/// Pins libraries to the bytes that they have now.
fn write_lock(lock: &Path, libraries: &[&Path]) -> io::Result<()> {
    let mut pins = Pins::beside(lock)?;
    libraries.iter().try_for_each(|library| pins.pin(library))?;
    pins.write()
}

fn profile(host: &Path) -> Result<HostProfile, Box<dyn Error>> {
    Ok(HostProfile::of_image(read::image(host)?)?)
}

/// A line where it fits, with the plugins that would be loaded; otherwise the words of the loader's own refusal.
fn text(file: &Path, image: Option<Image>, verdict: &Verdict) -> String {
    if let Verdict::Refused(reasons) = verdict {
        let refusal = Refused::new(file, reasons.clone()).to_string();
        let refusal = printable(&refusal);
        let (first, rest) = refusal.split_once('\n').unwrap_or((&refusal, ""));
        return format!("{BAD}{first}{BAD:#}\n{rest}\n");
    }
    let plugins = image.and_then(|image| image.manifest.ok()).map(|manifest| manifest.plugins).unwrap_or_default();
    let plugins: Vec<String> = plugins.iter().map(|plugin| format!("{} {}", plugin.name, plugin.version)).collect();
    let file = file.display().to_string();
    format!("{GOOD}{}: fits{GOOD:#} ({})\n", printable(&file), printable(&plugins.join(", ")))
}
