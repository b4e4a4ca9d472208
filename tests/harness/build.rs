//! Tells the harness for which target it is built.

fn main() {
    println!("cargo::rustc-env=HARNESS_TARGET={}", std::env::var("TARGET").unwrap_or_default());
    println!("cargo::rerun-if-changed=build.rs");
}
