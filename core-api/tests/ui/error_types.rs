//! Trait objects that look like errors that cross.

use std::error::Error;

#[plugbox::interface]
pub trait Unwinding {
    fn unwinding(&self) -> Box<dyn Error + Send + Sync + std::panic::UnwindSafe>;
    fn of_interface(&self) -> Box<dyn Unwinding + Send>;
}

#[plugbox::interface]
pub trait Exclusive {
    fn exclusive(&self, error: &mut dyn Error);
    fn inside(&self, error: Option<&mut (dyn Error + Send)>);
}

#[plugbox::interface]
pub trait Hidden {
    fn lifetime(&self) -> Alias<'_>;
}

type Alias<'a> = Box<dyn Error + 'a>;

fn main() {}
