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
pub struct ForeignWithoutItsCrate {
    #[shape(foreign)]
    pub at: Bytes,
}

#[derive(Shape)]
pub struct ForeignThatIsNoPath {
    #[shape(foreign)]
    pub at: [::bytes::Bytes; 2],
}

#[derive(Shape)]
pub struct ForeignThatBorrows<'a> {
    #[shape(foreign)]
    pub at: ::http::Uri<'a>,
    #[shape(foreign)]
    pub and: ::http::Uri<&'a str>,
}

#[derive(Shape)]
pub struct ForeignCrates {
    #[shape(foreign("bytes"))]
    pub at: ::http::Request<()>,
}

#[derive(Shape)]
pub struct ForeignTwice {
    #[shape(foreign, foreign(bytes))]
    pub at: ::http::Request<()>,
}

#[derive(Shape)]
pub enum OnVariant {
    #[shape(foreign)]
    Some(usize),
}

fn main() {}
