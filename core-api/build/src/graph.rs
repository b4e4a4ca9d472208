//! The resolved graph of a workspace, as `cargo tree` shows it.

use std::env;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::files::Files;
use crate::variable;

/// A crate in a dependency graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Crate {
    /// The name of the crate in code.
    pub(crate) lib: String,
    pub(crate) package: String,
    version: String,
    /// The source, if it is not crates.io.
    source: Option<String>,
    /// The folder of a path dependency.
    folder: Option<PathBuf>,
    /// The hash of the crate's files, if it is known.
    files: Option<String>,
    features: String,
}

impl Crate {
    /// Returns the files of the crate; `None` for a crate from git, whose source contains a commit.
    ///
    /// The files of a registry's crate matter too, because cargo may take it from a vendored copy without showing that.
    pub(crate) fn files(&self, workspace: &Path) -> Result<Option<Files>, String> {
        let is_git = self.source.as_ref().is_some_and(|source| source.contains('#'));
        if is_git {
            return Ok(None);
        }
        let folder = match &self.folder {
            Some(folder) => folder.clone(),
            None => unpacked(&self.package, &self.version, workspace)?,
        };
        Files::of(&folder).map(Some)
    }

    /// Returns the crate with the hash of these files.
    pub(crate) fn with(self, files: Option<&Files>) -> Self {
        Self { files: files.map(|files| files.hash.clone()), ..self }
    }
}

impl fmt::Display for Crate {
    /// Writes the crate as in the records: `bytes 1.10.1 files 0123456789abcdef0123456789abcdef with default,std`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.package, self.version)?;
        self.source.iter().try_for_each(|source| write!(f, " from {source}"))?;
        self.files.iter().try_for_each(|files| write!(f, " files {files}"))?;
        if self.features.is_empty() { Ok(()) } else { write!(f, " with {}", self.features) }
    }
}

/// The dependencies of a package in one workspace.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Dependencies {
    pub(crate) crates: Vec<Crate>,
    /// The workspace's folder, or a folder in it.
    pub(crate) workspace: PathBuf,
    /// The files on which the dependencies depend.
    pub(crate) watched: Vec<PathBuf>,
}

/// Returns the dependencies of this package in the workspace of a folder; `None` if the workspace has no such package.
pub(crate) fn dependencies(folder: &Path) -> Result<Option<Dependencies>, String> {
    // Dependencies of tests and build scripts are included only if nothing else in the workspace uses this package.
    for edges in ["normal,no-proc-macro", "normal,dev", "normal,build,dev"] {
        let shown = tree(folder, edges)?;
        let lines: Vec<Line<'_>> = shown.lines().filter_map(Line::new).collect();
        if let Some(crates) = of_this_package(&lines) {
            let mut watched = vec![root(folder)?];
            watched.push(watched[0].with_file_name("Cargo.lock"));
            let members = lines.iter().filter(|line| line.depth == 0).filter_map(|line| line.parenthesis);
            watched.extend(members.map(|member| Path::new(member).join("Cargo.toml")));
            return Ok(Some(Dependencies { crates, workspace: folder.to_owned(), watched }));
        }
    }
    Ok(None)
}

/// Returns the manifest of the workspace.
fn root(folder: &Path) -> Result<PathBuf, String> {
    let arguments = ["locate-project", "--workspace", "--message-format", "plain"];
    cargo(folder, &arguments).map(|path| PathBuf::from(path.trim()))
}

fn tree(folder: &Path, edges: &str) -> Result<String, String> {
    let target = variable("TARGET");
    let arguments = ["tree", "--workspace", "--locked", "--prefix", "depth", "--format", "{p}\t{lib}\t{f}"];
    let arguments =
        [&arguments[..], &["--color", "never", "--charset", "ascii", "--edges", edges, "--target", &target]].concat();
    // Offline first. If only a part of the workspace was built before, crates for other parts may not be downloaded
    // yet.
    cargo(folder, &[&arguments[..], &["--offline"]].concat()).or_else(|_| cargo(folder, &arguments))
}

/// Returns the folder with the files of a registry's package.
fn unpacked(package: &str, version: &str, workspace: &Path) -> Result<PathBuf, String> {
    let found = match metadata(workspace) {
        Ok(shown) => manifests(&shown, package, version),
        // `cargo metadata` also needs crates that only tests use, which may not be downloaded. A vendored workspace has
        // them all, so this workspace is not vendored, and the crate is in the folder into which cargo has unpacked it.
        Err(_) => home().map(|home| in_registries(&home, package, version)).unwrap_or_default(),
    };
    match &found[..] {
        [folder] => Ok(folder.clone()),
        _ => Err(format!("cargo has {} folders for {package} {version}, instead of one", found.len())),
    }
}

/// Returns the output of `cargo metadata` for a workspace.
pub(crate) fn metadata(workspace: &Path) -> Result<String, String> {
    let target = variable("TARGET");
    cargo(workspace, &["metadata", "--format-version", "1", "--locked", "--filter-platform", &target, "--offline"])
}

/// Returns the folders of all registries' packages with this name and version in the output of `cargo metadata`.
///
/// No text value in that output can match, because quotes in texts are escaped.
fn manifests(shown: &str, package: &str, version: &str) -> Vec<PathBuf> {
    let head = format!("{{\"name\":\"{package}\",\"version\":\"{version}\",\"id\":");
    let of_registries = shown.split(&head).skip(1).filter(|rest| {
        let source = rest.split_once("\"source\":").map_or("", |(_, source)| source);
        !source.starts_with("null") && !source.starts_with("\"git+")
    });
    let manifests = of_registries.filter_map(|rest| {
        let (path, _) = rest.split_once("\"manifest_path\":\"")?.1.split_once('"')?;
        Path::new(&path.replace("\\\\", "\\")).parent().map(Path::to_owned)
    });
    manifests.collect()
}

/// Returns the folder for cargo's downloads.
fn home() -> Option<PathBuf> {
    let folder = |variable| env::var_os(variable).map(PathBuf::from);
    folder("CARGO_HOME").or_else(|| Some(folder("HOME").or_else(|| folder("USERPROFILE"))?.join(".cargo")))
}

/// Returns the folders into which cargo has unpacked a package, one for each registry.
fn in_registries(home: &Path, package: &str, version: &str) -> Vec<PathBuf> {
    let registries = fs::read_dir(home.join("registry/src")).into_iter().flatten().flatten();
    let folders = registries.map(|registry| registry.path().join(format!("{package}-{version}")));
    folders.filter(|folder| folder.join("Cargo.toml").is_file()).collect()
}

pub(crate) fn cargo(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let failed = |what: String| format!("`cargo {}` in {}: {}", arguments.join(" "), folder.display(), what.trim());
    let mut cargo = Command::new(variable("CARGO"));
    // Run in the workspace's folder, so cargo uses the workspace's configuration and not this package's.
    cargo.current_dir(folder).args(arguments);
    let output = cargo.output().map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(failed(said.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
    String::from_utf8(output.stdout).map_err(|error| failed(error.to_string()))
}

/// A line of `cargo tree`: `1bytes v1.10.1 (/path/to/bytes) (*)`, a tab, the name in code, a tab, the features.
struct Line<'a> {
    depth: usize,
    package: &'a str,
    version: &'a str,
    /// The folder or the source in parentheses.
    parenthesis: Option<&'a str>,
    lib: &'a str,
    features: &'a str,
    /// Whether the line refers to an earlier line for the dependencies.
    again: bool,
}

impl<'a> Line<'a> {
    fn new(line: &'a str) -> Option<Self> {
        let name = line.find(|letter: char| !letter.is_ascii_digit())?;
        let (depth, rest) = line.split_at(name);
        let mut columns = rest.split('\t');
        let (id, lib, features) = (columns.next()?, columns.next()?, columns.next()?);
        let (package, id) = id.split_once(" v")?;
        let (version, id) = id.split_once(' ').unwrap_or((id, ""));
        let again = features.ends_with("(*)");
        let features = features.trim_end_matches("(*)").trim_end();
        let source = id.trim_end_matches("(proc-macro)").trim_end();
        let parenthesis = source.strip_prefix('(').and_then(|source| source.strip_suffix(')'));
        Some(Self { depth: depth.parse().ok()?, package, version, parenthesis, lib, features, again })
    }

    fn krate(&self) -> Crate {
        let folder = self.parenthesis.filter(|source| Path::new(source).is_absolute());
        let source = self.parenthesis.filter(|_| folder.is_none());
        Crate {
            lib: self.lib.to_owned(),
            package: self.package.to_owned(),
            version: self.version.to_owned(),
            source: source.map(|source| source.replace([' ', '`'], "")),
            folder: folder.map(PathBuf::from),
            files: None,
            features: self.features.to_owned(),
        }
    }

    fn is_this_package(&self) -> bool {
        let here = || Path::new(&variable("CARGO_MANIFEST_DIR")).canonicalize().ok();
        let local = self.parenthesis.map(Path::new).filter(|path| path.is_absolute());
        self.package == variable("CARGO_PKG_NAME")
            && self.version == variable("CARGO_PKG_VERSION")
            && local.is_none_or(|local| local.canonicalize().ok() == here())
    }
}

/// Returns the direct dependencies of this package, from the lines below it.
fn of_this_package(lines: &[Line<'_>]) -> Option<Vec<Crate>> {
    let at = lines.iter().position(|line| line.is_this_package() && !line.again)?;
    let (this, below) = lines[at..].split_first()?;
    let below = below.iter().take_while(|line| line.depth > this.depth);
    Some(below.filter(|line| line.depth == this.depth + 1).map(Line::krate).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_of_a_registry_is_found_among_others_that_are_called_so() {
        let package = |source: &str, path: &str| {
            format!(
                r#"{{"name":"bytes","version":"1.0.0","id":"x","description":"a \"source\":null","source":{source},"dependencies":[{{"name":"a","source":null}}],"manifest_path":"{path}"}}"#
            )
        };
        let shown = [
            package("null", "/path/Cargo.toml"),
            package("\"git+https://example.org/bytes#1\"", "/git/Cargo.toml"),
            package("\"registry+https://github.com/rust-lang/crates.io-index\"", "C:\\\\a b\\\\bytes/Cargo.toml"),
        ];
        let shown = format!("{{\"packages\":[{}]}}", shown.join(","));
        assert_eq!(manifests(&shown, "bytes", "1.0.0"), [Path::new("C:\\a b\\bytes")]);
        assert!(manifests(&shown, "bytes", "1.0").is_empty() && manifests(&shown, "byte", "1.0.0").is_empty());
    }
}
