use std::sync::Arc;

use api::{ActivateError, DeviceKind, Interrupt, InterruptKind, Memory, Queue, VirtualDevice};
use vmm_sys_util::eventfd::EventFd;

/// A source of zeros.
#[derive(Default)]
pub struct Zeros {
    accepted: u64,
    queues: Vec<Queue>,
    events: Vec<EventFd>,
    interrupt: Option<Arc<dyn Interrupt>>,
}

impl VirtualDevice for Zeros {
    fn features(&self) -> u64 {
        1 << 32
    }

    fn accepted(&self) -> u64 {
        self.accepted
    }

    fn set_accepted(&mut self, features: u64) {
        self.accepted = features;
    }

    fn kind_of_type() -> DeviceKind {
        DeviceKind::Random
    }

    fn kind(&self) -> DeviceKind {
        Self::kind_of_type()
    }

    fn id(&self) -> &str {
        "zeros"
    }

    fn queues(&self) -> &[Queue] {
        &self.queues
    }

    fn queues_mut(&mut self) -> &mut [Queue] {
        &mut self.queues
    }

    fn queue_events(&self) -> &[EventFd] {
        &self.events
    }

    fn interrupt(&self) -> Arc<dyn Interrupt> {
        self.interrupt.clone().expect("the device has started")
    }

    fn read_settings(&self, _offset: u64, data: &mut [u8]) {
        data.fill(0);
    }

    fn write_settings(&mut self, _offset: u64, _data: &[u8]) {}

    fn activate(&mut self, _memory: Memory, interrupt: Arc<dyn Interrupt>) -> Result<(), ActivateError> {
        interrupt.trigger(InterruptKind::Settings).map_err(|_| ActivateError::Notify)?;
        self.interrupt = Some(interrupt);
        Ok(())
    }

    fn is_activated(&self) -> bool {
        self.interrupt.is_some()
    }

    fn reset(&mut self) -> Option<(Arc<dyn Interrupt>, Vec<EventFd>)> {
        Some((self.interrupt.take()?, std::mem::take(&mut self.events)))
    }
}

plugbox::export!(Zeros as dyn VirtualDevice);
