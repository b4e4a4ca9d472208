//! A plugin without a framework.

#[macro_use]
#[path = "../../api.rs"]
mod api;

#[cfg(feature = "events")]
use api::{Boxed, Further, Items};
use api::{Host, Plugin};

struct Bench(u64);

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
more! { #[async_trait::async_trait] }

#[cfg(feature = "events")]
#[unsafe(no_mangle)]
pub fn further() -> Box<dyn Further> {
    Box::new(More)
}

#[unsafe(no_mangle)]
pub fn construct() -> Box<dyn Plugin> {
    Box::new(Bench(if cfg!(feature = "second") { 2 } else { 1 }))
}
