//! Bytes as notes: what is read of them is printed, and read again.
#![no_main]

#[path = "../../tests/hostile/records.rs"]
mod records;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| records::check(bytes));
