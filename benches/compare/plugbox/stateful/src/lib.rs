//! A plugin with 1 MiB of state.

use bench_api::{Host, Plugin};
use plugbox::{Error, State};

struct Bench(Vec<u8>);

impl Default for Bench {
    fn default() -> Self {
        Self(vec![1; 1 << 20])
    }
}

impl Plugin for Bench {
    fn tiny(&self, number: u64) -> u64 {
        u64::from(self.0[0]) + number
    }

    fn split(&self, _: &str) -> Vec<String> {
        Vec::new()
    }

    fn callback(&self, _: &dyn Host, _: u64) -> u64 {
        0
    }

    fn events(&self, _: u64) {}

    fn records(&self, _: u64) {}
}

impl State for Bench {
    fn schema(&self) -> u32 {
        1
    }

    fn save(&self) -> Result<Vec<u8>, Error> {
        Ok(self.0.clone())
    }

    fn restore(&mut self, _: u32, bytes: &[u8]) -> Result<(), Error> {
        self.0 = bytes.to_vec();
        Ok(())
    }
}

plugbox::export!(Bench as dyn Plugin + dyn State);
