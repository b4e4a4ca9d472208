//! Records the compiler that builds this crate, and so builds the plugin or host that contains it.
//!
//! The result is the text of the `build` record, which the gate compares. When a *plugin* is built, this script runs
//! with the plugin's own compiler. The build script of the command describes only the command.

use std::{env, error::Error, fs, path::Path};

/// Flags that may change layouts or calling conventions although the compiler is the same.
const FLAGS: [(&str, &str); 5] = [
    ("randomize-layout", "randomize-layout"),
    ("layout-seed", "layout-seed"),
    ("sanitizer=", "sanitizer"),
    ("soft-float", "soft-float"),
    ("prefer-dynamic", "prefer-dynamic"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let rustc = rustc_version::version_meta()?;
    let unknown = || "unknown".to_owned();
    let given = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let flags: Vec<&str> = FLAGS.iter().filter(|(text, _)| given.contains(text)).map(|(_, name)| *name).collect();
    let record = format!(
        "rustc {}\nrelease {}\ncommit {}\ndate {}\nllvm {}\nbuilder {}\ntarget {}\nfeatures {}\nflags {}\n",
        rustc.short_version_string,
        rustc.semver,
        rustc.commit_hash.unwrap_or_else(unknown),
        rustc.commit_date.unwrap_or_else(unknown),
        rustc.llvm_version.map_or_else(unknown, |version| version.to_string()),
        rustc.host,
        env::var("TARGET")?,
        env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default(),
        flags.join(","),
    );
    fs::write(Path::new(&env::var("OUT_DIR")?).join("build.txt"), record)?;
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=CARGO_ENCODED_RUSTFLAGS");
    Ok(())
}
