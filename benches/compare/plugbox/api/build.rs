//! Passes the version of the foreign crate to the macros.

fn main() {
    plugbox_build::boundary(["bytes"]);
}
