//! Entries of `foreign(..)` that are not a foreign type.

use std::process::ExitStatus;

#[plugbox::interface(foreign(ExitStatus, std::process::Output))]
pub trait Short {}

#[plugbox::interface(foreign(&::std::process::ExitStatus, Vec<::std::process::Output>, dyn ::std::any::Any))]
pub trait Around {}

#[plugbox::interface(foreign)]
pub trait Empty {}

#[plugbox::interface(foreign(::std::process::ExitStatus) + alien(::std::process::Output))]
pub trait Alien {}

#[derive(plugbox::Shape)]
#[shape(foreign)]
pub struct Field {
    pub status: ExitStatus,
}

#[derive(plugbox::Shape)]
#[shape(foreign(::std::process::ExitStatus))]
pub struct Mixed<T> {
    pub status: Option<ExitStatus>,
    pub item: T,
    pub both: Result<T, ExitStatus>,
}

#[derive(plugbox::Shape)]
pub struct Borrower<'a> {
    #[shape(foreign)]
    pub component: ::std::path::Component<'a>,
}

fn main() {}
