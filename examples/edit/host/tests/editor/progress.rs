//! Progress with long files. The terminal of these tests is one of Unix.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::support::Desk;

/// A text that plugins need some time for.
fn long() -> String {
    "see :btw and the rest of it\n".repeat(100_000)
}

/// Runs a command with standard error on a terminal. Returns its standard output and what the terminal shows.
fn on_a_terminal(mut command: Command) -> (String, String) {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let other_end = File::options().write(true).open(OsStr::from_bytes(name.to_bytes())).unwrap();
    command.env("TERM", "xterm").stderr(OwnedFd::from(other_end)).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // The terminal ends when nobody has its other end any more.
    drop(command);
    let mut stdout = child.stdout.take().unwrap();
    let read = std::thread::spawn(move || {
        let mut text = String::new();
        stdout.read_to_string(&mut text).map(|_| text).unwrap()
    });
    let (mut shown, mut piece) = (Vec::new(), [0; 4096]);
    while let Ok(len @ 1..) = File::from(terminal.try_clone().unwrap()).read(&mut piece) {
        shown.extend_from_slice(&piece[..len]);
    }
    let shown = String::from_utf8_lossy(&shown).into_owned();
    assert!(child.wait().unwrap().success(), "{shown}");
    (read.join().unwrap(), shown)
}

#[test]
fn a_long_file_shows_progress_on_a_terminal_and_nowhere_else() {
    let desk = Desk::with_plugins(&["abbrev", "tidy"]);
    desk.write("long.txt", long());
    desk.write("short.txt", "one");
    let edit = |arguments: &[&str]| {
        let arguments = [&["--plugins", "plugins", "--print"], arguments].concat();
        desk.command(env!("CARGO_BIN_EXE_edit"), &arguments)
    };
    let (printed, shown) = on_a_terminal(edit(&["long.txt"]));
    assert!(shown.contains("long.txt: abbrev ("), "{shown}");
    // The result is the same, and free of it.
    assert!(printed == long().replace(":btw", "by the way"));
    for quietly in [&["short.txt"][..], &["--quiet", "long.txt"], &["-v", "long.txt"]] {
        let (_, shown) = on_a_terminal(edit(quietly));
        assert!(!shown.contains("txt: abbrev ("), "{quietly:?}: {shown}");
    }
    // Not a terminal.
    let piped = edit(&["long.txt"]).output().unwrap();
    assert_eq!(String::from_utf8(piped.stdout).unwrap(), printed);
    let stderr = String::from_utf8(piped.stderr).unwrap();
    assert!(!stderr.contains(['\u{1b}', '\r']) && !stderr.contains("abbrev ("), "{stderr}");
}
