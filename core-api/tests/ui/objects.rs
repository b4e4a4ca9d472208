//! Trait objects of std, and auto traits on an object.

use std::any::Any;

#[plugbox::interface]
pub trait Plugin {
    fn any(&self, any: &dyn Any);
    fn numbers(&self) -> Box<dyn Iterator<Item = u8>>;
    fn unpinned(&self, other: &(dyn Other + Unpin));
}

#[plugbox::interface]
pub trait Other {
    fn get(&self) -> u8;
}

fn main() {}
