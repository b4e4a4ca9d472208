//! Foreign crates that no build script has asked for: one error for each item, with the line for build.rs.

#[derive(plugbox::Shape)]
pub struct Signed {
    #[shape(foreign)]
    pub by: ::plugbox::Fingerprint,
    #[shape(foreign(trybuild))]
    pub also_by: ::plugbox::Fingerprint,
}

#[plugbox::interface(foreign(::trybuild::TestCases, ::plugbox::Fingerprint))]
pub trait Api {
    fn run(&self, cases: &trybuild::TestCases, by: plugbox::Fingerprint);
}

#[derive(plugbox::Shape)]
#[shape(foreign(::plugbox::Fingerprint))]
pub struct One {
    pub by: Option<plugbox::Fingerprint>,
}

fn main() {}
