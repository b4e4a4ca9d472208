//! Asks the compiler that builds the command who it is, for `plugbox --version --verbose`.
//!
//! This describes the command and nothing else. What the gate compares is written by the build script of `plugbox`
//! itself, which runs where a plugin is built; a test asserts that both agree within one build.

use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let rustc = rustc_version::version_meta()?;
    let unknown = || "unknown".to_owned();
    let identity = format!(
        "rustc: {}\nrustc commit: {}\nrustc date: {}\nhost: {}\ntarget: {}\n",
        rustc.semver,
        rustc.commit_hash.unwrap_or_else(unknown),
        rustc.commit_date.unwrap_or_else(unknown),
        rustc.host,
        env::var("TARGET")?,
    );
    fs::write(Path::new(&env::var("OUT_DIR")?).join("identity.txt"), identity)?;
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}
