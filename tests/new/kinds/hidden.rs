//! A module that only the API can name; it shows some of its items.

pub mod deep {
    /// A type without a public path of its own module.
    #[derive(plugbox::Shape)]
    pub struct Inner {
        /// A number.
        pub number: u8,
    }

    /// An alias that the API imports by a glob, and does not show.
    pub type Deep = Option<super::Shown>;
}

pub use deep::Inner as Shown;

/// A type that is shown by another name.
#[derive(plugbox::Shape)]
pub struct Renamed {
    /// A number.
    pub number: u8,
}

/// A supertrait, which has a supertrait.
#[plugbox::interface]
pub trait Base: Root {
    /// A method of the supertrait.
    fn base(&self, renamed: Renamed) -> Renamed;
}

pub use super::shown::Root;
