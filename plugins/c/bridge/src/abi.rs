//! The types that cross: `plugin.h` is generated from this file, so its comments are written for C programmers.

use std::ffi::{c_char, c_void};

/// The version of this interface: the value of `Plugin.version`. It changes where anything changes in another way than
/// by growing at its end, and a library of another version is refused. What only grew is told by `size`.
pub const PLUGIN_VERSION: u32 = 1;

/// A text in UTF-8; see `PLUGIN_TEXT` and `plugin_text`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct PluginText {
    /// Its first byte. May be NULL where the length is 0.
    pub start: *const c_char,
    /// Its length in bytes, without a NUL behind it.
    pub length: usize,
}

/// A part of the document, from `start` until before `end`; both are places.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct PluginRange {
    /// Where it starts.
    pub start: usize,
    /// Where it ends: the place behind its last byte.
    pub end: usize,
}

/// A document, as it is during one callback. The editor's.
#[repr(C)]
#[derive(Debug)]
pub struct PluginDocument {
    /// The size of this struct in bytes. A later editor's is larger; nothing of what is here moves.
    pub size: usize,
    /// The editor's own.
    pub host: *const c_void,
    /// The file that it is saved in, as the system has it: mostly, but not always in UTF-8. Of length 0 where it has not
    /// been saved yet.
    pub path: PluginText,
    /// The whole text.
    pub text: PluginText,
    /// A number that grows with each edit.
    pub version: u64,
    /// What is selected; an empty range is the place of the cursor.
    pub selection: PluginRange,
    /// What a command works on: the selection, or the whole text where nothing is selected.
    pub scope: PluginRange,
    /// How many lines there are. A line break at the end of the text begins no further line.
    pub line_count: usize,
    /// Finds the line of this index, from 0, without its line break. Returns false, and leaves `line` alone, where there
    /// is none.
    pub line: unsafe extern "C" fn(document: *const PluginDocument, index: usize, line: *mut PluginRange) -> bool,
    /// Returns the index of the line that a place lies in. The end of the text belongs to the last line.
    pub line_at: unsafe extern "C" fn(document: *const PluginDocument, place: usize) -> usize,
}

/// One change of a text that was made: at a place, some bytes went and a text came.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct PluginEdit {
    /// Where.
    pub at: usize,
    /// How many bytes went.
    pub removed: usize,
    /// What came in their place.
    pub inserted: PluginText,
}

/// Takes the edits that a callback wants to be made. The editor's.
///
/// All edits of one callback belong together: their places are those of the document that the callback was given, they
/// do not overlap, and all of them are made or none.
#[repr(C)]
#[derive(Debug)]
pub struct PluginEdits {
    /// The size of this struct in bytes.
    pub size: usize,
    /// The editor's own.
    pub host: *mut c_void,
    /// Wants this edit: at a place, this many bytes go, and a text of at most 64 MiB comes, which is copied.
    pub add: unsafe extern "C" fn(edits: *mut PluginEdits, at: usize, removed: usize, inserted: PluginText),
}

/// Takes the reason why a callback could not do its part. The editor's.
///
/// What the callback has answered besides is left out, and the user is told. The plugin is called again. Of several
/// failures of one callback the first counts.
#[repr(C)]
#[derive(Debug)]
pub struct PluginFailure {
    /// The size of this struct in bytes.
    pub size: usize,
    /// The editor's own.
    pub host: *mut c_void,
    /// Fails with a message of at most 4 KiB, without the plugin's name, which is copied.
    pub fail: unsafe extern "C" fn(failure: *mut PluginFailure, message: PluginText),
    /// Fails because of what stands at a place of the document.
    pub fail_at: unsafe extern "C" fn(failure: *mut PluginFailure, at: usize, message: PluginText),
}

/// Takes the commands that a plugin offers. The editor's.
#[repr(C)]
#[derive(Debug)]
pub struct PluginCommands {
    /// The size of this struct in bytes.
    pub size: usize,
    /// The editor's own.
    pub host: *mut c_void,
    /// Offers a command: its name is one word, unique within the plugin; its title a few words for a menu; its
    /// description one sentence. Each is at most 4 KiB long, and copied.
    pub add: unsafe extern "C" fn(
        commands: *mut PluginCommands,
        name: PluginText,
        title: PluginText,
        description: PluginText,
    ),
}

/// Takes what the editor shows in its status line. The editor's.
#[repr(C)]
#[derive(Debug)]
pub struct PluginStatus {
    /// The size of this struct in bytes.
    pub size: usize,
    /// The editor's own.
    pub host: *mut c_void,
    /// Shows a text of at most 4 KiB, which is copied. Of several the last is shown.
    pub show: unsafe extern "C" fn(status: *mut PluginStatus, text: PluginText),
}

/// A plugin. Yours: see `plugin_register`.
///
/// `version`, `size`, `name` and `release` have to be given. Everything behind them may be NULL, with two exceptions:
/// where there is `data`, there is `destroy`; and where there is one of `commands` and `run`, there is the other.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Plugin {
    /// `PLUGIN_VERSION`.
    pub version: u32,
    /// `sizeof(Plugin)`. An editor that knows a longer struct takes what lies behind your size for NULL; one that knows
    /// a shorter struct does not look behind the end of its own.
    pub size: u32,
    /// The name that users call it by: one word of at most 64 bytes, of letters, digits, `-` and `_`. No other plugin in
    /// the folder has it.
    pub name: PluginText,
    /// The plugin's own version, as in `1.2.0` (see semver.org).
    pub release: PluginText,
    /// Whatever the plugin keeps between its callbacks; each is given it first. NULL where it keeps nothing.
    pub data: *mut c_void,
    /// Frees `data`. Called once, after all other callbacks; nothing is called afterwards. One that does nothing will do
    /// where there is nothing to free.
    pub destroy: Option<unsafe extern "C" fn(data: *mut c_void)>,
    /// Takes the user's configuration, before any other callback. Only called where the user gives one. After a failure
    /// the plugin is destroyed, and not used.
    pub configure:
        Option<unsafe extern "C" fn(data: *mut c_void, configuration: PluginText, failure: *mut PluginFailure)>,
    /// A document was opened.
    pub opened: Option<unsafe extern "C" fn(data: *mut c_void, document: *const PluginDocument)>,
    /// A document was edited, by the user or by a plugin, this one included; `answer` takes what to edit in turn.
    ///
    /// `edits` has `count` elements. They were made one after the other, each in the text that the one before had left;
    /// `document` is what the last of them has left. Answer only to what still wants a change: the editor stops
    /// listening to plugins that answer each other without end.
    pub edited: Option<
        unsafe extern "C" fn(
            data: *mut c_void,
            edits: *const PluginEdit,
            count: usize,
            document: *const PluginDocument,
            answer: *mut PluginEdits,
        ),
    >,
    /// A document is about to be saved; `edits` takes what to edit before. Also after a failure it is saved.
    pub before_save: Option<
        unsafe extern "C" fn(
            data: *mut c_void,
            document: *const PluginDocument,
            edits: *mut PluginEdits,
            failure: *mut PluginFailure,
        ),
    >,
    /// A document is being closed; nothing more will be heard of it.
    pub closed: Option<unsafe extern "C" fn(data: *mut c_void, document: *const PluginDocument)>,
    /// Offers commands to the user. They may be asked for several times.
    pub commands: Option<unsafe extern "C" fn(data: *mut c_void, commands: *mut PluginCommands)>,
    /// Runs a command by its name; fails where the plugin has none of that name. `edits` takes what to edit.
    pub run: Option<
        unsafe extern "C" fn(
            data: *mut c_void,
            command: PluginText,
            document: *const PluginDocument,
            edits: *mut PluginEdits,
            failure: *mut PluginFailure,
        ),
    >,
    /// Says what the editor shows in its status line, where there is something to say.
    pub status: Option<unsafe extern "C" fn(data: *mut c_void, status: *mut PluginStatus)>,
}
