//! `--watch`: prints again whenever a file or a plugin changes.

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use anyhow::Context;
use edit_api::Plugin;
use examples_shared::configs::Configs;
use examples_shared::{message, sample_plugins};
use plugbox_loader::{LiveDir, LiveEvent, Loader, Trust};

use crate::arguments::Arguments;
use crate::crew::Crew;

/// The time between two looks at the files and the events.
const LOOK: Duration = Duration::from_millis(50);

/// Edits and prints the files again and again. Ends when nobody reads any more.
pub(crate) fn watch(arguments: &Arguments, configs: &Configs) -> anyhow::Result<ExitCode> {
    let plugins = plugins(arguments, configs).context("cannot load plugins")?;
    let events = plugins.events();
    let (mut seen, mut printed) = (None, None);
    loop {
        let mut is_changed = false;
        while let Some(event) = events.try_next() {
            is_changed |= say(&event);
        }
        let times = arguments.files.iter().map(|path| last_change(path)).collect::<Vec<_>>();
        // Who saves a file may be in the middle of it, so a change counts once it has lasted from one look to the next.
        let has_lasted = printed.is_none() || seen.as_ref() == Some(&times);
        seen = Some(times.clone());
        if is_changed || (has_lasted && printed.as_ref() != Some(&times)) {
            printed = Some(times);
            print(arguments, &plugins);
        }
        if crate::is_closed() {
            return Ok(ExitCode::SUCCESS);
        }
        sleep(LOOK);
    }
}

/// Prints all files with the plugins that serve now.
fn print(arguments: &Arguments, plugins: &LiveDir<dyn Plugin>) {
    let mut crew = Crew::of_live(plugins.plugins());
    for path in &arguments.files {
        let edited =
            crate::with_commands(&mut crew, arguments).and_then(|()| crate::edit_file(path, &mut crew, arguments));
        edited.map(drop).unwrap_or_else(|error| message::error(&error));
    }
}

/// Loads the plugins, and reloads each of them when its library changes.
fn plugins(arguments: &Arguments, configs: &Configs) -> anyhow::Result<LiveDir<dyn Plugin>> {
    if let Some(folder) = &arguments.plugins {
        // SAFETY: the user asks for the plugins in this folder; the help says that this is trust. The editor never
        // changes the environment.
        let trust = unsafe { Trust::directory(folder) }?;
        return Ok(configs.give_to(Loader::new(trust)).live_dir(folder).watch()?);
    }
    let libraries = sample_plugins::build("plugins/edit")?;
    let folder = libraries.first().and_then(|library| library.parent()).context("there are no sample plugins")?;
    // SAFETY: cargo builds the libraries in this folder. The editor never changes the environment.
    let trust = unsafe { Trust::directory(folder) }?;
    // A group that can write to cargo's output can also write to this program.
    let loader = configs.give_to(Loader::new(trust.allow_group_writable()));
    let folder = folder.to_owned();
    // Cargo puts the libraries of other packages in the same folder.
    Ok(loader.live_dir(folder).files(move |path| libraries.iter().any(|library| library == path)).watch()?)
}

/// Reports what has happened to a plugin. Returns whether another generation serves.
fn say(event: &LiveEvent) -> bool {
    match event {
        LiveEvent::Loaded { .. } | LiveEvent::Reloaded(_) | LiveEvent::Left { .. } => {
            message::note(event);
            true
        }
        LiveEvent::RolledBack { .. } => {
            message::warning(event);
            true
        }
        LiveEvent::Refused { .. }
        | LiveEvent::CannotSave { .. }
        | LiveEvent::Known { .. }
        | LiveEvent::Unreadable { .. }
        | LiveEvent::WatchFailed { .. } => {
            message::warning(event);
            false
        }
        _ => false,
    }
}

/// The time of a file's last change; `None` if there is no file.
fn last_change(path: &Path) -> Option<(SystemTime, u64)> {
    let found = fs::metadata(path).ok()?;
    Some((found.modified().ok()?, found.len()))
}
