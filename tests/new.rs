//! `plugbox new`: what it makes builds, runs and passes its own tests, and nothing is overwritten.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use harness::{Outside, lean, outside, repository};
use tempfile::TempDir;

const PLUGBOX: &str = env!("CARGO_BIN_EXE_plugbox");

/// A folder outside the repository, so that cargo finds no manifest above it. Its name is an odd one.
fn elsewhere() -> TempDir {
    TempDir::with_prefix("plugbox new, ä ").unwrap()
}

/// The command, or a tool, as a user without a network runs it.
fn tool(program: impl AsRef<OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    for inherited in
        ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "PLUGBOX_SOURCE"]
    {
        command.env_remove(inherited);
    }
    command.current_dir(folder).env("CARGO_NET_OFFLINE", "true");
    lean(&mut command);
    command
}

fn plugbox(folder: &Path, arguments: &[&str]) -> Output {
    tool(PLUGBOX, folder).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Runs the command, which must succeed, and returns what it says.
#[track_caller]
fn made(folder: &Path, arguments: &[&str]) -> String {
    let output = plugbox(folder, arguments);
    assert!(output.status.success(), "{arguments:?}\n{}", text(&output.stderr));
    text(&output.stdout)
}

/// Runs the command, which must fail and make nothing, and returns its error.
#[track_caller]
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let before = files(folder);
    let output = plugbox(folder, arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}\n{}", text(&output.stdout));
    assert_eq!(files(folder), before, "{arguments:?}");
    let error = text(&output.stderr);
    assert!(error.starts_with("error: "), "{error}");
    error
}

/// All files below a folder, with their contents.
fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_symlink() {
        } else if path.is_dir() {
            found.push((path.clone(), String::new()));
            found.extend(files(&path));
        } else {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found.sort();
    found
}

/// Lets a project use the target folder for workspaces that tests write, which has the dependencies. Libraries of earlier
/// projects are removed.
fn target_of(project: &Path) -> Outside {
    let outside = outside();
    fs::create_dir_all(outside.target.join("debug")).unwrap();
    for entry in fs::read_dir(outside.target.join("debug")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::remove_file(path).unwrap();
        }
    }
    symlink(&outside.target, project.join("target")).unwrap();
    outside
}

/// Runs a tool, which must succeed, and returns its standard output.
#[track_caller]
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}\n{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

fn cargo(folder: &Path) -> Command {
    tool(env!("CARGO"), folder)
}

/// The commands in a project's CI file.
fn steps(project: &Path) -> Vec<String> {
    let file = fs::read_to_string(project.join(".github/workflows/ci.yml")).unwrap();
    file.lines().filter_map(|line| line.trim().strip_prefix("- run: ").map(str::to_owned)).collect()
}

#[test]
fn a_new_application_runs_passes_its_tests_and_takes_a_second_plugin() {
    let folder = elsewhere();
    let said = made(folder.path(), &["new", "my-demo"]);
    let project = folder.path().join("my-demo");
    let _guard = target_of(&project);
    // What it says to do next, in the order in which it says so.
    let commands: Vec<&str> = said.lines().filter_map(|line| line.trim().strip_prefix("$ ")).collect();
    assert_eq!(commands, ["cd my-demo", "cargo run", "plugbox new plugin shout", "cargo run"]);
    assert!(said.contains(&format!("plugbox comes from the folder {}\n", repository().display())), "{said}");
    let hello = "my-demo-hello: Hello, world!!!\n";
    assert_eq!(run(cargo(&project).arg("run")), hello);

    // The CI file, line by line. Only the installation is left out: the command is there.
    let steps = steps(&project);
    assert!(steps.len() > 5, "{steps:?}");
    let command = Path::new(PLUGBOX).parent().unwrap().display().to_string();
    let path = format!("{command}:{}", std::env::var("PATH").unwrap());
    let checkout = format!("cargo install --locked --path {}", repository().display());
    let (install, others): (Vec<_>, Vec<_>) = steps.iter().partition(|step| step.starts_with("cargo install"));
    assert_eq!(install, [&checkout]);
    for step in others {
        let said = run(tool("sh", &project).args(["-e", "-c", step]).env("PATH", &path));
        let checked = "target/debug/libmy_demo_hello.so: fits as my_demo_api::Plugin (my-demo-hello 0.1.0)\n";
        assert!(!step.starts_with("plugbox check") || said == checked, "{said}");
    }
    assert!(run(cargo(&project).args(["test", "--workspace"])).matches(" ... ok").count() >= 3);

    // A second plugin. Nothing but its name has to be said.
    let said = made(&project, &["new", "plugin", "shout"]);
    assert!(said.starts_with("made plugins/shout: a plugin that implements my_demo_api::Plugin\n"), "{said}");
    let code = project.join("plugins/shout/src/lib.rs");
    let before = cargo(&project).arg("run").output().unwrap();
    assert_eq!(text(&before.stdout), hello, "{}", text(&before.stderr));
    let unwritten =
        "plugin shout 0.1.0 panicked in Plugin::greet at plugins/shout/src/lib.rs:10:9: not yet implemented\n";
    assert!(text(&before.stderr).contains(unwritten), "{}", text(&before.stderr));
    let written = fs::read_to_string(&code).unwrap().replace("todo!()", "guest.name.to_uppercase()");
    fs::write(&code, written).unwrap();
    assert_eq!(run(cargo(&project).arg("run")), format!("{hello}shout: WORLD\n"));
    run(tool("sh", &project).args(["-e", "-c", "cargo fmt --check && cargo clippy --workspace -- -D warnings"]));

    // A change of the API is noticed.
    let api = project.join("api/src/lib.rs");
    let changed = fs::read_to_string(&api).unwrap().replace("pub visits: u32", "pub visits: u64");
    fs::write(&api, changed).unwrap();
    let output = cargo(&project).args(["test", "-p", "my-demo-api"]).output().unwrap();
    assert!(text(&output.stdout).contains("bump the crate's version to 0.2.0"), "{}", text(&output.stdout));
}

/// The template's golden file is that of its interface. `UPDATE_EXPECT=1` rewrites it.
#[test]
fn the_templates_golden_file_is_up_to_date() {
    let folder = elsewhere();
    made(folder.path(), &["new", "my-app"]);
    let project = folder.path().join("my-app");
    let _guard = target_of(&project);
    let golden = project.join("api/golden/plugin.txt");
    let template = repository().join("src/new/template/api/golden.txt");
    assert_eq!(fs::read_to_string(&golden).unwrap(), fs::read_to_string(&template).unwrap());
    fs::remove_file(&golden).unwrap();
    run(cargo(&project).args(["test", "-p", "my-app-api"]).env("UPDATE_GOLDEN", "1"));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::copy(golden, template).unwrap();
    } else {
        assert_eq!(fs::read_to_string(golden).unwrap(), fs::read_to_string(template).unwrap());
    }
}

/// Whatever its name, the code is formatted, and the names in it are those of the packages.
#[test]
fn every_name_gives_formatted_code_and_packages_of_that_name() {
    let folder = elsewhere();
    let long = "a-name-that-is-longer-than-most-people-would-type";
    for name in ["a", "zoo", "my_app", "xmy_app-my-app", "std-like", long] {
        made(folder.path(), &["new", name]);
        let project = folder.path().join(name);
        run(cargo(&project).args(["fmt", "--check"]));
        let metadata: serde_json::Value =
            serde_json::from_str(&run(cargo(&project).args(["metadata", "--no-deps", "--format-version=1"]))).unwrap();
        let packages = metadata["packages"].as_array().unwrap().iter();
        let mut names: Vec<&str> = packages.map(|package| package["name"].as_str().unwrap()).collect();
        names.sort_unstable();
        assert_eq!(names, [name, &format!("{name}-api"), &format!("{name}-hello")]);
        let code = fs::read_to_string(project.join("host/src/main.rs")).unwrap();
        assert!(code.contains(&format!("use {}_api::{{Guest, Plugin}};", name.replace('-', "_"))), "{code}");
    }
}

#[test]
fn names_that_cargo_refuses_are_refused_in_its_words() {
    let folder = elsewhere();
    for (name, says) in [
        ("1st", "cannot start with a digit"),
        ("a.b", "invalid character `.`"),
        ("with blank", "invalid character ` `"),
        ("async", "it is a Rust keyword"),
        ("test", "it conflicts with Rust's built-in test library"),
        ("build", "conflicts with cargo's build directory names"),
        ("größe", "it is not ASCII"),
        ("MyApp", "write `my-app` for `MyApp`"),
        ("HTTP_server", "write `http_server` for"),
        ("a--b", "write `a-b` for"),
        ("plugbox", "`plugbox` is a package of plugbox"),
        ("plugbox_loader", "`plugbox_loader` is a package of plugbox"),
        ("/", "does not end with a name"),
    ] {
        for arguments in [&["new", name][..], &["new", "plugin", name, "--api", "."]] {
            // A plugin is no program, so its name may be that of a folder of cargo's.
            if (name, arguments.len()) == ("build", 5) {
                continue;
            }
            let error = refused(folder.path(), arguments);
            assert!(arguments.len() == 5 || error.contains(says), "{name}: {error}");
        }
    }
    // The name of a plugin is checked before anything is made, too.
    let api = repository().join("examples/hello/api");
    let api = api.to_str().unwrap();
    for (name, says) in [
        ("1st", "cannot start with a digit"),
        ("async", "Rust keyword"),
        ("größe", "not ASCII"),
        ("MyPlugin", "write `my-plugin` for `MyPlugin`"),
        ("plugbox-loader", "is a package of plugbox"),
    ] {
        let error = refused(folder.path(), &["new", "plugin", name, "--api", api]);
        assert!(error.contains(says), "{name}: {error}");
    }
}

#[test]
fn nothing_is_overwritten() {
    let folder = elsewhere();
    fs::write(folder.path().join("file"), "mine").unwrap();
    fs::create_dir_all(folder.path().join("full/plugins")).unwrap();
    fs::write(folder.path().join("full/Cargo.toml"), "[workspace]\n").unwrap();
    symlink("nowhere", folder.path().join("dangling")).unwrap();
    let api = repository().join("examples/hello/api");
    for (path, says) in [
        ("file", "is no empty folder"),
        ("full", "is not empty: it has `"),
        ("file/below", "is no empty folder"),
        ("dangling", "is no empty folder"),
    ] {
        let error = refused(folder.path(), &["new", path]);
        assert!(error.contains(says), "{path}: {error}");
        let error = refused(folder.path(), &["new", "plugin", path, "--api", api.to_str().unwrap()]);
        assert!(!error.contains("cargo init"), "{error}");
    }
    // An empty folder is free, and so is a repository without files.
    for path in ["empty", "cloned"] {
        fs::create_dir_all(folder.path().join(path)).unwrap();
    }
    fs::create_dir(folder.path().join("cloned/.git")).unwrap();
    made(folder.path(), &["new", "empty"]);
    made(&folder.path().join("cloned"), &["new", "."]);
    assert!(fs::read_to_string(folder.path().join("cloned/host/Cargo.toml")).unwrap().contains("name = \"cloned\""));
}

/// Cargo enters a new package into the workspace. If the package cannot stay, it is taken out again.
#[test]
fn a_name_that_the_workspace_has_already_is_refused() {
    let folder = elsewhere();
    let api = repository().join("examples/hello/api");
    let api = api.to_str().unwrap();
    fs::write(folder.path().join("Cargo.toml"), "[workspace]\nmembers = []\nresolver = \"3\"\n").unwrap();
    made(folder.path(), &["new", "plugin", "one", "--api", api]);
    let entered = fs::read_to_string(folder.path().join("Cargo.toml")).unwrap();
    assert!(entered.contains("members = [\"one\"]"), "{entered}");
    fs::create_dir(folder.path().join("more")).unwrap();
    let error = refused(folder.path(), &["new", "plugin", "more/one", "--api", api]);
    assert!(error.contains("two packages named `one` in this workspace"), "{error}");
}

/// The patterns of a workspace's members apply, wherever in it the command is called.
#[test]
fn what_a_workspace_has_by_a_pattern_is_not_entered_again() {
    let folder = elsewhere();
    made(folder.path(), &["new", "app"]);
    let app = folder.path().join("app");
    let before = fs::read_to_string(app.join("Cargo.toml")).unwrap();
    for (place, name, shown) in [
        ("host", "one", "../plugins/one"),
        ("plugins/hello/src", "two", "../../two"),
        ("", "plugins/three", "plugins/three"),
        ("api", "../plugins/four", "../plugins/four"),
    ] {
        let said = made(&app.join(place), &["new", "plugin", name, "--api", app.join("api").to_str().unwrap()]);
        assert!(said.starts_with(&format!("made {shown}: ")), "{said}");
    }
    assert_eq!(fs::read_to_string(app.join("Cargo.toml")).unwrap(), before);
    // In a folder that does not exist yet.
    made(&app, &["new", "plugin", "more/deep/five"]);
    assert!(fs::read_to_string(app.join("Cargo.toml")).unwrap().contains("\"more/deep/five\""));
}

#[test]
fn a_folder_that_cannot_be_written_to_is_an_error() {
    let folder = elsewhere();
    // Even root cannot make folders there.
    let error = refused(folder.path(), &["new", "/proc/demo"]);
    assert!(error.contains("cannot make /proc/demo"), "{error}");
    let api = repository().join("examples/hello/api");
    let error = refused(folder.path(), &["new", "plugin", "/proc/demo", "--api", api.to_str().unwrap()]);
    assert!(error.contains("/proc/demo"), "{error}");
}

/// A project inside a workspace is a workspace of its own. If the outer one takes it for a member, cargo stops working
/// there, and the command says what to add.
#[test]
fn inside_another_workspace_it_is_one_of_its_own() {
    let folder = elsewhere();
    let outer =
        |members: &str| fs::write(folder.path().join("Cargo.toml"), format!("[workspace]\nmembers = [{members}]\n"));
    outer("").unwrap();
    let said = made(folder.path(), &["new", "one"]);
    assert!(!said.contains("exclude"), "{said}");
    outer("\"apps/*\"").unwrap();
    let said = made(folder.path(), &["new", "apps/two"]);
    let exclude = "exclude = [\"apps/two\"]";
    assert!(said.contains("workspace of its own") && said.contains(exclude), "{said}");
    let metadata = |place: &Path| cargo(place).args(["metadata", "--no-deps", "--format-version=1"]).output().unwrap();
    assert!(!metadata(folder.path()).status.success());
    fs::write(folder.path().join("Cargo.toml"), format!("[workspace]\nmembers = [\"apps/*\"]\n{exclude}\n")).unwrap();
    for place in [folder.path().to_owned(), folder.path().join("one/api"), folder.path().join("apps/two")] {
        assert!(metadata(&place).status.success(), "{}", place.display());
    }
}

#[test]
fn where_plugbox_comes_from_is_one_setting() {
    let folder = elsewhere();
    let repository = repository().display().to_string();
    let path = format!("path={repository}");
    for (name, source, plugbox, loader, install) in [
        (
            "app-a",
            &*path,
            format!("{{ path = \"{repository}/core-api\" }}"),
            format!("{{ path = \"{repository}/loader\" }}"),
            format!("--path {repository}"),
        ),
        (
            "app-b",
            "git=https://example.org/p#abc",
            r#"{ git = "https://example.org/p", rev = "abc" }"#.to_owned(),
            r#"{ git = "https://example.org/p", rev = "abc" }"#.to_owned(),
            "--git https://example.org/p --rev abc plugbox-cli".to_owned(),
        ),
        ("app-c", "version=0.1", "\"0.1\"".to_owned(), "\"0.1\"".to_owned(), "plugbox-cli --version 0.1".to_owned()),
    ] {
        let by_option = made(folder.path(), &["new", name, "--plugbox", source]);
        let other = format!("{name}2");
        let output = tool(PLUGBOX, folder.path()).args(["new", &other]).env("PLUGBOX_SOURCE", source).output().unwrap();
        assert_eq!(text(&output.stdout), by_option.replace(name, &other));
        for name in [name, &other] {
            let manifest = fs::read_to_string(folder.path().join(name).join("Cargo.toml")).unwrap();
            let lines = format!("\nplugbox = {plugbox}\nplugbox-loader = {loader}\n");
            assert!(manifest.contains(&lines), "{manifest}");
            assert!(steps(&folder.path().join(name)).contains(&format!("cargo install --locked {install}")));
            // Nowhere else.
            let others = files(&folder.path().join(name)).into_iter().filter(|(path, _)| path.ends_with("Cargo.toml"));
            let named = others.filter(|(_, text)| text.contains(&plugbox)).count();
            assert_eq!(named, 1);
        }
    }
    let error = plugbox(folder.path(), &["new", "d", "--plugbox", "path=."]);
    assert_eq!(error.status.code(), Some(2));
    assert!(text(&error.stderr).contains("no checkout of plugbox"), "{}", text(&error.stderr));
}

#[test]
fn the_toolchain_is_the_one_that_is_found() {
    let folder = elsewhere();
    made(folder.path(), &["new", "demo"]);
    let said = run(tool("rustc", folder.path()).arg("-vV"));
    let release = said.lines().find_map(|line| line.strip_prefix("release: ")).unwrap();
    let file = fs::read_to_string(folder.path().join("demo/rust-toolchain.toml")).unwrap();
    let channel = release.split_once('-').map_or(release, |(_, channel)| channel);
    assert!(file.contains(&format!("channel = \"{channel}")), "{file}");
    // Without a compiler, nothing is made.
    let output = tool(PLUGBOX, folder.path()).args(["new", "other"]).env("RUSTC", "/nonexistent").output().unwrap();
    assert!(text(&output.stderr).contains("cannot run `/nonexistent`"), "{}", text(&output.stderr));
    assert!(!folder.path().join("other").exists());
}

// Plugins for an API that exists

/// A workspace with the API of `tests/new/kinds`.
fn kinds() -> (TempDir, PathBuf) {
    let folder = elsewhere();
    made(folder.path(), &["new", "kinds"]);
    let project = folder.path().join("kinds");
    for file in ["lib.rs", "hidden.rs", "shown.rs"] {
        fs::copy(repository().join("tests/new/kinds").join(file), project.join("api/src").join(file)).unwrap();
    }
    let manifest = project.join("api/Cargo.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(manifest, text + "\n[features]\ndefault = [\"more\"]\nmore = [\"usual\"]\nusual = []\nrare = []\n")
        .unwrap();
    // The template's host and plugin use the template's API.
    ["host", "plugins/hello"].iter().for_each(|part| fs::remove_dir_all(project.join(part)).unwrap());
    let manifest = project.join("Cargo.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(manifest, text.replace("\"api\", \"host\", \"plugins/*\"", "\"api\"")).unwrap();
    (folder, project)
}

#[test]
fn the_methods_of_every_kind_of_interface_compile() {
    let (_folder, project) = kinds();
    let _guard = target_of(&project);
    let said = made(
        &project,
        &["new", "plugin", "plugins/kinds-all", "--interface", "Every", "--interface", "kinds_api::Commands"],
    );
    assert!(said.contains("implements kinds_api::Every and kinds_api::Commands\n"), "{said}");
    assert!(!said.contains("does not compile"), "{said}");
    // Names of plugins that the code has another use for.
    for name in ["kinds", "every", "item", "result", "string", "_1", "peer"] {
        made(&project, &["new", "plugin", &format!("plugins/{name}"), "--api", "api", "--interface", "Every"]);
    }
    run(cargo(&project).args(["build", "--workspace"]));
    run(cargo(&project).args(["fmt"]));
    let code = fs::read_to_string(project.join("plugins/kinds-all/src/lib.rs")).unwrap();
    expect_test::expect_file!["new/kinds-all.rs"].assert_eq(&code);
}

#[test]
fn the_new_code_is_formatted() {
    let (_folder, project) = kinds();
    made(&project, &["new", "plugin", "plugins/all", "--interface", "Every", "--interface", "Commands"]);
    let code = project.join("plugins/all/src/lib.rs");
    let before = fs::read_to_string(&code).unwrap();
    run(cargo(&project).args(["fmt"]));
    assert_eq!(before, fs::read_to_string(&code).unwrap());
}

#[test]
fn of_several_interfaces_one_must_be_chosen() {
    let (_folder, project) = kinds();
    let error = refused(&project, &["new", "plugin", "some"]);
    let all = "  kinds_api::Every  Every form.\n  kinds_api::Peer  An object.\n  kinds_api::Commands  An interface that no other mentions.\n";
    assert!(error.contains("choose with `--interface NAME`:\n") && error.contains(all), "{error}");
    assert!(!error.contains("Rare"), "a feature that is off: {error}");
    let error = refused(&project, &["new", "plugin", "some", "--interface", "Nothing"]);
    assert!(error.contains("has no interface `Nothing`; it has:\n") && error.contains(all), "{error}");
    // The one that no other mentions is found: the editor's documents are for plugins to use.
    let edit = repository().join("examples/edit/api");
    let elsewhere = elsewhere();
    let said = made(elsewhere.path(), &["new", "plugin", "caps", "--api", edit.to_str().unwrap()]);
    assert!(said.contains("implements edit_api::Plugin\n"), "{said}");
}

#[test]
fn what_is_no_api_is_told() {
    let folder = elsewhere();
    let repository = repository();
    let path = |path: &str| repository.join(path).display().to_string();
    let hello = path("examples/hello/plugin");
    for (api, says) in [
        (&*path("loader"), "has no public trait with `#[plugbox::interface]`"),
        (&path("tests/harness"), "harness does not depend on plugbox, so it is no API"),
        (&hello, "has no public trait"),
        (&path("docs"), "Cargo.toml: No such file"),
        ("./missing", "missing/Cargo.toml: No such file"),
        ("no-such-crate", "cargo does not find the crate no-such-crate: "),
        ("no-such-crate@one", "`one` is no version"),
    ] {
        let error = refused(folder.path(), &["new", "plugin", "some", "--api", api]);
        assert!(error.contains(says), "{api}: {error}");
    }
    let error = refused(folder.path(), &["new", "plugin", "some"]);
    assert!(error.contains("name the API with `--api FOLDER` or `--api CRATE`"), "{error}");
    // A source that cannot be parsed.
    let api = folder.path().join("broken");
    fs::create_dir_all(api.join("src")).unwrap();
    let manifest = "[package]\nname = \"broken\"\n[workspace]\n[dependencies]\nplugbox = \"0.1\"\n";
    fs::write(api.join("Cargo.toml"), manifest).unwrap();
    fs::write(api.join("src/lib.rs"), "pub trait {").unwrap();
    let error = refused(folder.path(), &["new", "plugin", "some", "--api", "broken"]);
    assert!(error.contains("cannot parse ") && error.contains("src/lib.rs: "), "{error}");
}

/// Outside a workspace the plugin states its dependencies itself, as the API does.
#[test]
fn a_plugin_gets_plugbox_from_where_the_api_gets_it() {
    let folder = elsewhere();
    let api = folder.path().join("api");
    fs::create_dir_all(api.join("src")).unwrap();
    symlink(repository(), folder.path().join("checkout")).unwrap();
    fs::write(api.join("src/lib.rs"), "#[plugbox::interface]\npub trait Plugin {\n    fn go(&self);\n}\n").unwrap();
    for (index, (api_says, plugin_says)) in [
        ("\"0.1.3\"", "plugbox = \"0.1.3\""),
        ("{ version = \"0.1\", features = [\"log\"] }", "plugbox = \"0.1\""),
        (
            "{ git = \"https://example.org/p\", tag = \"v1\" }",
            r#"plugbox = { git = "https://example.org/p", tag = "v1" }"#,
        ),
        ("{ path = \"../checkout/core-api\" }", r#"plugbox = { path = "../checkout/core-api" }"#),
    ]
    .into_iter()
    .enumerate()
    {
        let manifest = format!(
            "[workspace]\n[package]\nname = \"app-api\"\nversion = \"1.4.0\"\n[dependencies]\nplugbox = {api_says}\n"
        );
        fs::write(api.join("Cargo.toml"), manifest).unwrap();
        let name = format!("p{index}");
        made(folder.path(), &["new", "plugin", &name, "--api", "api"]);
        let manifest = fs::read_to_string(folder.path().join(&name).join("Cargo.toml")).unwrap();
        let expected = format!(
            "\n[lib]\ncrate-type = [\"cdylib\"]\n\n[dependencies]\napp-api = {{ path = \"../api\" }}\n{plugin_says}\n"
        );
        assert!(manifest.ends_with(&expected), "{manifest}");
    }
}

/// The crate is resolved by cargo: here by a patch, because no registry can be reached.
#[test]
fn an_api_may_be_a_crate() {
    let folder = elsewhere();
    let config =
        format!("[patch.crates-io]\nhello-api = {{ path = \"{}/examples/hello/api\" }}\n", repository().display());
    fs::create_dir(folder.path().join(".cargo")).unwrap();
    fs::write(folder.path().join(".cargo/config.toml"), config).unwrap();
    for (name, api) in [("one", "hello-api"), ("two", "hello-api@1")] {
        made(folder.path(), &["new", "plugin", name, "--api", api]);
        let code = fs::read_to_string(folder.path().join(name).join("src/lib.rs")).unwrap();
        assert!(code.contains("    fn greet(&self, guest: &Guest) -> String {\n        todo!()\n"), "{code}");
    }
    // The variable is for applications only, and does not disturb.
    let mut command = tool(PLUGBOX, folder.path());
    run(command.args(["new", "plugin", "too", "--api", "hello-api"]).env("PLUGBOX_SOURCE", "version=0.1"));
    // A crate that the workspace around uses already.
    made(folder.path(), &["new", "app"]);
    let app = folder.path().join("app");
    made(&app, &["new", "plugin", "three", "--api", "app-api"]);
    let manifest = fs::read_to_string(app.join("plugins/three/Cargo.toml")).unwrap();
    assert!(manifest.contains("app-api.workspace = true\nplugbox.workspace = true\n"), "{manifest}");
}

/// A package of a workspace, with an interface.
fn package(folder: &Path, name: &str, dependencies: &str, code: &str) {
    fs::create_dir_all(folder.join(name).join("src")).unwrap();
    let plugbox = repository().join("core-api").display().to_string();
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2024\"\n[dependencies]\n\
         plugbox = {{ path = \"{plugbox}\" }}\n{dependencies}"
    );
    fs::write(folder.join(name).join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join(name).join("src/lib.rs"), code).unwrap();
}

#[test]
fn supertraits_may_come_from_other_crates() {
    let folder = elsewhere();
    let workspace = "[workspace]\nresolver = \"3\"\nmembers = [\"deep-api\", \"base-api\", \"api\"]\n";
    fs::write(folder.path().join("Cargo.toml"), workspace).unwrap();
    fs::copy(repository().join("Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();
    let item = "#[derive(plugbox::Shape)]\npub struct Item(pub u8);\n#[plugbox::interface]\n";
    package(folder.path(), "deep-api", "", &format!("{item}pub trait Deep {{ fn deep(&self) -> Item; }}\n"));
    let base = format!("use deep_api::Deep;\n{item}pub trait Base: Deep {{ fn base(&self, item: Item); }}\n");
    package(folder.path(), "base-api", "deep-api.path = \"../deep-api\"\n", &base);
    let api = format!("pub use base_api as base;\n{item}pub trait Plugin: base::Base {{ fn own(&self) -> Item; }}\n");
    package(folder.path(), "api", "base-api.path = \"../base-api\"\n", &api);
    let _guard = target_of(folder.path());
    let said = made(folder.path(), &["new", "plugin", "some", "--api", "api"]);
    assert!(!said.contains("does not compile"), "{said}");
    run(cargo(folder.path()).args(["check", "--workspace"]));
    let code = fs::read_to_string(folder.path().join("some/src/lib.rs")).unwrap();
    assert!(code.ends_with("\nplugbox::export!(MySome as dyn Plugin);\n"), "{code}");
    for block in ["impl Plugin for MySome {", "impl Base for MySome {", "impl Deep for MySome {"] {
        assert!(code.contains(block), "{code}");
    }

    // Where cargo does not find the other crate, the user is told.
    let manifest = "base-api = { version = \"9\", registry-index = \"file:///nonexistent\" }\n";
    package(folder.path(), "api", manifest, &api);
    let said = made(folder.path(), &["new", "plugin", "other", "--api", "api/Cargo.toml"]);
    let left = "it does not compile yet: implement `base::Base`, a supertrait of `Plugin`: its source cannot be found";
    assert!(said.contains(left), "{said}");
}

/// An API of an earlier edition, whose library has another name than its package, as have its dependencies. It turns on
/// their features.
#[test]
fn what_an_api_renames_keeps_its_name() {
    let folder = elsewhere();
    fs::write(folder.path().join("Cargo.toml"), "[workspace]\nresolver = \"3\"\nmembers = [\"base-api\", \"api\"]\n")
        .unwrap();
    fs::copy(repository().join("Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();
    let item = "#[derive(plugbox::Shape)]\npub struct Item(pub u8);\n#[plugbox::interface]\n";
    let loud = "#[cfg(feature = \"loud\")] fn loud(&self); #[cfg(feature = \"shy\")] fn shy(&self);";
    let base = format!("{item}pub trait Base {{ fn base(&self) -> Item; {loud} }}\n");
    package(folder.path(), "base-api", "[features]\ndefault = [\"shy\"]\nshy = []\nloud = []\n", &base);
    let api = "pub trait Plugin: ground::Base { fn gen(&self, gen: ground::Item); }\n\
               pub mod old {\n#[plugbox::interface]\npub trait Plugin { fn old(&self); }\n}\n";
    let ground = "package = \"base-api\", path = \"../base-api\", features = [\"loud\"], default-features = false";
    let dependencies = &format!("ground = {{ {ground} }}\n[lib]\nname = \"face\"\n");
    package(folder.path(), "api", dependencies, &format!("#[plugbox::interface]\n{api}"));
    let manifest = folder.path().join("api/Cargo.toml");
    fs::write(&manifest, fs::read_to_string(&manifest).unwrap().replace("2024", "2021")).unwrap();
    let _guard = target_of(folder.path());
    let error = plugbox(folder.path(), &["new", "plugin", "some", "--api", "api", "--interface", "Plugin"]);
    let error = text(&error.stderr);
    let both = "api has several interfaces `Plugin`; choose by path:\n  face::Plugin\n  face::old::Plugin\n";
    assert!(error.contains(both), "{error}");
    let said = made(folder.path(), &["new", "plugin", "some", "--api", "api", "--interface", "face::Plugin"]);
    assert!(!said.contains("does not compile"), "{said}");
    run(cargo(folder.path()).args(["check", "--workspace"]));
    let manifest = fs::read_to_string(folder.path().join("some/Cargo.toml")).unwrap();
    let expected = "api = { path = \"../api\" }\nground = { path = \"../base-api\", package = \"base-api\" }\n";
    assert!(manifest.contains(expected), "{manifest}");
}

/// Every interface of the APIs in this repository. They have foreign types, supertraits and objects of all forms.
#[test]
fn plugins_for_all_interfaces_of_this_repository_compile() {
    let folder = elsewhere();
    fs::write(
        folder.path().join("Cargo.toml"),
        "[workspace]\nresolver = \"3\"\nmembers = [\"*\"]\nexclude = [\"target\"]\n",
    )
    .unwrap();
    fs::copy(repository().join("Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();
    let _guard = target_of(folder.path());
    let mut count = 0;
    for api in [
        "tests/fixtures/api",
        "tests/fixtures/above-api",
        "tests/fixtures/boundary-api",
        "tests/fixtures/futures-api",
        "tests/fixtures/kinds-api",
        "examples/edit/api",
        "examples/rest/api",
        "examples/years/api/3",
    ] {
        let api = repository().join(api);
        let api = api.to_str().unwrap();
        let all = plugbox(folder.path(), &["new", "plugin", "none", "--api", api, "--interface", "?"]);
        let error = text(&all.stderr);
        for line in error.lines().filter_map(|line| line.strip_prefix("  ")) {
            let name = format!("p{count}");
            let interface = line.split(' ').next().unwrap();
            let said = made(folder.path(), &["new", "plugin", &name, "--api", api, "--interface", interface]);
            assert!(!said.contains("does not compile"), "{said}");
            count += 1;
        }
    }
    assert!(count > 20, "{count} interfaces");
    run(cargo(folder.path()).args(["check", "--workspace"]));
}
