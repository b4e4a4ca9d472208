//! Adapters: the conversion of plugins of an earlier interface.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use plugbox::Interface;

use super::construct::Construction;
use crate::errors::LoadError;
use crate::loaded::Loaded;
use crate::manifest::{Exported, RecordCache};

/// The conversion of plugins into plugins for `New`. Only the implementation knows the earlier interface's type.
pub(crate) trait Adapt<New: ?Sized>: Send + Sync {
    /// The earlier interface, as the host knows it.
    fn interface(&self) -> Exported;

    /// The host's own records of the earlier interface.
    fn records(&self) -> &'static [u8];

    /// Constructs a plugin as the earlier interface, and converts it.
    fn construct(&self, plugin: &Construction<'_>, exported: &Exported) -> Result<Loaded<New>, LoadError>;
}

struct Adapter<Old: ?Sized, F> {
    adapt: F,
    old: PhantomData<fn() -> Box<Old>>,
}

impl<Old, New, F> Adapt<New> for Adapter<Old, F>
where
    Old: ?Sized + Interface,
    New: ?Sized + Interface,
    F: Fn(Loaded<Old>) -> Box<New> + Send + Sync,
{
    fn interface(&self) -> Exported {
        RecordCache::of_this_process().exported::<Old>()
    }

    fn records(&self) -> &'static [u8] {
        Old::RECORDS
    }

    fn construct(&self, plugin: &Construction<'_>, exported: &Exported) -> Result<Loaded<New>, LoadError> {
        let old = plugin.run::<Old>(exported)?;
        Ok(Loaded::adapted(old, &self.adapt))
    }
}

/// All adapters of a host, for all interfaces.
#[derive(Clone, Default)]
pub(crate) struct Adapters(Vec<Arc<dyn Any + Send + Sync>>);

impl Adapters {
    pub(crate) fn add<Old, New>(&mut self, adapt: impl Fn(Loaded<Old>) -> Box<New> + Send + Sync + 'static)
    where
        Old: ?Sized + Interface,
        New: ?Sized + Interface,
    {
        let adapter: Box<dyn Adapt<New>> = Box::new(Adapter::<Old, _> { adapt, old: PhantomData });
        self.0.push(Arc::new(adapter));
    }

    /// The adapters that produce one interface, in the order in which the host added them.
    pub(crate) fn to<New: ?Sized + Interface>(&self) -> impl Iterator<Item = &dyn Adapt<New>> {
        self.0.iter().filter_map(|adapter| adapter.downcast_ref::<Box<dyn Adapt<New>>>()).map(|adapter| &**adapter)
    }
}

impl fmt::Debug for Adapters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} adapters", self.0.len())
    }
}
