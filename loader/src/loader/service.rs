//! Services: objects of the host that it offers to every plugin that knows their interface.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use plugbox::__private::{RawService, RawText, words};
use plugbox::Interface;

use crate::manifest::{Exported, Manifest, RecordCache};
use crate::verdict::versions_fit;

/// An object of the host, with its interface.
#[derive(Clone)]
pub(crate) struct Service {
    interface: Exported,
    /// The object: an `Arc<I>`, where `I` is the interface.
    object: Arc<dyn Any + Send + Sync>,
}

impl Service {
    pub(crate) fn new<I: ?Sized + Interface + Send + Sync>(object: Arc<I>) -> Self {
        Self { interface: RecordCache::of_this_process().exported::<I>(), object: Arc::new(object) }
    }

    /// Whether a library knows the service's interface. The library's code asks by name and fingerprint only. So if it
    /// knows several versions with this fingerprint, the service must fit all of them.
    pub(crate) fn is_known_to(&self, library: &Manifest) -> bool {
        let (name, fingerprint) = (&self.interface.name, self.interface.fingerprint);
        let known = library.interfaces.iter();
        let mut known = known.filter(|known| known.name == *name && known.fingerprint == fingerprint).peekable();
        let ours = (&self.interface.version, &*self.interface.below);
        known.peek().is_some() && known.all(|known| versions_fit(ours, (&known.version, &known.below)))
    }

    pub(crate) fn is_of_the_interface_of(&self, other: &Self) -> bool {
        (&self.interface.name, self.interface.fingerprint) == (&other.interface.name, other.interface.fingerprint)
    }

    /// The service as it crosses the boundary; valid as long as `self` lives.
    pub(crate) fn raw(&self) -> RawService {
        RawService {
            interface: RawText::new(&self.interface.name),
            fingerprint: words(self.interface.fingerprint),
            object: Arc::as_ptr(&self.object).cast(),
        }
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("interface", &self.interface.name).finish_non_exhaustive()
    }
}
