use api::{
    Clip, ClipFormat, ClipKey, DecodeError, Flow, FlowInfo, MoviePart, PlaySettings, RegisterError, Speaker,
    StreamHead, VoiceKey, Volume,
};
use slotmap::SlotMap;

/// A device that nobody hears.
#[derive(Default)]
pub struct Silence {
    clips: SlotMap<ClipKey, (ClipFormat, u32)>,
    voices: SlotMap<VoiceKey, ()>,
    volume: f32,
}

impl Speaker for Silence {
    fn play(&mut self) {}

    fn pause(&mut self) {}

    fn register_clip(&mut self, clip: &Clip<'_>) -> Result<ClipKey, RegisterError> {
        if clip.data.is_empty() {
            return Err(RegisterError::TooShort);
        }
        Ok(self.clips.insert((clip.format.clone(), clip.samples)))
    }

    fn register_bytes(&mut self, _bytes: &[u8]) -> Result<ClipKey, DecodeError> {
        Err(DecodeError::Damaged(std::io::ErrorKind::InvalidData.into()))
    }

    fn start_clip(&mut self, _clip: ClipKey, _settings: &PlaySettings) -> Result<VoiceKey, DecodeError> {
        Ok(self.voices.insert(()))
    }

    fn start_stream(&mut self, _part: MoviePart, _head: &StreamHead) -> Result<VoiceKey, DecodeError> {
        Err(DecodeError::TooManyVoices)
    }

    fn start_flow(&mut self, mut flow: Flow, _info: &FlowInfo) -> Result<VoiceKey, DecodeError> {
        flow.append(0, 0);
        Ok(self.voices.insert(()))
    }

    fn stop(&mut self, voice: VoiceKey) {
        self.voices.remove(voice);
    }

    fn stop_all(&mut self) {
        self.voices.clear();
    }

    fn position(&self, voice: VoiceKey) -> Option<f64> {
        self.voices.contains_key(voice).then_some(0.0)
    }

    fn duration(&self, clip: ClipKey) -> Option<f64> {
        self.clips.get(clip).map(|(format, samples)| f64::from(*samples) / f64::from(format.rate))
    }

    fn size(&self, clip: ClipKey) -> Option<u32> {
        self.clips.get(clip).map(|(_, samples)| *samples)
    }

    fn format(&self, clip: ClipKey) -> Option<&ClipFormat> {
        self.clips.get(clip).map(|(format, _)| format)
    }

    fn set_voice_volume(&mut self, _voice: VoiceKey, _volume: Volume) {}

    fn peak(&mut self, _voice: VoiceKey) -> Option<[f32; 2]> {
        None
    }

    fn volume(&self) -> f32 {
        self.volume
    }

    fn set_volume(&mut self, volume: f32) {
        self.volume = volume;
    }

    fn history(&self) -> [[f32; 2]; 1024] {
        [[0.0; 2]; 1024]
    }
}

plugbox::export!(Silence as dyn Speaker);
