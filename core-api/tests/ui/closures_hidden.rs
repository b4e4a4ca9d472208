//! Closures, and their lifetimes, that an alias hides.

use std::ops::FnOnce as Fn;

type Alias = Box<dyn FnMut(u8) -> u8>;

type Text = &'static str;

#[plugbox::interface]
pub trait Plugin {
    fn alias(&self, then: Alias);
}

#[plugbox::interface]
pub trait Lifetime {
    fn hidden_lifetime(&self, then: Box<dyn FnMut(Text)>);
}

#[plugbox::interface]
pub trait Wrong {
    fn wrong(&self, then: Box<dyn Fn(u8)>);
}

#[derive(plugbox::Shape)]
pub struct Hidden {
    pub then: Box<dyn FnMut(Text)>,
}

fn main() {}
