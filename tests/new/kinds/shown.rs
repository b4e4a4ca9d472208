//! A public module.

/// A type.
#[derive(plugbox::Shape)]
pub struct Item {
    /// A number.
    pub number: u8,
}

/// A type with a lifetime.
#[derive(plugbox::Shape)]
pub struct Tagged<'a> {
    /// A text.
    pub text: &'a str,
}

/// A supertrait.
#[plugbox::interface]
pub trait Root {
    /// A method of the supertrait's supertrait.
    fn root(&self) -> Item;
}

pub mod other {
    //! A module with a type of a name that is known already.

    /// A type.
    #[derive(plugbox::Shape)]
    pub struct Item {
        /// A number.
        pub number: u16,
    }
}
