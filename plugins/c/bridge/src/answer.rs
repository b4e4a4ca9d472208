//! What a plugin says while a callback runs: the structs that take it, and what has been heard.

use std::ffi::c_void;

use edit_api::{Command, Edit, Failure};

use crate::abi::{PluginCommands, PluginEdits, PluginFailure, PluginStatus, PluginText};
use crate::text::{BadText, LONG, SHORT};

/// What a plugin has said during one callback.
///
/// The functions below are called out of C, through which nothing may unwind: a mistake is kept, and told when the
/// callback has returned.
#[derive(Default)]
pub(crate) struct Answer {
    edits: Vec<Edit>,
    commands: Vec<Command>,
    status: Option<String>,
    failure: Option<Failure>,
    mistake: Option<Mistake>,
}

/// A text that is none, and what it would have been.
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

    /// A copy of a text, or the mistake in it.
    ///
    /// # Safety
    ///
    /// 1. As [`PluginText::copied`].
    unsafe fn text(&mut self, what: &'static str, text: PluginText, most: usize) -> Option<String> {
        // SAFETY: obligation 1.
        let copied = unsafe { text.copied(most) };
        copied.map_err(|text| self.mistake.get_or_insert(Mistake { what, text })).ok()
    }
}

/// What takes a plugin's answers: it lends the answer to C for the length of a callback.
pub(crate) struct Ears {
    pub(crate) edits: PluginEdits,
    pub(crate) failure: PluginFailure,
    pub(crate) commands: PluginCommands,
    pub(crate) status: PluginStatus,
}

impl Ears {
    /// The pointers in it are valid as long as the answer is borrowed by nobody else.
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
    // SAFETY: `plugin.h` asks for the struct that the callback was given; its author keeps to it.
    let Some(edits) = (unsafe { edits.as_ref() }) else { return };
    // SAFETY: `Ears::of` wrote `host`, and the answer is lent as long as the callback runs.
    let answer = unsafe { &mut *edits.host.cast::<Answer>() };
    // SAFETY: `plugin.h` asks for a text that can be read; its author keeps to it.
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
/// 1. Both pointers are as `plugin.h` asks for them.
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
