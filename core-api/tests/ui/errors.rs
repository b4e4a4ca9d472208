//! `?` does not convert text, and neither an error that does not implement `Error`.

use std::error::Error;

fn text() -> Result<(), plugbox::Error> {
    Err("text")?
}

fn boxed(failed: Result<(), Box<dyn Error>>) -> Result<(), plugbox::Error> {
    Ok(failed?)
}

fn boxed_for_threads(failed: Result<(), Box<dyn Error + Send + Sync>>) -> Result<(), plugbox::Error> {
    Ok(failed?)
}

fn main() {}
