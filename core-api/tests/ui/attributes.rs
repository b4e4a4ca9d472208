//! Attributes that may change a trait or a method after the macro has looked at it.

mod tool {
    pub use core::prelude::v1::derive as changes;
}

#[plugbox::interface]
pub trait Plugin {
    #[tool::changes(Clone)]
    fn one(&self);
    #[cfg_attr(all(), tool::changes(Clone))]
    fn two(&self);
    #[doc = "The compiler's own are fine."]
    #[deprecated]
    #[must_use]
    #[inline]
    #[cfg(all())]
    #[cfg_attr(all(), allow(deprecated))]
    fn three(&self) -> u8 {
        3
    }
    #[clippy::msrv = "1.85"]
    fn four(&self);
    #[tool::changes(Clone)]
    fn five(self)
    where
        Self: Sized;
}

fn main() {}
