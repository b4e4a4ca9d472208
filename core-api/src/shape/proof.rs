//! Proofs that the macros ask for: what they conclude from a name is so, or the code does not compile.

use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};

/// The trait object of an auto trait.
///
/// # Safety
///
/// 1. The trait has no methods, so it adds nothing to a vtable.
#[diagnostic::on_unimplemented(
    message = "this trait has the name of an auto trait, but is not that trait",
    label = "not the auto trait of this name",
    note = "rename it; an interface's supertraits are interfaces or the auto traits of std"
)]
pub unsafe trait AutoTrait {}

// SAFETY: a trait without methods.
unsafe impl AutoTrait for dyn Send {}
// SAFETY: as above.
unsafe impl AutoTrait for dyn Sync {}
// SAFETY: as above.
unsafe impl AutoTrait for dyn Unpin {}
// SAFETY: as above.
unsafe impl AutoTrait for dyn UnwindSafe {}
// SAFETY: as above.
unsafe impl AutoTrait for dyn RefUnwindSafe {}

/// Compiles only for the trait object of an auto trait.
pub const fn assert_auto_trait<T: ?Sized + AutoTrait>() {}

/// Every type that has a size.
#[diagnostic::on_unimplemented(
    message = "this trait is called `Sized`, but is not the `Sized` of core",
    label = "not the `Sized` of core",
    note = "rename it: a method is left out of the vtable only by the `Sized` of core"
)]
pub trait HasSize {}

impl<T> HasSize for T {}

/// Compiles only where the bounds on `T` say that it has a size.
pub const fn assert_sized<T: ?Sized + HasSize>() {}

/// A type, and no other that it could be coerced to, or that lives longer.
pub struct Exactly<T: ?Sized>(PhantomData<*mut T>);

impl<T: ?Sized> Exactly<T> {
    /// Compiles only for the same type.
    pub const fn is(_: Self) {}
}

/// The type of a field, as it is: an attribute below the derive may have changed it.
pub const fn of_field<T: ?Sized>(_: *const T) -> Exactly<T> {
    Exactly(PhantomData)
}
