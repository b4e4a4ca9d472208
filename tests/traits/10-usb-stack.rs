//! Handlers of a device's side of USB. The plugin trait is `Listener`.

#![no_std]

#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Direction {
    Out,
    In,
}

#[repr(u8)]
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Kind {
    Standard = 0,
    Class = 1,
    Vendor = 2,
    Reserved = 3,
}

#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Target {
    Device,
    Interface,
    Endpoint,
    Other,
    Reserved,
}

/// A request of the host, without its data.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub struct Setup {
    pub direction: Direction,
    pub kind: Kind,
    pub target: Target,
    pub request: u8,
    pub value: u16,
    pub index: u16,
    pub length: u16,
}

/// The answer to data that came in.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Received {
    Accepted,
    Rejected,
}

/// The answer to a request for data.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Sent<'a> {
    Accepted(&'a [u8]),
    Rejected,
}

#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub struct InterfaceIndex(pub u8);

#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub struct TextIndex(pub u8);

/// Is called when something happens on the bus.
pub trait Listener {
    /// The device has been switched on or off.
    fn switched(&mut self, _on: bool) {}

    /// The bus has been reset.
    fn reset(&mut self) {}

    /// The device has an address.
    fn addressed(&mut self, _address: u8) {}

    /// The device has been configured, or no longer is.
    fn configured(&mut self, _configured: bool) {}

    /// The bus sleeps, or no longer does.
    fn suspended(&mut self, _suspended: bool) {}

    /// The device may wake the host, or no longer may.
    fn wakeup(&mut self, _allowed: bool) {}

    /// An interface has been set.
    fn alternate(&mut self, interface: InterfaceIndex, setting: u8) {
        let _ = interface;
        let _ = setting;
    }

    /// Data has come in.
    fn receive(&mut self, setup: Setup, data: &[u8]) -> Option<Received> {
        let _ = (setup, data);
        None
    }

    /// The host asks for data.
    fn send<'a>(&'a mut self, setup: Setup, buffer: &'a mut [u8]) -> Option<Sent<'a>> {
        let _ = (setup, buffer);
        None
    }

    /// The host asks for a text.
    fn text(&mut self, index: TextIndex, language: u16) -> Option<&str> {
        let _ = (index, language);
        None
    }
}
