//! The forms that are refused, for interfaces of every kind: it makes no difference what an interface reaches.

use std::rc::Rc;
use std::sync::Arc;

#[plugbox::interface]
pub trait Itself {
    fn child(&self) -> Box<dyn Itself>;
    fn in_vec(&self, others: Vec<&dyn Itself>);
    fn in_rc(&self) -> Rc<dyn Itself>;
    fn behind_an_exclusive_reference<'a>(&self, other: &'a mut Option<Box<dyn Itself>>) -> &'a str;
    fn optional(&self) -> Option<&dyn Itself>;
}

#[plugbox::interface]
pub trait Exclusive {
    fn set(&mut self);
    fn shared(&self) -> Arc<dyn Exclusive>;
}

#[plugbox::interface]
pub trait Sent: Send {
    fn shared(&self) -> Arc<dyn Sent>;
}

#[plugbox::interface]
pub trait Ping {
    fn pong(&self) -> Rc<dyn Pong>;
}

#[plugbox::interface]
pub trait Pong {
    fn ping(&self, others: Vec<&dyn Ping>);
}

#[plugbox::interface]
pub trait Heir: Exclusive {
    fn heirs(&self) -> Arc<dyn Heir>;
}

#[derive(plugbox::Shape)]
pub struct Wrap<T>(pub T);

#[plugbox::interface]
pub trait Wrapping {
    fn wrapped(&self) -> Wrap<Rc<dyn Wrapping>>;
}

fn main() {}
