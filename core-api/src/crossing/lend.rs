//! References to trait objects that are lent to the other side for a call.

use std::error::Error;
use std::ptr::NonNull;

use super::error_proxy::{ErrorProxy, Held};
use super::errors::Object;
use super::proxy::{HostProxy, PluginProxy};
use super::side::{HostSide, PluginSide, Side};
use crate::host::host;

/// A host's reference that is lent to the plugin.
pub struct ToPlugin<'a, T: ?Sized>(pub &'a T);

/// A plugin's reference that is lent to the host.
pub struct ToHost<'a, T: ?Sized>(pub &'a T);

/// Lends an object of an interface. The errors have a method of the same name, which takes precedence. A trait of an
/// author's may give every type a method `lend`, so it has another name.
pub trait Lend {
    /// The wrapper.
    type Lent;

    /// Lends the object.
    ///
    /// # Safety
    ///
    /// 1. Only `&` of the result is passed on, and only while the reference lives.
    unsafe fn __lend(self) -> Self::Lent;
}

/// An error that is lent for a call.
pub enum LentError<'a, B: ?Sized, S: Side> {
    /// An error that returns to its own side, or one without another side.
    Unchanged(&'a B),
    /// The wrapper of any other.
    Proxy(ErrorProxy<S>),
}

macro_rules! lend {
    ($($to:ident $proxy:ident $side:ident: $(($($bounds:tt)+))+;)+) => {$(
        impl<T: ?Sized> Lend for $to<'_, T> {
            type Lent = $proxy<T>;

            #[inline]
            unsafe fn __lend(self) -> $proxy<T> {
                // SAFETY: obligation 1 of `__lend`.
                unsafe { $proxy::shared(self.0) }
            }
        }

        $(
            impl<'a, 'e> $to<'a, dyn $($bounds)+ + 'e> {
                /// Lends an error.
                ///
                /// # Safety
                ///
                /// 1. Only `&` of the result is passed on, and only while the reference lives.
                pub unsafe fn __lend(self) -> LentError<'a, dyn $($bounds)+ + 'e, $side> {
                    if host().is_none() {
                        return LentError::Unchanged(self.0);
                    }
                    // SAFETY: *borrowed inside*: the result has the lifetime again.
                    let error = unsafe {
                        std::mem::transmute::<&'a (dyn $($bounds)+ + 'e), &'a (dyn $($bounds)+ + 'static)>(self.0)
                    };
                    let home = ErrorProxy::<<$side as Side>::Other>::at(error).map(ErrorProxy::held);
                    match home.and_then(<dyn $($bounds)+ + 'static>::of) {
                        Some(own) => LentError::Unchanged(own),
                        None => LentError::Proxy(ErrorProxy::holding(Held::Lent(NonNull::from(error.plain())))),
                    }
                }
            }

            impl<'e> LentError<'_, dyn $($bounds)+ + 'e, $side> {
                /// Returns what the other side gets.
                pub fn __lent(&self) -> &(dyn $($bounds)+ + 'e) {
                    match self {
                        Self::Unchanged(error) => *error,
                        Self::Proxy(proxy) => proxy,
                    }
                }
            }
        )+
    )+};
}

lend! {
    ToPlugin HostProxy HostSide: (Error) (Error + Send) (Error + Send + Sync);
    ToHost PluginProxy PluginSide: (Error) (Error + Send) (Error + Send + Sync);
}
