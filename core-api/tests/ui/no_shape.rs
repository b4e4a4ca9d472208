//! A type without a shape.

pub struct Edit;

#[plugbox::interface]
pub trait Plugin {
    fn edit(&self, edit: &Edit) -> Vec<Edit>;
    fn started(&self) -> Option<std::rc::Rc<u8>>;
}

#[derive(plugbox::Shape)]
pub struct Outer {
    pub edit: Edit,
    pub edits: Vec<Edit>,
}

fn main() {}
