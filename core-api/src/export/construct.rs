//! Constructors: what `export!` puts behind the entry table.

use std::error::Error;

use super::context::Context;
use crate::abi::RawContext;
use crate::crossing::Guard;
use crate::error::messages;
use crate::host::guard_construct;
use crate::interface::ImplementedBy;

/// Why there is no plugin: the error's message, then those of its sources. Plain text, because an error value would be
/// of a type that each side has a copy of.
pub type Failure = Vec<String>;

/// How the failure of a constructor that panicked begins.
pub const PANICKED: &str = "the constructor panicked: ";

/// A constructor may return the plugin, or a `Result` of it.
pub struct Plain;
/// As [`Plain`], for a `Result`.
pub struct Fallible;

/// A function that makes a plugin for the interface `I`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not construct a plugin for `{I}`",
    note = "`export!` takes a type with `Default`, or a function from `plugbox::Context` to the plugin or to a \
            `Result` of it; the plugin implements the interface's trait, the error is one of std's or text"
)]
pub trait Constructor<I: ?Sized, Kind> {
    /// The plugin's type.
    type Plugin;

    /// Makes the plugin and puts it into the guard that the host will hold.
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

/// Compiles only if the plugin's type is known without an interface: a plugin that is exported as several is one object.
pub fn assert_one_type<T>(_: impl FnOnce(Context<'_>) -> T) {}

/// Runs a constructor; an error and a panic both become text.
///
/// # Errors
///
/// The constructor's own error with its sources, or the message of its panic.
pub fn construct<I: ?Sized, Kind>(
    constructor: impl Constructor<I, Kind>,
    context: &RawContext,
    name: &'static str,
) -> Result<Box<I>, Failure> {
    let run = || {
        #[cfg(any(feature = "log", feature = "tracing"))]
        crate::journal::install(|| Context::new(context).service());
        constructor.run(Context::new(context), name).map_err(|error| messages(&*error))
    };
    match guard_construct(run) {
        Ok(outcome) => outcome,
        Err(message) => Err(vec![format!("{PANICKED}{message}")]),
    }
}

/// Runs [`Default`] as the constructor; a function of its own, so that the compiler speaks of the type and not of a
/// closure.
///
/// # Errors
///
/// The message of its panic.
pub fn construct_default<I: ?Sized + ImplementedBy<T>, T: Default>(
    context: &RawContext,
    name: &'static str,
) -> Result<Box<I>, Failure> {
    construct::<I, Plain>(|_: Context<'_>| T::default(), context, name)
}

/// The object that a constructor has made, at its address. `export!` makes a trait object of it, which is possible only
/// where its type is known.
pub fn object<I: ?Sized, Kind, C: Constructor<I, Kind>>(_: C, address: *mut ()) -> *mut Guard<C::Plugin> {
    address.cast()
}
