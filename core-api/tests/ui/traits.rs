//! What an interface may not be.

#[plugbox::interface]
pub trait Generic<T, const N: usize> {
    fn get(&self) -> u8;
}

#[plugbox::interface]
pub trait Borrowing<'a> {
    fn get(&self) -> &str;
}

#[plugbox::interface]
pub trait Where
where
    Self: Send,
{
    fn get(&self) -> u8;
}

#[plugbox::interface]
pub unsafe trait Unsafe {
    fn get(&self) -> u8;
}

#[plugbox::interface]
pub struct NotATrait;

#[plugbox::interface]
impl NotATrait {}

#[plugbox::interface(version = 2)]
pub trait Options {
    fn get(&self) -> u8;
}

fn main() {}
