//! Bytes as a file: read and judged, and asked what it needs, whatever it is.
#![no_main]

#[path = "../../tests/hostile/container.rs"]
mod container;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| container::check(bytes));
