//! The folders for the data of plugins.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::errors::LoadError;
use crate::sys;

/// Creates the folder for a plugin's data, if it does not exist. Only this user may access a new folder.
pub(crate) fn folder(root: &Path, plugin: &str) -> Result<PathBuf, LoadError> {
    let folder = root.join(file_name(plugin));
    sys::create_private_folders(&folder).map_err(|source| LoadError::Io {
        path: folder.clone(),
        doing: "create this folder for the plugin's data",
        source,
    })?;
    Ok(folder)
}

/// Converts a plugin's name to a file name: each byte that could point outside the folder is escaped, as in `%2F`.
/// Different names stay different, even where `A` is `a`. The result is the same on all systems.
fn file_name(plugin: &str) -> String {
    let mut name = String::new();
    let last = plugin.len().saturating_sub(1);
    for (place, byte) in plugin.bytes().enumerate() {
        match byte {
            // Windows has no file with the name of a device, or with a dot at the end.
            _ if place == 0 && is_device(plugin) => drop(write!(name, "%{byte:02X}")),
            b'.' if place != 0 && place != last => name.push('.'),
            b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' => name.push(byte.into()),
            // Writing to a `String` does not fail.
            _ => drop(write!(name, "%{byte:02X}")),
        }
    }
    name
}

/// Whether a name, up to its first dot, is that of a device of Windows. See "Naming Files, Paths, and Namespaces" in the
/// documentation of Windows. A capital is escaped anyway.
fn is_device(plugin: &str) -> bool {
    let stem = plugin.split('.').next().unwrap_or(plugin);
    let is_numbered = |device| {
        let number = stem.strip_prefix(device);
        number.is_some_and(|number: &str| matches!(number.as_bytes(), [b'0'..=b'9']))
    };
    ["con", "prn", "aux", "nul"].contains(&stem) || is_numbered("com") || is_numbered("lpt")
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn no_name_leads_out_of_the_folder_and_none_is_another_ones() {
        let names = ["shout", "shout-2.0", "..", ".", ".git", "a/b", "/etc", "a%2Fb", "a\\b", "größe", "a\0b"];
        let files = names.map(file_name);
        assert_eq!(files[..2], names[..2]);
        for (place, file) in files.iter().enumerate() {
            assert!(!file.starts_with('.') && !file.contains(['/', '\\', '\0']), "{file}");
            assert!(!files[..place].contains(file), "{file}");
        }
        assert_eq!(file_name("../a b"), "%2E.%2Fa%20b");
    }

    #[test]
    fn no_two_names_are_one_folder_where_case_does_not_count_and_none_is_a_device() {
        for (name, file) in [
            ("Shout", "%53hout"),
            ("shouT", "shou%54"),
            ("shout.", "shout%2E"),
            ("con", "%63on"),
            ("nul.tar.gz", "%6Eul.tar.gz"),
            ("com1", "%63om1"),
            ("CON", "%43%4F%4E"),
            ("com10", "com10"),
            ("console", "console"),
            ("a.con", "a.con"),
        ] {
            assert_eq!(file_name(name), file, "{name}");
        }
    }
}
