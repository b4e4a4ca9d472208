//! Only methods can stand in an interface.

macro_rules! methods {
    () => {
        fn more(&self);
    };
}

#[plugbox::interface]
pub trait Items {
    const LIMIT: usize;
    type Item;
    methods!();
    fn get(&self) -> u8;
}

fn main() {}
