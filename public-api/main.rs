//! Compares the lists in this folder with the public items of the libraries, as rustdoc sees them; what the documentation
//! hides is not in them. `--update` writes the lists instead.
//!
//! It ends with 0 where all lists are right, with 1 where one is not, and with 2 where that cannot be said, because the
//! nightly compiler writes JSON of another format than `public-api` reads.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use public_api::Builder;

/// The libraries that people depend on.
const PACKAGES: [&str; 3] = ["plugbox", "plugbox-build", "plugbox-loader"];

/// The format that `public-api` reads, as JSON says it.
const FORMAT: &str = "\"format_version\":57";

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let update = std::env::args().any(|argument| argument == "--update");
    let mut all_right = true;
    for package in PACKAGES {
        let Some(items) = items(package)? else {
            eprintln!("the nightly compiler writes JSON of another format: this needs {FORMAT}");
            return Ok(ExitCode::from(2));
        };
        let list = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("{package}.txt"));
        if update {
            fs::write(list, items)?;
        } else {
            all_right &= is_listed(&list, &items);
        }
    }
    Ok(if all_right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The public items of a library with all of its features, one a line; none where the JSON is of another format.
fn items(package: &str) -> Result<Option<String>, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let target = root.join("target/public-api");
    let rustdoc = Command::new("cargo")
        .args(["+nightly", "rustdoc", "--quiet", "--locked", "--lib", "--all-features", "--package", package])
        .arg("--target-dir")
        .arg(&target)
        .args(["--", "-Zunstable-options", "--output-format=json", "--cap-lints=allow"])
        .current_dir(&root)
        // Those of the compiler that runs this, under which rustup's `+nightly` would not be heard.
        .env_remove("CARGO")
        .env_remove("RUSTC")
        .env_remove("RUSTDOC")
        .env_remove("RUSTUP_TOOLCHAIN")
        .status()?;
    if !rustdoc.success() {
        return Err("the nightly compiler cannot document it".into());
    }
    let json = target.join("doc").join(format!("{}.json", package.replace('-', "_")));
    if !fs::read_to_string(&json)?.contains(FORMAT) {
        return Ok(None);
    }
    // What follows from the rest of a type is not listed; `loader/tests/markers.rs` has the auto traits that are promised.
    let items = Builder::from_rustdoc_json(json).omit_blanket_impls(true).omit_auto_trait_impls(true).build()?;
    Ok(Some(items.items().map(|item| format!("{item}\n")).collect()))
}

/// Whether a list has just these items; says what differs, where it does not.
fn is_listed(list: &Path, items: &str) -> bool {
    let listed = fs::read_to_string(list).unwrap_or_default();
    if listed == items {
        return true;
    }
    eprintln!("{} is not what the code says:", list.file_name().unwrap_or_default().display());
    eprintln!("(.ci/public-items --update rewrites it)");
    let tell = |sign: char, these: &str, those: &str| {
        let those: Vec<&str> = those.lines().collect();
        these.lines().filter(|line| !those.contains(line)).for_each(|line| eprintln!("{sign} {line}"));
    };
    tell('-', &listed, items);
    tell('+', items, &listed);
    false
}
