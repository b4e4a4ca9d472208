//! Tells the harness for which target it is built.

fn main() {
    for name in ["TARGET", "HOST"] {
        println!("cargo::rustc-env=HARNESS_{name}={}", std::env::var(name).unwrap_or_default());
    }
    println!("cargo::rerun-if-changed=build.rs");
}
