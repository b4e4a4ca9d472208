//! Types of foreign crates cross only if both sides have the same version and features of these crates, as cargo
//! resolved them.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use boundary_api::{Body, Transform, forms};
use bytes::{Buf, Bytes};
use harness::{Build, build_outside, codes, copy_tree, lean, loader, repository, scratch, shown, target_dir};
use plugbox_loader::inspect::{self, HostProfile, Requirements, judge};
use plugbox_loader::{Code, LoadError, Loaded, Reason};

fn load(library: &Path) -> Result<Loaded<dyn Transform>, LoadError> {
    loader(library).load_file::<dyn Transform>(library)
}

/// The only reason of a refusal.
fn reason(build: &Build) -> Reason {
    let error = load(&build.library()).unwrap_err();
    assert_eq!(codes(&error), [Code::BoundaryDiffers], "{error}");
    error.reasons()[0].clone()
}

fn unknown() -> Build {
    Build::new("boundary").env("PLUGBOX_WORKSPACE", "/nowhere")
}

#[test]
fn values_of_the_same_crate_cross_in_both_directions() {
    let plugin = load(&Build::new("boundary").library()).unwrap();
    let ours = Bytes::from("some text".to_owned());
    let theirs = plugin.transform(Body { bytes: ours.clone() }).bytes;
    assert_eq!((&ours[..], &theirs[..]), (&b"some text"[..], &b"SOME TEXT"[..]));
    // The host slices, shares and frees the plugin's bytes, and passes them back.
    let half = theirs.slice(5..);
    drop(theirs);
    assert_eq!(plugin.transform(Body { bytes: half }).bytes, "TEXT");
}

#[test]
fn another_version_is_refused_with_the_command_that_aligns_it() {
    let reason = reason(&Build::other_bytes());
    assert_eq!((&*reason.at, &*reason.host), ("bytes", "bytes 1.12.2 with default,std"));
    assert_eq!(reason.plugin, "bytes 1.10.0 with default,std");
    assert!(reason.remedy.ends_with("cargo update -p bytes@1.10.0 --precise 1.12.2"), "{}", reason.remedy);
    assert_eq!(format!("{reason}\n"), shown("boundary.md", "boundary-differs"));
}

#[test]
fn another_feature_is_refused_also_when_only_the_plugin_turns_it_on() {
    let serde = "bytes = { version = \"1\", features = [\"serde\"] }";
    let build = Build::new("boundary").folder("bytes-with-serde").edit("boundary/Cargo.toml", "bytes = \"1\"", serde);
    let reason = reason(&build);
    assert_eq!(reason.plugin, "bytes 1.12.2 with default,serde,std");
    assert!(reason.remedy.contains("disable `serde`"), "{}", reason.remedy);
}

#[test]
fn what_is_unknown_is_refused_even_where_it_is_equal() {
    let library = unknown().library();
    let error = load(&library).unwrap_err();
    assert_eq!(codes(&error), [Code::BoundaryDiffers], "{error}");
    assert!(error.reasons()[0].plugin.contains("unknown") && error.reasons()[0].remedy.contains("PLUGBOX_WORKSPACE"));
    let host = HostProfile::of_image(inspect::image(&library).unwrap()).unwrap();
    let verdict = judge(&host, inspect::image(&library).as_ref(), &Requirements::default());
    assert_eq!(verdict.reasons().iter().map(|reason| reason.code).collect::<Vec<_>>(), [Code::BoundaryDiffers]);
}

#[test]
fn a_host_that_does_not_know_is_told_to_find_out() {
    let host = HostProfile::of_image(inspect::image(&unknown().library()).unwrap()).unwrap();
    let library = inspect::image(&Build::new("boundary").library());
    let verdict = judge(&host, library.as_ref(), &Requirements::default());
    let [reason] = verdict.reasons() else { panic!("{verdict:?}") };
    assert_eq!((reason.code, &*reason.host), (Code::BoundaryDiffers, "bytes, version unknown"));
    assert!(reason.remedy.starts_with("build the host again"), "{}", reason.remedy);
}

#[test]
fn the_right_library_loads_where_a_wrong_one_was_refused() {
    let path = scratch("aligned").join("libboundary.so");
    fs::copy(Build::other_bytes().library(), &path).unwrap();
    assert!(load(&path).is_err());
    fs::copy(Build::new("boundary").library(), path.with_extension("new")).unwrap();
    fs::rename(path.with_extension("new"), &path).unwrap();
    assert_eq!(load(&path).unwrap().transform(Body { bytes: Bytes::from_static(b"a") }).bytes, "A");
}

/// The forms of a foreign type in a signature, each with a call that shows that the value has crossed.
macro_rules! forms {
    ($($name:ident: |$plugin:ident| $call:expr;)+) => {
        const FORMS: &[&str] = &[$(stringify!($name)),+];

        /// Loads the plugin once for each form, as the interface with only that form, and calls it if it fits.
        fn each_form(library: &Path, mut seen: impl FnMut(&str, Result<(), LoadError>)) {
            $(seen(stringify!($name), load_as::<dyn forms::$name>(library).map(|$plugin| $call));)+
        }
    };
}

fn load_as<I: ?Sized + plugbox::Interface>(library: &Path) -> Result<Loaded<I>, LoadError> {
    loader(library).load_file::<I>(library)
}

fn text(bytes: &Bytes) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Bytes that the host has allocated and may share.
fn ours() -> Bytes {
    Bytes::from("text".to_owned())
}

forms! {
    ByValue: |plugin| assert_eq!(plugin.call(ours()), "TEXT");
    ByPath: |plugin| plugin.call(ours());
    ByAlias: |plugin| assert_eq!(plugin.call(ours()), 4);
    InsideAnAlias: |plugin| assert_eq!(plugin.call(Some(vec![ours()])).unwrap(), ["TEXT"]);
    Lent: |plugin| {
        let ours = ours();
        // The host's own `&Bytes`, and no wrapper of it: the plugin drops a clone, and the host is the only owner again.
        assert_eq!(plugin.call(&ours), 4);
        assert!(ours.is_unique());
    };
    LentBack: |plugin| assert_eq!(plugin.call(&ours()).clone(), "OURS");
    LentToChange: |plugin| {
        let mut ours = ours();
        plugin.call(&mut ours);
        assert_eq!(ours, "TEXT");
    };
    InAnOption: |plugin| assert_eq!((plugin.call(Some(ours())).unwrap(), plugin.call(None)), (Bytes::from("TEXT"), None));
    LentInAnOption: |plugin| assert!(plugin.call(Some(&ours())) && !plugin.call(None));
    InAResult: |plugin| assert_eq!(plugin.call(Ok(ours())).unwrap_err(), "TEXT");
    InAVec: |plugin| assert_eq!(plugin.call(vec![ours()]), ["text", "TEXT"]);
    InASlice: |plugin| assert_eq!(plugin.call(&[ours(), ours()]), 8);
    InASliceToChange: |plugin| {
        let mut ours = [ours(), ours()];
        plugin.call(&mut ours[1..]);
        assert_eq!(ours, ["text", "TEXT"]);
    };
    InAnArray: |plugin| assert_eq!(plugin.call([ours(), ours()]), 4);
    InATuple: |plugin| assert_eq!(plugin.call((7, ours())), (Bytes::from("TEXT"), 7));
    InABox: |plugin| assert_eq!(plugin.call(Box::new(ours()))[..], ["TEXT", "text"]);
    InAnArc: |plugin| assert_eq!(plugin.call(Arc::new(ours()))[..], ["TEXT"]);
    InAMap: |plugin| assert_eq!(plugin.call(HashMap::from([("key".to_owned(), ours())])), 4);
    AsAnArgument: |plugin| {
        let theirs = plugin.call(ours().chain(Bytes::from_static(b"last")));
        assert_eq!([theirs.first_ref(), theirs.last_ref()].map(text), ["LAST", "text"]);
    };
    InAField: |plugin| {
        let held = forms::Held { first: ours(), rest: vec![None, Some(ours())], lent: &[ours()] };
        assert_eq!(plugin.call(held), 12);
    };
    InAVariant: |plugin| assert!(matches!(plugin.call(forms::Choice::Some(ours())), forms::Choice::Some(text) if text == "TEXT"));
    InAGenericType: |plugin| {
        let page = plugin.call(forms::Page { bytes: Some(ours()), item: 0 });
        assert_eq!((page.bytes.unwrap(), page.item), (Bytes::from("TEXT"), ours()));
    };
    AsTheArgumentOfAType: |plugin| {
        let pair = plugin.call(forms::Pair { one: ours(), other: ours() });
        assert_eq!((pair.one.unwrap(), pair.other.unwrap()), (Bytes::from("TEXT"), ours()));
    };
}

#[test]
fn a_foreign_type_crosses_in_each_form() {
    assert_eq!(FORMS, forms::NAMES);
    each_form(&Build::new("boundary").library(), |name, outcome| {
        outcome.unwrap_or_else(|error| panic!("{name}: {error}"))
    });
}

#[test]
fn each_form_alone_refuses_another_version_and_other_features_of_the_crate() {
    let serde = "bytes = { version = \"1\", features = [\"serde\"] }";
    let features =
        Build::new("boundary").folder("bytes-with-serde").edit("boundary/Cargo.toml", "bytes = \"1\"", serde);
    for build in [Build::other_bytes(), features] {
        let library = build.library();
        each_form(&library, |name, outcome| {
            let error = outcome.expect_err(name);
            assert_eq!(
                (codes(&error), &*error.reasons()[0].at),
                (vec![Code::BoundaryDiffers], "bytes"),
                "{name}: {error}"
            );
        });
        // The same library fits as an interface without a foreign type, so it is the form that is refused.
        assert_eq!(load_as::<dyn forms::Plain>(&library).unwrap().call(), 1);
    }
}

/// An API in its own folder, and two workspaces that use the API with different versions of `bytes`.
fn two_workspaces(name: &str) -> PathBuf {
    let root = scratch(name);
    let write = |path: &str, text: &str| {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let core_api = repository().join("core-api").display().to_string();
    write(
        "api/Cargo.toml",
        &format!(
            "[package]\nname = \"api\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\nbytes = \"1\"\n\
             plugbox.path = \"{core_api}\"\n\n[build-dependencies]\nplugbox-build.path = \"{core_api}/build\"\n"
        ),
    );
    write("api/build.rs", "fn main() { plugbox_build::boundary([\"bytes\"]); }");
    write(
        "api/src/lib.rs",
        "#[derive(plugbox::Shape)] pub struct Body { #[shape(foreign)] pub bytes: ::bytes::Bytes }\n\
         pub const SEEN: &str = env!(\"PLUGBOX_BOUNDARY_bytes\");",
    );
    for (workspace, bytes) in [("old", "1.10.0"), ("new", "1.12.2")] {
        write(
            &format!("{workspace}/Cargo.toml"),
            &format!(
                "[package]\nname = \"host\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
                 api.path = \"../api\"\nbytes = \"={bytes}\"\n"
            ),
        );
        write(&format!("{workspace}/src/main.rs"), "fn main() { println!(\"{}\", api::SEEN); }");
    }
    root
}

/// Splits the description of a crate into the part before the hash of its files, and the hash. The hash may be missing.
fn without_files(said: &str) -> (String, String) {
    let Some((before, after)) = said.split_once(" files ") else { return (said.to_owned(), String::new()) };
    let (hash, after) = after.split_at(32);
    (format!("{before}{after}"), hash.to_owned())
}

/// The target folder for cargo's builds.
#[derive(Clone, Copy)]
enum Target<'a> {
    /// The folder that all workspaces of tests share.
    Shared,
    /// A separate folder, for crates from different sources. Cargo rebuilds everything for these.
    Own(&'a Path),
}

fn run(root: &Path, arguments: &[&str]) -> Output {
    run_with(root, arguments, Target::Shared, &[])
}

fn run_with(root: &Path, arguments: &[&str], target: Target<'_>, variables: &[(&str, &str)]) -> Output {
    // The programs of all workspaces have the same name.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root).args(arguments);
    for inherited in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "PWD"] {
        cargo.env_remove(inherited);
    }
    let _outside = match target {
        Target::Shared => Some(build_outside(&mut cargo)),
        Target::Own(folder) => {
            lean(&mut cargo).env("CARGO_TARGET_DIR", folder);
            None
        }
    };
    cargo.envs(variables.iter().copied()).output().unwrap()
}

#[test]
fn the_workspace_that_is_built_is_found_wherever_it_and_the_api_lie() {
    let root = two_workspaces("workspaces");
    // From outside the workspace, with a target folder in a different place.
    let output = run(&root, &["run", "--manifest-path", "old/Cargo.toml"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(
        without_files(&said).0,
        "bytes 1.10.0 with default,std\n",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );

    // Cargo does not run the build script again for a second workspace with the same target folder, so the description
    // is wrong.
    let output = run(&root.join("new"), &["run"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(said.contains("the build script saw `bytes` 1.10.0, but this crate is compiled with 1.12.2"), "{said}");

    // A changed lock file runs the build script again.
    let manifest = root.join("old/Cargo.toml");
    fs::write(&manifest, fs::read_to_string(&manifest).unwrap().replace("=1.10.0", "=1.12.2")).unwrap();
    let output = run(&root.join("old/src"), &["run"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(
        without_files(&said).0,
        "bytes 1.12.2 with default,std\n",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Cargo's home folder.
fn cargo_home() -> PathBuf {
    let own = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    own.unwrap_or_else(|| PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cargo"))
}

/// A copy of cargo's home that lacks the downloads of two packages. Each of the two is for one test.
static HOME: LazyLock<PathBuf> = LazyLock::new(|| {
    let (home, own) = (scratch("home"), cargo_home());
    for name in ["config", "config.toml", "credentials.toml", "registry/index"] {
        fs::create_dir_all(home.join(name).parent().unwrap()).unwrap();
        if own.join(name).exists() {
            symlink(own.join(name), home.join(name)).unwrap();
        }
    }
    for index in fs::read_dir(own.join("registry/cache")).unwrap().flatten() {
        let cache = home.join("registry/cache").join(index.file_name());
        fs::create_dir_all(&cache).unwrap();
        for file in fs::read_dir(index.path()).unwrap().flatten() {
            let name = file.file_name();
            if !["itoa-", "once_cell-"].iter().any(|package| name.to_string_lossy().starts_with(package)) {
                symlink(file.path(), cache.join(name)).unwrap();
            }
        }
    }
    home
});

/// Runs cargo with that home.
fn run_at_home(root: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let home = ("CARGO_HOME", HOME.to_str().unwrap());
    run_with(root, arguments, Target::Own(&HOME.join("target")), &[&[home], variables].concat())
}

/// Cargo without network access.
const OFFLINE: (&str, &str) = ("CARGO_NET_OFFLINE", "true");

#[test]
fn what_only_another_member_needs_is_fetched_and_a_build_that_could_not_find_out_is_followed_by_one_that_asks_again() {
    let old = two_workspaces("members").join("old");
    let manifest = fs::read_to_string(old.join("Cargo.toml")).unwrap();
    fs::write(old.join("Cargo.toml"), manifest.replace("[workspace]", "[workspace]\nmembers = [\"other\"]")).unwrap();
    fs::create_dir_all(old.join("other/src")).unwrap();
    fs::write(old.join("other/src/lib.rs"), "").unwrap();
    let other =
        "[package]\nname = \"other\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\nitoa = \"1\"\n";
    fs::write(old.join("other/Cargo.toml"), other).unwrap();
    // The dependencies of the root member are downloaded. The build script has not run in this folder yet.
    assert!(run_at_home(&old, &["tree", "-e", "normal,build"], &[]).status.success());

    let output = run_at_home(&old, &["run"], &[OFFLINE]);
    let (said, warned) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(said.starts_with("bytes unknown "), "{said}\n{warned}");
    assert!(warned.contains("failed to download `itoa"), "{warned}");

    let output = run_at_home(&old, &["run"], &[]);
    let (said, warned) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(without_files(&said).0, "bytes 1.10.0 with default,std\n", "{warned}");
}

#[test]
fn what_only_tests_use_may_be_missing_where_nothing_can_be_got() {
    let old = two_workspaces("tests").join("old");
    let manifest = fs::read_to_string(old.join("Cargo.toml")).unwrap();
    fs::write(old.join("Cargo.toml"), manifest + "\n[dev-dependencies]\nonce_cell = \"1\"\n").unwrap();
    // Only the crates of the build are downloaded.
    assert!(run_at_home(&old, &["tree", "-e", "normal,build"], &[]).status.success());
    let output = run_at_home(&old, &["run"], &[OFFLINE]);
    let (said, hash) = without_files(&String::from_utf8_lossy(&output.stdout));
    assert_eq!(
        (&*said, hash.len()),
        ("bytes 1.10.0 with default,std\n", 32),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The old workspace's description of its foreign crate, and the hash of that crate's files.
fn seen(root: &Path) -> (String, String) {
    seen_in(root, Target::Shared)
}

fn seen_in(root: &Path, target: Target<'_>) -> (String, String) {
    let output = run_with(&root.join("old"), &["run"], target, &[OFFLINE]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    without_files(&said)
}

/// The description without a replacement of the crate.
fn plain() -> &'static (String, String) {
    static PLAIN: LazyLock<(String, String)> = LazyLock::new(|| seen(&two_workspaces("plain")));
    assert_eq!((&*PLAIN.0, PLAIN.1.len()), ("bytes 1.10.0 with default,std\n", 32));
    &PLAIN
}

/// The folder into which cargo unpacked a crate.
fn unpacked(name: &str) -> PathBuf {
    let registries = fs::read_dir(cargo_home().join("registry/src")).unwrap();
    let mut folders = registries.map(|registry| registry.unwrap().path().join(name));
    folders.find(|folder| folder.is_dir()).expect("cargo has downloaded the crate")
}

fn append(path: &Path, text: &str) {
    let was = fs::read_to_string(path).unwrap();
    fs::write(path, was + text).unwrap();
}

#[test]
fn a_patched_crate_is_the_same_as_long_as_its_files_are() {
    let root = two_workspaces("patched");
    copy_tree(&unpacked("bytes-1.10.0"), &root.join("bytes"));
    append(&root.join("old/Cargo.toml"), "\n[patch.crates-io]\nbytes.path = \"../bytes\"\n");
    assert_eq!(&seen(&root), plain());
    // The build script runs again, although the manifests did not change.
    append(&root.join("bytes/src/lib.rs"), "\n// Changed.\n");
    let patched = seen(&root);
    assert_eq!(patched.0, plain().0);
    assert_ne!(patched.1, plain().1);
}

#[test]
fn a_vendored_crate_is_the_same_as_long_as_its_files_are() {
    let root = two_workspaces("vendored");
    let plain = plain();
    let vendor = run(&root.join("old"), &["vendor", "--offline", "../vendor"]);
    // If cargo has not downloaded this workspace's dependencies for other systems, it cannot vendor them here.
    assert!(vendor.status.success(), "{}", String::from_utf8_lossy(&vendor.stderr));
    fs::create_dir_all(root.join("old/.cargo")).unwrap();
    fs::write(root.join("old/.cargo/config.toml"), vendor.stdout).unwrap();
    let target = root.join("target");
    let seen = || seen_in(&root, Target::Own(&target));
    assert_eq!(&seen(), plain);
    append(&root.join("vendor/bytes/src/lib.rs"), "\n// Changed.\n");
    // Cargo records the hashes of vendored files, and reports each change.
    let sums = root.join("vendor/bytes/.cargo-checksum.json");
    let text = fs::read_to_string(&sums).unwrap();
    let (_, package) = text.split_once("\"package\":").unwrap();
    fs::write(&sums, format!("{{\"files\":{{}},\"package\":{package}")).unwrap();
    let vendored = seen();
    assert_eq!(vendored.0, plain.0);
    assert_ne!(vendored.1, plain.1);
}

#[test]
fn a_crate_in_a_folder_is_known_by_its_files() {
    let root = two_workspaces("folder");
    copy_tree(&unpacked("bytes-1.10.0"), &root.join("bytes"));
    let manifest = root.join("api/Cargo.toml");
    let path = fs::read_to_string(&manifest).unwrap().replace("bytes = \"1\"", "bytes.path = \"../bytes\"");
    fs::write(&manifest, path).unwrap();
    let first = seen(&root);
    assert_eq!((&*first.0, first.1.len()), ("bytes 1.10.0 with default,std\n", 32));
    append(&root.join("bytes/src/lib.rs"), "\n// Changed.\n");
    assert_ne!(seen(&root).1, first.1);
}

#[test]
fn a_patched_crate_of_equal_version_is_refused_with_what_to_look_for() {
    let bytes = target_dir().join("fixtures/changed-bytes");
    copy_tree(&unpacked("bytes-1.12.2"), &bytes);
    append(&bytes.join("src/lib.rs"), "\n// Changed.\n");
    let patch = format!("[patch.crates-io]\nbytes.path = \"{}\"\n\n[profile.dev]\n", bytes.display());
    let reason = reason(&Build::new("boundary").folder("patched-bytes").edit("Cargo.toml", "[profile.dev]\n", &patch));
    let [host, plugin] = [&reason.host, &reason.plugin].map(|said| without_files(said));
    assert_eq!([&*host.0, &*plugin.0], ["bytes 1.12.2 with default,std"; 2]);
    assert_ne!(host.1, plugin.1);
    assert!(reason.remedy.contains("its files differ: look for `[patch]`"), "{}", reason.remedy);
}

/// Writes an API, crates beside it that it depends on, and a lock file; returns the API's folder.
fn api(name: &str, dependencies: &str, build: &str, source: &str, beside: &[(&str, &str)]) -> PathBuf {
    let root = scratch(name);
    let core_api = repository().join("core-api").display().to_string();
    let manifest = format!(
        "[package]\nname = \"named\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\nbytes = \"=1.12.2\"\n\
         plugbox.path = \"{core_api}\"\n{dependencies}\n[build-dependencies]\nplugbox-build.path = \"{core_api}/build\"\n"
    );
    let build = format!("fn main() {{ plugbox_build::boundary({build}); }}");
    for (path, text) in [("Cargo.toml", &*manifest), ("build.rs", &build), ("src/lib.rs", source)].iter().chain(beside)
    {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

/// The manifest of a crate beside an API.
fn manifest(package: &str, rest: &str) -> String {
    format!("[package]\nname = \"{package}\"\nversion = \"0.3.1\"\nedition = \"2024\"\n{rest}")
}

#[test]
fn a_crate_is_named_as_in_the_manifest_or_in_code() {
    let beside = [
        ("solana-signature/Cargo.toml", &*manifest("solana-signature", "")),
        ("solana-signature/src/lib.rs", "pub struct Signature(pub u8);"),
        ("long/Cargo.toml", &manifest("a-long-name", "")),
        ("long/src/lib.rs", "pub struct Long(pub u8);"),
        ("odd/Cargo.toml", &manifest("odd", "[lib]\nname = \"even\"\n")),
        ("odd/src/lib.rs", "pub struct Even(pub u8);"),
        ("off/Cargo.toml", &manifest("off", "")),
        ("off/src/lib.rs", ""),
    ];
    let root = api(
        "names",
        "solana-signature.path = \"solana-signature\"\nshort-name = { path = \"long\", package = \"a-long-name\" }\n\
         odd.path = \"odd\"\noff = { path = \"off\", optional = true }\n",
        "[\"solana-signature\", \"short-name\", \"odd\", \"off\", \"bytes\"]",
        "#[plugbox::interface(foreign(::solana_signature::Signature, ::short_name::Long, ::even::Even, ::bytes::Bytes))]\n\
         pub trait Api { fn all(&self, _: &solana_signature::Signature, _: short_name::Long, _: Vec<even::Even>); }\n\
         #[test] fn show() {\n    \
             println!(\"{}\", env!(\"PLUGBOX_BOUNDARY_solana_signature\"));\n    \
             println!(\"{}\", env!(\"PLUGBOX_BOUNDARY_short_name\"));\n    \
             println!(\"{}\", env!(\"PLUGBOX_BOUNDARY_even\"));\n    \
             plugbox::assert_frozen::<dyn Api>(\"golden.txt\");\n}",
        &beside,
    );
    let output = run_with(&root, &["test", "--lib", "--", "--nocapture"], Target::Shared, &[("UPDATE_GOLDEN", "1")]);
    let (said, warned) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{warned}");
    let found: Vec<String> =
        said.lines().filter(|line| line.contains(" files ")).map(|line| without_files(line).0).collect();
    assert_eq!(found, ["solana-signature 0.3.1", "a-long-name 0.3.1", "odd 0.3.1"], "{said}");
}

#[test]
fn all_names_that_the_manifest_does_not_have_are_reported_at_once() {
    let names = "[\"byte\", \"bytes\", \"serde-jsn\", \"\"]";
    let output = run(&api("absent", "", names, "", &[]), &["check"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("no dependencies of this package: `byte`, `serde-jsn`, ``; add each"), "{said}");
}

#[test]
fn crates_that_build_rs_lacks_are_reported_at_once_with_the_line_that_has_them() {
    let beside = [("other/Cargo.toml", &*manifest("other", "")), ("other/src/lib.rs", "pub struct Other(pub u8);")];
    let source = "#[plugbox::interface(foreign(::plugbox::Fingerprint, ::bytes::Bytes, ::other::Other))]\n\
                  pub trait Api { fn all(&self, _: plugbox::Fingerprint, _: other::Other); }";
    let output = run(&api("lacking", "other.path = \"other\"\n", "[\"bytes\"]", source, &beside), &["check"]);
    let said = String::from_utf8_lossy(&output.stderr);
    let line = "the versions of `other`, `plugbox` are not known; in build.rs, write \
                `plugbox_build::boundary([\"bytes\", \"other\", \"plugbox\"]);` once";
    assert!(said.contains(line) && said.matches("error:").count() == 2, "{said}");
}

/// A crate that re-exports a type, and has aliases.
const FACADE: &str = "pub use bytes::{Bytes, BytesMut};\n\
                      pub trait Log { fn log(&self) {} }\n\
                      pub type Logger = Box<dyn Log>;\n\
                      pub type Loggers<'a> = Vec<&'a dyn Log>;\n\
                      pub type Call = fn(&str) -> u8;\n\
                      pub type AnyLog = dyn Log;\n\
                      pub struct Text(str);\n\
                      pub type Watched = std::sync::Weak<Bytes>;\n\
                      pub struct List<T>(pub T);\n\
                      pub type Logs = List<Box<dyn Log>>;\n\
                      pub trait Project { type Out; }\n\
                      pub type Out<T> = <T as Project>::Out;\n\
                      pub struct Own(pub u8);\n";

/// Runs the golden test of an API with these foreign types, in a crate that re-exports them.
fn frozen(name: &str, listed: &str, signature: &str) -> (bool, String) {
    let beside =
        [("facade/Cargo.toml", &*manifest("facade", "[dependencies]\nbytes = \"1\"\n")), ("facade/src/lib.rs", FACADE)];
    let source = format!(
        "#[derive(plugbox::Shape)] pub struct Held {{ #[shape(foreign)] pub marked: ::facade::BytesMut }}\n\
         #[plugbox::interface(foreign({listed}))]\npub trait Api {{ fn call(&self, {signature}); }}\n\
         pub struct Secret(pub u8); impl facade::Project for Key {{ type Out = Secret; }}\n\
         #[derive(plugbox::Shape)] pub struct Key;\n\
         #[test] fn frozen() {{ plugbox::assert_frozen::<dyn Api>(\"golden.txt\"); }}"
    );
    let root = api(name, "facade.path = \"facade\"\n", "[\"bytes\", \"facade\"]", &source, &beside);
    let output =
        run_with(&root, &["test", "--lib"], Target::Shared, &[("UPDATE_GOLDEN", "1"), ("RUST_BACKTRACE", "0")]);
    let said = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).concat();
    (output.status.success(), said)
}

#[test]
fn the_golden_test_finds_a_type_that_is_named_by_a_crate_that_only_re_exports_it() {
    let (passed, said) =
        frozen("re-export", "::facade::Bytes, ::facade::Own", "_: &facade::Bytes, _: Held, _: facade::Own");
    assert!(!passed, "{said}");
    for line in [
        "`facade::Bytes` is `bytes::bytes::Bytes`: the crate `bytes` decides its contents, and is not compared. \
         Write `::facade::Bytes in (bytes)` in the list",
        "`facade::BytesMut` is `bytes::bytes_mut::BytesMut`: the crate `bytes` decides",
    ] {
        assert!(said.contains(line), "{said}");
    }
    assert!(!said.contains("`facade::Own` is"), "{said}");
    // What it says helps.
    let (passed, said) =
        frozen("re-export-named", "::facade::Bytes in (bytes), ::facade::Own", "_: &facade::Bytes, _: facade::Own");
    assert!(passed, "{said}");
    let (passed, said) = frozen("exported", "::bytes::Bytes", "_: &facade::Bytes");
    assert!(passed, "{said}");
}

#[test]
fn an_alias_for_a_pointer_or_a_type_without_a_size_is_no_foreign_type() {
    for (name, listed, signature, error) in [
        ("alias-box", "::facade::Logger", "_: facade::Logger", "this name is an alias for a type of std"),
        ("alias-vec", "::facade::Loggers<'_>", "_: facade::Loggers<'_>", "this name is an alias for a type of std"),
        ("alias-object", "::facade::AnyLog", "_: &facade::AnyLog", "this type has no size of its own"),
        ("unsized", "::facade::Text", "_: &facade::Text", "this type has no size of its own"),
        ("alias-fn", "::facade::Call", "_: facade::Call", "is an alias for `fn(&'_ str) -> u8`"),
        (
            "alias-std",
            "::facade::Watched",
            "_: facade::Watched",
            "is an alias for `alloc::sync::Weak<bytes::bytes::Bytes>`",
        ),
        ("alias-inside", "::facade::Logs", "_: facade::Logs", "whose trait object would cross unguarded"),
        ("alias-own", "::facade::Out<Key>", "_: Secret", "`named::Secret`, a type of this crate"),
    ] {
        let (passed, said) = frozen(name, listed, signature);
        assert!(!passed && said.contains(error), "{name}: {said}");
    }
}
