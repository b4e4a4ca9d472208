//! Proofs: code that compiles only if a macro's conclusion from a name is correct.

use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};

/// The trait object of an auto trait.
///
/// # Safety
///
/// 1. The trait has no methods, so it adds nothing to a vtable.
#[diagnostic::on_unimplemented(
    message = "this trait has the name of an auto trait, but is a different trait",
    label = "not the auto trait of this name",
    note = "rename it; an interface's supertraits must be interfaces or auto traits of std"
)]
pub unsafe trait AutoTrait {}

// SAFETY: `Send` has no methods.
unsafe impl AutoTrait for dyn Send {}
// SAFETY: `Sync` has no methods.
unsafe impl AutoTrait for dyn Sync {}
// SAFETY: `Unpin` has no methods.
unsafe impl AutoTrait for dyn Unpin {}
// SAFETY: `UnwindSafe` has no methods.
unsafe impl AutoTrait for dyn UnwindSafe {}
// SAFETY: `RefUnwindSafe` has no methods.
unsafe impl AutoTrait for dyn RefUnwindSafe {}

/// Compiles only for the trait object of an auto trait.
pub const fn assert_auto_trait<T: ?Sized + AutoTrait>() {}

/// A type that is `Sized`.
#[diagnostic::on_unimplemented(
    message = "this trait is called `Sized`, but is not the `Sized` of core",
    label = "not the `Sized` of core",
    note = "rename it; only the `Sized` of core excludes a method from the vtable"
)]
pub trait HasSize {}

impl<T> HasSize for T {}

/// Compiles only if the bounds on `T` make it `Sized`.
pub const fn assert_sized<T: ?Sized + HasSize>() {}

/// A type, without coercions or subtyping.
pub struct Exactly<T: ?Sized>(PhantomData<*mut T>);

impl<T: ?Sized> Exactly<T> {
    /// Compiles only for the same type.
    pub const fn is(_: Self) {}
}

/// Captures the actual type of a field. It may differ from the type that the derive saw, if an attribute below the
/// derive changed it.
pub const fn of_field<T: ?Sized>(_: *const T) -> Exactly<T> {
    Exactly(PhantomData)
}
