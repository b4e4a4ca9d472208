//! A C plugin as an `edit_api::Plugin`.

use std::fmt;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use edit_api::{Command, Document, Edit, Failure};
use semver::Version;

use crate::abi::{Plugin, PluginEdit, PluginText};
use crate::answer::{Answer, Ears, Mistake};
use crate::document;
use crate::error::{LoadError, Problem};
use crate::table::Table;

/// A C plugin, as an ordinary [`edit_api::Plugin`].
///
/// If the document panics during a callback, the process ends: nothing may unwind through C.
///
/// # Panics
///
/// A method panics if the plugin passes an invalid text, as a Rust plugin panics when it violates its own rules. The
/// message names the file and the callback.
pub struct CPlugin {
    path: PathBuf,
    name: String,
    release: Version,
    /// Locked while a callback runs, because C plugins do not expect concurrent calls.
    callbacks: Mutex<Callbacks>,
}

struct Callbacks(Plugin);

// SAFETY: `plugin.h` says that callbacks are called on any thread; the plugin's author obeys it.
unsafe impl Send for Callbacks {}

impl CPlugin {
    pub(crate) fn new(path: PathBuf, Table { name, release, callbacks }: Table) -> Self {
        Self { path, name, release, callbacks: Mutex::new(Callbacks(callbacks)) }
    }

    /// The plugin's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The plugin's own version.
    #[must_use]
    pub fn release(&self) -> &Version {
        &self.release
    }

    /// The file that it was loaded from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Passes the user's configuration to the plugin. Call it at most once, before all other methods.
    ///
    /// # Errors
    ///
    /// The plugin rejects the configuration. Drop the plugin then.
    pub fn configure(&mut self, configuration: &str) -> Result<(), LoadError> {
        let failed = |message| {
            let problem = Problem::Configuration { plugin: self.name.clone(), message };
            Err(LoadError::new(&self.path, problem))
        };
        let call = |Callbacks(plugin): &Callbacks, ears: &mut Ears| {
            if let Some(configure) = plugin.configure {
                // SAFETY: `Table::read` found code there, and the author obeys `plugin.h`; the arguments outlive the
                // call.
                unsafe { configure(plugin.data, PluginText::of(configuration), &raw mut ears.failure) };
            }
        };
        match self.hear(call).failure() {
            Ok(None) => Ok(()),
            Ok(Some(Failure { message, .. })) => failed(message),
            Err(mistake) => failed(told("configure", &mistake)),
        }
    }

    /// Calls a callback, and returns its answers.
    fn hear(&self, call: impl FnOnce(&Callbacks, &mut Ears)) -> Answer {
        let mut answer = Answer::default();
        let callbacks = self.callbacks.lock().unwrap_or_else(PoisonError::into_inner);
        call(&callbacks, &mut Ears::of(&mut answer));
        answer
    }

    /// The answer of a callback; panics if it made a mistake.
    fn said<T>(&self, callback: &str, said: Result<T, Mistake>) -> T {
        said.unwrap_or_else(|mistake| {
            let message = format!("{}: {}", self.path.display(), told(callback, &mistake));
            // Without the panic hook: the plugin made the mistake, so this code location is of no use.
            resume_unwind(Box::new(message))
        })
    }
}

fn told(callback: &str, Mistake { what, text }: &Mistake) -> String {
    format!("`{callback}`: {what} {text}")
}

impl edit_api::Plugin for CPlugin {
    fn opened(&mut self, document: &dyn Document) {
        self.hear(|Callbacks(plugin), _| {
            if let Some(opened) = plugin.opened {
                // SAFETY: as in `configure`.
                unsafe { opened(plugin.data, &document::lend(&document)) };
            }
        });
    }

    fn edited(&mut self, edits: &[Edit], document: &dyn Document) -> Vec<Edit> {
        let answer = self.hear(|Callbacks(plugin), ears| {
            if let Some(edited) = plugin.edited {
                let edits: Vec<PluginEdit> = edits.iter().map(lend).collect();
                let document = document::lend(&document);
                // SAFETY: as in `configure`.
                unsafe { edited(plugin.data, edits.as_ptr(), edits.len(), &document, &raw mut ears.edits) };
            }
        });
        self.said("edited", answer.edits())
    }

    fn before_save(&mut self, document: &dyn Document) -> Result<Vec<Edit>, Failure> {
        let answer = self.hear(|Callbacks(plugin), ears| {
            if let Some(before_save) = plugin.before_save {
                let document = document::lend(&document);
                // SAFETY: as in `configure`.
                unsafe { before_save(plugin.data, &document, &raw mut ears.edits, &raw mut ears.failure) };
            }
        });
        self.said("before_save", answer.edits_or_failure())
    }

    fn closed(&mut self, document: &dyn Document) {
        self.hear(|Callbacks(plugin), _| {
            if let Some(closed) = plugin.closed {
                // SAFETY: as in `configure`.
                unsafe { closed(plugin.data, &document::lend(&document)) };
            }
        });
    }

    fn commands(&self) -> Vec<Command> {
        let answer = self.hear(|Callbacks(plugin), ears| {
            if let Some(commands) = plugin.commands {
                // SAFETY: as in `configure`.
                unsafe { commands(plugin.data, &raw mut ears.commands) };
            }
        });
        self.said("commands", answer.commands())
    }

    fn run(&mut self, command: &str, document: &dyn Document) -> Result<Vec<Edit>, Failure> {
        let mut has_run = false;
        let answer = self.hear(|Callbacks(plugin), ears| {
            if let Some(run) = plugin.run {
                let (name, document) = (PluginText::of(command), document::lend(&document));
                // SAFETY: as in `configure`.
                unsafe { run(plugin.data, name, &document, &raw mut ears.edits, &raw mut ears.failure) };
                has_run = true;
            }
        });
        if has_run { self.said("run", answer.edits_or_failure()) } else { Err(Failure::no_command(command)) }
    }

    fn status(&self) -> Option<String> {
        let answer = self.hear(|Callbacks(plugin), ears| {
            if let Some(status) = plugin.status {
                // SAFETY: as in `configure`.
                unsafe { status(plugin.data, &raw mut ears.status) };
            }
        });
        self.said("status", answer.status())
    }
}

fn lend(edit: &Edit) -> PluginEdit {
    PluginEdit { at: edit.at, removed: edit.removed, inserted: PluginText::of(&edit.inserted) }
}

impl Drop for CPlugin {
    fn drop(&mut self) {
        let Callbacks(plugin) = self.callbacks.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(destroy) = plugin.destroy {
            // SAFETY: as in `configure`; no callback is called later, because the plugin is being dropped.
            unsafe { destroy(plugin.data) };
        }
    }
}

impl fmt::Debug for CPlugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, name, release, .. } = self;
        let mut debug = f.debug_struct("CPlugin");
        debug.field("path", path).field("name", name).field("release", release).finish_non_exhaustive()
    }
}
