//! A plugin's answers while a callback runs, and the structs that receive them.

use std::ffi::c_void;

use edit_api::{Command, Edit, Failure};

use crate::abi::{PluginCommands, PluginEdits, PluginFailure, PluginStatus, PluginText};
use crate::text::{BadText, LONG, SHORT};

/// A plugin's answers during one callback.
///
/// The functions below are called from C, and no panic may unwind through C. They therefore store a mistake, which is
/// reported after the callback has returned.
#[derive(Default)]
pub(crate) struct Answer {
    edits: Vec<Edit>,
    commands: Vec<Command>,
    status: Option<String>,
    failure: Option<Failure>,
    mistake: Option<Mistake>,
}

/// An invalid text, and its purpose.
#[derive(Debug)]
pub(crate) struct Mistake {
    pub(crate) what: &'static str,
    pub(crate) text: BadText,
}

impl Answer {
    pub(crate) fn edits(self) -> Result<Vec<Edit>, Mistake> {
        self.checked().map(|answer| answer.edits)
    }

    pub(crate) fn edits_or_failure(self) -> Result<Result<Vec<Edit>, Failure>, Mistake> {
        self.checked().map(|answer| answer.failure.map_or(Ok(answer.edits), Err))
    }

    pub(crate) fn commands(self) -> Result<Vec<Command>, Mistake> {
        self.checked().map(|answer| answer.commands)
    }

    pub(crate) fn status(self) -> Result<Option<String>, Mistake> {
        self.checked().map(|answer| answer.status)
    }

    pub(crate) fn failure(self) -> Result<Option<Failure>, Mistake> {
        self.checked().map(|answer| answer.failure)
    }

    fn checked(mut self) -> Result<Self, Mistake> {
        self.mistake.take().map_or(Ok(self), Err)
    }

    /// Copies a text, or stores the mistake in it.
    ///
    /// # Safety
    ///
    /// 1. As for [`PluginText::copied`].
    unsafe fn text(&mut self, what: &'static str, text: PluginText, most: usize) -> Option<String> {
        // SAFETY: obligation 1.
        let copied = unsafe { text.copied(most) };
        copied.map_err(|text| self.mistake.get_or_insert(Mistake { what, text })).ok()
    }
}

/// The structs that receive a plugin's answers. They lend the [`Answer`] to C during a callback.
pub(crate) struct Ears {
    pub(crate) edits: PluginEdits,
    pub(crate) failure: PluginFailure,
    pub(crate) commands: PluginCommands,
    pub(crate) status: PluginStatus,
}

impl Ears {
    /// The pointers in the structs are valid as long as nothing else borrows the answer.
    pub(crate) fn of(answer: &mut Answer) -> Self {
        let host = (&raw mut *answer).cast::<c_void>();
        Self {
            edits: PluginEdits { size: size_of::<PluginEdits>(), host, add: add_edit },
            failure: PluginFailure { size: size_of::<PluginFailure>(), host, fail, fail_at },
            commands: PluginCommands { size: size_of::<PluginCommands>(), host, add: add_command },
            status: PluginStatus { size: size_of::<PluginStatus>(), host, show },
        }
    }
}

unsafe extern "C" fn add_edit(edits: *mut PluginEdits, at: usize, removed: usize, inserted: PluginText) {
    // SAFETY: `plugin.h` requires the struct that the callback received; the plugin's author obeys it.
    let Some(edits) = (unsafe { edits.as_ref() }) else { return };
    // SAFETY: `Ears::of` wrote `host`, and the answer is lent while the callback runs.
    let answer = unsafe { &mut *edits.host.cast::<Answer>() };
    // SAFETY: `plugin.h` requires a readable text; the plugin's author obeys it.
    let Some(inserted) = (unsafe { answer.text("the text of an edit", inserted, LONG) }) else { return };
    answer.edits.push(Edit { at, removed, inserted });
}

unsafe extern "C" fn fail(failure: *mut PluginFailure, message: PluginText) {
    // SAFETY: as in `add_edit`.
    unsafe { failed(failure, None, message) };
}

unsafe extern "C" fn fail_at(failure: *mut PluginFailure, at: usize, message: PluginText) {
    // SAFETY: as in `add_edit`.
    unsafe { failed(failure, Some(at), message) };
}

/// # Safety
///
/// 1. Both pointers are as `plugin.h` requires.
unsafe fn failed(failure: *mut PluginFailure, at: Option<usize>, message: PluginText) {
    // SAFETY: obligation 1.
    let Some(failure) = (unsafe { failure.as_ref() }) else { return };
    // SAFETY: as in `add_edit`.
    let answer = unsafe { &mut *failure.host.cast::<Answer>() };
    // SAFETY: obligation 1.
    let Some(message) = (unsafe { answer.text("the message of a failure", message, SHORT) }) else { return };
    answer.failure.get_or_insert(Failure { message, at });
}

unsafe extern "C" fn add_command(
    commands: *mut PluginCommands,
    name: PluginText,
    title: PluginText,
    description: PluginText,
) {
    // SAFETY: as in `add_edit`.
    let Some(commands) = (unsafe { commands.as_ref() }) else { return };
    // SAFETY: as in `add_edit`.
    let answer = unsafe { &mut *commands.host.cast::<Answer>() };
    // SAFETY: as in `add_edit`.
    let name = unsafe { answer.text("the name of a command", name, SHORT) };
    // SAFETY: as in `add_edit`.
    let title = unsafe { answer.text("the title of a command", title, SHORT) };
    // SAFETY: as in `add_edit`.
    let description = unsafe { answer.text("the description of a command", description, SHORT) };
    if let (Some(name), Some(title), Some(description)) = (name, title, description) {
        answer.commands.push(Command { name, title, description });
    }
}

unsafe extern "C" fn show(status: *mut PluginStatus, text: PluginText) {
    // SAFETY: as in `add_edit`.
    let Some(status) = (unsafe { status.as_ref() }) else { return };
    // SAFETY: as in `add_edit`.
    let answer = unsafe { &mut *status.host.cast::<Answer>() };
    // SAFETY: as in `add_edit`.
    if let Some(text) = unsafe { answer.text("the status", text, SHORT) } {
        answer.status = Some(text);
    }
}
