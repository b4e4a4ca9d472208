//! `plugbox check`: the loader's verdict, computed from files alone.

mod json;
mod linkage;

use std::collections::BTreeSet;
use std::error::Error;
use std::io;
use std::path::Path;

use plugbox_loader::inspect::{self, HostProfile, Image, PluginRecord, ReadError, Requirements, Verdict, printable};
use plugbox_loader::{Pins, Refusal};

use crate::args::{CheckArgs, Format};
use crate::check::linkage::Linkages;
use crate::console::{BAD, Console, GOOD};
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
    let linkages = Linkages::new(&host, &args.host, &args.allow_library);
    let mut worst = Outcome::Fits;
    let mut fits = Vec::new();
    for file in &args.files {
        let read = inspect::image(file);
        if let Err(error @ ReadError::Io(_)) = &read {
            console.error(file, error);
            worst = Outcome::Unreadable;
            continue;
        }
        let answer = Answer::new(&host, &linkages, file, read.as_ref(), &args.interfaces);
        match args.format {
            Format::Json => print(&json::Line::from(&answer), console)?,
            Format::Text => console.text(&text(&answer))?,
        }
        match answer.verdict {
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

/// Pins libraries to their current bytes.
fn write_lock(lock: &Path, libraries: &[&Path]) -> io::Result<()> {
    let mut pins = Pins::beside(lock)?;
    libraries.iter().try_for_each(|library| pins.pin(library))?;
    pins.write()
}

fn profile(host: &Path) -> Result<HostProfile, Box<dyn Error>> {
    Ok(HostProfile::of_image(inspect::image(host)?)?)
}

/// The result for one file.
struct Answer<'a> {
    file: &'a Path,
    verdict: Verdict,
    /// The interfaces that the library could be loaded as.
    fits_as: Vec<&'a str>,
    /// The plugins that are exported as one of the requested interfaces.
    plugins: Vec<&'a PluginRecord>,
    /// What does not prevent a load, but may prevent later ones.
    warnings: Vec<String>,
}

impl<'a> Answer<'a> {
    fn new(
        host: &HostProfile,
        linkages: &Linkages<'_>,
        file: &'a Path,
        read: Result<&'a Image, &ReadError>,
        interfaces: &[String],
    ) -> Self {
        let is_plugin = |image: &Image| image.manifest.as_ref().is_ok_and(|manifest| !manifest.plugins.is_empty());
        let (reasons, warnings) = match read {
            Ok(image) if image.shared && is_plugin(image) => linkages.judge(file),
            _ => (Vec::new(), Vec::new()),
        };
        let judge = |interfaces: &[String]| {
            inspect::judge(host, read, &Requirements::for_interfaces(interfaces)).with(reasons.iter().cloned())
        };
        let manifest = read.ok().and_then(|image| image.manifest.as_ref().ok());
        let asked = |name: &String| interfaces.is_empty() || interfaces.contains(name);
        let exported_as = |plugin: &PluginRecord| plugin.interfaces.iter().any(|exported| asked(&exported.name));
        let plugins = manifest.into_iter().flat_map(|manifest| &manifest.plugins).map(|plugin| &**plugin);
        let plugins: Vec<&PluginRecord> = plugins.filter(|plugin| exported_as(plugin)).collect();
        let names = plugins.iter().flat_map(|plugin| &plugin.interfaces).map(|exported| &exported.name);
        let names: BTreeSet<&String> = names.filter(|name| asked(name)).collect();
        let known = |name: &&String| host.manifest.interfaces.iter().any(|interface| interface.name == **name);
        let fits = |name: &&String| judge(std::slice::from_ref(*name)) == Verdict::Fits;
        let fits_as = names.into_iter().filter(known).filter(fits).map(String::as_str).collect();
        Self { file, verdict: judge(interfaces), fits_as, plugins, warnings }
    }
}

/// If the library fits, one line with the plugins that would be loaded; otherwise the text of the loader's refusal.
fn text(answer: &Answer<'_>) -> String {
    let warnings: String =
        answer.warnings.iter().map(|warning| format!("  warning: {}\n", printable(warning))).collect();
    let fits_as = answer.fits_as.join(", ");
    if let Verdict::Refused(reasons) = &answer.verdict {
        let refusal = Refusal::new(answer.file, reasons.clone()).to_string();
        let refusal = printable(&refusal);
        let (first, rest) = refusal.split_once('\n').unwrap_or((&refusal, ""));
        let though = if fits_as.is_empty() {
            String::new()
        } else {
            format!("  but it fits as {}; use `--as` to check a single interface\n", printable(&fits_as))
        };
        return format!("{BAD}{first}{BAD:#}\n{rest}\n{though}{warnings}");
    }
    let plugins: Vec<String> =
        answer.plugins.iter().map(|plugin| format!("{} {}", plugin.name, plugin.version)).collect();
    let (file, what) = (answer.file.display().to_string(), format!("as {fits_as} ({})", plugins.join(", ")));
    format!("{GOOD}{}: fits{GOOD:#} {}\n{warnings}", printable(&file), printable(&what))
}
