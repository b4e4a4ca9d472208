//! Proxies: the wrappers through which one side sees an object of the other.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::ptr::NonNull;

use super::origin::{Origin, Side, place};
use super::ownership::{Lent, Owned, Ownership, OwnershipKind};
use crate::host;

macro_rules! sides {
    ($($(#[$doc:meta])* $name:ident, $side:ident, |$method:ident, $call:ident| $translate:expr, |$drop:ident| $drop_translate:expr;)+) => {$(
        $(#[$doc])*
        pub struct $name<T: ?Sized, H: Ownership = Lent> {
            pub(super) held: ManuallyDrop<H::Held<T>>,
            object: PhantomData<NonNull<T>>,
        }

        // SAFETY: *auto traits*: the object is `Send`, so `held` may move to another thread (obligation 1 of
        // `Ownership`).
        unsafe impl<T: ?Sized + Send, H: Ownership> Send for $name<T, H> {}
        // SAFETY: *auto traits*: the object is `Sync`, so two threads may use `held` through `&` (obligation 1 of
        // `Ownership`).
        unsafe impl<T: ?Sized + Sync, H: Ownership> Sync for $name<T, H> {}
        // These follow from the object's own traits. Derived from the pointer, they would depend on other traits.
        impl<T: ?Sized + UnwindSafe, H: Ownership> UnwindSafe for $name<T, H> {}
        impl<T: ?Sized + RefUnwindSafe, H: Ownership> RefUnwindSafe for $name<T, H> {}
        impl<T: ?Sized, H: Ownership> Unpin for $name<T, H> {}

        impl<T: ?Sized> $name<T> {
            /// Lends a shared reference.
            ///
            /// # Safety
            ///
            /// 1. Only `&` of the result is passed on, and only while the reference lives.
            #[inline]
            pub unsafe fn shared(object: &T) -> Self {
                Self::holding(NonNull::from(object))
            }

            /// Lends an exclusive reference.
            ///
            /// # Safety
            ///
            /// 1. The result is passed on only while the reference lives.
            #[inline]
            pub unsafe fn exclusive(object: &mut T) -> Self {
                Self::holding(NonNull::from(object))
            }

            /// Returns what the other side gets.
            #[inline]
            pub fn __lent(&self) -> &Self {
                self
            }
        }

        impl<T: ?Sized, H: Ownership> $name<T, H> {
            #[inline]
            pub(super) fn holding(held: H::Held<T>) -> Self {
                Self { held: ManuallyDrop::new(held), object: PhantomData }
            }

            pub(super) fn release(self) -> H::Held<T> {
                let mut this = ManuallyDrop::new(self);
                // SAFETY: `this` is never used again and never dropped.
                unsafe { ManuallyDrop::take(&mut this.held) }
            }

            /// Returns this wrapper's identity; `None` if the object is only lent.
            pub fn origin(&self) -> Option<Origin<'_>> {
                let (side, holder, place) = (Side::$side, H::HOLDER, place(self));
                H::node(&self.held).map(|node| Origin { node, side, holder, place, wrapper: PhantomData })
            }

            /// Runs `method` on the object; the first argument is the method's name, for reports of panics.
            #[inline]
            pub fn call<'b, R>(&'b self, $method: &'static str, method: impl FnOnce(&'b T) -> R) -> R {
                let $call = || method(H::get(&self.held));
                $translate
            }

            /// Runs `method` on the object; the first argument is the method's name, for reports of panics.
            #[inline]
            pub fn call_mut<'b, R>(&'b mut self, $method: &'static str, method: impl FnOnce(&'b mut T) -> R) -> R {
                let $call = || method(H::get_mut(&mut self.held));
                $translate
            }
        }

        impl<T: ?Sized> $name<T, Owned> {
            /// Runs `method` with the object itself; the first argument is the method's name, for reports of panics.
            pub fn call_once<R>(self, $method: &'static str, method: impl FnOnce(Box<T>) -> R) -> R {
                let (object, _) = self.release();
                let $call = || method(object);
                $translate
            }
        }

        impl<T: ?Sized, H: Ownership> Drop for $name<T, H> {
            #[inline]
            fn drop(&mut self) {
                if H::HOLDER != OwnershipKind::Lent {
                    let held = &mut self.held;
                    // SAFETY: this is the only drop of `held`: `release` takes it out only of a `self` that is never
                    // dropped.
                    let $drop = || unsafe { ManuallyDrop::drop(held) };
                    $drop_translate
                }
            }
        }
    )+};
}

sides! {
    /// A host's object as a plugin sees it: each method runs inside the host's `attempt`.
    HostProxy, Host, |_name, call| host::attempt(call), |drop| host::attempt_drop(drop);
    /// A plugin's object as the host sees it: each method runs guarded.
    PluginProxy, Plugin, |name, call| host::guard(call, || ("", name)), |drop| host::guard_drop("", "drop", drop);
}
