//! Tests of a plugin that load it: real packages, whose tests cargo runs, and which build the library while it does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use harness::{build_outside, repository, scratch, shows, target_dir};

const PLUGIN: &str = r#"
use hello_api::{Guest, Plugin};

#[derive(Default)]
struct Testee;

impl Plugin for Testee {
    fn greet(&self, guest: &Guest) -> String {
        format!("WORD {}", guest.name)
    }
}

plugbox::export!(Testee as dyn Plugin);
"#;

/// A test that loads the plugin twice at once, and expects a word.
const TEST: &str = r#"
use hello_api::{Guest, Plugin};
use plugbox_loader::{Loader, Trust, testing};

fn greeting() -> String {
    let library = testing::build_plugin("testee").unwrap();
    let trust = unsafe { Trust::directory(library.parent().unwrap()) }.unwrap();
    let plugin = Loader::new(trust.allow_group_writable()).load_file::<dyn Plugin>(&library).unwrap();
    plugin.greet(&Guest { name: "Ada".to_owned(), visits: 1 })
}

#[test]
fn one() {
    assert_eq!(greeting(), "WORD Ada");
}

#[test]
fn another_at_the_same_time() {
    std::env::set_current_dir("/").unwrap();
    assert_eq!(greeting(), "WORD Ada");
}
"#;

/// The workspace of a plugin and of a host that has no plugin of its own; both have the test.
struct Workspace(PathBuf);

impl Workspace {
    fn new() -> Self {
        let root = scratch("testing");
        let manifest = |package: &str, library: &str| {
            let path = |folder: &str| repository().join(folder).display().to_string();
            format!(
                "[package]\nname = \"{package}\"\nversion = \"1.0.0\"\nedition = \"2024\"\n{library}\n[dependencies]\n\
                 plugbox = {{ path = \"{}\" }}\nhello-api = {{ path = \"{}\" }}\n[dev-dependencies]\n\
                 plugbox-loader = {{ path = \"{}\", features = [\"testing\"] }}\n",
                path("core-api"),
                path("examples/hello/api"),
                path("loader"),
            )
        };
        for package in ["testee", "its-host"] {
            fs::create_dir_all(root.join(package).join("src")).unwrap();
            fs::create_dir_all(root.join(package).join("tests")).unwrap();
            fs::write(root.join(package).join("tests/loads.rs"), TEST).unwrap();
        }
        fs::write(root.join("testee/Cargo.toml"), manifest("testee", "[lib]\ncrate-type = [\"cdylib\"]")).unwrap();
        fs::write(root.join("testee/src/lib.rs"), PLUGIN).unwrap();
        fs::write(root.join("its-host/Cargo.toml"), manifest("its-host", "")).unwrap();
        fs::write(root.join("its-host/src/main.rs"), "fn main() {}\n").unwrap();
        fs::write(root.join("Cargo.toml"), "[workspace]\nresolver = \"3\"\nmembers = [\"testee\", \"its-host\"]\n")
            .unwrap();
        fs::copy(repository().join("Cargo.lock"), root.join("Cargo.lock")).unwrap();
        Self(root)
    }

    /// Replaces a text in a file.
    fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.0.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from));
        fs::write(path, text.replace(from, to)).unwrap();
    }

    /// Runs the tests of a package. A cargo that waits for itself would wait for ever.
    fn test(&self, package: &str) -> Output {
        let mut cargo = Command::new("timeout");
        cargo.arg("300").arg(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(&self.0).args(["test", "--offline", "--test", "loads", "-p", package]);
        let outside = build_outside(&mut cargo);
        // As an argument only: the test that runs finds its folder without the variable.
        cargo.env_remove("CARGO_TARGET_DIR").arg("--target-dir").arg(&outside.target);
        cargo.env("STALE", target_dir().join("outside/debug/libtestee.so")).output().unwrap()
    }
}

fn passes(output: &Output) {
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("2 passed"), "{said}");
}

fn fails_with(output: &Output, texts: &[&str]) {
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!output.status.success(), "{said}");
    texts.iter().for_each(|text| assert!(said.contains(text), "{text}\n{said}"));
}

fn contains(file: &Path, text: &str) -> bool {
    fs::read(file).unwrap().windows(text.len()).any(|part| part == text.as_bytes())
}

/// A single test, because all of it uses one package in one target folder.
#[test]
fn a_test_loads_the_library_as_its_source_is_now() {
    let workspace = Workspace::new();
    let library = target_dir().join("outside/debug/libtestee.so");
    passes(&workspace.test("testee"));
    assert!(contains(&library, "WORD "));

    // The library of the run before is stale, and cargo would leave it so: the control is a test that builds nothing.
    workspace.edit("testee/src/lib.rs", "WORD {}", "Other {}");
    workspace.edit("testee/tests/loads.rs", "WORD Ada", "Other Ada");
    workspace.edit(
        "testee/tests/loads.rs",
        "testing::build_plugin(\"testee\")",
        "std::env::var(\"STALE\").map(std::path::PathBuf::from)",
    );
    fails_with(&workspace.test("testee"), &["WORD Ada", "Other Ada"]);
    workspace.edit(
        "testee/tests/loads.rs",
        "std::env::var(\"STALE\").map(std::path::PathBuf::from)",
        "testing::build_plugin(\"testee\")",
    );
    passes(&workspace.test("testee"));
    assert!(contains(&library, "Other "));

    // A host's test, for the plugin of another package; and the plugin of a library that is linked, too.
    workspace.edit("its-host/tests/loads.rs", "WORD Ada", "Other Ada");
    passes(&workspace.test("its-host"));
    workspace.edit("testee/Cargo.toml", "[\"cdylib\"]", "[\"cdylib\", \"rlib\"]");
    passes(&workspace.test("testee"));

    // The compiler's own words about a mistake reach the author.
    workspace.edit("testee/src/lib.rs", "guest.name", "guest.nam");
    fails_with(&workspace.test("its-host"), &["cargo cannot build `testee`", "no field `nam` on type"]);
    workspace.edit("testee/src/lib.rs", "guest.nam", "guest.name");

    // What is no plugin says so.
    let way_out = "write in its Cargo.toml:\n[lib]\ncrate-type = [\"cdylib\"]";
    workspace.edit("testee/Cargo.toml", "[\"cdylib\", \"rlib\"]", "[\"dylib\"]");
    fails_with(&workspace.test("its-host"), &["`testee` builds no library that can be loaded", way_out]);
    workspace.edit("testee/Cargo.toml", "crate-type = [\"dylib\"]", "");
    fails_with(&workspace.test("testee"), &["`testee` builds no library that can be loaded", way_out]);
    fs::write(workspace.0.join("testee/src/main.rs"), "fn main() {}\n").unwrap();
    fs::remove_file(workspace.0.join("testee/src/lib.rs")).unwrap();
    workspace.edit("testee/Cargo.toml", "[lib]", "");
    fails_with(&workspace.test("testee"), &["cargo cannot build `testee`", "no library targets", way_out]);
    workspace.edit("testee/tests/loads.rs", "\"testee\"", "\"nobody\"");
    fails_with(&workspace.test("testee"), &["cargo cannot build `nobody`", "nobody"]);
}

#[test]
fn the_guide_shows_the_test_of_the_readmes_plugin() {
    shows("docs/testing.md", |name| unreachable!("{name}"));
}
