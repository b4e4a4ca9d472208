//! One plugin is linked into the host and also loaded from a library, and both are in one list.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;

use fixture_api::Commands;
use fixture_linked::Tally;
use harness::{Build, build_outside, loader, repository, scratch, shown};
use plugbox_loader::{CallError, Loaded, Origin};
use semver::Version;

fn linked() -> Loaded<dyn Commands> {
    Loaded::linked("tally", Version::new(0, 5, 0), Box::new(Tally::default()))
}

fn loaded() -> Loaded<dyn Commands> {
    let library = Build::new("fixture-linked-export").library();
    loader(&library).load_file(&library).unwrap()
}

#[test]
fn a_host_has_linked_and_loaded_plugins_in_one_list() {
    let mut plugins: Vec<Loaded<dyn Commands>> = vec![linked(), loaded()];
    for plugin in &mut plugins {
        assert_eq!(plugin.commands(), ["tally", "fail"]);
        // Each has its own state.
        assert_eq!(plugin.run("tally").unwrap(), 1);
        assert_eq!(plugin.run("dance").unwrap_err().to_string(), "no command `dance`");
    }
    let [linked, loaded] = [0, 1].map(|place: usize| Loaded::info(&plugins[place]));
    assert_eq!((&linked.name, &linked.version), (&loaded.name, &loaded.version));
    assert_eq!((&linked.interface, &linked.rustc), (&loaded.interface, &loaded.rustc));
    assert!(loaded.origin.path().is_some() && loaded.origin.generation().is_some());
    assert_eq!((&linked.origin, linked.size), (&Origin::Linked, 0));
    assert_eq!((linked.origin.path(), linked.origin.generation()), (None, None));
}

#[test]
fn a_call_turns_the_panic_of_either_into_an_error_and_poisons_it() {
    for mut plugin in [linked(), loaded()] {
        let error = Loaded::call_mut(&mut plugin, |plugin| plugin.run("fail")).unwrap_err();
        let panic = error.panic();
        assert_eq!((&*panic.plugin, &*panic.message), ("tally", "0 runs are too many"));
        assert_eq!(panic.version, Some(Version::new(0, 5, 0)));
        assert_eq!(panic.origin, Loaded::info(&plugin).origin);
        let text = error.to_string();
        assert!(text.starts_with("plugin tally 0.5.0 panicked") && text.ends_with(": 0 runs are too many"), "{text}");
        assert!(matches!(Loaded::call(&plugin, |plugin| plugin.commands()), Err(CallError::Poisoned(_))));
        Loaded::clear_poison(&plugin);
        let error = Loaded::call_mut(&mut plugin, |plugin| plugin.run("value")).unwrap_err();
        assert_eq!(error.panic().message, "(a panic payload that is not text)");
    }
}

#[test]
fn a_direct_call_of_a_linked_plugin_panics_as_its_code_does() {
    let mut plugin = linked();
    let payload = catch_unwind(AssertUnwindSafe(|| plugin.run("value"))).unwrap_err();
    assert_eq!(payload.downcast_ref::<u64>(), Some(&7));
}

#[test]
fn the_panic_of_a_loaded_plugin_passes_through_a_linked_one() {
    let (linked, mut loaded) = (linked(), loaded());
    let payload = catch_unwind(AssertUnwindSafe(|| Loaded::call(&linked, |_| loaded.run("fail")))).unwrap_err();
    assert!(payload.is::<plugbox_loader::PluginPanic>());
    assert_eq!(Loaded::poison(&linked), None);
}

/// `export!` sets the allocator of the whole program, so a program links no crate that exports.
#[test]
fn two_plugins_that_export_themselves_cannot_be_linked_and_the_guide_has_rustcs_words() {
    let root = scratch("two-linked");
    let plugbox = repository().join("core-api").display().to_string();
    let api = repository().join("examples/hello/api").display().to_string();
    let package = |name: &str, dependencies: &str, file: &str, source: &str| {
        let folder = root.join(name);
        fs::create_dir_all(folder.join("src")).unwrap();
        let lib = if file == "lib.rs" { "[lib]\ncrate-type = [\"cdylib\", \"rlib\"]\n" } else { "" };
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2024\"\n{lib}[dependencies]\n\
             plugbox = {{ path = \"{plugbox}\" }}\nhello-api = {{ path = \"{api}\" }}\n{dependencies}"
        );
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        fs::write(folder.join("src").join(file), source).unwrap();
    };
    for name in ["waves", "nods"] {
        let source = "use hello_api::{Guest, Plugin};\n#[derive(Default)]\npub struct Greeter;\nimpl Plugin for Greeter \
                      {\n    fn greet(&self, guest: &Guest) -> String {\n        guest.name.clone()\n    }\n}\n\
                      plugbox::export!(Greeter as dyn Plugin);\n";
        package(name, "", "lib.rs", source);
    }
    let both = "waves = { path = \"../waves\" }\nnods = { path = \"../nods\" }\n";
    let main = "fn main() {\n    let _ = (waves::Greeter, nods::Greeter);\n}\n";
    package("host", both, "main.rs", main);
    let workspace = "[workspace]\nresolver = \"3\"\nmembers = [\"host\", \"waves\", \"nods\"]\n";
    fs::write(root.join("Cargo.toml"), workspace).unwrap();
    fs::copy(repository().join("Cargo.lock"), root.join("Cargo.lock")).unwrap();

    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let _outside =
        build_outside(cargo.current_dir(&root).args(["build", "-p", "host", "--offline", "--color", "never"]));
    let output = cargo.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    let error: String =
        said.lines().filter(|line| line.starts_with("error: the ")).map(|line| format!("{line}\n")).collect();
    assert_eq!(error, shown("host.md", "two linked"), "{said}");
}
