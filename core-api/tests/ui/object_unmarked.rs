//! A trait object of a trait without `#[interface]`.

pub trait Unmarked {}

#[plugbox::interface]
pub trait Plugin {
    fn object(&self, object: &dyn Unmarked);
}

fn main() {}
