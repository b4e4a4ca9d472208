//! Guards: what `#[interface]` implements its trait for, so that no panic crosses untranslated.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::ptr::NonNull;
use std::sync::Arc;

use crate::bound::host;
use crate::panic;
use crate::shape::{TypeRef, may_be_shared};

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
/// 1. For every object that is held: if the object is `Send`, what is held may move to another thread; if it is `Sync`, two
///    threads may use what is held through `&`.
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
/// The wrapper lives on the stack of the frame that made it, and nobody can take it from there. So it may have an auto
/// trait exactly when a `&mut` to the object may. It has no lifetime parameter, because one would keep an interface from
/// being `'static`.
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

// SAFETY: `Crossing::shared` makes one only of an interface that is `Sync` or not `Send` (it asserts `may_be_shared`). If it
// is both, so is an `Arc<T>`. If it is only `Sync`, the side claims `Sync` alone, and a shared one gives out nothing but
// `&T`. If it is neither, nothing is claimed.
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

/// Which wrapper an object is: its side, its holder, the node of its interface, and its place.
///
/// Each image has nodes of its own, so the node also tells which image wrapped it. Only a wrapper can make one, from a borrow
/// of itself: as long as an `Origin<'a>` can be used, that wrapper lies at that place. Code can pass it on, and cannot forge
/// one.
#[derive(Clone, Copy)]
pub struct Origin<'a> {
    node: TypeRef,
    side: Side,
    holder: Holder,
    /// Address, size and alignment of the wrapper.
    place: (*const (), usize, usize),
    wrapper: PhantomData<&'a ()>,
}

/// Address, size and alignment of a value.
fn place<T: ?Sized>(value: &T) -> (*const (), usize, usize) {
    (std::ptr::from_ref(value).cast(), size_of_val(value), align_of_val(value))
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
            pub fn origin(&self) -> Option<Origin<'_>> {
                let (side, holder, place) = (Side::$side, H::HOLDER, place(self));
                H::node(&self.held).map(|node| Origin { node, side, holder, place, wrapper: PhantomData })
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
    way: Way,
    node: TypeRef,
    origin: for<'a> fn(&'a T) -> Option<Origin<'a>>,
}

impl<T: ?Sized> Crossing<T> {
    /// Objects of an interface, on their way.
    ///
    /// `origin` is the interface's hidden method. Whatever it says is checked.
    ///
    /// # Safety
    ///
    /// 1. `T` is the trait object of an interface, and `node` is the node of that interface in this image, and of no other.
    #[must_use]
    pub const unsafe fn new(way: Way, node: TypeRef, origin: for<'a> fn(&'a T) -> Option<Origin<'a>>) -> Self {
        Self { way, node, origin }
    }

    /// Whether the object is a wrapper that goes home, as [`Owned`] or [`Shared`] holds it.
    ///
    /// If so, the object may be used as that wrapper: the origin proves that a wrapper lies at the object's address, and it
    /// has the object's size. So the object is the wrapper, or a type that holds nothing but the wrapper.
    fn comes_home(&self, object: &T, holder: Holder) -> bool {
        let wrapped_by = match self.way {
            Way::IntoPlugin => Side::Plugin,
            Way::OutOfPlugin => Side::Host,
        };
        (self.origin)(object).is_some_and(|origin| {
            origin.side == wrapped_by
                && origin.holder == holder
                && origin.node.is(self.node)
                && origin.place == place(object)
        })
    }

    /// Takes a box across.
    pub fn owned(
        &self,
        object: &mut Box<T>,
        host_side: fn(Box<HostSide<T, Owned>>) -> Box<T>,
        plugin_side: fn(Box<PluginSide<T, Owned>>) -> Box<T>,
    ) {
        if host().is_none() {
            return;
        }
        let home = self.comes_home(object, Holder::Owned);
        replace(object, |object| match (self.way, home) {
            // SAFETY: `comes_home` found it to be this wrapper; `T` is the one that it was made for (obligation 1 of `new`).
            (Way::IntoPlugin, true) => unsafe { unbox::<T, PluginSide<T, Owned>>(object) }.release().0,
            // SAFETY: as above.
            (Way::OutOfPlugin, true) => unsafe { unbox::<T, HostSide<T, Owned>>(object) }.release().0,
            (Way::IntoPlugin, false) => host_side(Box::new(HostSide::holding((object, self.node)))),
            (Way::OutOfPlugin, false) => plugin_side(Box::new(PluginSide::holding((object, self.node)))),
        });
    }

    /// Takes a shared object across.
    ///
    /// # Panics
    ///
    /// Where no `Arc` of this interface may cross: a signature with one does not compile.
    pub fn shared(
        &self,
        object: &mut Arc<T>,
        host_side: fn(Arc<HostSide<T, Shared>>) -> Arc<T>,
        plugin_side: fn(Arc<PluginSide<T, Shared>>) -> Arc<T>,
    ) {
        if host().is_none() {
            return;
        }
        assert!(may_be_shared(self.node.get()), "an object that both sides may not share");
        let home = self.comes_home(object, Holder::Shared);
        let inner = home.then(|| match self.way {
            // SAFETY: `comes_home` found it to be this wrapper; `T` is the one that it was made for (obligation 1 of `new`).
            Way::IntoPlugin => unsafe { wrapper::<T, PluginSide<T, Shared>>(object) }.held.0.clone(),
            // SAFETY: as above.
            Way::OutOfPlugin => unsafe { wrapper::<T, HostSide<T, Shared>>(object) }.held.0.clone(),
        });
        if let Some(inner) = inner {
            *object = inner;
            return;
        }
        replace(object, |object| match self.way {
            Way::IntoPlugin => host_side(Arc::new(HostSide::holding((object, self.node)))),
            Way::OutOfPlugin => plugin_side(Arc::new(PluginSide::holding((object, self.node)))),
        });
    }
}

/// The wrapper in a box.
///
/// # Safety
///
/// 1. The object is a `W`, or as large and nothing but a `W`.
unsafe fn unbox<T: ?Sized, W>(object: Box<T>) -> W {
    // SAFETY: obligation 1; a `W` has the layout by which the box was allocated.
    *unsafe { Box::from_raw(Box::into_raw(object).cast::<W>()) }
}

/// The wrapper behind a reference.
///
/// # Safety
///
/// 1. The object is a `W`, or as large and nothing but a `W`.
unsafe fn wrapper<T: ?Sized, W>(object: &T) -> &W {
    // SAFETY: obligation 1.
    unsafe { &*std::ptr::from_ref(object).cast::<W>() }
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

#[cfg(test)]
mod tests {
    use super::{Crossing, Holder, HostSide, Origin, Owned, Side, Way, place};
    use crate::shape::{Shape, TypeRef};

    #[crate::interface(crate = crate)]
    trait Peer {
        fn number(&self) -> u32;
    }

    #[crate::interface(crate = crate)]
    trait Other {}

    struct Mine;

    impl Peer for Mine {
        fn number(&self) -> u32 {
            7
        }
    }

    /// Delegates everything, as a macro would write it: `N` bytes lie behind the object.
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

    /// The same for an object in a box.
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

    fn wrapper() -> HostSide<dyn Peer, Owned> {
        let object: Box<dyn Peer> = Box::new(Mine);
        HostSide::holding((object, node()))
    }

    fn crossing(way: Way, node: TypeRef) -> Crossing<dyn Peer> {
        // SAFETY: nothing is cast here; the tests only ask `comes_home`.
        unsafe { Crossing::new(way, node, <dyn Peer as Peer>::__plugbox_origin) }
    }

    fn comes_home(object: &(dyn Peer + 'static)) -> bool {
        crossing(Way::OutOfPlugin, node()).comes_home(object, Holder::Owned)
    }

    #[test]
    fn a_wrapper_comes_home_to_its_side_holder_and_interface_only() {
        let wrapper: Box<dyn Peer> = Box::new(wrapper());
        assert!(comes_home(&*wrapper));
        assert!(!crossing(Way::IntoPlugin, node()).comes_home(&*wrapper, Holder::Owned));
        assert!(!crossing(Way::OutOfPlugin, node()).comes_home(&*wrapper, Holder::Shared));
        assert!(!crossing(Way::OutOfPlugin, <dyn Other as Shape>::TYPE).comes_home(&*wrapper, Holder::Owned));
        assert!(!comes_home(&Mine));
        assert!(wrapper.__plugbox_origin().unwrap().side == Side::Host);
    }

    #[test]
    fn an_object_that_delegates_to_a_wrapper_is_none() {
        assert!(!comes_home(&Boxed(Box::new(wrapper()))));
        // The wrapper is its first field: the address is the same, and the size is not.
        let larger = Delegate(wrapper(), [0; 8]);
        assert_eq!(place(&larger).0, place(&larger.0).0);
        assert!(!comes_home(&larger));
        assert_eq!(larger.number(), 7);
    }

    /// It can be used as the wrapper: there is nothing else in it.
    #[test]
    fn an_object_that_is_nothing_but_a_wrapper_is_one() {
        assert!(comes_home(&Delegate(wrapper(), [])));
    }

    #[test]
    #[cfg_attr(miri, ignore = "it leaks a wrapper, which is the point")]
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
