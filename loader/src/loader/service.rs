//! Services: objects of the host that it offers to every plugin that knows their interface.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use plugbox::__private::{RawService, RawText, words};
use plugbox::{Fingerprint, Interface};

use crate::manifest::{Exported, Manifest, RecordCache};
use crate::verdict::versions_fit;

/// An object of the host, with its interface.
#[derive(Clone)]
pub(crate) struct Service {
    name: &'static str,
    fingerprint: Fingerprint,
    /// The interface with its versions, which are parsed when a library knows the interface.
    interface: fn() -> Exported,
    /// The object: an `Arc<I>`, where `I` is the interface.
    object: Arc<dyn Any + Send + Sync>,
}

impl Service {
    pub(crate) fn new<I: ?Sized + Interface + Send + Sync>(object: Arc<I>) -> Self {
        let interface = || RecordCache::of_this_process().exported::<I>();
        Self { name: I::NAME, fingerprint: I::FINGERPRINT, interface, object: Arc::new(object) }
    }

    /// Whether a library knows the service's interface. The library's code asks by name and fingerprint only. So if it
    /// knows several versions with this fingerprint, the service must fit all of them.
    pub(crate) fn is_known_to(&self, library: &Manifest) -> bool {
        let known = library.interfaces.iter();
        let mut known =
            known.filter(|known| known.name == self.name && known.fingerprint == self.fingerprint).peekable();
        if known.peek().is_none() {
            return false;
        }
        let Exported { version, below, .. } = (self.interface)();
        known.all(|known| versions_fit((&version, &below), (&known.version, &known.below)))
    }

    pub(crate) fn is_of_the_interface_of(&self, other: &Self) -> bool {
        (self.name, self.fingerprint) == (other.name, other.fingerprint)
    }

    /// The service as it crosses the boundary; valid as long as `self` lives.
    pub(crate) fn raw(&self) -> RawService {
        RawService {
            interface: RawText::new(self.name),
            fingerprint: words(self.fingerprint),
            object: Arc::as_ptr(&self.object).cast(),
        }
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("interface", &self.name).finish_non_exhaustive()
    }
}
