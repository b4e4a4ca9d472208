//! A foreign crate that no build script has asked for.

#[derive(plugbox::Shape)]
pub struct Signed {
    #[shape(foreign)]
    pub by: ::plugbox::Fingerprint,
}

#[plugbox::interface]
pub trait Api {
    fn run(&self, cases: &Signed);
}

fn main() {}
