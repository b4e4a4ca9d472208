//! The five published packages: each has all metadata that the registry and its documentation need, and no files of the
//! tests. The tests do not use the registry.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use harness::repository;
use semver::{Comparator, Op, Version, VersionReq};
use serde_json::Value;

/// The published packages, each after the packages that it needs.
const PUBLISHED: [&str; 5] = ["plugbox-macros", "plugbox-build", "plugbox", "plugbox-loader", "plugbox-cli"];

/// Separate workspaces.
const OTHER_WORKSPACES: [&str; 7] = [
    "benches/compare",
    "examples/years/api/1",
    "examples/years/api/2",
    "examples/years/api/3",
    "fuzz",
    "public-api",
    "tests/fixtures",
];

/// The categories that we use, from the registry's list: <https://crates.io/category_slugs>.
const CATEGORIES: [&str; 5] = [
    "command-line-utilities",
    "development-tools",
    "development-tools::build-utils",
    "development-tools::ffi",
    "rust-patterns",
];

fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo).current_dir(repository()).args(arguments).arg("--offline").output().unwrap();
    assert!(output.status.success(), "cargo {arguments:?}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The packages of a workspace, by name and version, because one of the examples has three versions.
fn packages(workspace: &str) -> BTreeMap<String, Value> {
    let manifest = format!("{workspace}/Cargo.toml");
    let text = cargo(&["metadata", "--no-deps", "--format-version=1", "--manifest-path", &manifest]);
    let metadata: Value = serde_json::from_str(&text).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages.map(|package| (text_of(package, "name").to_owned(), package.clone())).collect()
}

fn published() -> Vec<Value> {
    let mut all = packages(".");
    PUBLISHED.map(|name| all.remove(name).unwrap_or_else(|| panic!("no package {name}"))).into()
}

fn text_of<'p>(package: &'p Value, field: &str) -> &'p str {
    package[field].as_str().unwrap_or_else(|| panic!("{}: no {field}", package["name"]))
}

fn list_of<'p>(package: &'p Value, field: &str) -> Vec<&'p str> {
    package[field].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect()
}

fn folder(package: &Value) -> &Path {
    Path::new(text_of(package, "manifest_path")).parent().unwrap()
}

fn is_library(package: &Value) -> bool {
    let kinds = package["targets"].as_array().unwrap().iter().flat_map(|target| target["kind"].as_array().unwrap());
    kinds.into_iter().any(|kind| kind == "lib" || kind == "proc-macro")
}

#[test]
fn whatever_is_not_for_the_registry_says_so() {
    for workspace in OTHER_WORKSPACES.into_iter().chain(["."]) {
        for (name, package) in packages(workspace) {
            let refuses = package["publish"].as_array().is_some_and(Vec::is_empty);
            let is_published = workspace == "." && PUBLISHED.contains(&name.as_str());
            assert_eq!(refuses, !is_published, "{workspace}: {name} has `publish = {}`", package["publish"]);
        }
    }
}

#[test]
fn each_package_says_what_it_is_and_where_it_comes_from() {
    for package in published() {
        let name = text_of(&package, "name");
        assert!(text_of(&package, "description").ends_with('.'), "{name}");
        assert_eq!(text_of(&package, "license"), "MIT OR Apache-2.0", "{name}");
        assert_eq!(text_of(&package, "rust_version"), env!("CARGO_PKG_RUST_VERSION"), "{name}");
        assert_eq!(text_of(&package, "repository"), env!("CARGO_PKG_REPOSITORY"), "{name}");
        assert_eq!(text_of(&package, "readme"), "README.md", "{name}: the registry shows the package's own readme");
        let keywords = list_of(&package, "keywords");
        assert!(!keywords.is_empty() && keywords.len() <= 5, "{name}: {keywords:?}");
        for keyword in keywords {
            let allowed = |letter: char| letter.is_ascii_alphanumeric() || "_-+".contains(letter);
            let starts_well = keyword.starts_with(|letter: char| letter.is_ascii_alphanumeric());
            assert!(starts_well && keyword.len() <= 20 && keyword.chars().all(allowed), "{name}: {keyword}");
        }
        let categories = list_of(&package, "categories");
        assert!(!categories.is_empty() && categories.len() <= 5, "{name}: {categories:?}");
        assert!(categories.iter().all(|category| CATEGORIES.contains(category)), "{name}: {categories:?}");
        // A command has a man page instead, because the registry's documentation site builds only libraries.
        if is_library(&package) {
            assert_eq!(text_of(&package, "documentation"), format!("https://docs.rs/{name}"));
            let site = &package["metadata"]["docs"]["rs"];
            assert_eq!(site["all-features"], true, "{name}");
            assert_eq!(site["rustdoc-args"], serde_json::json!(["--cfg", "docsrs"]), "{name}");
            let targets =
                serde_json::json!(["x86_64-unknown-linux-gnu", "x86_64-pc-windows-msvc", "aarch64-apple-darwin"]);
            assert!(
                name != "plugbox-loader" || site["targets"] == targets,
                "{name} has a port to each of three systems"
            );
        }
    }
}

#[test]
fn each_package_has_its_licenses_and_its_readme_and_nothing_of_the_tests() {
    for package in published() {
        let name = text_of(&package, "name");
        let listed = cargo(&["package", "--list", "--allow-dirty", "-p", name]);
        let files: Vec<&str> = listed.lines().collect();
        for file in ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "Cargo.toml"] {
            assert!(files.contains(&file), "{name} has no {file}\n{listed}");
        }
        // Cargo follows links to the licenses at the root; copies are fine, too.
        for license in ["LICENSE-APACHE", "LICENSE-MIT"] {
            let [packed, ours] =
                [folder(&package), &repository()].map(|of| fs::read_to_string(of.join(license)).unwrap());
            assert!(packed == ours && ours.len() > 1000, "{name}: {license} differs from the one at the root");
        }
        let made_by_cargo = [".cargo_vcs_info.json", "Cargo.lock", "Cargo.toml.orig"];
        let ours = ["Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "build.rs", "flags.rs"];
        // The chapters of the guide, which the loader's documentation includes.
        let chapters = fs::read_to_string(folder(&package).join("src/guide.rs")).unwrap_or_default();
        let is_chapter = |file: &&&str| {
            file.strip_prefix("guide/").is_some_and(|chapter| chapters.contains(&format!("\"{chapter}\"")))
        };
        assert_eq!(files.iter().filter(is_chapter).count(), chapters.matches(".md\"").count(), "{name}: the guide");
        let strange: Vec<&&str> = files
            .iter()
            .filter(|file| !file.starts_with("src/") && !made_by_cargo.contains(file) && !ours.contains(file))
            .filter(|file| !is_chapter(file))
            .collect();
        assert!(strange.is_empty(), "{name} has {strange:?}");
        assert!(files.iter().any(|file| ["src/lib.rs", "src/main.rs"].contains(file)), "{name} has no code");
        let has_script = folder(&package).join("build.rs").exists();
        assert_eq!(files.contains(&"build.rs"), has_script, "{name}: its build script");
    }
}

/// A dependency in this repository: the name, the version requirement, and whether only the tests need it.
fn needs(package: &Value) -> Vec<(String, VersionReq, bool)> {
    let dependencies = package["dependencies"].as_array().unwrap().iter().filter(|one| one["path"].is_string());
    let need = |one: &Value| {
        let requirement = VersionReq::parse(text_of(one, "req")).unwrap();
        (text_of(one, "name").to_owned(), requirement, one["kind"] == "dev")
    };
    dependencies.map(need).collect()
}

#[test]
fn all_packages_have_one_version_and_ask_for_each_other_by_it() {
    let version = Version::parse(env!("CARGO_PKG_VERSION")).unwrap();
    for package in published() {
        let name = text_of(&package, "name");
        assert_eq!(text_of(&package, "version"), version.to_string(), "{name}");
        for (needed, requirement, for_tests) in needs(&package) {
            if PUBLISHED.contains(&needed.as_str()) {
                assert!(requirement.matches(&version), "{name} needs {needed} {requirement}");
                assert_ne!(requirement, VersionReq::STAR, "{name} needs {needed} of no version");
            } else {
                // Cargo removes test dependencies without a version. The registry would look for one with a version.
                assert!(for_tests && requirement == VersionReq::STAR, "{name} needs {needed} {requirement}");
            }
        }
    }
}

#[test]
fn what_is_used_through_private_items_is_pinned() {
    let version = Version::parse(env!("CARGO_PKG_VERSION")).unwrap();
    let exactly = [Comparator {
        op: Op::Exact,
        major: version.major,
        minor: Some(version.minor),
        patch: Some(version.patch),
        pre: version.pre,
    }];
    let published = published();
    // The macros write `::plugbox::__private`, and the loader calls it.
    for (name, private) in [("plugbox", "plugbox-macros"), ("plugbox-loader", "plugbox")] {
        let package = published.iter().find(|package| package["name"] == name).unwrap();
        let (_, requirement, _) = needs(package).into_iter().find(|(needed, ..)| needed == private).unwrap();
        assert_eq!(requirement.comparators, exactly, "{name} needs {private}");
    }
}

#[test]
fn packages_are_published_after_what_they_need() {
    let page = fs::read_to_string(repository().join("RELEASING.md")).unwrap();
    let command = page.lines().find(|line| line.trim_start().starts_with("$ cargo publish -p ")).unwrap();
    let order: Vec<&str> = command.split(" -p ").skip(1).map(|rest| rest.split(' ').next().unwrap()).collect();
    assert_eq!(order, PUBLISHED, "RELEASING.md has a different order");
    for (at, package) in published().iter().enumerate() {
        for (needed, ..) in needs(package).iter().filter(|(needed, ..)| PUBLISHED.contains(&needed.as_str())) {
            assert!(PUBLISHED[..at].contains(&needed.as_str()), "{} comes before {needed}", package["name"]);
        }
    }
}

/// A struct with public fields can get more fields only if nobody outside can write its literal; so it has a constructor,
/// unless only parsing makes it.
#[test]
fn every_open_struct_can_grow_and_has_a_constructor() {
    let parsed = ["Build", "Exported", "ImageDifference", "InterfaceRecord", "Manifest", "PluginRecord", "ShapeRecord"];
    let mut open = 0;
    for list in ["plugbox", "plugbox-build", "plugbox-loader"] {
        let items = fs::read_to_string(repository().join("public-api").join(list).with_extension("txt")).unwrap();
        for line in items.lines() {
            let Some((before, path)) = line.split_once("pub struct ") else { continue };
            let path = path.split(['<', '(']).next().unwrap();
            let name = path.rsplit("::").next().unwrap();
            let field = format!("pub {path}::");
            if !items.lines().any(|item| item.starts_with(&field)) {
                continue;
            }
            open += 1;
            assert!(before.contains("#[non_exhaustive]"), "{path} can never get another field");
            // An item that two modules show is listed in both, and its functions by one path.
            let makes = |item: &str| {
                let of_it = ["::", "<"].iter().any(|behind| item.contains(&format!("::{name}{behind}")));
                of_it && item.ends_with("-> Self") && !item.contains("self")
            };
            let is_function = |item: &&str| item.starts_with("pub fn ") || item.starts_with("pub const fn ");
            let has = items.lines().filter(is_function).any(makes);
            assert!(has || parsed.contains(&name), "{path} has no constructor");
        }
    }
    assert!(open > 12, "{open} structs with public fields");
}
