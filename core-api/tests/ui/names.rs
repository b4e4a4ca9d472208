//! What the macros conclude from a name, the compiler has to prove.

#![allow(dead_code)]

mod other {
    //! Traits that are called like those of std, and that every type implements.
    pub trait Send {
        fn number(&self) -> u32 {
            1
        }
    }
    impl<T: ?core::marker::Sized> Send for T {}
    pub trait Sync {}
    impl<T: ?core::marker::Sized> Sync for T {}
    pub trait Unpin: core::marker::Unpin {}
    impl<T: ?core::marker::Sized + core::marker::Unpin> Unpin for T {}
    pub trait Sized {}
    impl<T: ?core::marker::Sized> Sized for T {}
}

#[plugbox::interface]
pub trait CalledSend: other::Send {
    fn name(&self) -> String;
}

#[plugbox::interface]
pub trait CalledSync: other::Sync + other::Unpin {
    fn name(&self) -> String;
}

#[plugbox::interface]
pub trait CalledSized {
    fn name(&self) -> String
    where
        Self: other::Sized;
}

fn main() {}
