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
/// Different names stay different.
fn file_name(plugin: &str) -> String {
    let mut name = String::new();
    for byte in plugin.bytes() {
        match byte {
            b'.' if !name.is_empty() => name.push('.'),
            b'-' | b'_' => name.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => name.push(byte.into()),
            // Writing to a `String` does not fail.
            _ => drop(write!(name, "%{byte:02X}")),
        }
    }
    name
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
}
