//! A supertrait without `#[interface]` is found by the compiler, which reports each once and nothing that follows from it.

pub trait Plain {}

/// A trait of std by its name only.
pub trait Debug {}

#[plugbox::interface]
pub trait Good {
    fn good(&self) -> u8;
}

#[plugbox::interface]
pub trait Plugin: Good + Plain + std::fmt::Debug {
    fn get(&self) -> u8;
}

#[plugbox::interface]
pub trait Several: Debug + Good + Plain + std::fmt::Display + AsRef<str> {
    fn count(&mut self) -> u8;
}

fn main() {}
