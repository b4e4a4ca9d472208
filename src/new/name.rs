//! The name of a new project, from its path.

use std::path::{Path, PathBuf};

use super::Problem;

/// The name that a path ends with.
///
/// # Errors
///
/// The path has no such name, or one that is not ASCII: Rust has no crates of such names.
pub(super) fn of(path: &Path) -> Result<String, Problem> {
    // `.` and `..` are names of folders that exist.
    let named = if path.file_name().is_some() && !path.ends_with("..") { path.to_owned() } else { real(path)? };
    let name = named.file_name().ok_or_else(|| format!("{} does not end with a name", path.display()))?;
    match name.to_str().filter(|name| name.is_ascii()) {
        Some(name) => Ok(name.to_owned()),
        None => Err(format!("`{}` cannot be a name of crates, because it is not ASCII", name.to_string_lossy()).into()),
    }
}

fn real(path: &Path) -> Result<PathBuf, Problem> {
    path.canonicalize().map_err(|error| format!("{}: {error}", path.display()).into())
}

/// A name in code: `my-app` is `my_app` there.
pub(super) fn in_code(name: &str) -> String {
    name.replace('-', "_")
}

/// A name for a type: `my-app` is `MyApp`.
pub(super) fn of_type(name: &str) -> String {
    let capital = |part: &str| part[..1].to_ascii_uppercase() + &part[1..];
    name.split(['-', '_']).filter(|part| !part.is_empty()).map(capital).collect()
}
