//! Reads arbitrary bytes as notes, prints the result, and reads the printed text again.
#![no_main]

#[path = "../../tests/hostile/records.rs"]
mod records;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| records::check(bytes));
