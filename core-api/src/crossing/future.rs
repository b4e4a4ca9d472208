//! The shapes of futures and streams.

use std::future::Future;
use std::pin::Pin;

#[cfg(feature = "futures-core")]
use futures_core::Stream;

use super::crossing::replace;
use super::polled::Polled;
use super::side::{HostSide, PluginSide};
use crate::host::host;
use crate::shape::{Definition, Direction, Holders, Shape, Token, Type, TypeRef, crosses};

const fn pinned(instead: &'static str) -> Holders {
    Holders { boxed: false, shared: false, pinned: true, instead }
}

macro_rules! futures {
    ($(#[$hidden:meta])? $name:ident<$value:ident = T>: $instead:literal, $start:literal $(($($auto:ident)*) $end:literal)+;) => {
        futures! { [$(#[$hidden])?] $name $value $instead $start $(($($auto)*) $end)+ }
    };
    ($hidden:tt $name:ident $value:ident $instead:literal $start:literal $(($($auto:ident)*) $end:literal)+) => {$(
        futures! { one $hidden $name $value $instead $start ($($auto)*) $end }
    )+};
    (one [$(#[$hidden:meta])?] $name:ident $value:ident $instead:literal $start:literal ($($auto:ident)*) $end:literal) => {
        $(#[$hidden])?
        // SAFETY: the name and the parameter are those of this trait object.
        unsafe impl<'a, Scope, T: Shape<Scope> + 'a> Shape<Scope> for dyn $name<$value = T> $(+ $auto)* + 'a {
            const TYPE: TypeRef = TypeRef::new(&const {
                let params = <Self as Shape<Scope>>::PARAMS;
                Type::object(&[$start, $end], <Self as Shape<Scope>>::DEFINITION, params, pinned($instead))
            });
            const DEFINITION: Definition = Definition::foreign("", 0);
            const PARAMS: &'static [TypeRef] = &[T::TYPE];
            type Lifetimes<Rest> = T::Lifetimes<Rest>;
            type Objects<Rest> = (Token<'a>, T::Objects<Rest>);
            type Target = T::Target;

            fn __cross_pin(this: &mut Pin<Box<Self>>, direction: Direction) {
                if host().is_none() {
                    return;
                }
                const AUTOS: &[&str] = &[$(stringify!($auto)),*];
                let cross = crosses::<Scope, T>();
                replace(this, |object| match direction {
                    Direction::IntoPlugin => Polled::recorded(object, cross, AUTOS.len()),
                    Direction::OutOfPlugin => Polled::<Pin<Box<Self>>, T, HostSide>::unwrapped_or(object, AUTOS.len(), |object| {
                        Box::pin(Polled::<_, _, PluginSide>::new(object, cross))
                    }),
                });
            }
        }
    };
}

futures! {
    Future<Output = T>: "a future crosses only as `Pin<Box<dyn Future<Output = T> + Send + '_>>`, or as the result of an `async fn`",
    "dyn Future<Output = " () ">" (Send) "> + Send" (Send Sync) "> + Send + Sync";
}

#[cfg(feature = "futures-core")]
futures! {
    // It would only distract from an error about another trait object.
    #[diagnostic::do_not_recommend]
    Stream<Item = T>: "a stream crosses only as `Pin<Box<dyn Stream<Item = T> + Send + '_>>`",
    "dyn Stream<Item = " () ">" (Send) "> + Send" (Send Sync) "> + Send + Sync";
}
