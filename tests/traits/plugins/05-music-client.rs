use api::{Outlet, OutletError, OutletResult, Packet, Rounding};

/// Counts what it gets.
#[derive(Default)]
pub struct Counter {
    is_open: bool,
    samples: usize,
}

impl Outlet for Counter {
    fn start(&mut self) -> OutletResult<()> {
        self.is_open = true;
        Ok(())
    }

    fn write(&mut self, packet: Packet, rounding: &mut Rounding) -> OutletResult<()> {
        if !self.is_open {
            return Err(OutletError::NotConnected("not started".to_string()));
        }
        match packet {
            Packet::Samples(samples) => self.samples += rounding.to_int16(&samples).len(),
            Packet::Bytes(bytes) => return Err(OutletError::Write(format!("{} bytes", bytes.len()))),
        }
        Ok(())
    }
}

plugbox::export!(Counter as dyn Outlet);
