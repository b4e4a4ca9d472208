//! Values that are lent by `&mut` and contain objects: the objects cross for the call, and back.

use crate::shape::{Cross, Direction};

/// A value of one side that the other has for a call, or as long as a future lives.
///
/// The objects in it are taken across before, and what is in it afterward is taken back, also after a panic. So neither
/// side ever sees an object of the other without its wrapper.
pub struct Visit<'a, T: ?Sized> {
    value: &'a mut T,
    /// `None` if no object can be in it.
    cross: Option<Cross<T>>,
    back: Direction,
}

impl<'a, T: ?Sized> Visit<'a, T> {
    /// Takes the objects in the value across.
    pub fn new(value: &'a mut T, cross: Option<Cross<T>>, direction: Direction) -> Self {
        let back = match direction {
            Direction::IntoPlugin => Direction::OutOfPlugin,
            Direction::OutOfPlugin => Direction::IntoPlugin,
        };
        cross.iter().for_each(|cross| cross(value, direction));
        Self { value, cross, back }
    }

    /// Returns the value.
    #[inline]
    pub fn __get(&mut self) -> &mut T {
        self.value
    }
}

impl<T: ?Sized> Drop for Visit<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if let Some(cross) = self.cross {
            cross(self.value, self.back);
        }
    }
}
