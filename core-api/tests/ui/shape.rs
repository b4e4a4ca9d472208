//! What `#[derive(Shape)]` refuses.

use plugbox::Shape;

#[derive(Shape)]
pub union Either {
    a: u32,
    b: f32,
}

#[derive(Shape)]
#[shape(version = 1)]
pub struct UnknownOption {
    pub at: usize,
}

#[derive(Shape)]
#[shape(revision = "1")]
pub struct RevisionIsANumber {
    pub at: usize,
}

#[derive(Shape)]
#[shape(revision = 1, revision = 2)]
pub struct Twice {
    pub at: usize,
}

#[derive(Shape)]
#[shape(revision)]
pub struct NoNumber {
    pub at: usize,
}

#[derive(Shape)]
pub struct UnknownFieldOption {
    #[shape(skip)]
    pub at: usize,
    #[shape(revision = 1)]
    pub removed: usize,
}

#[derive(Shape)]
pub struct OpaqueWhat {
    #[shape(opaque)]
    pub at: usize,
}

#[derive(Shape)]
pub struct OpaqueName {
    #[shape(opaque = bytes)]
    pub at: usize,
}

#[derive(Shape)]
pub struct OpaqueVersion {
    #[shape(opaque = "")]
    pub at: usize,
}

#[derive(Shape)]
pub struct OpaqueTwice {
    #[shape(opaque = "x 1", opaque = "x 2")]
    pub at: usize,
}

#[derive(Shape)]
pub enum OnVariant {
    #[shape(opaque = "x 1")]
    Some(usize),
}

fn main() {}
