//! Supertraits are interfaces, `Debug`, `Display` and auto traits.

#[plugbox::interface]
pub trait Std: std::fmt::Debug + Clone + Send {
    fn get(&self) -> u8;
}

#[plugbox::interface]
pub trait Many: std::any::Any + std::error::Error + Default + Eq + std::hash::Hash + Iterator<Item = u8> {
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
