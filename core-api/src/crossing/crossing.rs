//! Wraps and unwraps the objects that cross the boundary.

use std::sync::Arc;

use super::origin::{Origin, Side, place};
use super::ownership::{Owned, OwnershipKind, Shared};
use super::proxy::{HostProxy, PluginProxy};
use crate::host::host;
use crate::shape::{Direction, TypeRef, may_be_shared};

/// Wraps objects of one interface that cross in one direction, and unwraps those that return to their own side.
///
/// The plugin's image does this in both directions. So it recognizes every returning object, its own or the host's, by
/// the wrapper that it put around the object, and wraps no object twice. If the library has no host, because the plugin
/// is linked into the host statically, objects stay as they are.
pub struct Crossing<T: ?Sized> {
    direction: Direction,
    node: TypeRef,
    origin: for<'a> fn(&'a T) -> Option<Origin<'a>>,
}

impl<T: ?Sized> Crossing<T> {
    /// Describes the crossing of an interface's objects.
    ///
    /// `origin` is the interface's hidden method. Its result is checked, so any implementation of it is sound.
    ///
    /// # Safety
    ///
    /// 1. `T` is the trait object of an interface. `node` is the node of that interface in this image, and of no other
    ///    interface.
    #[must_use]
    pub const unsafe fn new(
        direction: Direction,
        node: TypeRef,
        origin: for<'a> fn(&'a T) -> Option<Origin<'a>>,
    ) -> Self {
        Self { direction, node, origin }
    }

    /// Whether the object is a wrapper of this image that returns to its own side, with this ownership.
    ///
    /// If so, the object may be used as that wrapper. The origin proves that a wrapper is at the object's address, and
    /// that it has the object's size and alignment. So the object is the wrapper, or a type that contains only the
    /// wrapper.
    fn comes_home(&self, object: &T, holder: OwnershipKind) -> bool {
        let wrapped_by = match self.direction {
            Direction::IntoPlugin => Side::Plugin,
            Direction::OutOfPlugin => Side::Host,
        };
        (self.origin)(object).is_some_and(|origin| {
            origin.side == wrapped_by
                && origin.holder == holder
                && origin.node.is(self.node)
                && origin.place == place(object)
        })
    }

    /// Takes a box across: unwraps an object that returns to its own side, and wraps any other.
    pub fn owned(
        &self,
        object: &mut Box<T>,
        host_side: fn(Box<HostProxy<T, Owned>>) -> Box<T>,
        plugin_side: fn(Box<PluginProxy<T, Owned>>) -> Box<T>,
    ) {
        if host().is_none() {
            return;
        }
        let home = self.comes_home(object, OwnershipKind::Owned);
        replace(object, |object| match (self.direction, home) {
            // SAFETY: *home*: `comes_home` is true for this object, and the wrapper was made for the same `T`, because
            // the node belongs to no other interface (obligation 1 of `new`).
            (Direction::IntoPlugin, true) => unsafe { unbox::<T, PluginProxy<T, Owned>>(object) }.release().0,
            // SAFETY: *home*: as above, for the wrapper of the other side.
            (Direction::OutOfPlugin, true) => unsafe { unbox::<T, HostProxy<T, Owned>>(object) }.release().0,
            (Direction::IntoPlugin, false) => host_side(Box::new(HostProxy::holding((object, self.node)))),
            (Direction::OutOfPlugin, false) => plugin_side(Box::new(PluginProxy::holding((object, self.node)))),
        });
    }

    /// Takes a shared object across: unwraps an object that returns to its own side, and wraps any other.
    ///
    /// # Panics
    ///
    /// If an `Arc` of this interface must not cross. A signature that contains such an `Arc` does not compile.
    pub fn shared(
        &self,
        object: &mut Arc<T>,
        host_side: fn(Arc<HostProxy<T, Shared>>) -> Arc<T>,
        plugin_side: fn(Arc<PluginProxy<T, Shared>>) -> Arc<T>,
    ) {
        if host().is_none() {
            return;
        }
        assert!(may_be_shared(self.node.get()), "an object that both sides may not share");
        let home = self.comes_home(object, OwnershipKind::Shared);
        let inner = home.then(|| match self.direction {
            // SAFETY: *home*: `comes_home` is true for this object, and the wrapper was made for the same `T`, because
            // the node belongs to no other interface (obligation 1 of `new`).
            Direction::IntoPlugin => unsafe { wrapper::<T, PluginProxy<T, Shared>>(object) }.held.0.clone(),
            // SAFETY: *home*: as above, for the wrapper of the other side.
            Direction::OutOfPlugin => unsafe { wrapper::<T, HostProxy<T, Shared>>(object) }.held.0.clone(),
        });
        if let Some(inner) = inner {
            *object = inner;
            return;
        }
        replace(object, |object| match self.direction {
            Direction::IntoPlugin => host_side(Arc::new(HostProxy::holding((object, self.node)))),
            Direction::OutOfPlugin => plugin_side(Arc::new(PluginProxy::holding((object, self.node)))),
        });
    }
}

/// Takes the wrapper out of a box.
///
/// # Safety
///
/// 1. The object is a `W`, or a type of the same size and alignment that contains only a `W`.
pub(super) unsafe fn unbox<T: ?Sized, W>(object: Box<T>) -> W {
    // SAFETY: obligation 1, so the box was allocated with the layout of a `W`.
    *unsafe { Box::from_raw(Box::into_raw(object).cast::<W>()) }
}

/// Returns the wrapper behind a reference.
///
/// # Safety
///
/// 1. The object is a `W`, or a type of the same size and alignment that contains only a `W`.
pub(super) unsafe fn wrapper<T: ?Sized, W>(object: &T) -> &W {
    // SAFETY: obligation 1.
    unsafe { &*std::ptr::from_ref(object).cast::<W>() }
}

/// Replaces a value with the result of `make`. A panic in `make` aborts the process.
pub(super) fn replace<V>(place: &mut V, make: impl FnOnce(V) -> V) {
    /// Aborts if `make` unwinds, because `place` holds no value then.
    struct Abort;
    impl Drop for Abort {
        fn drop(&mut self) {
            std::process::abort();
        }
    }
    let abort = Abort;
    // SAFETY: `place` is written below, and until then no code can see it: a panic in `make` aborts the process.
    let value = unsafe { std::ptr::read(place) };
    let value = make(value);
    // SAFETY: `place` is a valid `&mut`, and its old value was moved out above.
    unsafe { std::ptr::write(place, value) };
    std::mem::forget(abort);
}

#[cfg(test)]
mod tests {
    use plugbox_macros::interface;

    use super::*;
    use crate::shape::Shape;

    #[interface(crate = crate)]
    trait Peer {
        fn number(&self) -> u32;
    }

    #[interface(crate = crate)]
    trait Other {}

    struct Mine;

    impl Peer for Mine {
        fn number(&self) -> u32 {
            7
        }
    }

    /// Delegates every method, as a delegation macro would, with `N` bytes after the object.
    #[repr(C)]
    struct Delegate<T, const N: usize>(T, [u8; N]);

    impl<T: Peer, const N: usize> Peer for Delegate<T, N> {
        fn number(&self) -> u32 {
            self.0.number()
        }
        fn __plugbox_origin(&self) -> Option<Origin<'_>> {
            self.0.__plugbox_origin()
        }
    }

    /// Delegates every method to an object in a box.
    struct Boxed(Box<dyn Peer>);

    impl Peer for Boxed {
        fn number(&self) -> u32 {
            self.0.number()
        }
        fn __plugbox_origin(&self) -> Option<Origin<'_>> {
            self.0.__plugbox_origin()
        }
    }

    fn node() -> TypeRef {
        <dyn Peer as Shape>::TYPE
    }

    fn wrapper() -> HostProxy<dyn Peer, Owned> {
        let object: Box<dyn Peer> = Box::new(Mine);
        HostProxy::holding((object, node()))
    }

    fn crossing(direction: Direction, node: TypeRef) -> Crossing<dyn Peer> {
        // SAFETY: the tests call only `comes_home`, which casts nothing.
        unsafe { Crossing::new(direction, node, <dyn Peer as Peer>::__plugbox_origin) }
    }

    fn comes_home(object: &(dyn Peer + 'static)) -> bool {
        crossing(Direction::OutOfPlugin, node()).comes_home(object, OwnershipKind::Owned)
    }

    #[test]
    fn a_wrapper_comes_home_to_its_side_holder_and_interface_only() {
        let wrapper: Box<dyn Peer> = Box::new(wrapper());
        assert!(comes_home(&*wrapper));
        assert!(!crossing(Direction::IntoPlugin, node()).comes_home(&*wrapper, OwnershipKind::Owned));
        assert!(!crossing(Direction::OutOfPlugin, node()).comes_home(&*wrapper, OwnershipKind::Shared));
        assert!(
            !crossing(Direction::OutOfPlugin, <dyn Other as Shape>::TYPE).comes_home(&*wrapper, OwnershipKind::Owned)
        );
        assert!(!comes_home(&Mine));
        assert!(wrapper.__plugbox_origin().unwrap().side == Side::Host);
    }

    #[test]
    fn an_object_that_delegates_to_a_wrapper_is_none() {
        assert!(!comes_home(&Boxed(Box::new(wrapper()))));
        // The wrapper is its first field, so the addresses are equal and only the sizes differ.
        let larger = Delegate(wrapper(), [0; 8]);
        assert_eq!(place(&larger).0, place(&larger.0).0);
        assert!(!comes_home(&larger));
        assert_eq!(larger.number(), 7);
    }

    /// Such an object contains nothing else, so it can be used as the wrapper.
    #[test]
    fn an_object_that_is_nothing_but_a_wrapper_is_one() {
        assert!(comes_home(&Delegate(wrapper(), [])));
    }

    #[test]
    #[cfg_attr(miri, ignore = "leaks a wrapper on purpose")]
    fn what_a_wrapper_said_is_of_no_use_to_another_object() {
        struct Liar(Option<Origin<'static>>);
        impl Peer for Liar {
            fn number(&self) -> u32 {
                8
            }
            fn __plugbox_origin(&self) -> Option<Origin<'_>> {
                self.0
            }
        }
        let leaked: &'static dyn Peer = Box::leak(Box::new(wrapper()));
        assert!(comes_home(leaked));
        assert!(!comes_home(&Liar(leaked.__plugbox_origin())));
    }
}
