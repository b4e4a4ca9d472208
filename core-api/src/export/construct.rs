//! Constructors: the functions that `export!` puts into the entry table.

use std::error::Error;
use std::hint::black_box;

use super::context::Context;
use crate::abi::RawContext;
use crate::crossing::Guard;
use crate::error::messages;
use crate::host::guard_construct;
use crate::interface::ImplementedBy;

/// Why construction failed: the error's message, then the messages of its sources.
///
/// Plain text, because each side has its own copy of an error's type.
pub type Failure = Vec<String>;

/// The beginning of the failure's text if the constructor panicked.
pub const PANICKED: &str = "the constructor panicked: ";

/// The kind of a [`Constructor`] that returns the plugin.
pub struct Plain;
/// The kind of a [`Constructor`] that returns a `Result` of the plugin.
pub struct Fallible;

/// A function that constructs a plugin for the interface `I`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not construct a plugin for `{I}`",
    note = "`export!` takes a type with `Default`, or a function that takes a `plugbox::Context` and returns the \
            plugin or a `Result` of it; the plugin must implement the interface's trait, and the error must convert \
            into a `Box<dyn Error>`"
)]
pub trait Constructor<I: ?Sized, Kind> {
    /// The plugin's type.
    type Plugin;

    /// Constructs the plugin, and wraps it in the guard that the host will hold.
    fn run(self, context: Context<'_>, name: &'static str) -> Result<Box<I>, Box<dyn Error>>;
}

impl<I: ?Sized + ImplementedBy<T>, T, F: FnOnce(Context<'_>) -> T> Constructor<I, Plain> for F {
    type Plugin = T;

    fn run(self, context: Context<'_>, name: &'static str) -> Result<Box<I>, Box<dyn Error>> {
        Ok(I::guarded(self(context), name))
    }
}

impl<I: ?Sized + ImplementedBy<T>, T, E: Into<Box<dyn Error>>, F: FnOnce(Context<'_>) -> Result<T, E>>
    Constructor<I, Fallible> for F
{
    type Plugin = T;

    fn run(self, context: Context<'_>, name: &'static str) -> Result<Box<I>, Box<dyn Error>> {
        self(context).map(|plugin| I::guarded(plugin, name)).map_err(Into::into)
    }
}

/// Compiles only if the plugin's type is known without an interface. A plugin that is exported as several interfaces
/// must be one object, so its type must not depend on the interface.
pub fn assert_one_type<T>(_: impl FnOnce(Context<'_>) -> T) {}

/// Runs a constructor. An error and a panic both become text.
///
/// # Errors
///
/// The constructor's error with its sources, or the message of its panic.
pub fn construct<I: ?Sized, Kind>(
    constructor: impl Constructor<I, Kind>,
    context: &RawContext,
    name: &'static str,
) -> Result<Box<I>, Failure> {
    let run = || {
        #[cfg(any(feature = "log", feature = "tracing"))]
        crate::journal::install(|| Context::new(context).service());
        let object = constructor.run(Context::new(context), name).map_err(|error| messages(&*error))?;
        // With `-Z virtual-function-elimination`, a vtable that this library makes but never uses loses its methods. One
        // of which it drops an object keeps them today.
        if black_box(false) {
            drop(object);
            return Err(Failure::new());
        }
        Ok(object)
    };
    match guard_construct(run) {
        Ok(outcome) => outcome,
        Err(message) => Err(vec![format!("{PANICKED}{message}")]),
    }
}

/// Runs [`Default`] as the constructor.
///
/// This is a separate function so that the compiler's errors name the type and not a closure.
///
/// # Errors
///
/// The message of a panic in `T::default`.
pub fn construct_default<I: ?Sized + ImplementedBy<T>, T: Default>(
    context: &RawContext,
    name: &'static str,
) -> Result<Box<I>, Failure> {
    construct::<I, Plain>(|_: Context<'_>| T::default(), context, name)
}

/// Casts the address of an object that a constructor has made to the type of its guard.
///
/// `export!` turns the result into a pointer to a trait object, for which the compiler must know the concrete type.
pub fn object<I: ?Sized, Kind, C: Constructor<I, Kind>>(_: C, address: *mut ()) -> *mut Guard<C::Plugin> {
    address.cast()
}
