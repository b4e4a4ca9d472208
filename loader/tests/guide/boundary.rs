//! `docs/boundary.md`.

/// A type of std that has no `Shape` itself.
#[derive(plugbox::Shape)]
pub struct Ended {
    #[shape(foreign)]
    pub status: ::std::process::ExitStatus,
}
