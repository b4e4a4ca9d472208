//! Guards: what `#[interface]` implements its trait for, so that no panic crosses untranslated.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::ptr::NonNull;
use std::sync::Arc;

use crate::bound::host;
use crate::panic;
use crate::shape::TypeRef;

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

/// How one side holds an object of the other.
///
/// # Safety
///
/// 1. What is held is `Send` where the object is, and `Sync` where the object is; or it is never to be had but behind a
///    pointer that is neither where it must not be.
pub unsafe trait Hold: 'static {
    /// What is held of an object.
    type Held<T: ?Sized>;
    /// Which holder this is, for [`Origin`].
    const HOLDER: Holder;

    /// The object.
    fn get<T: ?Sized>(held: &Self::Held<T>) -> &T;

    /// The object, exclusively.
    fn get_mut<T: ?Sized>(held: &mut Self::Held<T>) -> &mut T;

    /// The node of the object's interface, where what is held may come home.
    fn node<T: ?Sized>(held: &Self::Held<T>) -> Option<TypeRef>;
}

/// Which of the holders one is.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Holder {
    /// [`Lent`].
    Lent,
    /// [`Owned`].
    Owned,
    /// [`Shared`].
    Shared,
}

/// Lent for a call.
///
/// It is lent on the stack of the frame that made it and never given away, so it may claim to be of an auto trait
/// exactly when a `&mut` to the object may, and needs no lifetime: one would keep an interface from being `'static`.
pub enum Lent {}

// SAFETY: it stands for a `&mut T`, which is `Send` and `Sync` when `T` is.
unsafe impl Hold for Lent {
    type Held<T: ?Sized> = NonNull<T>;
    const HOLDER: Holder = Holder::Lent;

    #[inline]
    fn get<T: ?Sized>(held: &NonNull<T>) -> &T {
        // SAFETY: the address is that of a reference which lives as long as `self` is used: the obligation of whoever
        // made the side that holds it (`shared`, `exclusive`).
        unsafe { held.as_ref() }
    }

    #[inline]
    fn get_mut<T: ?Sized>(held: &mut NonNull<T>) -> &mut T {
        // SAFETY: as in `get`; and `&mut` of the side is to be had only of what `exclusive` made: the obligation of
        // whoever called `shared`.
        unsafe { held.as_mut() }
    }

    fn node<T: ?Sized>(_: &NonNull<T>) -> Option<TypeRef> {
        None
    }
}

/// Given away, in a box.
pub enum Owned {}

// SAFETY: a `Box<T>` is `Send` and `Sync` when `T` is.
unsafe impl Hold for Owned {
    type Held<T: ?Sized> = (Box<T>, TypeRef);
    const HOLDER: Holder = Holder::Owned;

    #[inline]
    fn get<T: ?Sized>(held: &(Box<T>, TypeRef)) -> &T {
        &held.0
    }

    #[inline]
    fn get_mut<T: ?Sized>(held: &mut (Box<T>, TypeRef)) -> &mut T {
        &mut held.0
    }

    fn node<T: ?Sized>(held: &(Box<T>, TypeRef)) -> Option<TypeRef> {
        Some(held.1)
    }
}

/// Shared, behind an `Arc`.
pub enum Shared {}

// SAFETY: it is `Sync` when `T` is `Send` and `Sync`, and is only ever behind an `Arc<dyn Interface>` (`Crossing`), which
// is not `Send` where `T` is not `Sync`.
unsafe impl Hold for Shared {
    type Held<T: ?Sized> = (Arc<T>, TypeRef);
    const HOLDER: Holder = Holder::Shared;

    #[inline]
    fn get<T: ?Sized>(held: &(Arc<T>, TypeRef)) -> &T {
        &held.0
    }

    fn get_mut<T: ?Sized>(held: &mut (Arc<T>, TypeRef)) -> &mut T {
        // `assert_crosses` lets no interface with `&mut self` methods be shared.
        Arc::get_mut(&mut held.0).expect("an object that both sides share has no exclusive methods")
    }

    fn node<T: ?Sized>(held: &(Arc<T>, TypeRef)) -> Option<TypeRef> {
        Some(held.1)
    }
}

/// Where an object is at home, as the object itself says it: the wrapper of which side, around which holder, made by
/// the code of which image for which interface: each image has nodes of its own.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Origin {
    node: TypeRef,
    side: Side,
    holder: Holder,
}

#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Side {
    Host,
    Plugin,
}

macro_rules! sides {
    ($($(#[$doc:meta])* $name:ident, $side:ident, |$method:ident, $call:ident| $translate:expr, |$drop:ident| $drop_translate:expr;)+) => {$(
        $(#[$doc])*
        pub struct $name<T: ?Sized, H: Hold = Lent> {
            held: ManuallyDrop<H::Held<T>>,
            object: PhantomData<NonNull<T>>,
        }

        // SAFETY: what is held may be sent when the object may (obligation 1 of `Hold`).
        unsafe impl<T: ?Sized + Send, H: Hold> Send for $name<T, H> {}
        // SAFETY: as for `Send`.
        unsafe impl<T: ?Sized + Sync, H: Hold> Sync for $name<T, H> {}
        // The object promises it itself; a pointer would ask for other traits.
        impl<T: ?Sized + UnwindSafe, H: Hold> UnwindSafe for $name<T, H> {}
        impl<T: ?Sized + RefUnwindSafe, H: Hold> RefUnwindSafe for $name<T, H> {}
        impl<T: ?Sized, H: Hold> Unpin for $name<T, H> {}

        impl<T: ?Sized> $name<T> {
            /// Lends a shared reference.
            ///
            /// # Safety
            ///
            /// 1. Only `&` of the result is handed on, and only while the reference lives.
            #[inline]
            pub unsafe fn shared(object: &T) -> Self {
                Self::holding(NonNull::from(object))
            }

            /// Lends an exclusive reference.
            ///
            /// # Safety
            ///
            /// 1. The result is handed on only while the reference lives.
            #[inline]
            pub unsafe fn exclusive(object: &mut T) -> Self {
                Self::holding(NonNull::from(object))
            }
        }

        impl<T: ?Sized, H: Hold> $name<T, H> {
            #[inline]
            fn holding(held: H::Held<T>) -> Self {
                Self { held: ManuallyDrop::new(held), object: PhantomData }
            }

            fn release(self) -> H::Held<T> {
                let mut this = ManuallyDrop::new(self);
                // SAFETY: `this` is never used again, nor dropped.
                unsafe { ManuallyDrop::take(&mut this.held) }
            }

            /// Where the object is at home.
            pub fn origin(&self) -> Option<Origin> {
                H::node(&self.held).map(|node| Origin { node, side: Side::$side, holder: H::HOLDER })
            }

            /// Runs `method` (of this name) on the object.
            #[inline]
            pub fn call<'b, R>(&'b self, $method: &'static str, method: impl FnOnce(&'b T) -> R) -> R {
                let $call = || method(H::get(&self.held));
                $translate
            }

            /// Runs `method` (of this name) on the object.
            #[inline]
            pub fn call_mut<'b, R>(&'b mut self, $method: &'static str, method: impl FnOnce(&'b mut T) -> R) -> R {
                let $call = || method(H::get_mut(&mut self.held));
                $translate
            }
        }

        impl<T: ?Sized, H: Hold> Drop for $name<T, H> {
            #[inline]
            fn drop(&mut self) {
                if H::HOLDER != Holder::Lent {
                    let held = &mut self.held;
                    // SAFETY: this is the only drop of what is held: `release` forgets `self`.
                    let $drop = || unsafe { ManuallyDrop::drop(held) };
                    $drop_translate
                }
            }
        }
    )+};
}

sides! {
    /// A host's object as a plugin sees it: each method runs in an attempt of the host.
    HostSide, Host, |_name, call| panic::attempt(call), |drop| panic::attempt_drop(drop);
    /// A plugin's object as the host sees it: each method runs guarded.
    PluginSide, Plugin, |name, call| panic::guard(call, || ("", name)), |drop| panic::guard_drop("", "drop", drop);
}

/// Which way a value crosses.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The host gives it to the plugin.
    IntoPlugin,
    /// The plugin gives it to the host.
    OutOfPlugin,
}

/// An object that changes sides: what it is wrapped in, or out of.
///
/// The plugin's code does it in both directions, so an object of the plugin that comes back is found to be wrapped by
/// this very image, and one of the host's that goes back likewise: nothing is wrapped twice. Where no host is bound (the
/// plugin is linked into it) there are no sides.
pub struct Crossing<T: ?Sized> {
    /// Which way.
    pub way: Way,
    /// What the object says of itself.
    pub origin: Option<Origin>,
    /// The node of its interface.
    pub node: TypeRef,
    /// What kind of object it is.
    pub object: PhantomData<NonNull<T>>,
}

impl<T: ?Sized> Crossing<T> {
    fn comes_home(&self, holder: Holder) -> bool {
        let wrapped_by = match self.way {
            Way::IntoPlugin => Side::Plugin,
            Way::OutOfPlugin => Side::Host,
        };
        self.origin
            .is_some_and(|origin| origin.side == wrapped_by && origin.holder == holder && origin.node.is(self.node))
    }

    /// Takes a box across.
    ///
    /// # Safety
    ///
    /// 1. `origin` is what this very object says of itself, and `node` is the node of `T`'s interface in this image.
    pub unsafe fn owned(
        &self,
        object: &mut Box<T>,
        host_side: fn(Box<HostSide<T, Owned>>) -> Box<T>,
        plugin_side: fn(Box<PluginSide<T, Owned>>) -> Box<T>,
    ) {
        if host().is_none() {
            return;
        }
        let home = self.comes_home(Holder::Owned);
        replace(object, |object| match (self.way, home) {
            // SAFETY: the object says that it is this wrapper, made here for this interface (obligation 1, `comes_home`).
            (Way::IntoPlugin, true) => unsafe { unbox::<T, PluginSide<T, Owned>>(object) }.release().0,
            // SAFETY: as above.
            (Way::OutOfPlugin, true) => unsafe { unbox::<T, HostSide<T, Owned>>(object) }.release().0,
            (Way::IntoPlugin, false) => host_side(Box::new(HostSide::holding((object, self.node)))),
            (Way::OutOfPlugin, false) => plugin_side(Box::new(PluginSide::holding((object, self.node)))),
        });
    }

    /// Takes a shared object across.
    ///
    /// # Safety
    ///
    /// 1. `origin` is what this very object says of itself, and `node` is the node of `T`'s interface in this image.
    pub unsafe fn shared(
        &self,
        object: &mut Arc<T>,
        host_side: fn(Arc<HostSide<T, Shared>>) -> Arc<T>,
        plugin_side: fn(Arc<PluginSide<T, Shared>>) -> Arc<T>,
    ) {
        if host().is_none() {
            return;
        }
        let home = self.comes_home(Holder::Shared);
        replace(object, |object| match (self.way, home) {
            // SAFETY: the object says that it is this wrapper, made here for this interface (obligation 1, `comes_home`).
            (Way::IntoPlugin, true) => unsafe { arc_of::<T, PluginSide<T, Shared>>(object) }.held.0.clone(),
            // SAFETY: as above.
            (Way::OutOfPlugin, true) => unsafe { arc_of::<T, HostSide<T, Shared>>(object) }.held.0.clone(),
            (Way::IntoPlugin, false) => host_side(Arc::new(HostSide::holding((object, self.node)))),
            (Way::OutOfPlugin, false) => plugin_side(Arc::new(PluginSide::holding((object, self.node)))),
        });
    }
}

/// The wrapper in a box.
///
/// # Safety
///
/// 1. The object is a `W`.
unsafe fn unbox<T: ?Sized, W>(object: Box<T>) -> W {
    // SAFETY: obligation 1: it was boxed as a `W`.
    *unsafe { Box::from_raw(Box::into_raw(object).cast::<W>()) }
}

/// The shared wrapper.
///
/// # Safety
///
/// 1. The object is a `W`.
unsafe fn arc_of<T: ?Sized, W>(object: Arc<T>) -> Arc<W> {
    // SAFETY: obligation 1: it was put into its `Arc` as a `W`.
    unsafe { Arc::from_raw(Arc::into_raw(object).cast::<W>()) }
}

/// Replaces a value by what is made of it.
fn replace<V>(place: &mut V, make: impl FnOnce(V) -> V) {
    /// There would be no value at all in the place.
    struct Abort;
    impl Drop for Abort {
        fn drop(&mut self) {
            std::process::abort();
        }
    }
    let abort = Abort;
    // SAFETY: the place is written below, and nobody sees it before: a panic ends the process.
    let value = unsafe { std::ptr::read(place) };
    let value = make(value);
    // SAFETY: the value that was there has been taken.
    unsafe { std::ptr::write(place, value) };
    std::mem::forget(abort);
}
