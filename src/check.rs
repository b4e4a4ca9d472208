//! `plugbox check`: the loader's verdict, computed from files alone.

mod json;
mod linkage;

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};

use plugbox_loader::inspect::{
    self, FileVerdict, HostProfile, Image, PluginRecord, ReadError, Requirements, Verdict, printable,
};
use plugbox_loader::{LoadError, Pins, Reason, Refusal};

use crate::args::{CheckArgs, Format};
use crate::check::linkage::{Judged, Linkages};
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
    let first = &args.files[0];
    let beside = if first.is_dir() { first.join(LOCK) } else { first.with_file_name(LOCK) };
    let pins = match &args.lock {
        None => None,
        Some(lock) => {
            let lock = lock.as_ref().unwrap_or(&beside);
            match Pins::read(lock) {
                Ok(pins) => Some(pins),
                Err(error) => {
                    console.error(lock, &error);
                    return Ok(Outcome::Unreadable);
                }
            }
        }
    };
    let linkages = Linkages::new(&host, &args.host, &args.allow_library);
    let mut check = Check { args, console, host: &host, linkages, pins, worst: Outcome::Fits, fits: Vec::new() };
    for file in &args.files {
        if file.is_dir() { check.folder(file)? } else { check.file(file, None)? }
    }
    check.lock();
    if let Some(path) = &args.write_lock {
        let lock = path.as_ref().unwrap_or(&beside);
        if let Err(error) = check.write_lock(lock) {
            console.error(lock, &error);
            check.worst = Outcome::Unreadable;
        }
    }
    Ok(check.worst)
}

/// The name of a lock, beside the libraries that it pins.
const LOCK: &str = "plugbox.lock";

/// A run of the subcommand.
struct Check<'a> {
    args: &'a CheckArgs,
    console: &'a Console,
    host: &'a HostProfile,
    linkages: Linkages<'a>,
    pins: Option<Pins>,
    worst: Outcome,
    /// The libraries that fit.
    fits: Vec<PathBuf>,
}

impl Check<'_> {
    /// Checks a file. If it is in a folder that was judged as a whole, its verdict is known.
    fn file(&mut self, file: &Path, known: Option<Verdict>) -> io::Result<()> {
        let read = inspect::image(file);
        if let Err(error @ ReadError::Io(_)) = &read {
            self.console.error(file, error);
            self.worst = Outcome::Unreadable;
            return Ok(());
        }
        let mut answer = Answer::new(self.host, &self.linkages, file, read.as_ref(), &self.args.interfaces);
        let unpinned = match self.unpinned(file, &answer.needed) {
            Ok(reasons) => reasons,
            Err(error) => {
                self.console.error(file, &error);
                self.worst = Outcome::Unreadable;
                return Ok(());
            }
        };
        if !unpinned.is_empty() {
            answer.fits_as.clear();
        }
        answer.verdict = known.unwrap_or_else(|| answer.verdict.with(unpinned));
        match self.args.format {
            Format::Json => print(&json::Line::from(&answer), self.console)?,
            Format::Text => self.console.text(&text(&answer))?,
        }
        match answer.verdict {
            Verdict::Fits => self.fits.push(file.to_owned()),
            Verdict::Refused(_) => self.worst = self.worst.max(Outcome::Refused),
        }
        Ok(())
    }

    /// The reasons why the bytes of a library, and of those that are loaded with it, are not trusted.
    fn unpinned(&self, file: &Path, needed: &[PathBuf]) -> io::Result<Vec<Reason>> {
        let Some(pins) = &self.pins else { return Ok(Vec::new()) };
        let files = [file].into_iter().chain(needed.iter().map(PathBuf::as_path));
        files.filter_map(|file| inspect::refuse_unpinned(pins, file).transpose()).collect()
    }

    /// Checks the libraries in a folder, as a host loads them.
    fn folder(&mut self, folder: &Path) -> io::Result<()> {
        let requirements = Requirements::for_interfaces(&self.args.interfaces);
        let refuse = |file: &Path| {
            let Judged { mut reasons, needed, .. } = self.linkages.judge(file);
            reasons.extend(self.unpinned(file, &needed)?);
            Ok(reasons)
        };
        let verdicts = match inspect::judge_folder(self.host, folder, &requirements, refuse) {
            Ok(verdicts) => verdicts,
            Err(error) => return self.unreadable(&error),
        };
        if verdicts.is_empty() {
            return self.unreadable(&format!("{}: no file in it is a library", folder.display()));
        }
        for verdict in verdicts {
            match verdict {
                FileVerdict::Fits { path, .. } => self.file(&path, Some(Verdict::Fits))?,
                FileVerdict::Failed(LoadError::Refused(refusal)) => {
                    self.file(&refusal.path, Some(Verdict::Refused(refusal.reasons)))?;
                }
                FileVerdict::Failed(error) => self.unreadable(&error)?,
                FileVerdict::PassedOver(other) => {
                    // It fits, so the host loads it if the better build is gone.
                    self.fits.extend(Some(other.path.clone()).filter(|_| other.reasons.is_empty()));
                    self.not_loaded(json::Line::from(&other), &other)?;
                }
                FileVerdict::Foreign { path, .. } => {
                    let what = format!("{}: not a plugin (no-manifest)", path.display());
                    self.not_loaded(json::Line::foreign(&path), &what)?;
                }
                other => self.unreadable(&format!("{other:?}"))?,
            }
        }
        Ok(())
    }

    /// Prints a library that the host does not load, and that is no failure.
    fn not_loaded(&self, line: json::Line<'_>, text: &dyn Display) -> io::Result<()> {
        match self.args.format {
            Format::Json => print(&line, self.console),
            Format::Text => self.console.text(&format!("{}\n", printable(&text.to_string()))),
        }
    }

    fn unreadable(&mut self, what: &dyn Display) -> io::Result<()> {
        self.console.complain(&what.to_string());
        self.worst = Outcome::Unreadable;
        Ok(())
    }

    /// Checks that each pinned library is there.
    fn lock(&mut self) {
        let Some(pins) = &self.pins else { return };
        let folder = pins.path().parent().unwrap_or(Path::new(""));
        for name in pins.names().filter(|name| !folder.join(name).exists()) {
            self.console.complain(&format!("{}: it pins {name}, which is not there", pins.path().display()));
            self.worst = Outcome::Unreadable;
        }
    }

    /// Pins the libraries that fit, and those that are loaded with them, to their current bytes.
    fn write_lock(&self, lock: &Path) -> io::Result<()> {
        let mut pins = Pins::beside(lock)?;
        self.fits.iter().try_for_each(|library| pins.pin(library))?;
        for library in &self.fits {
            for needed in self.linkages.judge(library).needed {
                // Only a host that enforces pins asks for this one.
                if let Err(error) = pins.pin(&needed) {
                    self.console.warn(&format!("{}: it needs a library without a pin: {error}", library.display()));
                }
            }
        }
        pins.write()
    }
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
    /// The libraries that are loaded with it.
    needed: Vec<PathBuf>,
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
        let Judged { reasons, warnings, needed } = match read {
            Ok(image) if image.shared && is_plugin(image) => linkages.judge(file),
            _ => Judged::default(),
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
        Self { file, verdict: judge(interfaces), fits_as, plugins, warnings, needed }
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
