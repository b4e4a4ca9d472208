//! The receiver is `&self` or `&mut self`.

use std::rc::Rc;

#[plugbox::interface]
pub trait Receivers {
    fn by_value(self);
    fn boxed(self: Box<Self>);
    fn counted(self: Rc<Self>);
    fn pinned(self: std::pin::Pin<&mut Self>);
    fn none(count: usize) -> usize;
    fn nothing();
    fn fine(&mut self);
    fn left_out() -> usize
    where
        Self: Sized;
}

fn main() {}
