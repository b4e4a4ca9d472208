//! A crate at the root that was given the name of another one.

extern crate std as alloc;

#[derive(plugbox::Shape)]
pub struct Held {
    #[shape(foreign)]
    pub inside: ::alloc::path::PathBuf,
}

#[plugbox::interface(foreign(::alloc::path::PathBuf))]
pub trait Api {
    fn path(&self, path: ::alloc::path::PathBuf);
}

fn main() {}
