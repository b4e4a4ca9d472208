//! The plugin with plugbox.

#[cfg(feature = "events")]
#[macro_use]
#[path = "../../../further.rs"]
mod further;

#[cfg(feature = "events")]
use bench_api::{Boxed, Further, Items};
use bench_api::{Host, Plugin};

struct Bench(u64);

impl Default for Bench {
    fn default() -> Self {
        Self(if cfg!(feature = "second") { 2 } else { 1 })
    }
}

impl Plugin for Bench {
    fn tiny(&self, number: u64) -> u64 {
        self.0 + number
    }

    fn split(&self, text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    fn callback(&self, host: &dyn Host, times: u64) -> u64 {
        (0..times).map(|number| host.add(number)).sum()
    }

    #[cfg(not(feature = "events"))]
    fn events(&self, _: u64) {}

    #[cfg(not(feature = "events"))]
    fn records(&self, _: u64) {}

    #[cfg(feature = "events")]
    fn events(&self, times: u64) {
        (0..times).for_each(|number| tracing::debug!(number, "nobody wants it"));
    }

    #[cfg(feature = "events")]
    fn records(&self, times: u64) {
        (0..times).for_each(|number| log::debug!("nobody wants {number}"));
    }
}

#[cfg(feature = "events")]
more! { #[plugbox::async_impl] }

#[cfg(feature = "events")]
plugbox::export!(Bench as dyn Plugin, More as dyn Further);
#[cfg(not(feature = "events"))]
plugbox::export!(Bench as dyn Plugin);
