//! Services: what the host gives to every plugin that knows their interface.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use plugbox::__private::{RawService, RawText, words};
use plugbox::{Fingerprint, Interface};
use semver::Version;

use crate::manifest::Manifest;
use crate::verdict::compatible;

/// An object of the host, by its interface.
#[derive(Clone)]
pub(crate) struct Service {
    interface: &'static str,
    version: &'static str,
    fingerprint: Fingerprint,
    /// An `Arc<I>` of this interface.
    object: Arc<dyn Any + Send + Sync>,
}

impl Service {
    pub(crate) fn new<I: ?Sized + Interface + Send + Sync>(object: Arc<I>) -> Self {
        Self { interface: I::NAME, version: I::VERSION, fingerprint: I::FINGERPRINT, object: Arc::new(object) }
    }

    /// Whether a library knows this very interface.
    pub(crate) fn is_known_to(&self, library: &Manifest) -> bool {
        let known = library.interface(self.interface, self.fingerprint);
        known.is_some_and(|known| Version::parse(self.version).is_ok_and(|ours| compatible(&ours, &known.version)))
    }

    pub(crate) fn is_of_the_interface_of(&self, other: &Self) -> bool {
        (self.interface, self.fingerprint) == (other.interface, other.fingerprint)
    }

    /// How it crosses; valid as long as `self` lives.
    pub(crate) fn raw(&self) -> RawService {
        RawService {
            interface: RawText::new(self.interface),
            fingerprint: words(self.fingerprint),
            object: Arc::as_ptr(&self.object).cast(),
        }
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("interface", &self.interface).finish_non_exhaustive()
    }
}
