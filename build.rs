//! Asks the compiler that builds the command for its identity, which `plugbox --version --verbose` prints, and looks
//! where the command's own source came from, for `plugbox new`.
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
    println!("cargo::rustc-env=PLUGBOX_ORIGIN={}", origin(Path::new(&env::var("CARGO_MANIFEST_DIR")?)));
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}

/// Where this source came from, in the words of `plugbox new --plugbox`: cargo marks packages of a registry and its own
/// checkouts of a repository. All other sources are somebody's own checkout.
fn origin(package: &Path) -> String {
    if package.join("Cargo.toml.orig").exists() {
        return format!("version={}", env!("CARGO_PKG_VERSION"));
    }
    if package.join(".cargo-ok").exists() {
        // The folder of such a checkout is named after the revision.
        let revision = package.file_name().unwrap_or_default().to_string_lossy();
        return format!("git={}#{revision}", env!("CARGO_PKG_REPOSITORY"));
    }
    format!("path={}", package.display())
}
