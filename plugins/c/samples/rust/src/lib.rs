//! A Rust plugin that uses the C interface: it needs neither plugbox nor a crate of the editor, only `extern "C"`. It
//! reverses lines.
//!
//! The loader does not judge such a library as it judges Rust plugins. In return, any compiler may have built it.

// The types of `plugin.h`. If you have only the header, generate them with bindgen.
#[path = "../../../bridge/src/abi.rs"]
pub mod abi;

use std::ffi::c_void;
use std::{ptr, slice};

use abi::{PLUGIN_VERSION, Plugin, PluginCommands, PluginDocument, PluginEdits, PluginFailure, PluginText};

const fn text(text: &str) -> PluginText {
    PluginText { start: text.as_ptr().cast(), length: text.len() }
}

unsafe extern "C" fn commands(_data: *mut c_void, commands: *mut PluginCommands) {
    let (name, title) = (text("lines"), text("Reverse lines"));
    let description = text("Puts the lines of the selection, or of the whole text, in the opposite order.");
    // SAFETY: the editor passes a struct that is valid until this returns.
    let add = unsafe { (*commands).add };
    // SAFETY: the same struct; the texts are static.
    unsafe { add(commands, name, title, description) };
}

unsafe extern "C" fn run(
    _data: *mut c_void,
    command: PluginText,
    document: *const PluginDocument,
    edits: *mut PluginEdits,
    failure: *mut PluginFailure,
) {
    // SAFETY: the editor passes a document that is valid until this returns.
    let document = unsafe { &*document };
    let scope = document.scope.start..document.scope.end;
    // SAFETY: the editor's texts are valid until this returns.
    let (command, whole) = (unsafe { lent(command) }, unsafe { lent(document.text) });
    match whole.get(scope.clone()).filter(|_| command == "lines") {
        Some(selected) => {
            let reversed = reversed(selected);
            // SAFETY: from the editor, as in `commands`.
            let add = unsafe { (*edits).add };
            // SAFETY: the same struct; the text is copied before this returns.
            unsafe { add(edits, scope.start, scope.len(), text(&reversed)) };
        }
        None => {
            // SAFETY: from the editor, as in `commands`.
            let fail = unsafe { (*failure).fail };
            // SAFETY: the same struct; the text is static.
            unsafe { fail(failure, text("there is no such command")) };
        }
    }
}

/// # Safety
///
/// 1. The text comes from the editor, and is valid as long as the result is used.
unsafe fn lent<'a>(text: PluginText) -> &'a str {
    // SAFETY: obligation 1; the editor's texts are never NULL.
    let bytes = unsafe { slice::from_raw_parts(text.start.cast::<u8>(), text.length) };
    std::str::from_utf8(bytes).unwrap_or_default()
}

fn reversed(text: &str) -> String {
    let lines: Vec<&str> = text.lines().rev().collect();
    lines.join("\n") + if text.ends_with('\n') { "\n" } else { "" }
}

struct Registered(Plugin);

// SAFETY: its pointers point to static texts and to functions.
unsafe impl Sync for Registered {}

static PLUGIN: Registered = Registered(Plugin {
    version: PLUGIN_VERSION,
    size: size_of::<Plugin>() as u32,
    name: text("reverse"),
    release: text(env!("CARGO_PKG_VERSION")),
    data: ptr::null_mut(),
    destroy: None,
    configure: None,
    opened: None,
    edited: None,
    before_save: None,
    closed: None,
    commands: Some(commands),
    run: Some(run),
    status: None,
});

/// The function that the editor calls.
// SAFETY: no other function in this library has this name, and the editor opens each library with its own symbols.
#[unsafe(no_mangle)]
pub extern "C" fn plugin_register() -> *const Plugin {
    &PLUGIN.0
}
