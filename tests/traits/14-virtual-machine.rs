//! Devices of a virtual machine. The plugin trait is `VirtualDevice`.

use std::any::Any;
use std::fmt;
use std::num::Wrapping;
use std::sync::atomic::AtomicU32;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vmm_sys_util::eventfd::EventFd;

/// A value that can be looked at as `Any`.
pub trait ToAny {
    fn to_any(&self) -> &dyn Any;

    fn to_any_mut(&mut self) -> &mut dyn Any;
}

impl<T: Any> ToAny for T {
    fn to_any(&self) -> &dyn Any {
        self
    }

    fn to_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address(pub u64);

#[derive(Debug)]
pub struct Region {
    start: Address,
    bytes: Vec<u8>,
}

/// The memory of the machine.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    regions: Vec<Arc<Region>>,
}

impl Memory {
    pub fn add(&mut self, start: Address, length: usize) {
        self.regions.push(Arc::new(Region { start, bytes: vec![0; length] }));
    }

    fn pointer<T>(&self, address: Address) -> Option<*const T> {
        let region = self.regions.iter().rev().find(|region| region.start <= address)?;
        let offset = (address.0 - region.start.0) as usize;
        region.bytes.get(offset..offset + size_of::<T>()).map(|bytes| bytes.as_ptr().cast())
    }
}

#[derive(Debug, Error)]
pub enum QueueError {
    #[error("the address {0:?} is not in memory")]
    NotInMemory(Address),
    #[error("the queue has {0} entries")]
    Size(u16),
}

#[derive(Debug, Error)]
pub enum ActivateError {
    #[error("cannot notify")]
    Notify,
    #[error("a queue cannot be used: {0}")]
    Queue(#[from] QueueError),
    #[error("there are {0} queues")]
    Queues(usize),
}

#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct Descriptor {
    pub address: u64,
    pub length: u32,
    pub flags: u16,
    pub next: u16,
}

/// A queue between device and driver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    pub max_size: u16,
    pub size: u16,
    pub ready: bool,
    pub descriptors: Address,
    pub descriptors_pointer: *const Descriptor,
    pub next: Wrapping<u16>,
    pub notifies: bool,
}

// SAFETY: the pointer is into the memory of the machine, which belongs to no thread.
unsafe impl Send for Queue {}

impl Queue {
    pub fn initialize(&mut self, memory: &Memory) -> Result<(), QueueError> {
        if self.size > self.max_size {
            return Err(QueueError::Size(self.size));
        }
        let pointer = memory.pointer(self.descriptors);
        self.descriptors_pointer = pointer.ok_or(QueueError::NotInMemory(self.descriptors))?;
        Ok(())
    }
}

#[derive(Debug, Clone)]
pub enum InterruptKind {
    Settings,
    Queue(u16),
}

/// A line to the driver; it belongs to the machine.
pub trait Interrupt: fmt::Debug + Send + Sync {
    fn trigger(&self, kind: InterruptKind) -> Result<(), std::io::Error>;

    fn notifier(&self, _kind: InterruptKind) -> Option<&EventFd> {
        None
    }

    fn status(&self) -> Arc<AtomicU32>;

    #[cfg(test)]
    fn is_pending(&self, kind: InterruptKind) -> bool;
}

#[repr(u8)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DeviceKind {
    Network = 1,
    Disk = 2,
    Random = 4,
}

/// A device that a driver of the guest can use.
pub trait VirtualDevice: ToAny + Send {
    /// Returns the features of the device.
    fn features(&self) -> u64;

    /// Returns the features that the driver wants.
    fn accepted(&self) -> u64;

    /// Sets the features that the driver wants.
    fn set_accepted(&mut self, features: u64);

    /// Says whether both sides have a feature.
    fn has(&self, feature: u64) -> bool {
        (self.accepted() & (1 << feature)) != 0
    }

    /// Returns the kind of the type.
    fn kind_of_type() -> DeviceKind
    where
        Self: Sized;

    /// Returns the kind of the device.
    fn kind(&self) -> DeviceKind;

    /// Returns the name of the device.
    fn id(&self) -> &str;

    /// Returns the queues.
    fn queues(&self) -> &[Queue];

    /// Returns the queues, to change them.
    fn queues_mut(&mut self) -> &mut [Queue];

    /// Returns what wakes the queues.
    fn queue_events(&self) -> &[EventFd];

    /// Returns the status of the line.
    fn interrupt_status(&self) -> Arc<AtomicU32> {
        self.interrupt().status()
    }

    fn interrupt(&self) -> &dyn Interrupt;

    /// Returns half of the features.
    fn features_by_page(&self, page: u32) -> u32 {
        match page {
            0 => (self.features() & 0xffff_ffff) as u32,
            1 => (self.features() >> 32) as u32,
            _ => 0,
        }
    }

    /// Accepts half of the features.
    fn accept_by_page(&mut self, page: u32, value: u32) {
        let features = match page {
            0 => u64::from(value),
            1 => u64::from(value) << 32,
            _ => 0,
        };
        self.set_accepted(self.accepted() | (features & self.features()));
    }

    /// Reads the settings of the device.
    fn read_settings(&self, offset: u64, data: &mut [u8]);

    /// Writes the settings of the device.
    fn write_settings(&mut self, offset: u64, data: &[u8]);

    /// Starts the device.
    fn activate(&mut self, memory: Memory, interrupt: Arc<dyn Interrupt>) -> Result<(), ActivateError>;

    /// Says whether the device has started.
    fn is_activated(&self) -> bool;

    /// Stops the device, if it can, and returns what it was given.
    fn reset(&mut self) -> Option<(Arc<dyn Interrupt>, Vec<EventFd>)> {
        None
    }

    /// Prepares the queues again.
    fn mark_queues(&mut self, memory: &Memory) -> Result<(), QueueError> {
        for queue in self.queues_mut() {
            queue.initialize(memory)?
        }
        Ok(())
    }

    /// Wakes the device.
    fn kick(&mut self) {}
}

impl fmt::Debug for dyn VirtualDevice {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "a device of kind {:?}", self.kind())
    }
}
