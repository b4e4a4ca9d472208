//! The `plugin` record.

use super::fingerprint::Fingerprint;
use super::writer::{Kind, Notes, Writer};
use crate::abi::CONTRACT;

/// The contents of a plugin's record, as [`export!`](crate::export) passes them.
pub struct PluginRecord {
    /// The plugin's name.
    pub name: &'static str,
    /// The package's version.
    pub version: &'static str,
    /// The package's description; may be empty.
    pub description: &'static str,
    /// The package's authors, separated by colons; may be empty.
    pub authors: &'static str,
    /// The package's license; may be empty.
    pub license: &'static str,
    /// The name, version and fingerprint of each interface as which the plugin is exported.
    pub interfaces: &'static [(&'static str, &'static str, Fingerprint)],
    /// The symbol of the plugin's entry table.
    pub entry: &'static str,
    /// The panic strategy of the crate that exports the plugin.
    pub panic: &'static str,
    /// The target features of that crate; empty texts are ignored.
    pub features: &'static [&'static str],
    /// Whether the compiler keeps fields in their declared order in that crate.
    pub in_order: bool,
}

/// Returns the bytes of a plugin record and their number. `N` is that number, or 0 to measure it.
pub const fn plugin_record<const N: usize>(plugin: &PluginRecord) -> (Notes<N>, usize) {
    let mut note = Writer::<N>::new();
    let start = note.begin(Kind::Plugin, CONTRACT);
    note.line("name", plugin.name);
    note.line("version", plugin.version);
    note.line("description", plugin.description);
    note.line("authors", plugin.authors);
    note.line("license", plugin.license);
    let mut interfaces = plugin.interfaces;
    while let [(name, version, fingerprint), rest @ ..] = interfaces {
        note.text("interface ");
        note.text(name);
        note.byte(b' ');
        note.text(version);
        note.byte(b' ');
        note.hex(fingerprint.to_u128());
        note.byte(b'\n');
        interfaces = rest;
    }
    note.line("entry", plugin.entry);
    note.line("panic", plugin.panic);
    note.list("features", plugin.features);
    note.layout(plugin.in_order);
    note.end(start);
    let len = note.len();
    (note.into_notes(), len)
}
