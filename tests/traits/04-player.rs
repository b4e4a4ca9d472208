//! Sound devices of a player of animations. The plugin trait is `Speaker`.

use std::io;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use downcast_rs::{impl_downcast, Downcast};
use slotmap::new_key_type;
use thiserror::Error;

new_key_type! {
    pub struct ClipKey;
    pub struct VoiceKey;
}

pub type SymbolId = u16;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    None,
    Delta,
    Layer3,
    Speech,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClipFormat {
    pub compression: Compression,
    pub rate: u16,
    pub stereo: bool,
    pub wide: bool,
}

/// A clip that borrows from its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clip<'a> {
    pub id: SymbolId,
    pub format: ClipFormat,
    pub samples: u32,
    pub data: &'a [u8],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlayEvent {
    Event,
    Start,
    Stop,
}

#[derive(Debug, Clone, PartialEq)]
pub struct EnvelopePoint {
    pub sample: u32,
    pub left: f32,
    pub right: f32,
}

pub type Envelope = Vec<EnvelopePoint>;

#[derive(Debug, Clone, PartialEq)]
pub struct PlaySettings {
    pub event: PlayEvent,
    pub from: Option<u32>,
    pub to: Option<u32>,
    pub loops: u16,
    pub envelope: Option<Box<Envelope>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamHead {
    pub stream: ClipFormat,
    pub playback: ClipFormat,
    pub samples_per_block: u16,
    pub delay: i16,
}

/// An animation in memory.
#[derive(Debug)]
pub struct Movie {
    pub data: Vec<u8>,
    pub url: String,
    pub parameters: Vec<(String, String)>,
}

/// A part of an animation.
#[derive(Debug, Clone)]
pub struct MoviePart {
    pub movie: Arc<Movie>,
    pub start: usize,
    pub end: usize,
}

#[derive(Debug, Clone)]
pub struct Buffer(Arc<RwLock<Vec<u8>>>);

impl Buffer {
    pub fn new(bytes: Vec<u8>) -> Self {
        Buffer(Arc::new(RwLock::new(bytes)))
    }

    pub fn len(&self) -> usize {
        self.0.read().unwrap().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Parts of a buffer; both sides may add to it.
#[derive(Debug, Clone)]
pub struct Flow {
    buffer: Buffer,
    chunks: Arc<RwLock<Vec<(usize, usize)>>>,
}

impl Flow {
    pub fn new(buffer: Buffer) -> Self {
        Flow { buffer, chunks: Arc::default() }
    }

    pub fn append(&mut self, start: usize, end: usize) {
        assert!(end <= self.buffer.len());
        self.chunks.write().unwrap().push((start, end));
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrapping {
    Animation,
    Bare,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowInfo {
    pub wrapping: Wrapping,
    pub stream: ClipFormat,
    pub samples_per_block: u16,
    pub delay: i16,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    pub volume: i32,
    pub left_to_left: i32,
    pub left_to_right: i32,
    pub right_to_left: i32,
    pub right_to_right: i32,
}

#[derive(Debug, Error)]
pub enum RegisterError {
    #[error("the clip is too short")]
    TooShort,
}

#[derive(Debug, Error)]
pub enum DecodeError {
    #[error("the clip cannot be decoded: {0}")]
    Damaged(#[from] io::Error),
    #[error("no decoder for {0:?}")]
    NoDecoder(Compression),
    #[error("too many voices")]
    TooManyVoices,
}

/// A device that plays sound.
pub trait Speaker: Downcast {
    fn play(&mut self);

    fn pause(&mut self);

    /// Registers a clip of an animation.
    fn register_clip(&mut self, clip: &Clip) -> Result<ClipKey, RegisterError>;

    /// Registers a clip from elsewhere.
    fn register_bytes(&mut self, bytes: &[u8]) -> Result<ClipKey, DecodeError>;

    /// Starts a clip.
    fn start_clip(&mut self, clip: ClipKey, settings: &PlaySettings) -> Result<VoiceKey, DecodeError>;

    /// Starts a clip that is spread over an animation.
    fn start_stream(&mut self, part: MoviePart, head: &StreamHead) -> Result<VoiceKey, DecodeError>;

    /// Starts a clip that is still growing.
    fn start_flow(&mut self, flow: Flow, info: &FlowInfo) -> Result<VoiceKey, DecodeError>;

    /// Stops a voice.
    fn stop(&mut self, voice: VoiceKey);

    /// Stops all voices.
    fn stop_all(&mut self);

    /// Returns how long a voice has played, in milliseconds.
    fn position(&self, voice: VoiceKey) -> Option<f64>;

    /// Returns how long a clip is, in milliseconds.
    fn duration(&self, clip: ClipKey) -> Option<f64>;

    /// Returns the number of bytes of a clip.
    fn size(&self, clip: ClipKey) -> Option<u32>;

    /// Returns the format of a clip.
    fn format(&self, clip: ClipKey) -> Option<&ClipFormat>;

    /// Sets the volume of a voice.
    fn set_voice_volume(&mut self, voice: VoiceKey, volume: Volume);

    /// Returns the peak of both channels.
    fn peak(&mut self, voice: VoiceKey) -> Option<[f32; 2]>;

    /// Is called in each turn of the event loop.
    fn tick(&mut self) {}

    /// Sets the number of frames per second.
    fn set_frame_rate(&mut self, _rate: f64) {}

    /// Returns how often a position changes.
    fn resolution(&self) -> Option<Duration> {
        None
    }

    /// Returns the volume of the device.
    fn volume(&self) -> f32;

    /// Sets the volume of the device.
    fn set_volume(&mut self, volume: f32);

    /// Returns the last samples.
    fn history(&self) -> [[f32; 2]; 1024];

    /// Says whether a voice still plays.
    fn is_playing(&self, voice: VoiceKey) -> bool {
        self.position(voice).is_some()
    }
}

impl_downcast!(Speaker);
