//! The command line, as an operator uses it, with libraries and hosts that cargo built.

#[path = "command/hello.rs"]
mod hello;
#[path = "command/run.rs"]
mod run;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use expect_test::expect_file;
use fixture_api::Nobody;
use harness::{Build, loader, scratch};
use plugbox_loader::inspect::{self, HostProfile, Requirements, judge};
use plugbox_loader::{Capabilities, Code, Refusal};
use serde_json::Value;

use crate::hello::{hello, other_compiler};
use crate::run::{PLUGBOX, plugbox};

/// A file that is not a library.
const TEXT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");

// inspect

#[test]
fn inspect_shows_a_plugin() {
    let ended = plugbox(["inspect".as_ref(), hello().plugin.as_os_str()]);
    ended.exits(0);
    expect_file!["command/inspect-plugin.txt"].assert_eq(&everywhere(&ended.stdout, &hello().plugin));
}

#[test]
fn inspect_shows_a_host() {
    let ended = plugbox(["inspect".as_ref(), hello().host.as_os_str()]);
    ended.exits(0);
    expect_file!["command/inspect-host.txt"].assert_eq(&everywhere(&ended.stdout, &hello().host));
}

/// Replaces the parts that depend on the machine or the compiler, with values from the JSON output.
fn everywhere(text: &str, file: &Path) -> String {
    let line = &inspected(file)[0];
    let (build, container) = (&line["builds"][0], &line["container"]);
    let features: Vec<&str> = build["features"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let [format, machine] = ["format", "machine"].map(|key| container[key].as_str().unwrap());
    let mut text = text.replace(file.to_str().unwrap(), "FILE");
    for key in ["rustc", "release", "commit", "date", "llvm"] {
        text = text.replace(build[key].as_str().unwrap(), &format!("[{key}]"));
    }
    for key in ["builder", "target"] {
        text = text.replace(build[key].as_str().unwrap(), "[triple]");
    }
    text.replace(&features.join(" "), "[features]")
        .replace(line["interfaces"][0]["fingerprint"].as_str().unwrap(), "[fingerprint]")
        .replace(&format!("{format}, {machine}, {}-bit", container["bits"]), "[container]")
        .replace(&line["size"].to_string(), "[size]")
        .replace(&format!("{} or later", line["glibc"].as_str().unwrap()), "[glibc] or later")
}

fn inspected(file: &Path) -> Vec<Value> {
    plugbox(["inspect".as_ref(), "--format=json".as_ref(), file.as_os_str()]).exits(0).json()
}

#[test]
fn inspect_json_says_the_same_of_plugin_and_host() {
    let (plugin, host) = (&inspected(&hello().plugin)[0], &inspected(&hello().host)[0]);
    assert_eq!((&plugin["type"], &plugin["kind"]), (&"image".into(), &"plugin".into()));
    assert_eq!(host["kind"], "host");
    assert_eq!(plugin["plugins"][0]["name"], "hello");
    assert_eq!(plugin["plugins"][0]["interfaces"][0]["fingerprint"], host["interfaces"][0]["fingerprint"]);
    assert_eq!(plugin["interfaces"][0]["methods"][0], "fn greet(&'a self, &'b hello_api::Guest) -> String");
    assert_eq!(plugin["interfaces"][0]["reaches"][0], plugin["shapes"][0]["fingerprint"]);
    for key in ["builds", "interfaces", "shapes", "container"] {
        assert_eq!(plugin[key], host[key], "{key}");
    }
}

#[test]
fn inspect_says_that_there_are_no_records() {
    let line = &inspected(&hello().macros)[0];
    assert_eq!((&line["kind"], &line["damaged"]), (&"none".into(), &Value::Array(Vec::new())));
}

#[test]
fn inspect_shows_what_is_left_of_a_cut_file() {
    let cut = scratch("cut").join("libcut.so");
    fs::write(&cut, &fs::read(&hello().plugin).unwrap()[..100_000]).unwrap();
    let ended = plugbox(["inspect".as_ref(), cut.as_os_str()]);
    ended.exits(2);
    assert!(ended.stdout.contains("\nplugin         hello 0.3.0\n"), "{}", ended.stdout);
    assert!(ended.stdout.contains("\n  damaged      it is not whole: a segment of "), "{}", ended.stdout);
    assert!(ended.stderr.contains("libcut.so: it is not whole: a segment of "), "{}", ended.stderr);
}

#[test]
fn one_unreadable_file_does_not_stop_the_others() {
    let plugin = hello().plugin.to_str().unwrap();
    let ended = plugbox(["inspect", "--format=json", "missing.so", TEXT, plugin, plugin]);
    ended.exits(2);
    assert_eq!(ended.json().len(), 2);
    let errors: Vec<&str> = ended.stderr.lines().collect();
    assert!(errors[0].starts_with("error: missing.so: the file cannot be read: "), "{errors:?}");
    assert_eq!(errors[1], format!("error: {TEXT}: the file is a text, not an object file"));
}

// check

fn check(host: &Path, files: &[&Path]) -> run::Ended {
    plugbox(["check".as_ref(), "--format=json".as_ref(), "--host".as_ref(), host].iter().chain(files))
}

/// The codes of the only line.
fn codes(ended: &run::Ended) -> Vec<String> {
    let [line] = &ended.json()[..] else { panic!("one line: {}", ended.stdout) };
    let reasons = line["reasons"].as_array().unwrap().iter();
    let codes: Vec<String> = reasons.map(|reason| reason["code"].as_str().unwrap().to_owned()).collect();
    assert_eq!(line["verdict"], if codes.is_empty() { "fits" } else { "refused" });
    codes
}

#[test]
fn check_fits() {
    let host = hello().host.as_os_str();
    let ended = plugbox(["check".as_ref(), "--host".as_ref(), host, hello().plugin.as_os_str()]);
    let fits = format!("{}: fits as hello_api::Plugin (hello 0.3.0)\n", hello().plugin.display());
    assert_eq!(ended.exits(0).stdout, fits);
    assert!(codes(check(&hello().host, &[&hello().plugin]).exits(0)).is_empty());
}

/// Checks a library with a host that knows all interfaces of the fixtures. Returns the codes, and the interfaces that
/// fit.
fn asked(library: &Path, interfaces: &[&str]) -> (Vec<String>, Vec<String>) {
    let host = Build::plugin().library();
    let mut command = run::command(["check".as_ref(), "--format=json".as_ref(), "--host".as_ref(), host.as_os_str()]);
    command.args(interfaces.iter().flat_map(|name| ["--as", name])).arg(library);
    let ended = run::Ended::of(&mut command);
    let codes = codes(&ended);
    ended.exits(i32::from(!codes.is_empty()));
    let fits_as =
        ended.json()[0]["fits_as"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect();
    (codes, fits_as)
}

#[test]
fn check_says_as_which_interfaces_a_library_fits() {
    let (plugin, commands, nobody) = ("fixture_api::Plugin", "fixture_api::Commands", "fixture_api::Nobody");
    let strings = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let library = Build::plugin().library();
    let drifted = Build::plugin().feature("drift-commands").library();
    for (library, interfaces, codes, fits_as) in [
        (&library, &[][..], &[][..], &[commands, plugin][..]),
        (&library, &[plugin], &[], &[plugin]),
        (&library, &[nobody], &["interface-missing"], &[]),
        (&library, &[nobody, plugin], &[], &[plugin]),
        // An unknown name must not match every interface.
        (&library, &["Plugin"], &["interface-missing"], &[]),
        (&drifted, &[], &["interface-changed"], &[plugin]),
        (&drifted, &[plugin], &[], &[plugin]),
        (&drifted, &[commands], &["interface-changed"], &[]),
        (&drifted, &[commands, plugin], &[], &[plugin]),
    ] {
        assert_eq!(asked(library, interfaces), (strings(codes), strings(fits_as)), "{interfaces:?}");
    }
    // The loader gives the same reasons for the same file.
    let missing = loader(&library).load_file::<dyn Nobody>(&library).unwrap_err();
    assert_eq!(harness::codes(&missing), [Code::InterfaceMissing]);
    let ended = plugbox(["check".as_ref(), "--host".as_ref(), library.as_os_str(), drifted.as_os_str()]);
    let though = "\n  but it fits as fixture_api::Plugin; use `--as` to check a single interface\n";
    assert!(ended.exits(1).stdout.ends_with(though), "{}", ended.stdout);
}

#[test]
fn check_goes_by_the_records_of_a_stripped_host_that_was_moved_alone() {
    let host = scratch("alone").join("app");
    fs::copy(&hello().host, &host).unwrap();
    assert!(Command::new("strip").arg(&host).status().expect("`strip` runs").success());
    assert!(fs::metadata(&host).unwrap().len() < fs::metadata(&hello().host).unwrap().len());
    assert!(codes(check(&host, &[&hello().plugin]).exits(0)).is_empty());
}

#[test]
fn check_compares_with_the_compiler_of_the_host_and_not_with_that_of_the_command() {
    let (plugin, host) = (other_compiler(&hello().plugin), other_compiler(&hello().host));
    assert!(codes(check(&host, &[&plugin]).exits(0)).is_empty());
    for (host, plugin) in [(&host, &hello().plugin), (&hello().host, &plugin)] {
        assert_eq!(codes(check(host, &[plugin]).exits(1)), ["compiler-differs"]);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_host_may_be_an_executable_at_a_fixed_address() {
    let mut bytes = fs::read(&hello().host).unwrap();
    // The file's type in the ELF header: an executable that is not position-independent.
    bytes[16] = 2;
    let host = scratch("fixed").join("app");
    fs::write(&host, bytes).unwrap();
    assert_eq!(inspected(&host)[0]["kind"], "host");
    assert!(codes(check(&host, &[&hello().plugin]).exits(0)).is_empty());
    assert_eq!(codes(check(&hello().host, &[&host]).exits(1)), ["not-a-library"]);
}

#[test]
fn check_says_what_the_loader_says() {
    let host = other_compiler(&hello().host);
    let profile = HostProfile::of_image(inspect::image(&host).unwrap()).unwrap();
    for file in [&hello().plugin, Path::new(TEXT), Path::new(PLUGBOX)] {
        let verdict = judge(&profile, inspect::image(file).as_ref(), &Requirements::default());
        let ended = plugbox(["check".as_ref(), "--host".as_ref(), host.as_os_str(), file.as_os_str()]);
        let refused = Refusal::new(file, verdict.reasons().to_vec());
        assert_eq!(ended.exits(1).stdout, format!("{refused}\n"));
        let line = &check(&host, &[file]).exits(1).json()[0];
        for (said, reason) in line["reasons"].as_array().unwrap().iter().zip(verdict.reasons()) {
            let fields = ["code", "at", "host", "plugin", "remedy"].map(|key| said[key].as_str().unwrap());
            assert_eq!(fields, [reason.code.as_str(), &reason.at, &reason.host, &reason.plugin, &reason.remedy]);
        }
    }
}

#[test]
fn check_refuses_what_is_no_library() {
    assert_eq!(codes(check(&hello().host, &[Path::new(TEXT)]).exits(1)), ["not-a-library"]);
}

#[test]
fn check_says_that_a_program_is_no_plugin() {
    let whole = scratch("programs").join("empty.so");
    fs::write(&whole, "").unwrap();
    for (file, code, found) in [
        (&*hello().host, "no-plugin", "a program: a host, or a program that links an API"),
        (Path::new("/bin/true"), "no-manifest", "a program without plugbox records"),
        (&whole, "not-a-library", "the file is empty"),
        (&hello().macros, "no-manifest", "no plugbox records"),
    ] {
        let ended = check(&hello().host, &[file]);
        assert_eq!(codes(ended.exits(1)), [code], "{}", ended.stdout);
        let reason = &ended.json()[0]["reasons"][0];
        assert_eq!(reason["plugin"], found);
        // Only a library may have lost its notes.
        assert_eq!(reason["remedy"].as_str().unwrap().contains("removed"), file == hello().macros, "{reason}");
    }
}

#[test]
fn check_ends_with_the_worst_of_several_files() {
    let missing = Path::new("missing.so");
    let ended = check(&hello().host, &[missing, Path::new(TEXT), &hello().plugin]);
    ended.exits(2);
    let verdicts: Vec<Value> = ended.json().iter().map(|line| line["verdict"].clone()).collect();
    assert_eq!(verdicts, ["refused", "fits"]);
    assert!(ended.stderr.starts_with("error: missing.so: the file cannot be read: "), "{}", ended.stderr);
}

#[test]
fn check_judges_a_folder_as_a_host_loads_it() {
    let folder = scratch("folder");
    fs::copy(other_compiler(&hello().plugin), folder.join("liba.so")).unwrap();
    fs::copy(&hello().plugin, folder.join("libb.so")).unwrap();
    fs::copy(&hello().macros, folder.join("libc.so")).unwrap();
    fs::write(folder.join("notes.txt"), "not a library").unwrap();
    let path = folder.to_str().unwrap();
    let ended = plugbox(["check", "--host", host_text(), path]);
    let lines: Vec<&str> = ended.exits(0).stdout.lines().map(|line| line.trim_start_matches(path)).collect();
    assert!(lines[0].starts_with("/liba.so: passed over for ") && lines[0].contains("compiler-differs"), "{lines:?}");
    assert_eq!(
        lines[1..],
        ["/libb.so: fits as hello_api::Plugin (hello 0.3.0)", "/libc.so: not a plugin (no-manifest)"]
    );
    let verdicts: Vec<Value> =
        check(&hello().host, &[&folder]).exits(0).json().iter().map(|line| line["verdict"].clone()).collect();
    assert_eq!(verdicts, ["passed-over", "fits", "not-a-plugin"]);
    // Without the build that fits, the other one is a failure.
    fs::remove_file(folder.join("libb.so")).unwrap();
    assert!(plugbox(["check", "--host", host_text(), path]).exits(1).stdout.contains("liba.so: refused\n"));
}

#[test]
fn a_folder_without_libraries_is_an_error_and_does_not_stop_the_others() {
    let empty = scratch("empty");
    let ended = plugbox(["check", "--host", host_text(), empty.to_str().unwrap(), hello().plugin.to_str().unwrap()]);
    assert!(ended.exits(2).stderr.contains(": no file in it is a library"), "{}", ended.stderr);
    assert!(ended.stdout.contains(": fits as "), "{}", ended.stdout);
}

#[test]
fn check_wants_a_host() {
    for (host, says) in [(Path::new("missing"), "the file cannot be read: "), (&hello().macros, "this is not a host: ")]
    {
        let ended = check(host, &[&hello().plugin]);
        assert_eq!(ended.exits(2).stdout, "");
        assert!(ended.stderr.starts_with(&format!("error: {}: {says}", host.display())), "{}", ended.stderr);
    }
}

// both

#[test]
fn every_field_is_documented() {
    fn keys(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| keys(value, found)),
            Value::Object(fields) => fields.iter().for_each(|(key, value)| {
                found.insert(key.clone());
                keys(value, found);
            }),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    inspected(&hello().plugin).iter().for_each(|line| keys(line, &mut found));
    check(&other_compiler(&hello().host), &[&hello().plugin]).json().iter().for_each(|line| keys(line, &mut found));
    let folder = scratch("documented");
    ["liba.so", "libb.so"].iter().for_each(|name| _ = fs::copy(&hello().plugin, folder.join(name)).unwrap());
    check(&hello().host, &[&folder]).json().iter().for_each(|line| keys(line, &mut found));
    let [plugin, host] = [&hello().plugin, &hello().host].map(|file| file.to_str().unwrap());
    plugbox(["diff", "--format=json", plugin, host]).json().iter().for_each(|line| keys(line, &mut found));
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/json.md")).unwrap();
    for key in found {
        assert!(page.contains(&format!("`{key}`")), "docs/json.md does not say what `{key}` is");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn names_that_are_not_unicode_are_told_in_bytes() {
    use std::os::unix::ffi::OsStrExt;
    let name = std::ffi::OsStr::from_bytes(b"lib\xff\x1b.so");
    let file = scratch("names").join(name);
    fs::copy(&hello().plugin, &file).unwrap();
    let line = &inspected(&file)[0];
    assert!(line["file"].as_str().unwrap().ends_with("lib\u{fffd}\u{1b}.so"));
    let bytes: Vec<Value> = file.as_os_str().as_bytes().iter().map(|byte| (*byte).into()).collect();
    assert_eq!(line["file_bytes"], Value::Array(bytes));
    let ended = check(&hello().host, &[&file]);
    assert!(codes(ended.exits(0)).is_empty());
    // Control characters for the terminal are escaped in the output for people.
    let ended = plugbox(["inspect".as_ref(), file.as_os_str()]);
    assert!(ended.exits(0).stdout.contains("lib\u{fffd}\\u{1b}.so: a library with a plugin\n"), "{}", ended.stdout);
}

#[test]
fn color_is_for_terminals_and_on_demand() {
    let plugin = hello().plugin.to_str().unwrap();
    let colored = |args: &[&str], env: &[(&str, &str)]| {
        let mut command = run::command(args.iter().chain(&[plugin]));
        let ended = run::Ended::of(command.envs(env.iter().copied()));
        ended.exits(0).stdout.contains('\u{1b}')
    };
    assert!(!colored(&["inspect"], &[]));
    assert!(colored(&["inspect", "--color", "always"], &[]));
    assert!(colored(&["--color", "always", "inspect"], &[("NO_COLOR", "1")]));
    assert!(!colored(&["inspect", "--color", "always", "--format", "json"], &[]));
    // `CLICOLOR_FORCE` makes the command behave as in a terminal.
    assert!(colored(&["inspect"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!colored(&["inspect"], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(!colored(&["inspect", "--color", "never"], &[("CLICOLOR_FORCE", "1")]));
}

#[test]
#[cfg(unix)]
fn a_closed_pipe_is_no_error() {
    use std::io::Write;
    let arguments = ["inspect", "check --host", "completions bash #", "man #", "--version #", "--help #"];
    for arguments in arguments.map(|arguments| arguments.replace("--host", &format!("--host '{}'", host_text()))) {
        // The command starts only after the script reads a line. The test sends this line after closing the stdout of
        // the command.
        let script = format!("read go; exec '{PLUGBOX}' {arguments} '{}'", hello().plugin.display());
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = shell.spawn().unwrap();
        drop(child.stdout.take());
        child.stdin.take().unwrap().write_all(b"\n").unwrap();
        let ended = run::Ended::from(child.wait_with_output().unwrap());
        assert_eq!(ended.exits(0).stderr, "", "{arguments}");
    }
}

#[cfg(unix)]
fn host_text() -> &'static str {
    hello().host.to_str().unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = run::command(["man"]);
    let ended = run::Ended::from(command.stdout(full).output().unwrap());
    assert!(ended.exits(2).stderr.starts_with("error: cannot write to stdout: "), "{}", ended.stderr);
}

// the command itself

#[test]
fn the_command_was_built_by_the_compiler_that_its_records_name() {
    let told = plugbox(["--version", "--verbose"]);
    let build = &inspected(Path::new(PLUGBOX))[0]["builds"][0];
    let expected = format!(
        "plugbox {}\nrustc: {}\nrustc commit: {}\nrustc date: {}\nhost: {}\ntarget: {}\n",
        env!("CARGO_PKG_VERSION"),
        build["release"].as_str().unwrap(),
        build["commit"].as_str().unwrap(),
        build["date"].as_str().unwrap(),
        build["builder"].as_str().unwrap(),
        build["target"].as_str().unwrap(),
    );
    let rows = Capabilities::of_this_system().rows().map(|(what, how)| format!("{what}: {how}\n"));
    let expected = expected + &rows.concat();
    assert_eq!(told.exits(0).stdout, expected);
    assert_eq!(plugbox(["-V", "-v"]).exits(0).stdout, expected);
    assert_eq!(plugbox(["-V"]).exits(0).stdout, format!("plugbox {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn help_is_as_checked_in() {
    let mut text = String::new();
    for arguments in [
        "--help",
        "inspect --help",
        "check --help",
        "diff --help",
        "new --help",
        "new plugin --help",
        "completions --help",
        "man --help",
    ] {
        let ended = plugbox(arguments.split(' '));
        text += &format!("$ plugbox {arguments}\n{}\n", ended.exits(0).stdout);
    }
    expect_file!["command/help.txt"].assert_eq(&text);
}

#[test]
fn help_is_a_subcommand_too() {
    for arguments in ["", "check", "new", "new plugin"] {
        let [asked, option] = [format!("help {arguments}"), format!("{arguments} --help")];
        let [asked, option] = [asked, option].map(|arguments| plugbox(arguments.split_whitespace()));
        assert_eq!(asked.exits(0).stdout, option.exits(0).stdout, "{arguments}");
    }
}

#[test]
fn wrong_usage_is_told_on_stderr() {
    for arguments in [
        "",
        "--color never",
        "-v",
        "inspect",
        "check x.so",
        "diff x.so",
        "inspect --format xml x.so",
        "man nothing",
        "help nothing",
        "new",
        "new plugin",
    ] {
        let ended = plugbox(arguments.split_whitespace());
        assert_eq!(ended.exits(2).stdout, "", "{arguments}");
        assert!(ended.stderr.contains("--help"), "{arguments}: {}", ended.stderr);
    }
}

#[test]
fn completions_and_man_pages_name_every_subcommand() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = plugbox(["completions", shell]);
        for word in ["inspect", "check", "diff", "new", "completions", "man", "--host", "--format"] {
            assert!(script.exits(0).stdout.contains(word.trim_start_matches('-')), "{shell}: {word}");
        }
    }
    let page = plugbox(["man"]);
    for subcommand in ["inspect", "check", "diff", "new", "completions", "man"] {
        assert!(page.exits(0).stdout.contains(&format!("plugbox\\-{subcommand}(1)")), "{subcommand}");
        let own = plugbox(["man", subcommand]);
        assert!(own.exits(0).stdout.contains(&format!(".TH plugbox-{subcommand} 1")), "{}", own.stdout);
    }
    assert!(plugbox(["man", "check"]).stdout.contains("Exit codes:"));
}
