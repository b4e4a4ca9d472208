//! A user who has only the packages: an API, a host and a plugin in separate folders, each with its own lock file and
//! target folder. The host is a debug build, the plugin is a release build, and no path leads into this repository.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use harness::{lean, repository, target_dir};

fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for inherited in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR"] {
        cargo.env_remove(inherited);
    }
    lean(&mut cargo);
    cargo
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// Packs the crates as for publication, and unpacks them elsewhere.
fn packages(into: &Path) {
    let target = target_dir().join("outsider-packages");
    let names = ["plugbox-macros", "plugbox-build", "plugbox", "plugbox-loader"];
    let mut pack = cargo();
    pack.current_dir(repository()).args(["package", "--no-verify", "--allow-dirty", "--offline"]);
    for name in names {
        pack.args(["-p", name]);
    }
    run(pack.arg("--target-dir").arg(&target));
    for name in names {
        let archive = target.join("package").join(format!("{name}-{}.crate", env!("CARGO_PKG_VERSION")));
        run(Command::new("tar").current_dir(into).arg("xzf").arg(&archive));
        fs::rename(into.join(format!("{name}-{}", env!("CARGO_PKG_VERSION"))), into.join(name)).unwrap();
    }
}

fn package(root: &Path, name: &str, dependencies: &str, source: (&str, &str), extra: &str) -> PathBuf {
    let folder = root.join(name);
    fs::create_dir_all(folder.join("src")).unwrap();
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n{extra}\n[dependencies]\n{dependencies}\n\
         [patch.crates-io]\n\
         plugbox = {{ path = \"../packages/plugbox\" }}\n\
         plugbox-macros = {{ path = \"../packages/plugbox-macros\" }}\n\
         plugbox-build = {{ path = \"../packages/plugbox-build\" }}\n\
         plugbox-loader = {{ path = \"../packages/plugbox-loader\" }}\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("src").join(source.0), source.1).unwrap();
    // Use the locked versions, which are available here. A new lock file would look for newer versions.
    fs::copy(repository().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    folder
}

#[test]
fn an_outsiders_host_loads_an_outsiders_plugin() {
    // Outside the repository, so that cargo finds no manifest or configuration in a parent folder.
    let root = std::env::temp_dir().join(format!("plugbox-outsider-{}", std::process::id()));
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(root.join("packages")).unwrap();
    packages(&root.join("packages"));

    package(
        &root,
        "api",
        "plugbox = \"0.1\"",
        (
            "lib.rs",
            "#[plugbox::interface]\npub trait Filter: Send {\n    fn keep(&mut self, word: &Word) -> Option<String>;\n}\n\
             #[derive(plugbox::Shape)]\npub struct Word { pub text: String, pub at: usize }\n",
        ),
        "",
    );
    let plugin = package(
        &root,
        "plugin",
        "plugbox = \"0.1\"\napi = { path = \"../api\" }",
        (
            "lib.rs",
            "use api::{Filter, Word};\n#[derive(Default)]\nstruct Short(usize);\nimpl Filter for Short {\n    \
             fn keep(&mut self, word: &Word) -> Option<String> {\n        self.0 += 1;\n        \
             (word.text.len() < 4).then(|| format!(\"{}:{}\", self.0, word.text))\n    }\n}\n\
             plugbox::export!(Short as dyn Filter);\n",
        ),
        "[lib]\ncrate-type = [\"cdylib\"]\n",
    );
    let host = package(
        &root,
        "host",
        "plugbox-loader = \"0.1\"\napi = { path = \"../api\" }",
        (
            "main.rs",
            "use api::{Filter, Word};\nuse plugbox_loader::{Loader, Trust};\nfn main() {\n    \
             let loader = Loader::new(unsafe { Trust::directory(\"plugins\") }.unwrap().allow_group_writable());\n    \
             let report = loader.load_dir::<dyn Filter>(\"plugins\").unwrap();\n    \
             for failure in report.failures() { eprintln!(\"{failure}\"); }\n    \
             for mut plugin in report.into_loaded() {\n        \
             let words = [\"to\", \"loaded\", \"be\"];\n        \
             let kept: Vec<String> = words.iter().enumerate().filter_map(|(at, text)| \
             plugin.keep(&Word { text: text.to_string(), at })).collect();\n        \
             println!(\"{}\", kept.join(\" \"));\n    }\n}\n",
        ),
        "",
    );
    run(cargo().current_dir(&plugin).args(["build", "--release", "--offline"]));
    run(cargo().current_dir(&host).args(["build", "--offline"]));
    fs::create_dir(host.join("plugins")).unwrap();
    let library = format!("{}plugin{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    fs::copy(plugin.join("target/release").join(&library), host.join("plugins").join(&library)).unwrap();

    let output = Command::new(host.join("target/debug/host")).current_dir(&host).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "1:to 3:be\n", "{}", String::from_utf8_lossy(&output.stderr));

    // A plugin's author does not wait for code that only tests of API crates run.
    let built = fs::read_dir(plugin.join("target/release/deps")).unwrap().map(|entry| entry.unwrap().path());
    let is_plugbox = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with("libplugbox-");
    let rlib = built.filter(is_plugbox).find(|path| path.extension().is_some_and(|suffix| suffix == "rlib")).unwrap();
    let code = fs::read(rlib).unwrap();
    let has_code_of = |path: &str| code.windows(path.len()).any(|symbol| symbol == path.as_bytes());
    assert!(has_code_of("7plugbox4host"));
    assert!(!has_code_of("7plugbox6frozen") && !has_code_of("7plugbox6export12test_context"));

    // A plugin has few dependencies.
    let tree = cargo()
        .current_dir(&plugin)
        .args(["tree", "--offline", "--prefix", "none", "--edges", "all"])
        .output()
        .unwrap();
    let text = String::from_utf8(tree.stdout).unwrap();
    let own = ["plugin ", "api "];
    let mut crates: Vec<&str> = text
        .lines()
        .map(|line| line.split(' ').next().unwrap())
        .filter(|name| !own.iter().any(|own| own.trim() == *name))
        .collect();
    crates.sort_unstable();
    crates.dedup();
    assert!(!crates.is_empty() && crates.len() <= 10, "{} crates: {crates:?}", crates.len());

    fs::remove_dir_all(&root).unwrap();
}
