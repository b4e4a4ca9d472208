//! How the generations of an interface are stored: shared among pins, or taken by one lock at a time.

use std::ops::Deref;
use std::panic::Location;
use std::sync::Arc;

use plugbox::{Access, Exclusive, Interface, Shared};

use super::event::Hub;
use super::exclusive::{ExclusiveSlot, LiveLock};
use super::gate::{Fast, Gate};
use super::serving::{Handle, Serving};
use super::shared::{LivePin, SharedSlot};

/// An interface whose plugins can reload: every one. Code that is generic over the interface names this trait.
///
/// # Examples
///
/// ```
/// use plugbox_loader::{Live, LiveInterface};
///
/// fn name<I: ?Sized + LiveInterface>(live: &Live<I>) -> String {
///     live.info().name
/// }
/// ```
pub trait LiveInterface: Interface<Access: Store> {}

impl<I: ?Sized + Interface<Access: Store>> LiveInterface for I {}

/// The storage for an access.
pub trait Store: Access {
    /// The storage.
    type Slot<I: ?Sized + Interface>: Slot<I>;
}

/// The storage for the generations of an interface.
pub trait Slot<I: ?Sized> {
    /// How the gate holds a generation.
    type Handle: Handle + Deref<Target = Serving<I>>;
    /// The way past the gate.
    type Fast: Fast<Self::Handle>;

    /// Stores the first generation.
    fn new(first: Serving<I>, hub: Arc<Hub>) -> Self;

    /// Makes the gate's handle.
    fn handle(serving: Serving<I>) -> Self::Handle;

    /// The gate.
    fn gate(&self) -> &Gate<Self::Handle, Self::Fast>;

    /// Calls with the generation that serves, through a pin or a lock.
    fn visit<R>(&self, location: &'static Location<'static>, visit: impl FnOnce(&Serving<I>) -> R) -> R;
}

/// Access that many callers may have at once.
#[diagnostic::on_unimplemented(
    message = "this interface has `&mut self` methods, so its objects cannot be pinned",
    label = "this `Live` has `lock`, `call` and `call_mut` instead",
    note = "beside the `&mut dyn Trait` of a running call there must be no `&dyn Trait` of the same object; the method may \
            be a supertrait's"
)]
pub trait Pinned: Store {
    /// Pins the generation that serves.
    fn pin<'a, I: ?Sized + Interface>(slot: &'a Self::Slot<I>, location: &'static Location<'static>) -> LivePin<'a, I>;
}

/// Access that only one caller may have.
#[diagnostic::on_unimplemented(
    message = "this interface has only `&self` methods, so its objects need no lock",
    label = "this `Live` has `pin` and `call` instead"
)]
pub trait Locked: Store {
    /// Locks the generation that serves.
    fn lock<'a, I: ?Sized + Interface>(
        slot: &'a Self::Slot<I>,
        location: &'static Location<'static>,
    ) -> LiveLock<'a, I>;
}

impl Store for Shared {
    type Slot<I: ?Sized + Interface> = SharedSlot<I>;
}

impl Pinned for Shared {
    #[inline]
    fn pin<'a, I: ?Sized + Interface>(slot: &'a SharedSlot<I>, location: &'static Location<'static>) -> LivePin<'a, I> {
        slot.pin(location)
    }
}

impl<I: ?Sized> Slot<I> for SharedSlot<I> {
    type Handle = Arc<Serving<I>>;
    type Fast = super::way::Way<I>;

    fn new(first: Serving<I>, hub: Arc<Hub>) -> Self {
        Self(Gate::new(Arc::new(first), Self::Fast::default(), hub))
    }

    fn handle(serving: Serving<I>) -> Arc<Serving<I>> {
        Arc::new(serving)
    }

    fn gate(&self) -> &Gate<Arc<Serving<I>>, Self::Fast> {
        &self.0
    }

    fn visit<R>(&self, location: &'static Location<'static>, visit: impl FnOnce(&Serving<I>) -> R) -> R {
        visit(self.pin(location).serving())
    }
}

impl Store for Exclusive {
    type Slot<I: ?Sized + Interface> = ExclusiveSlot<I>;
}

impl Locked for Exclusive {
    fn lock<'a, I: ?Sized + Interface>(
        slot: &'a ExclusiveSlot<I>,
        location: &'static Location<'static>,
    ) -> LiveLock<'a, I> {
        slot.lock(location)
    }
}

impl<I: ?Sized> Slot<I> for ExclusiveSlot<I> {
    type Handle = Box<Serving<I>>;
    type Fast = super::exclusive::NoWay;

    fn new(first: Serving<I>, hub: Arc<Hub>) -> Self {
        Self(Gate::new(Box::new(first), Self::Fast::default(), hub))
    }

    fn handle(serving: Serving<I>) -> Box<Serving<I>> {
        Box::new(serving)
    }

    fn gate(&self) -> &Gate<Box<Serving<I>>, Self::Fast> {
        &self.0
    }

    fn visit<R>(&self, location: &'static Location<'static>, visit: impl FnOnce(&Serving<I>) -> R) -> R {
        visit(self.lock(location).serving())
    }
}
