//! Where packages come from: a folder, a repository or a registry.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use cargo_metadata::{Dependency, Package};
use toml_edit::{InlineTable, Value};

/// Where a package comes from, or all packages of plugbox: then the path is that of a checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Path(PathBuf),
    Git {
        url: String,
        /// `rev`, `branch` or `tag`, and its value.
        reference: Option<(String, String)>,
    },
    Registry {
        version: String,
        /// The index of a registry other than crates.io.
        index: Option<String>,
    },
}

/// Where the source of this command came from, as its build script saw it.
const OF_THIS_COMMAND: &str = env!("PLUGBOX_ORIGIN");

impl Origin {
    /// Where this command came from. If it was built in a checkout that is gone, this is the repository.
    pub(super) fn of_this_command() -> Self {
        let repository = Self::Git { url: env!("CARGO_PKG_REPOSITORY").to_owned(), reference: None };
        match OF_THIS_COMMAND.parse() {
            Ok(Self::Path(checkout)) if !is_checkout(&checkout) => repository,
            origin => origin.unwrap_or(repository),
        }
    }

    /// Where a package that cargo has resolved comes from.
    pub(super) fn of_package(package: &Package) -> Self {
        match &package.source {
            None => Self::Path(folder(package)),
            Some(source) => Self::of_source(&source.repr, package.version.to_string()),
        }
    }

    /// Where a package says that a dependency comes from.
    pub(super) fn of_dependency(dependency: &Dependency) -> Self {
        let version = dependency.req.to_string().trim_start_matches('^').to_owned();
        match (&dependency.path, &dependency.source) {
            (Some(path), _) => Self::Path(path.as_std_path().to_owned()),
            (None, Some(source)) => Self::of_source(&source.repr, version),
            (None, None) => Self::Registry { version, index: None },
        }
    }

    /// Reads cargo's words for a source, such as `git+https://example.org/it?tag=v1#0123abc`.
    fn of_source(source: &str, version: String) -> Self {
        let Some(git) = source.strip_prefix("git+") else {
            let is_crates_io =
                source.contains("//github.com/rust-lang/crates.io-index") || source.contains("//index.crates.io");
            let index = (!is_crates_io).then(|| source.trim_start_matches("registry+").to_owned());
            return Self::Registry { version, index };
        };
        let git = git.split('#').next().unwrap_or_default();
        let (url, query) = git.split_once('?').unwrap_or((git, ""));
        let reference = query.split_once('=').map(|(kind, value)| (kind.to_owned(), value.to_owned()));
        Self::Git { url: url.to_owned(), reference }
    }

    /// The origin of one package, if this is a checkout and the package is in a folder of it.
    pub(super) fn of_part(&self, part: &str) -> Self {
        match self {
            Self::Path(checkout) => Self::Path(checkout.join(part)),
            other => other.clone(),
        }
    }

    /// What a manifest says of a dependency from here.
    pub(super) fn requirement(&self) -> Value {
        let mut table = InlineTable::new();
        match self {
            Self::Path(path) => _ = table.insert("path", path.to_string_lossy().as_ref().into()),
            Self::Git { url, reference } => {
                table.insert("git", url.into());
                if let Some((kind, value)) = reference {
                    table.insert(kind, value.into());
                }
            }
            Self::Registry { version, index: None } => return version.into(),
            Self::Registry { version, index: Some(index) } => {
                table.insert("version", version.into());
                table.insert("registry-index", index.into());
            }
        }
        table.into()
    }

    /// The arguments of `cargo install` for the command.
    pub(super) fn install(&self) -> String {
        match self {
            Self::Path(checkout) => format!("--path {}", quoted(&checkout.to_string_lossy())),
            Self::Git { url, reference: None } => format!("--git {} plugbox-cli", quoted(url)),
            Self::Git { url, reference: Some((kind, value)) } => {
                format!("--git {} --{kind} {} plugbox-cli", quoted(url), quoted(value))
            }
            Self::Registry { version, .. } => format!("plugbox-cli --version {}", quoted(version)),
        }
    }

    /// The origin in words.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Path(path) => format!("the folder {}", path.display()),
            Self::Git { url, reference: None } => format!("the repository {url}"),
            Self::Git { url, reference: Some((kind, value)) } => format!("the repository {url}, {kind} {value}"),
            Self::Registry { version, .. } => format!("the registry, version {version}"),
        }
    }
}

/// A word of a shell's command line.
fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:@+=".contains(letter);
    if word.chars().all(is_plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

/// Whether a folder has the source of plugbox.
fn is_checkout(folder: &Path) -> bool {
    ["core-api", "loader"].iter().all(|part| folder.join(part).join("Cargo.toml").is_file())
}

/// The folder of a package.
pub(super) fn folder(package: &Package) -> PathBuf {
    package.manifest_path.parent().map_or_else(PathBuf::new, |folder| folder.as_std_path().to_owned())
}

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some(("path", path)) => {
                let folder = Path::new(path).canonicalize().map_err(|error| error.to_string());
                match folder {
                    Ok(folder) if is_checkout(&folder) && folder.to_str().is_some() => Ok(Self::Path(folder)),
                    Ok(_) => Err(format!("{path} is no checkout of plugbox: it has no core-api/Cargo.toml")),
                    Err(error) => Err(error),
                }
            }
            Some(("git", url)) if !url.is_empty() => {
                let (url, revision) = url.split_once('#').map_or((url, None), |(url, revision)| (url, Some(revision)));
                let reference = revision.map(|revision| ("rev".to_owned(), revision.to_owned()));
                Ok(Self::Git { url: url.to_owned(), reference })
            }
            Some(("version", version)) => match version.parse::<cargo_metadata::semver::VersionReq>() {
                Ok(_) => Ok(Self::Registry { version: version.to_owned(), index: None }),
                Err(error) => Err(error.to_string()),
            },
            _ => Err("expected path=FOLDER, git=URL, git=URL#REVISION or version=REQUIREMENT".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_words_for_a_source_are_read() {
        let git = |url: &str, reference: Option<(&str, &str)>| Origin::Git {
            url: url.to_owned(),
            reference: reference.map(|(kind, value)| (kind.to_owned(), value.to_owned())),
        };
        let registry =
            |index: Option<&str>| Origin::Registry { version: "1.2".to_owned(), index: index.map(str::to_owned) };
        for (source, origin) in [
            ("git+https://a.org/b?tag=v1#0123abc", git("https://a.org/b", Some(("tag", "v1")))),
            ("git+https://a.org/b?rev=0123abc", git("https://a.org/b", Some(("rev", "0123abc")))),
            ("git+ssh://git@a.org/b.git#0123abc", git("ssh://git@a.org/b.git", None)),
            ("registry+https://github.com/rust-lang/crates.io-index", registry(None)),
            ("sparse+https://index.crates.io/", registry(None)),
            ("registry+https://a.org/index", registry(Some("https://a.org/index"))),
            ("sparse+https://a.org/index/", registry(Some("sparse+https://a.org/index/"))),
        ] {
            assert_eq!(Origin::of_source(source, "1.2".to_owned()), origin, "{source}");
        }
    }

    #[test]
    fn a_requirement_and_an_installation_say_the_same() {
        for (text, requirement, install) in [
            ("version=0.1", "\"0.1\"", "plugbox-cli --version 0.1"),
            ("git=https://a.org/b", r#"{ git = "https://a.org/b" }"#, "--git https://a.org/b plugbox-cli"),
            (
                "git=https://a.org/b#0123abc",
                r#"{ git = "https://a.org/b", rev = "0123abc" }"#,
                "--git https://a.org/b --rev 0123abc plugbox-cli",
            ),
        ] {
            let origin: Origin = text.parse().unwrap();
            assert_eq!(origin.requirement().to_string(), requirement);
            assert_eq!(origin.install(), install);
        }
        let checkout = Origin::Path("/it's here".into());
        assert_eq!(checkout.of_part("loader").requirement().to_string(), r#"{ path = "/it's here/loader" }"#);
        assert_eq!(checkout.install(), r"--path '/it'\''s here'");
    }

    #[test]
    fn wrong_words_are_refused() {
        for text in ["", "path", "path=/nonexistent", "git=", "version=one", "https://a.org/b"] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_command_of_a_checkout_uses_that_checkout() {
        assert_eq!(Origin::of_this_command(), Origin::Path(env!("CARGO_MANIFEST_DIR").into()));
    }
}
