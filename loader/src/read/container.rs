//! Containers: the kinds of object files.

use std::borrow::Cow;

/// The kind of an object file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Container {
    /// The object format: `elf`, `pe` or `mach-o`.
    pub format: &'static str,
    /// The machine, with a name from [`std::env::consts::ARCH`] if it has one.
    pub machine: Cow<'static, str>,
    /// The width of an address, in bits: 32 or 64.
    pub bits: u8,
    /// Whether the byte order is little-endian.
    pub little_endian: bool,
}

impl Container {
    /// Creates a container: `elf`, `pe` or `mach-o`, a machine, 32 or 64 bits, and a byte order.
    #[must_use]
    pub fn new(format: &'static str, machine: impl Into<Cow<'static, str>>, bits: u8, little_endian: bool) -> Self {
        Self { format, machine: machine.into(), bits, little_endian }
    }

    /// The container of code that this process can run.
    #[must_use]
    pub fn of_this_process() -> Self {
        let format = if cfg!(windows) {
            "pe"
        } else if cfg!(target_vendor = "apple") {
            "mach-o"
        } else {
            "elf"
        };
        Self {
            format,
            machine: std::env::consts::ARCH.into(),
            bits: usize::BITS as u8,
            little_endian: cfg!(target_endian = "little"),
        }
    }
}

impl std::fmt::Display for Container {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let endian = if self.little_endian { "little-endian" } else { "big-endian" };
        write!(f, "{}, {}, {}-bit, {endian}", self.format, self.machine, self.bits)
    }
}
