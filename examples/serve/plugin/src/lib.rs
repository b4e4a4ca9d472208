//! A page with a counter, which goes on counting when the plugin is reloaded.

use std::sync::atomic::{AtomicU64, Ordering};

use plugbox::{Error, State};
use serve_api::Pages;

#[derive(Default)]
struct Visits(AtomicU64);

/// Change it, run `cargo build -p visits`, and visit the page again.
const TEXT: &str = if cfg!(feature = "next") { "Welcome. You are visitor" } else { "You are visitor" };

impl Pages for Visits {
    fn page(&self, path: &str) -> Option<String> {
        (path == "/visits").then(|| format!("{TEXT} {}.\n", self.0.fetch_add(1, Ordering::Relaxed) + 1))
    }
}

impl State for Visits {
    fn schema(&self) -> u32 {
        1
    }

    fn save(&self) -> Result<Vec<u8>, Error> {
        Ok(self.0.load(Ordering::Relaxed).to_le_bytes().to_vec())
    }

    fn restore(&mut self, schema: u32, bytes: &[u8]) -> Result<(), Error> {
        if schema != 1 {
            return Err(Error::new(format!("the state has schema {schema}, and this version knows 1")));
        }
        self.0 = u64::from_le_bytes(bytes.try_into()?).into();
        Ok(())
    }
}

plugbox::export!(Visits as dyn Pages + dyn State);
