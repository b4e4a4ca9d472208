//! Wraps and unwraps the closures that cross the boundary.

use std::any::TypeId;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::crossing::{replace, unbox, wrapper};
use super::origin::Side;
use super::ownership::{Owned, OwnershipKind, Shared};
use super::places::{self, Entry};
use super::proxy::{HostProxy, PluginProxy};
use crate::host::host;
use crate::shape::{Direction, TypeRef, may_be_shared};

/// Wraps closures of one type that cross in one direction, and unwraps those that return to their own side.
///
/// As for objects of interfaces, the plugin's image does this in both directions. A wrapper is itself a closure, which
/// the macro writes, because only there the types of the arguments have names.
pub struct Closures<T: ?Sized> {
    direction: Direction,
    node: TypeRef,
    ty: TypeId,
    closure: std::marker::PhantomData<fn(&T)>,
}

/// What a wrapper captures: the other side's closure, and the wrapper's own entry in the record.
pub struct Captured<P> {
    // Dropped first, so that the `Drop` of the other closure finds no entry of a wrapper that is being dropped.
    entry: Entry,
    proxy: P,
}

impl<P> Captured<P> {
    fn new(proxy: P) -> Self {
        Self { entry: Entry::new(), proxy }
    }

    /// Returns the proxy alone, for the only call of a `FnOnce`.
    pub fn into_proxy(self) -> P {
        let Self { entry, proxy } = self;
        drop(entry);
        proxy
    }
}

impl<P> Deref for Captured<P> {
    type Target = P;

    #[inline]
    fn deref(&self) -> &P {
        &self.proxy
    }
}

impl<P> DerefMut for Captured<P> {
    #[inline]
    fn deref_mut(&mut self) -> &mut P {
        &mut self.proxy
    }
}

impl<T: ?Sized> Closures<T> {
    /// Describes the crossing of closures of a type.
    ///
    /// # Safety
    ///
    /// 1. `T` is the trait object of a closure, `node` is its node, and `ty` is the `TypeId` of `T` with `'static` in
    ///    place of each of its lifetimes.
    /// 2. What is passed to [`owned`](Self::owned) and [`shared`](Self::shared) returns a closure that captures its
    ///    argument as a whole, and nothing else.
    #[must_use]
    pub unsafe fn new(direction: Direction, node: TypeRef, ty: TypeId) -> Self {
        Self { direction, node, ty, closure: std::marker::PhantomData }
    }

    /// Whether the object is the wrapper of this type that this image has put there for the other direction. If so, it
    /// may be used as what it captures, a `Captured<P>`.
    ///
    /// *wrappers*: the record holds a wrapper's address until the wrapper is dropped or consumed. A wrapper can leave that
    /// address unseen in one way only: its box is turned into an `Arc` or an `Rc`. Another object of the same size and
    /// alignment may then get the address. It has a vtable of its own, and the vtable's address is compared. The compiler
    /// may share one vtable between two types only if all its functions are the same machine code; then that object can be
    /// read as a `Captured<P>`, too. The last check is the number in it. Each number is given once and nobody can read it,
    /// so an equal number means this wrapper.
    fn comes_home<P>(&self, object: &T, side: Side, holder: OwnershipKind) -> bool {
        let Some(known) = places::at(object) else { return false };
        let is_known = known.ty == self.ty
            && known.layout == places::layout(object)
            && known.layout == (size_of::<Captured<P>>(), align_of::<Captured<P>>())
            && (known.side, known.holder) == (side, holder);
        // SAFETY: *wrappers*: an object with this address, vtable and size has the contents of a `Captured<P>`.
        is_known && unsafe { wrapper::<T, Captured<P>>(object) }.entry.number() == known.number
    }

    /// Records a wrapper that was just made.
    fn record<P>(&self, object: &T, side: Side, holder: OwnershipKind) {
        if places::layout(object) != (size_of::<Captured<P>>(), align_of::<Captured<P>>()) {
            // Not recorded, it is wrapped once more when it comes back.
            return;
        }
        // SAFETY: the closure captures a `Captured<P>` as a whole (obligation 2 of `new`), which has its size, so it is
        // at its address.
        let captured = unsafe { wrapper::<T, Captured<P>>(object) };
        captured.entry.record(object, self.ty, side, holder);
    }

    /// Takes a box across: unwraps a closure that returns to its own side, and wraps any other.
    pub fn owned(
        &self,
        object: &mut Box<T>,
        host_side: fn(Captured<HostProxy<T, Owned>>) -> Box<T>,
        plugin_side: fn(Captured<PluginProxy<T, Owned>>) -> Box<T>,
    ) {
        if host().is_none() {
            return;
        }
        match self.direction {
            Direction::IntoPlugin => replace(object, |object| {
                if self.comes_home::<PluginProxy<T, Owned>>(&object, Side::Plugin, OwnershipKind::Owned) {
                    // SAFETY: *wrappers*: `comes_home` is true for this object.
                    return unsafe { unboxed::<T, PluginProxy<T, Owned>>(object) }.release().0;
                }
                let wrapper = host_side(Captured::new(HostProxy::holding((object, self.node))));
                self.record::<HostProxy<T, Owned>>(&wrapper, Side::Host, OwnershipKind::Owned);
                wrapper
            }),
            Direction::OutOfPlugin => replace(object, |object| {
                if self.comes_home::<HostProxy<T, Owned>>(&object, Side::Host, OwnershipKind::Owned) {
                    // SAFETY: *wrappers*: `comes_home` is true for this object.
                    return unsafe { unboxed::<T, HostProxy<T, Owned>>(object) }.release().0;
                }
                let wrapper = plugin_side(Captured::new(PluginProxy::holding((object, self.node))));
                self.record::<PluginProxy<T, Owned>>(&wrapper, Side::Plugin, OwnershipKind::Owned);
                wrapper
            }),
        }
    }

    /// Takes a shared closure across: unwraps a closure that returns to its own side, and wraps any other.
    ///
    /// # Panics
    ///
    /// If an `Arc` of this closure must not cross. A signature that contains such an `Arc` does not compile.
    pub fn shared(
        &self,
        object: &mut Arc<T>,
        host_side: fn(Captured<HostProxy<T, Shared>>) -> Arc<T>,
        plugin_side: fn(Captured<PluginProxy<T, Shared>>) -> Arc<T>,
    ) {
        if host().is_none() {
            return;
        }
        assert!(may_be_shared(self.node.get()), "a closure that both sides may not share");
        match self.direction {
            Direction::IntoPlugin => replace(object, |object| {
                if self.comes_home::<PluginProxy<T, Shared>>(&object, Side::Plugin, OwnershipKind::Shared) {
                    // SAFETY: *wrappers*: `comes_home` is true for this object.
                    return unsafe { wrapper::<T, Captured<PluginProxy<T, Shared>>>(&object) }.held.0.clone();
                }
                let wrapper = host_side(Captured::new(HostProxy::holding((object, self.node))));
                self.record::<HostProxy<T, Shared>>(&wrapper, Side::Host, OwnershipKind::Shared);
                wrapper
            }),
            Direction::OutOfPlugin => replace(object, |object| {
                if self.comes_home::<HostProxy<T, Shared>>(&object, Side::Host, OwnershipKind::Shared) {
                    // SAFETY: *wrappers*: `comes_home` is true for this object.
                    return unsafe { wrapper::<T, Captured<HostProxy<T, Shared>>>(&object) }.held.0.clone();
                }
                let wrapper = plugin_side(Captured::new(PluginProxy::holding((object, self.node))));
                self.record::<PluginProxy<T, Shared>>(&wrapper, Side::Plugin, OwnershipKind::Shared);
                wrapper
            }),
        }
    }
}

/// Takes the proxy out of a wrapper, which leaves the record.
///
/// # Safety
///
/// 1. The object is a closure that is nothing but a `Captured<P>`.
unsafe fn unboxed<T: ?Sized, P>(object: Box<T>) -> P {
    // SAFETY: obligation 1.
    unsafe { wrapper::<T, Captured<P>>(&object) }.entry.leave();
    // SAFETY: obligation 1.
    unsafe { unbox::<T, Captured<P>>(object) }.proxy
}
