//! Types without a size.

use plugbox::Shape;

#[derive(Shape)]
#[repr(transparent)]
pub struct Fine(str);

#[derive(Shape)]
pub struct NotTransparent(str);

#[derive(Shape)]
#[repr(C)]
pub struct WithAField {
    pub at: usize,
    pub rest: [u8],
}

#[derive(Shape)]
pub struct Generic<T: ?Sized> {
    pub at: usize,
    pub rest: T,
}

#[derive(Shape)]
#[repr(transparent)]
pub struct GenericAlone<T>(pub T)
where
    T: ?Sized;

#[derive(Shape)]
pub struct FineGeneric<T: ?Sized>(pub Box<T>);

fn main() {}
