//! The same work in the host itself, without a library.

#[macro_use]
#[path = "../../bare/api.rs"]
mod api;
#[path = "../../reload.rs"]
mod reload;
#[path = "../../rows.rs"]
mod rows;

use std::hint::black_box;

use api::{Boxed, Further, Host, Items, Plugin};

struct Bench(u64);

impl Plugin for Bench {
    #[inline(never)]
    fn tiny(&self, number: u64) -> u64 {
        self.0 + number
    }

    fn split(&self, text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    fn callback(&self, host: &dyn Host, times: u64) -> u64 {
        (0..times).map(|number| host.add(number)).sum()
    }

    fn events(&self, times: u64) {
        (0..times).for_each(|number| tracing::debug!(number, "nobody wants it"));
    }

    fn records(&self, times: u64) {
        (0..times).for_each(|number| log::debug!("nobody wants {number}"));
    }
}

more! { #[async_trait::async_trait] }

fn load(_: &str, _: &str) -> Box<dyn Plugin> {
    Box::new(Bench(1))
}

fn main() {
    rows::run(rows::Candidate {
        load,
        further: |_| Box::new(More) as Box<dyn Further>,
        look: |_| unreachable!("there is no file"),
        serve: |_, _| unreachable!("there is no file"),
        reloadable: |_, _| {
            let plugin = load("", "");
            Box::new(move |times| rows::call(times, |number| black_box(&*plugin).tiny(number)))
        },
    });
}
