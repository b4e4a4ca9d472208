//! `build-fixtures TARGET COMMAND...` runs a command that runs tests of this target in an emulator, and builds the
//! fixtures that they ask for. It exits with the command's status. The command and the fixtures use the same environment.

use std::env;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use harness::{build_fixtures_while, repository};

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let (Some(target), Some(program)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: build-fixtures TARGET COMMAND...");
        return ExitCode::from(2);
    };
    let target = target.to_str().expect("a target's name is text");
    // Cargo's, unless it is set otherwise. The tests have it from the place of their executable.
    let target_dir = env::var_os("CARGO_TARGET_DIR").map_or_else(|| repository().join("target"), PathBuf::from);
    let root = env::current_dir().expect("there is a current folder").join(target_dir).join(target).join("fixtures");
    let status = build_fixtures_while(&root, target, || Command::new(&program).args(arguments).status());
    match status {
        // A signal that ended the command is a failure like others.
        Ok(status) => status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from),
        Err(error) => {
            eprintln!("{} cannot be run: {error}", program.to_string_lossy());
            ExitCode::FAILURE
        }
    }
}
