//! `?` does not convert an error that other threads may not use, and not into an error that they may.

use std::error::Error;

fn boxed(failed: Result<(), Box<dyn Error>>) -> Result<(), plugbox::Error> {
    Ok(failed?)
}

fn shared(failed: Result<(), plugbox::Error>) -> Result<(), Box<dyn Error + Send + Sync>> {
    Ok(failed?)
}

fn main() {}
