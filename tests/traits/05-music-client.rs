//! Sound outputs of a client of a music service. The plugin trait is `Outlet`.

use thiserror::Error;

#[derive(Debug, Error)]
pub enum OutletError {
    #[error("not connected: {0}")]
    NotConnected(String),
    #[error("connection refused: {0}")]
    Refused(String),
    #[error("cannot write: {0}")]
    Write(String),
    #[error("cannot set up: {0}")]
    Setup(String),
    #[error("cannot start or stop: {0}")]
    Change(String),
}

pub type OutletResult<T> = Result<T, OutletError>;

#[derive(Debug, Clone, Copy, Hash, PartialEq, Eq, Default)]
pub enum SampleFormat {
    Float64,
    Float32,
    Int32,
    Int24,
    Packed24,
    #[default]
    Int16,
}

/// Decoded samples, or bytes that are passed through.
#[derive(Debug)]
pub enum Packet {
    Samples(Vec<f64>),
    Bytes(Vec<u8>),
}

/// Adds noise before samples are rounded.
pub trait Noise {
    fn new() -> Self
    where
        Self: Sized;

    fn name(&self) -> &'static str;

    fn next(&mut self) -> f64;
}

/// Rounds samples.
pub struct Rounding {
    noise: Option<Box<dyn Noise>>,
}

impl Rounding {
    pub fn new(noise: Option<fn() -> Box<dyn Noise>>) -> Self {
        Rounding { noise: noise.map(|make| make()) }
    }

    pub fn to_int16(&mut self, samples: &[f64]) -> Vec<i16> {
        samples
            .iter()
            .map(|sample| {
                let noise = self.noise.as_mut().map_or(0.0, |noise| noise.next());
                (sample * 32768.0 + noise).round() as i16
            })
            .collect()
    }
}

/// Opens an output. Each output implements this too.
pub trait Open {
    fn open(_: Option<String>, format: SampleFormat) -> Self;
}

/// An output for sound.
pub trait Outlet {
    fn start(&mut self) -> OutletResult<()> {
        Ok(())
    }

    fn stop(&mut self) -> OutletResult<()> {
        Ok(())
    }

    fn write(&mut self, packet: Packet, rounding: &mut Rounding) -> OutletResult<()>;
}

pub type OutletBuilder = fn(Option<String>, SampleFormat) -> Box<dyn Outlet>;

pub fn build<O: Outlet + Open + 'static>(device: Option<String>, format: SampleFormat) -> Box<dyn Outlet> {
    Box::new(O::open(device, format))
}
