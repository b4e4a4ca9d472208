//! A supertrait without `#[interface]` is found by the compiler.

pub trait Plain {}

#[plugbox::interface]
pub trait Plugin: Plain {
    fn get(&self) -> u8;
}

fn main() {}
