//! Reads arbitrary bytes as a file, judges the file, and lists the libraries that the file needs.
#![no_main]

#[path = "../../tests/hostile/container.rs"]
mod container;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| container::check(bytes));
