//! Debuggers and profilers find a plugin's code, as the guide's page says: with its copy, and without it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use harness::{Build, repository, scratch, shows};

/// A program that is not installed everywhere.
fn has(program: &str) -> bool {
    let is_there = Command::new(program).arg("--version").output().is_ok_and(|ended| ended.status.success());
    if !is_there {
        eprintln!("SKIPPED: {program} is not installed");
    }
    is_there
}

/// A host, a plugin, and a folder for the private copies that no other process sweeps.
struct Session {
    host: PathBuf,
    library: PathBuf,
    runtime: PathBuf,
}

impl Session {
    fn new() -> Self {
        let host = Build::new("fixture-plain-hosts").lines().program("plain-host");
        let library = scratch("debugging").join("libfixture_plugin.so");
        fs::copy(Build::plugin().debug("2").library(), &library).unwrap();
        let runtime = scratch("runtime");
        fs::set_permissions(&runtime, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        Self { host, library, runtime }
    }

    fn gdb(&self, commands: &[&str]) -> String {
        let mut gdb = Command::new("gdb");
        gdb.args(["-quiet", "-batch", "-nx", "-ex", "set debuginfod enabled off"]);
        gdb.args(commands.iter().flat_map(|command| ["-ex", command]));
        gdb.arg("--args").arg(&self.host).arg(&self.library).arg("exit");
        let ended = gdb.env("XDG_RUNTIME_DIR", &self.runtime).output().unwrap();
        String::from_utf8_lossy(&ended.stdout).into_owned()
    }

    /// The lines of an output that show the plugin, with the paths and numbers of the guide.
    fn told(&self, output: &str) -> String {
        let plugins = self.library.parent().unwrap().to_str().unwrap();
        let lines = output.lines().filter(|line| line.starts_with("#0 ") || line.ends_with("libfixture_plugin.so"));
        let mut lines: Vec<String> = lines.map(|line| addresses_masked(&line.replace(plugins, "plugins"))).collect();
        // gdb shows the first frame of a core twice.
        lines.dedup();
        let copy = |line: String| match line.split_once(self.runtime.to_str().unwrap()) {
            Some((before, _)) => {
                format!("{before}/run/user/1000/plugbox-1000/4242-18eb854d58040b38/libfixture_plugin.so\n")
            }
            None => line + "\n",
        };
        lines.into_iter().map(copy).collect()
    }

    /// The folder of the copies, which the process has left.
    fn copies(&self) -> PathBuf {
        let entries = fs::read_dir(&self.runtime).unwrap().map(|entry| entry.unwrap().path());
        entries.into_iter().find(|path| path.is_dir()).expect("the process was killed, so its copies are there")
    }
}

fn addresses_masked(line: &str) -> String {
    let mut parts = line.split("0x");
    let first = parts.next().unwrap().to_owned();
    parts
        .fold(first, |masked, part| masked + "0x..." + part.trim_start_matches(|digit: char| digit.is_ascii_hexdigit()))
}

#[test]
fn a_debugger_stops_in_a_plugin_and_reads_a_core_with_or_without_the_copy() {
    if !has("gdb") {
        return;
    }
    let session = Session::new();
    let core = scratch("core").join("core");
    let source = fs::read_to_string(repository().join("tests/fixtures/plugin/src/lib.rs")).unwrap();
    let line = 1 + source.lines().position(|line| line.contains("text.split(' ')")).unwrap();
    let stopped = session.gdb(&[
        "set breakpoint pending on",
        &format!("break plugin/src/lib.rs:{line}"),
        "run",
        "backtrace 1",
        "info sharedlibrary fixture_plugin",
        &format!("generate-core-file {}", core.display()),
    ]);
    let stopped = session.told(&stopped);

    let core = format!("core-file {}", core.display());
    let at_once = session.gdb(&[&core, "backtrace 1", "info sharedlibrary fixture_plugin"]);
    assert_eq!(session.told(&at_once), stopped, "{at_once}");
    fs::remove_dir_all(session.copies()).unwrap();
    let later = session.gdb(&[&core, "backtrace 1", "info sharedlibrary fixture_plugin"]);
    let search = format!("set solib-search-path {}", session.library.parent().unwrap().display());
    let found = session.gdb(&[&search, &core, "backtrace 1", "info sharedlibrary fixture_plugin"]);
    shows("docs/debugging.md", |title| match title {
        "a breakpoint" => stopped.clone(),
        "a core without the copy" => session.told(&later),
        _ => session.told(&found),
    });
}
