//! Objects inside listed types, which would cross unguarded.

#[plugbox::interface]
pub trait Peer {}

pub type Peers = Vec<Box<dyn Peer>>;

#[derive(plugbox::Shape)]
pub struct Holder {
    pub peer: Box<dyn Peer>,
}

#[plugbox::interface(foreign(::std::rc::Weak<Box<dyn Peer>>, ::std::rc::Weak<Holder>, ::std::rc::Weak<Peers>))]
pub trait Inside {
    fn weak(&self, weak: std::rc::Weak<Box<dyn Peer>>);
    fn hidden(&self, weak: Vec<std::rc::Weak<Holder>>);
    fn in_an_alias(&self, weak: std::rc::Weak<Peers>);
    fn behind(&self, weak: Option<&std::rc::Weak<Box<dyn Peer>>>);
}

fn main() {}
