//! How the methods of an interface may be called: through shared references only, or also through exclusive ones.

/// The kind of access that the methods of an interface need: [`Shared`] or [`Exclusive`]. There are no others.
///
/// A host may call an object of a `Shared` interface through many `&dyn Trait` at once. Beside a `&mut dyn Trait` of the
/// same object there may be no other reference, so an object of an `Exclusive` interface is locked for its calls.
pub trait Access: sealed::Sealed + 'static {
    /// Whether it is [`Exclusive`].
    #[doc(hidden)]
    const IS_EXCLUSIVE: bool;
}

/// The [`Access`] of an interface without `&mut self` methods, its supertraits included.
///
/// # Examples
///
/// ```
/// use plugbox::{Interface, Shared};
///
/// #[plugbox::interface]
/// pub trait Plugin {
///     fn name(&self) -> String;
/// }
///
/// fn needs_no_lock<I: ?Sized + Interface<Access = Shared>>() {}
/// needs_no_lock::<dyn Plugin>();
/// ```
#[derive(Debug)]
pub enum Shared {}

/// The [`Access`] of an interface with a `&mut self` method of its own or of a supertrait.
///
/// # Examples
///
/// ```
/// use plugbox::{Exclusive, Interface};
///
/// #[plugbox::interface]
/// pub trait Counter {
///     fn count(&mut self) -> u64;
/// }
///
/// #[plugbox::interface]
/// pub trait Plugin: Counter {
///     fn name(&self) -> String;
/// }
///
/// fn needs_a_lock<I: ?Sized + Interface<Access = Exclusive>>() {}
/// needs_a_lock::<dyn Plugin>();
/// ```
#[derive(Debug)]
pub enum Exclusive {}

impl Access for Shared {
    const IS_EXCLUSIVE: bool = false;
}

impl Access for Exclusive {
    const IS_EXCLUSIVE: bool = true;
}

/// The methods of an interface, supertraits included, by whether any of them takes `&mut self`.
pub struct Methods<const ANY_EXCLUSIVE: bool>;

/// Whether any of the answers is `true`.
#[must_use]
pub const fn any(answers: &[bool]) -> bool {
    let mut rest = answers;
    while let [answer, tail @ ..] = rest {
        if *answer {
            return true;
        }
        rest = tail;
    }
    false
}

/// The access that [`Methods`] need.
pub trait MethodsAccess {
    /// The access.
    type Access: Access;
}

impl MethodsAccess for Methods<false> {
    type Access = Shared;
}

impl MethodsAccess for Methods<true> {
    type Access = Exclusive;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Shared {}
    impl Sealed for super::Exclusive {}
}
