//! Errors that change sides: the trait objects of `Error`, and `std::io::Error`, which may contain one.

use std::error::Error;
use std::io;
use std::sync::Arc;

use super::crossing::replace;
use super::error_proxy::{ErrorProxy, Held};
use super::side::{HostSide, PluginSide, Side};
use crate::host::host;
use crate::shape::{Body, Definition, Direction, Holders, Shape, Token, Type, TypeRef};

/// A trait object of `Error`.
pub(super) trait Object {
    /// The error without further bounds.
    fn plain(&self) -> &(dyn Error + 'static);

    /// Borrows an error with these bounds; `None` if it has fewer.
    fn of(held: &Held) -> Option<&Self>;

    fn hold(self: Box<Self>) -> Held;

    /// Returns the error that [`hold`](Self::hold) has taken, here or for an object with more bounds; `None` for any other.
    fn unhold(held: Held) -> Option<Box<Self>>;

    /// Whether [`unhold`](Self::unhold) returns an error.
    fn is_held(held: &Held) -> bool;

    fn of_proxy<S: Side>(proxy: Box<ErrorProxy<S>>) -> Box<Self>;

    fn into_proxy<S: Side>(self: Box<Self>) -> Option<Box<ErrorProxy<S>>>;
}

/// Implements [`Object`]: for the bounds of the first variant of `Held` in brackets, and from those of the others.
macro_rules! objects {
    ($($ty:ty: [$own:ident $(, $other:ident)*], |$held:ident| $of:expr;)+) => {$(
        impl Object for $ty {
            fn plain(&self) -> &(dyn Error + 'static) {
                self
            }

            fn of($held: &Held) -> Option<&Self> {
                $of
            }

            fn hold(self: Box<Self>) -> Held {
                Held::$own(self)
            }

            fn unhold(held: Held) -> Option<Box<Self>> {
                match held {
                    Held::$own(error) => Some(error),
                    $(Held::$other(error) => Some(error),)*
                    _ => None,
                }
            }

            fn is_held(held: &Held) -> bool {
                matches!(held, Held::$own(_) $(| Held::$other(_))*)
            }

            fn of_proxy<S: Side>(proxy: Box<ErrorProxy<S>>) -> Box<Self> {
                proxy
            }

            fn into_proxy<S: Side>(self: Box<Self>) -> Option<Box<ErrorProxy<S>>> {
                self.downcast().ok()
            }
        }
    )+};
}

objects! {
    dyn Error: [Any, Send, Sync], |held| Some(held.get());
    dyn Error + Send: [Send, Sync], |held| match held {
        Held::Send(error) => Some(&**error),
        Held::Sync(error) => Some(&**error),
        Held::Shared(error) => Some(&**error),
        _ => None,
    };
    dyn Error + Send + Sync: [Sync], |held| match held {
        Held::Sync(error) => Some(&**error),
        Held::Shared(error) => Some(&**error),
        _ => None,
    };
}

/// Takes a box across: unwraps an error that returns to its own side, and wraps any other.
fn cross_box<B: Object + ?Sized>(error: &mut Box<B>, direction: Direction) {
    match direction {
        _ if host().is_none() => {}
        Direction::IntoPlugin => cross_from::<HostSide, B>(error),
        Direction::OutOfPlugin => cross_from::<PluginSide, B>(error),
    }
}

fn cross_from<S: Side, B: Object + ?Sized>(error: &mut Box<B>) {
    let home = ErrorProxy::<S::Other>::at(error.plain()).is_some_and(|proxy| B::is_held(proxy.held()));
    replace(error, |error| {
        if !home {
            return B::of_proxy(Box::new(ErrorProxy::<S>::holding(error.hold())));
        }
        let held = error.into_proxy::<S::Other>().and_then(|proxy| proxy.release());
        held.and_then(B::unhold).expect("the proxy holds such an error")
    });
}

/// Takes a shared error across.
fn cross_arc(error: &mut Arc<dyn Error + Send + Sync>, direction: Direction) {
    match direction {
        _ if host().is_none() => {}
        Direction::IntoPlugin => share_from::<HostSide>(error),
        Direction::OutOfPlugin => share_from::<PluginSide>(error),
    }
}

fn share_from<S: Side>(error: &mut Arc<dyn Error + Send + Sync>) {
    let home = match ErrorProxy::<S::Other>::at(&**error).map(ErrorProxy::held) {
        Some(Held::Shared(own)) => Some(own.clone()),
        _ => None,
    };
    match home {
        Some(own) => *error = own,
        None => replace(error, |error| Arc::new(ErrorProxy::<S>::holding(Held::Shared(error)))),
    }
}

const INSTEAD: &str = "an error crosses as `Box<dyn Error>`, with or without `Send` and `Sync`, as \
                       `Arc<dyn Error + Send + Sync>`, or as an argument `&dyn Error`; `plugbox::Error` is an error that \
                       crosses anywhere";

/// Implements `Shape` for a trait object, whatever is borrowed inside the error.
macro_rules! shapes {
    ($($name:literal ($($bounds:tt)+), shared: $shared:literal $(, $cross_arc:item)?;)+) => {$(
        // It would only distract in an error about another type.
        #[diagnostic::do_not_recommend]
        // SAFETY: the node has the name of this trait object, and of no other type.
        unsafe impl<'a, Scope> Shape<Scope> for dyn $($bounds)+ + 'a {
            const TYPE: TypeRef = TypeRef::new(&const {
                let holders = Holders { boxed: true, shared: $shared, pinned: false, instead: INSTEAD };
                Type::object(&[$name], <Self as Shape<Scope>>::DEFINITION, &[], holders)
            });
            const DEFINITION: Definition = Definition::foreign($name, 0);
            const PARAMS: &'static [TypeRef] = &[];
            type Lifetimes<Rest> = Rest;
            type Objects<Rest> = (Token<'a>, Rest);
            type Target = Self;

            fn __cross_box(this: &mut Box<Self>, direction: Direction) {
                // SAFETY: *borrowed inside*: the box keeps its type in the caller, and so its lifetime.
                let this = unsafe { &mut *std::ptr::from_mut(this).cast::<Box<dyn $($bounds)+>>() };
                cross_box(this, direction);
            }

            $($cross_arc)?
        }
    )+};
}

shapes! {
    "dyn Error" (Error), shared: false;
    "dyn Error + Send" (Error + Send), shared: false;
    "dyn Error + Send + Sync" (Error + Send + Sync), shared: true, fn __cross_arc(this: &mut Arc<Self>, direction: Direction) {
        // SAFETY: *borrowed inside*: the `Arc` keeps its type in the caller, and so its lifetime.
        let this = unsafe { &mut *std::ptr::from_mut(this).cast::<Arc<dyn Error + Send + Sync>>() };
        cross_arc(this, direction);
    };
}

// SAFETY: the name, the size and the contents are this type's own. std has two types named `Error`; this is that of
// `std::io`.
unsafe impl<Scope> Shape<Scope> for io::Error {
    const TYPE: TypeRef = TypeRef::new(
        &const {
            let owned = <Box<dyn Error + Send + Sync> as Shape<Scope>>::TYPE;
            Type::sized::<Self>(<Self as Shape<Scope>>::DEFINITION, Body::Owning(owned))
        },
    );
    const DEFINITION: Definition = Definition::foreign("std::io::Error", 0);
    const PARAMS: &'static [TypeRef] = &[];
    type Lifetimes<Rest> = Rest;
    type Objects<Rest> = Rest;
    type Target = Self;

    fn __cross(&mut self, direction: Direction) {
        // Without an error inside, it is a number, a kind, or a text in its image.
        if self.get_ref().is_none() {
            return;
        }
        let kind = self.kind();
        if let Some(mut inside) = std::mem::replace(self, kind.into()).into_inner() {
            cross_box(&mut inside, direction);
            *self = Self::new(kind, inside);
        }
    }
}
