//! Records the compiler that builds this crate, and so builds the plugin or host that contains it.
//!
//! The result is the text of the `build` record, which the gate compares. When a *plugin* is built, this script runs
//! with the plugin's own compiler. The build script of the command describes only the command.

mod flags;

use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let rustc = rustc_version::version_meta()?;
    let unknown = || "unknown".to_owned();
    let arguments = arguments();
    let flags = flags::compared(&arguments);
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
    #[cfg(feature = "anyhow")]
    plugbox_build::boundary(["anyhow"]);
    // Cargo passes this on to every library that is linked with this crate: to plugins, and to hosts that are libraries.
    let (os, linker) = (env::var("CARGO_CFG_TARGET_OS")?, env::var("RUSTC_LINKER").ok());
    if let Some(argument) = flags::symbolic(&os, linker.as_deref(), &arguments) {
        println!("cargo::rustc-cdylib-link-arg={argument}");
    }
    println!("cargo::rerun-if-env-changed=RUSTC_LINKER");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=flags.rs");
    println!("cargo::rerun-if-env-changed=CARGO_ENCODED_RUSTFLAGS");
    Ok(())
}

/// The arguments of rustc in this build, as far as cargo tells them: those of `RUSTFLAGS` and of its configuration.
fn arguments() -> Vec<String> {
    let given = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let given: Vec<&str> = given.split('\u{1f}').collect();
    flags::expanded(&given, |file| {
        // A relative path is relative to a folder that only cargo knows.
        let file = Path::new(file).is_absolute().then_some(file)?;
        println!("cargo::rerun-if-changed={file}");
        fs::read_to_string(file).ok()
    })
}
