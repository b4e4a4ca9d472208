//! Supertraits are interfaces or auto traits.

pub trait Plain {}

#[plugbox::interface]
pub trait Std: std::fmt::Debug + Clone + Send {
    fn get(&self) -> u8;
}

#[plugbox::interface]
pub trait Relaxed: ?Sized {
    fn get(&self) -> u8;
}

#[plugbox::interface]
pub trait Higher: for<'a> PartialEq<&'a str> {
    fn get(&self) -> u8;
}

pub trait Lending<'a> {}

#[plugbox::interface]
pub trait HigherOwn: for<'a> Lending<'a> {
    fn get(&self) -> u8;
}

#[plugbox::interface]
pub trait Sized: ::core::marker::Sized {
    fn get(&self) -> u8;
}

fn main() {}
