use api::{InterfaceIndex, Listener, Received, Sent, Setup, TextIndex};

/// A keyboard.
#[derive(Default)]
pub struct Keyboard {
    report: [u8; 8],
    name: String,
    active: bool,
}

impl Listener for Keyboard {
    fn switched(&mut self, on: bool) {
        self.active = on;
    }

    fn alternate(&mut self, interface: InterfaceIndex, _setting: u8) {
        self.name = format!("keyboard {}", interface.0);
    }

    fn receive(&mut self, setup: Setup, data: &[u8]) -> Option<Received> {
        if usize::from(setup.length) != data.len() {
            return Some(Received::Rejected);
        }
        self.report[..data.len()].copy_from_slice(data);
        Some(Received::Accepted)
    }

    fn send<'a>(&'a mut self, _setup: Setup, buffer: &'a mut [u8]) -> Option<Sent<'a>> {
        buffer[..8].copy_from_slice(&self.report);
        self.active.then_some(Sent::Accepted(&buffer[..8]))
    }

    fn text(&mut self, _index: TextIndex, _language: u16) -> Option<&str> {
        Some(&self.name)
    }
}

plugbox::export!(Keyboard as dyn Listener);
