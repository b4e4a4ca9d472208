//! Asks the compiler that builds the command for its identity, which `plugbox --version --verbose` prints.
//!
//! This identity describes only the command. The gate compares a different one: the build script of the `plugbox` crate
//! writes it wherever a plugin or a host is built. A test checks that both agree within one build.

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
