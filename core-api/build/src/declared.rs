//! The dependencies of this package by their names in its Cargo.toml.

use std::path::Path;

use crate::graph::{cargo, metadata};
use crate::variable;

/// A dependency as Cargo.toml names it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Declared {
    pub(crate) package: String,
    /// The name that Cargo.toml gives it instead of the package's.
    pub(crate) rename: Option<String>,
}

impl Declared {
    /// Whether Cargo.toml calls it so. A hyphen counts as an underscore, as in code.
    pub(crate) fn is(&self, name: &str) -> bool {
        in_code(self.rename.as_ref().unwrap_or(&self.package)) == in_code(name)
    }
}

/// Returns a name as code writes it.
pub(crate) fn in_code(name: &str) -> String {
    name.replace('-', "_")
}

/// Returns the dependencies of this package; `None` if cargo does not tell.
pub(crate) fn declared(workspace: &Path) -> Option<Vec<Declared>> {
    let folder = variable("CARGO_MANIFEST_DIR");
    let manifest = Path::new(&folder).join("Cargo.toml");
    let arguments = ["metadata", "--format-version", "1", "--no-deps", "--offline", "--manifest-path"];
    let own = cargo(workspace, &[&arguments[..], &[manifest.to_str()?]].concat());
    // A vendored package lies in the folder of a workspace to which it does not belong.
    let shown = own.or_else(|_| metadata(workspace)).ok()?;
    let head = format!(
        "{{\"name\":\"{}\",\"version\":\"{}\",\"id\":",
        variable("CARGO_PKG_NAME"),
        variable("CARGO_PKG_VERSION")
    );
    dependencies(&shown, &head)
}

/// Returns the dependencies that are not only for tests and build scripts, of the package whose object in the output of
/// `cargo metadata` begins so.
///
/// No text value in that output can match, because quotes in texts are escaped.
fn dependencies(shown: &str, head: &str) -> Option<Vec<Declared>> {
    let (_, package) = shown.split_once(head)?;
    let (_, list) = package.split_once("\"dependencies\":[")?;
    let (list, _) = list.split_once("],\"targets\":")?;
    let each = list.split("{\"name\":\"").skip(1).filter(|entry| entry.contains("\"kind\":null"));
    let each = each.map(|entry| {
        let text = |after: &str| Some(entry.split_once(after)?.1.split_once('"')?.0.to_owned());
        Some(Declared { package: entry.split_once('"')?.0.to_owned(), rename: text("\"rename\":\"") })
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dependencies_of_one_package_are_read_with_their_names() {
        let dependency = |name: &str, kind: &str, rename: &str| {
            format!(
                r#"{{"name":"{name}","source":null,"req":"^1","kind":{kind},"rename":{rename},"optional":false,"features":["a"],"target":null}}"#
            )
        };
        let package = |name: &str, dependencies: &[String]| {
            format!(
                r#"{{"name":"{name}","version":"1.0.0","id":"x","description":"\"dependencies\":[]","dependencies":[{}],"targets":[],"features":{{}}}}"#,
                dependencies.join(",")
            )
        };
        let ours = [
            dependency("serde_json", "null", "\"json\""),
            dependency("http-body", "null", "null"),
            dependency("tempfile", "\"dev\"", "null"),
        ];
        let packages = [package("other", &[dependency("bytes", "null", "null")]), package("ours", &ours)];
        let shown = format!("{{\"packages\":[{}]}}", packages.join(","));
        let found = dependencies(&shown, "{\"name\":\"ours\",\"version\":\"1.0.0\",\"id\":").unwrap();
        let declared = |package: &str, rename: Option<&str>| Declared {
            package: package.to_owned(),
            rename: rename.map(str::to_owned),
        };
        assert_eq!(found, [declared("serde_json", Some("json")), declared("http-body", None)]);
        assert!(
            found[0].is("json") && !found[0].is("serde_json") && found[1].is("http_body") && found[1].is("http-body")
        );
        assert_eq!(dependencies(&shown, "{\"name\":\"nobody\""), None);
    }
}
