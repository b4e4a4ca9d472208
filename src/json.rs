//! Lines of JSON: what `docs/json.md` promises of all of them.

use std::borrow::Cow;
use std::io;
use std::path::Path;

use serde::Serialize;

use crate::console::Console;

/// The file that a line is about.
#[derive(Serialize)]
pub(crate) struct File<'a> {
    file: Cow<'a, str>,
    /// Only where the name is not Unicode, and `file` therefore not the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_bytes: Option<&'a [u8]>,
}

impl<'a> From<&'a Path> for File<'a> {
    fn from(path: &'a Path) -> Self {
        let file_bytes = path.to_str().is_none().then_some(path.as_os_str().as_encoded_bytes());
        Self { file: path.to_string_lossy(), file_bytes }
    }
}

/// Writes one object, on a line of its own.
pub(crate) fn print(object: &impl Serialize, console: &Console) -> io::Result<()> {
    let mut line = serde_json::to_vec(object)?;
    line.push(b'\n');
    console.data(&line)
}
