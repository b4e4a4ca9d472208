//! Compares the files and outputs in the README and in the guide's first chapter, byte for byte. `UPDATE_PAGES=1`
//! writes them instead.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{LazyLock, mpsc};
use std::thread;
use std::time::Duration;

use harness::{build_outside, build_packages, build_programs, copy_tree, repository, scratch, shows, target_dir};

fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.env_remove("CARGO_TARGET_DIR").env_remove("CARGO_BUILD_TARGET_DIR");
    cargo
}

/// A file that cargo builds.
fn built(mut cargo: Command, file: &str) -> PathBuf {
    assert!(cargo.status().unwrap().success());
    target_dir().join("debug").join(file)
}

fn hello_host() -> PathBuf {
    built(build_programs(&["--bin", "hello-host"]), "hello-host")
}

/// The output of the example's host for the plugins in a folder, on both streams.
fn host(folder: &Path, plugins: &str) -> String {
    let host = hello_host();
    let output = Command::new(host).current_dir(folder).arg(plugins).output().unwrap();
    assert!(output.status.success());
    format!("{}{}", String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout))
}

/// The example's plugin, built from an edited copy of the example.
fn edited(edit: impl FnOnce(&Path)) -> PathBuf {
    let workspace = scratch("readme");
    for part in ["examples/hello", "core-api"] {
        copy_tree(&repository().join(part), &workspace.join(part));
    }
    // Its tests need the loader, and therefore the other copy of plugbox.
    let plugin = workspace.join("examples/hello/plugin/Cargo.toml");
    let without_tests = fs::read_to_string(&plugin).unwrap().split("[dev-dependencies]").next().unwrap().to_owned();
    fs::write(&plugin, without_tests).unwrap();
    let manifest = fs::read_to_string(repository().join("Cargo.toml")).unwrap();
    let manifest = &manifest[manifest.find("[workspace.package]").unwrap()..];
    let members = "[workspace]\nresolver = \"3\"\nmembers = [\"core-api\", \"core-api/macros\", \"examples/hello/api\", \"examples/hello/plugin\"]\n";
    let loader = repository().join("loader").display().to_string();
    let manifest = manifest.replace("path = \"loader\"", &format!("path = \"{loader}\""));
    fs::write(workspace.join("Cargo.toml"), format!("{members}\n{manifest}")).unwrap();
    fs::copy(repository().join("Cargo.lock"), workspace.join("Cargo.lock")).unwrap();
    edit(&workspace.join("examples/hello"));
    let mut build = cargo();
    let outside = build_outside(build.current_dir(&workspace).args(["build", "-p", "hello"]));
    assert!(build.status().unwrap().success());
    // The next one overwrites it.
    let kept = workspace.join("libhello.so");
    fs::copy(outside.target.join("debug/libhello.so"), &kept).unwrap();
    kept
}

static PLAIN: LazyLock<PathBuf> = LazyLock::new(|| built(build_packages(&["hello"]), "libhello.so"));
static DRIFTED: LazyLock<PathBuf> = LazyLock::new(|| edited(with_another_field));

/// A folder that contains the library in a subfolder `plugins`.
fn folder_of(library: &Path) -> PathBuf {
    let folder = scratch("readme-host");
    fs::create_dir(folder.join("plugins")).unwrap();
    fs::copy(library, folder.join("plugins/libhello.so")).unwrap();
    folder
}

/// Adds a field to a type of the API. The plugin does not change.
fn with_another_field(example: &Path) {
    let api = example.join("api/src/lib.rs");
    let text = fs::read_to_string(&api).unwrap();
    let field = "    pub visits: u32,\n";
    assert!(text.contains(field));
    fs::write(&api, text.replace(field, &format!("{field}    /// Whether to bow.\n    pub formal: bool,\n"))).unwrap();
    let plugin = fs::read_to_string(example.join("plugin/src/lib.rs")).unwrap();
    assert!(!plugin.contains("Guest {"), "the plugin would have to change");
}

#[test]
fn files_and_outputs_in_the_readme_are_the_real_ones() {
    shows("README.md", |name| match name {
        "hello" => host(&folder_of(&PLAIN), "plugins"),
        "refusal" => host(&folder_of(&DRIFTED), "plugins"),
        other => panic!("the README asks for {other:?}"),
    });
}

#[test]
fn the_readme_says_how_to_depend_on_plugbox_how_to_install_the_command_and_what_to_read() {
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let (url, version) = (env!("CARGO_PKG_REPOSITORY"), env!("CARGO_PKG_VERSION").rsplit_once('.').unwrap().0);
    for line in [
        format!("plugbox = {{ git = \"{url}\" }}"),
        format!("plugbox-loader = {{ git = \"{url}\" }}"),
        "plugbox = { path = \"../plugbox/core-api\" }".to_owned(),
        "plugbox-loader = { path = \"../plugbox/loader\" }".to_owned(),
        format!("`plugbox = \"{version}\"`"),
        format!("`plugbox-loader = \"{version}\"`"),
        format!("$ cargo install --locked --git {url} plugbox-cli"),
        "`cargo install --locked --path .`".to_owned(),
        "about twenty minutes, and 8 GB of disk".to_owned(),
    ] {
        assert!(readme.contains(&line), "{line}");
    }
    let contributing = fs::read_to_string(repository().join("CONTRIBUTING.md")).unwrap();
    assert!(contributing.contains("about 20 minutes and 8 GB"), "both say what the tests take");
    // The guide, in the order in which its contents have these chapters, too.
    for text in [readme, fs::read_to_string(repository().join("docs/SUMMARY.md")).unwrap().replace("](", "](docs/")] {
        let places = ["api", "first-plugin", "host"].map(|page| text.find(&format!("](docs/{page}.md)")).expect(page));
        assert!(places.is_sorted(), "{places:?}");
    }
}

#[test]
fn the_loaders_example_loads_and_refuses() {
    let example = built(build_programs(&["--example", "load"]), "examples/load");
    let run = |library: &Path| {
        let output = Command::new(&example).arg(folder_of(library).join("plugins")).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap())
    };
    let [stdout, stderr] = run(&PLAIN);
    assert!(stdout.contains("libhello.so: 1 plugins") && stdout.ends_with("\n  Hello, reader!\n"), "{stdout}{stderr}");
    let [stdout, stderr] = run(&DRIFTED);
    assert!(
        stdout.is_empty() && stderr.contains("refused\n  interface-changed at hello_api::Guest.formal"),
        "{stderr}"
    );
}

#[test]
fn the_first_chapter_shows_the_example_and_what_the_command_says_of_it() {
    let check = |library: &Path| {
        let folder = scratch("check");
        fs::copy(library, folder.join("libhello.so")).unwrap();
        fs::copy(hello_host(), folder.join("hello-host")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_plugbox"));
        let output =
            command.current_dir(folder).args(["check", "libhello.so", "--host", "hello-host"]).output().unwrap();
        format!("{}{}", String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout))
    };
    shows("docs/first-plugin.md", |name| match name {
        "hello" => host(&folder_of(&PLAIN), "plugins"),
        "check" => check(&PLAIN),
        "check refused" => check(&DRIFTED),
        other => panic!("the chapter asks for {other:?}"),
    });
}

/// The output of the guide's program while its plugin is replaced: by one that is refused, and by a better one.
fn live() -> String {
    let example = built(build_programs(&["--example", "live"]), "examples/live");
    let louder = edited(|example| {
        let plugin = example.join("plugin/src/lib.rs");
        let text = fs::read_to_string(&plugin).unwrap();
        fs::write(plugin, text.replace("Hello, ", "Good day, ")).unwrap();
    });
    let folder = folder_of(&PLAIN).join("plugins");
    let mut program = Command::new(example).arg(&folder).stdout(Stdio::piped()).spawn().unwrap();
    let (say, said) = mpsc::channel();
    let lines = BufReader::new(program.stdout.take().unwrap()).lines();
    thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| say.send(line)));
    // Until a line that begins so.
    let mut until = |end: &str| {
        let mut lines = String::new();
        loop {
            let Ok(line) = said.recv_timeout(Duration::from_secs(60)) else {
                program.kill().unwrap();
                panic!("no line with {end:?} after this:\n{lines}");
            };
            lines += &format!("{line}\n");
            if line.trim_start().starts_with(end) {
                return lines;
            }
        }
    };
    let mut output = until("Hello");
    for (library, end) in [(&*DRIFTED, "fix:"), (&louder, "Good day")] {
        fs::copy(library, folder.join("partial")).unwrap();
        fs::rename(folder.join("partial"), folder.join("libhello.so")).unwrap();
        output += &until(end);
    }
    program.kill().unwrap();
    program.wait().unwrap();
    output.replace(folder.to_str().unwrap(), "target/debug")
}

#[test]
fn the_chapter_about_reloads_shows_its_program_and_what_it_prints() {
    shows("docs/live.md", |name| match name {
        "live" => live(),
        other => panic!("the chapter asks for {other:?}"),
    });
}

#[test]
fn the_example_stays_as_small_as_it_looks() {
    let lines: usize = ["api/src/lib.rs", "plugin/src/lib.rs", "host/src/main.rs"]
        .iter()
        .map(|file| fs::read_to_string(repository().join("examples/hello").join(file)).unwrap().lines().count())
        .sum();
    assert!(lines <= 60, "{lines} lines");
}
