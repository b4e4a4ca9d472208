//! The name of a new project, from its path.

use std::path::{Path, PathBuf};

use super::Problem;

/// The name that a path ends with.
///
/// # Errors
///
/// The path has no such name, or one that no crate can have, that the compiler warns of, or that plugbox needs.
pub(super) fn of(path: &Path) -> Result<String, Problem> {
    // `.` and `..` are names of folders that exist.
    let named = if path.file_name().is_some() && !path.ends_with("..") { path.to_owned() } else { real(path)? };
    let name = named.file_name().ok_or_else(|| format!("{} does not end with a name", path.display()))?;
    let Some(name) = name.to_str().filter(|name| name.is_ascii()) else {
        let name = name.to_string_lossy();
        return Err(format!("`{name}` cannot be a name of crates, because it is not ASCII").into());
    };
    if name != usual(name) {
        return Err(
            format!("the compiler warns of crates with such a name: write `{}` for `{name}`", usual(name)).into()
        );
    }
    if OF_PLUGBOX.contains(&&*name.replace('_', "-")) {
        return Err(format!("`{name}` is a package of plugbox, which the project needs; choose another name").into());
    }
    Ok(name.to_owned())
}

/// The packages of plugbox that become dependencies. Cargo confuses two packages with one name and one version.
const OF_PLUGBOX: [&str; 3] = ["plugbox", "plugbox-loader", "plugbox-macros"];

/// The name in the compiler's style: in lower case, with single separators. `MyApp` is `my-app`.
fn usual(name: &str) -> String {
    let is_separator = |letter: char| letter == '-' || letter == '_';
    let (mut usual, mut last) = (String::new(), ' ');
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && last.is_ascii_lowercase() {
            usual.push('-');
        }
        if !(is_separator(letter) && is_separator(last)) {
            usual.push(letter.to_ascii_lowercase());
        }
        last = letter;
    }
    usual
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
