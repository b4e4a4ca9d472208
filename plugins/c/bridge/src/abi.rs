//! The types that cross the boundary. `plugin.h` is generated from this file, so its comments address C programmers.

use std::ffi::{c_char, c_void};

/// The version of this interface: the value of `Plugin.version`. It changes with every change except growth at the end
/// of a struct, which changes `size` only. A library with a different version is refused.
pub const PLUGIN_VERSION: u32 = 1;

/// A UTF-8 text; see `PLUGIN_TEXT` and `plugin_text`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct PluginText {
    /// The first byte. May be NULL if the length is 0.
    pub start: *const c_char,
    /// The length in bytes, without a terminating NUL.
    pub length: usize,
}

/// A range of the document, from `start` up to but not including `end`. Both are places.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct PluginRange {
    /// The start.
    pub start: usize,
    /// The end: the place after the last byte.
    pub end: usize,
}

/// A document, as it is during one callback. Owned by the editor.
#[repr(C)]
#[derive(Debug)]
pub struct PluginDocument {
    /// The size of this struct in bytes. In later editors it may be larger, but existing fields never move.
    pub size: usize,
    /// Internal to the editor.
    pub host: *const c_void,
    /// The path of the file, in the system's encoding: usually, but not always, UTF-8. Its length is 0 if the document
    /// has not been saved yet.
    pub path: PluginText,
    /// The whole text.
    pub text: PluginText,
    /// A number that grows with each edit.
    pub version: u64,
    /// The selection. An empty range is the place of the cursor.
    pub selection: PluginRange,
    /// The range that a command works on: the selection, or the whole text if nothing is selected.
    pub scope: PluginRange,
    /// The number of lines. A line break at the end of the text does not start another line.
    pub line_count: usize,
    /// Finds the line with this index, counted from 0, without its line break. If there is no such line, returns false
    /// and does not change `line`.
    pub line: unsafe extern "C" fn(document: *const PluginDocument, index: usize, line: *mut PluginRange) -> bool,
    /// Returns the index of the line that contains a place. The end of the text belongs to the last line.
    pub line_at: unsafe extern "C" fn(document: *const PluginDocument, place: usize) -> usize,
}

/// One edit that was made: at a place, some bytes were removed and a text was inserted.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct PluginEdit {
    /// The place.
    pub at: usize,
    /// The number of bytes that were removed.
    pub removed: usize,
    /// The text that was inserted in their place.
    pub inserted: PluginText,
}

/// Receives the edits that a callback requests. Owned by the editor.
///
/// The edits of one callback belong together: their places refer to the document as the callback received it, they must
/// not overlap, and either all of them are made or none.
#[repr(C)]
#[derive(Debug)]
pub struct PluginEdits {
    /// The size of this struct in bytes.
    pub size: usize,
    /// Internal to the editor.
    pub host: *mut c_void,
    /// Requests one edit: at a place, remove this many bytes and insert a text of at most 64 MiB. The text is copied.
    pub add: unsafe extern "C" fn(edits: *mut PluginEdits, at: usize, removed: usize, inserted: PluginText),
}

/// Receives the reason why a callback failed. Owned by the editor.
///
/// The editor then ignores everything else from this callback, and shows the message to the user. It keeps calling the
/// plugin. If a callback reports several failures, the first one counts.
#[repr(C)]
#[derive(Debug)]
pub struct PluginFailure {
    /// The size of this struct in bytes.
    pub size: usize,
    /// Internal to the editor.
    pub host: *mut c_void,
    /// Reports a failure with a message of at most 4 KiB, without the plugin's name. The message is copied.
    pub fail: unsafe extern "C" fn(failure: *mut PluginFailure, message: PluginText),
    /// Reports a failure that concerns a place in the document.
    pub fail_at: unsafe extern "C" fn(failure: *mut PluginFailure, at: usize, message: PluginText),
}

/// Receives the commands that a plugin offers. Owned by the editor.
#[repr(C)]
#[derive(Debug)]
pub struct PluginCommands {
    /// The size of this struct in bytes.
    pub size: usize,
    /// Internal to the editor.
    pub host: *mut c_void,
    /// Offers a command. The name is one word, unique within the plugin; the title is a few words for a menu; the
    /// description is one sentence. Each is at most 4 KiB long, and is copied.
    pub add: unsafe extern "C" fn(
        commands: *mut PluginCommands,
        name: PluginText,
        title: PluginText,
        description: PluginText,
    ),
}

/// Receives the text for the editor's status line. Owned by the editor.
#[repr(C)]
#[derive(Debug)]
pub struct PluginStatus {
    /// The size of this struct in bytes.
    pub size: usize,
    /// Internal to the editor.
    pub host: *mut c_void,
    /// Shows a text of at most 4 KiB, which is copied. If it is called several times, the last text is shown.
    pub show: unsafe extern "C" fn(status: *mut PluginStatus, text: PluginText),
}

/// A plugin. Owned by your library: see `plugin_register`.
///
/// `version`, `size`, `name` and `release` are required. All later fields may be NULL, with two exceptions: `data`
/// requires `destroy`; and `commands` and `run` require each other.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Plugin {
    /// `PLUGIN_VERSION`.
    pub version: u32,
    /// `sizeof(Plugin)`. If the editor's struct is longer, the editor treats the fields beyond your size as NULL. If it
    /// is shorter, the editor ignores the fields that it does not know.
    pub size: u32,
    /// The plugin's name for users: one word of at most 64 bytes, consisting of ASCII letters, digits, `-` and `_`. It
    /// must be unique in the folder.
    pub name: PluginText,
    /// The plugin's own version, such as `1.2.0` (see semver.org).
    pub release: PluginText,
    /// The plugin's state; the first argument of each callback. NULL if the plugin has no state.
    pub data: *mut c_void,
    /// Frees `data`. Called once, as the last callback. If there is nothing to free, an empty function is enough.
    pub destroy: Option<unsafe extern "C" fn(data: *mut c_void)>,
    /// Receives the user's configuration, before any other callback. Called only if the user provides one. If it fails,
    /// the plugin is destroyed and not used.
    pub configure:
        Option<unsafe extern "C" fn(data: *mut c_void, configuration: PluginText, failure: *mut PluginFailure)>,
    /// A document was opened.
    pub opened: Option<unsafe extern "C" fn(data: *mut c_void, document: *const PluginDocument)>,
    /// A document was edited by the user or by a plugin, possibly this one. `answer` receives further edits.
    ///
    /// `edits` has `count` elements. They were made one after the other, each in the text that resulted from the
    /// previous one; `document` is the final result. Answer only if the text still needs a change: the editor stops if
    /// plugins answer each other endlessly.
    pub edited: Option<
        unsafe extern "C" fn(
            data: *mut c_void,
            edits: *const PluginEdit,
            count: usize,
            document: *const PluginDocument,
            answer: *mut PluginEdits,
        ),
    >,
    /// A document is about to be saved; `edits` receives the edits to make first. It is saved even after a failure.
    pub before_save: Option<
        unsafe extern "C" fn(
            data: *mut c_void,
            document: *const PluginDocument,
            edits: *mut PluginEdits,
            failure: *mut PluginFailure,
        ),
    >,
    /// A document is being closed. No later callback concerns it.
    pub closed: Option<unsafe extern "C" fn(data: *mut c_void, document: *const PluginDocument)>,
    /// Offers commands to the user. The editor may call this several times.
    pub commands: Option<unsafe extern "C" fn(data: *mut c_void, commands: *mut PluginCommands)>,
    /// Runs the command with this name; `edits` receives its edits. Fails if the plugin has no such command.
    pub run: Option<
        unsafe extern "C" fn(
            data: *mut c_void,
            command: PluginText,
            document: *const PluginDocument,
            edits: *mut PluginEdits,
            failure: *mut PluginFailure,
        ),
    >,
    /// Sets the text for the editor's status line, if the plugin has one.
    pub status: Option<unsafe extern "C" fn(data: *mut c_void, status: *mut PluginStatus)>,
}
