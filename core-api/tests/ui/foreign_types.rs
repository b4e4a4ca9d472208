//! Types of `foreign(..)` that the compiler finds to be something else, and types that are not listed.

use std::process::{ExitStatus, Output};
use std::sync::mpsc::Receiver;

/// It has a shape already.
#[plugbox::interface(foreign(::std::string::String))]
pub trait Known {}

/// One type by two names.
#[plugbox::interface(foreign(::std::process::ExitStatus, ::std::process::ExitStatus))]
pub trait Twice {}

/// An argument that is not listed itself.
#[plugbox::interface(foreign(::std::sync::mpsc::Receiver<::std::process::ExitStatus>))]
pub trait Argument {
    fn receiver(&self, receiver: Receiver<ExitStatus>);
}

/// Another argument than the listed one.
#[plugbox::interface(foreign(::std::sync::mpsc::Receiver<u8>))]
pub trait Other {
    fn receiver(&self, receiver: &Receiver<u16>);
}

/// Listed in another item.
#[plugbox::interface(foreign(::std::process::ExitStatus))]
pub trait Elsewhere {
    fn fine(&self, status: Option<ExitStatus>);
    fn output(&self, output: &Output);
}

/// An alias that swaps two lifetimes inside an argument.
type Swapped<'a, 'b> = (&'b str, &'a str);

#[plugbox::interface(foreign(::std::sync::mpsc::Receiver<Swapped<'_, '_>>))]
pub trait Swaps {
    fn swap<'a, 'b>(&self, receiver: Receiver<Swapped<'a, 'b>>, one: &'a u8, other: &'b u8);
}

/// A lifetime that is not written.
#[plugbox::interface(foreign(::std::path::Component))]
pub trait Elided {
    fn component(&self, component: std::path::Component<'_>);
}

/// A name that hides the listed type.
mod shadowed {
    pub struct ExitStatus(pub u8);

    #[plugbox::interface(foreign(::std::process::ExitStatus))]
    pub trait Api {
        fn status(&self, status: ExitStatus);
    }
}

fn main() {}
