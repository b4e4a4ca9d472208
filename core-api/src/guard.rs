//! Guards: what `#[interface]` implements its trait for, so that no panic crosses untranslated.

use std::mem::ManuallyDrop;
use std::panic::UnwindSafe;
use std::ptr::NonNull;

use crate::panic;

/// A plugin's object as the host holds it: each method of the interface runs the concrete type's, guarded.
pub struct Guard<T> {
    object: ManuallyDrop<T>,
    plugin: &'static str,
}

impl<T> Guard<T> {
    /// Guards the object of the plugin of this name.
    pub fn new(object: T, plugin: &'static str) -> Self {
        Self { object: ManuallyDrop::new(object), plugin }
    }

    /// Runs `method` (of this name) on the object.
    #[inline]
    pub fn call<'a, R>(&'a self, name: &'static str, method: impl FnOnce(&'a T) -> R) -> R {
        panic::guard(|| method(&self.object), || (self.plugin, name))
    }

    /// Runs `method` (of this name) on the object.
    #[inline]
    pub fn call_mut<'a, R>(&'a mut self, name: &'static str, method: impl FnOnce(&'a mut T) -> R) -> R {
        let plugin = self.plugin;
        panic::guard(|| method(&mut self.object), || (plugin, name))
    }
}

impl<T> Drop for Guard<T> {
    fn drop(&mut self) {
        let object = &mut self.object;
        panic::guard_drop(self.plugin, "drop", || {
            // SAFETY: this is the object's only drop: `Guard` never takes it out, and drops once.
            unsafe { ManuallyDrop::drop(object) }
        });
    }
}

/// An object of one side, lent to the other for a call.
///
/// It is lent on the stack of the frame that made it and never given away, so it may claim to be of an auto trait
/// exactly when a `&mut` to the object may, and needs no lifetime: one would keep an interface from being `'static`.
struct Lent<I: ?Sized>(NonNull<I>);

// SAFETY: stands for a `&mut I`, which is `Send` when `I` is.
unsafe impl<I: ?Sized + Send> Send for Lent<I> {}
// SAFETY: stands for a `&mut I`, which is `Sync` when `I` is.
unsafe impl<I: ?Sized + Sync> Sync for Lent<I> {}
// The object promises it itself; a `NonNull` would ask for `RefUnwindSafe`.
impl<I: ?Sized + UnwindSafe> UnwindSafe for Lent<I> {}

macro_rules! lent {
    ($(#[$doc:meta])* $name:ident, |$method:ident, $call:ident| $translate:expr) => {
        $(#[$doc])*
        pub struct $name<I: ?Sized>(Lent<I>);

        impl<I: ?Sized> $name<I> {
            /// Lends a shared reference.
            ///
            /// # Safety
            ///
            /// 1. Only `&` of the result is handed on, and only while the reference lives.
            #[inline]
            pub unsafe fn shared(object: &I) -> Self {
                Self(Lent(NonNull::from(object)))
            }

            /// Lends an exclusive reference.
            ///
            /// # Safety
            ///
            /// 1. The result is handed on only while the reference lives.
            #[inline]
            pub unsafe fn exclusive(object: &mut I) -> Self {
                Self(Lent(NonNull::from(object)))
            }

            /// Runs `method` (of this name) on the object.
            #[inline]
            pub fn call<'b, R>(&'b self, $method: &'static str, method: impl FnOnce(&'b I) -> R) -> R {
                // SAFETY: the address is that of a reference which lives as long as `self` is used: the obligation of
                // whoever made `self`.
                let $call = || method(unsafe { self.0.0.as_ref() });
                $translate
            }

            /// Runs `method` (of this name) on the object.
            #[inline]
            pub fn call_mut<'b, R>(&'b mut self, $method: &'static str, method: impl FnOnce(&'b mut I) -> R) -> R {
                // SAFETY: as in `call`; and `&mut self` is to be had only of what `exclusive` made: the obligation
                // of whoever called `shared`.
                let $call = || method(unsafe { self.0.0.as_mut() });
                $translate
            }
        }
    };
}

lent! {
    /// A host's object as a plugin sees it: each method runs in an attempt of the host.
    HostSide, |_name, call| panic::attempt(call)
}

lent! {
    /// A plugin's object that is lent to the host for a call: each method runs guarded.
    PluginSide, |name, call| panic::guard(call, || ("", name))
}
