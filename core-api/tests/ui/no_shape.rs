//! A type without a shape, and a trait without `#[interface]`.

pub struct Edit;

pub trait Unmarked {}

#[plugbox::interface]
pub trait Plugin {
    fn edit(&self, edit: &Edit) -> Vec<Edit>;
    fn started(&self) -> Option<std::rc::Rc<u8>>;
    fn object(&self, object: &dyn Unmarked);
}

#[derive(plugbox::Shape)]
pub struct Outer {
    pub edit: Edit,
    pub edits: Vec<Edit>,
}

fn main() {}
