//! The parts that all JSON lines share; `docs/json.md` documents the format.

use std::borrow::Cow;
use std::io;
use std::path::Path;

use serde::Serialize;

use crate::console::Console;

/// The file that a line describes.
#[derive(Serialize)]
pub(crate) struct File<'a> {
    file: Cow<'a, str>,
    /// The bytes of the name. Present only if the name is not Unicode, so that `file` cannot represent it.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_bytes: Option<&'a [u8]>,
}

impl<'a> From<&'a Path> for File<'a> {
    fn from(path: &'a Path) -> Self {
        let file_bytes = path.to_str().is_none().then_some(path.as_os_str().as_encoded_bytes());
        Self { file: path.to_string_lossy(), file_bytes }
    }
}

/// Writes one object on its own line.
pub(crate) fn print(object: &impl Serialize, console: &Console) -> io::Result<()> {
    let mut line = serde_json::to_vec(object)?;
    line.push(b'\n');
    console.data(&line)
}
