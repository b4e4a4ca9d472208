//! What a type inside another is only named by has to be reached: that very type, and no other of its name.

mod other {
    //! Another type of that name.
    #[derive(plugbox::Shape)]
    pub struct Folder<T> {
        pub entries: Vec<T>,
    }
}

#[derive(plugbox::Shape)]
pub enum Entry<T, const N: usize> {
    File([T; N]),
    Folder(#[shape(recursive = Folder)] Folder<T, N>),
}

#[derive(plugbox::Shape)]
pub struct Folder<T, const N: usize> {
    pub entries: Vec<Entry<T, N>>,
}

#[plugbox::interface]
pub trait OtherName {
    fn open(&self, entry: Entry<u8, 1>, folder: other::Folder<u8>);
}

#[plugbox::interface]
pub trait OtherConstant {
    fn open(&self, entry: Entry<u8, 1>, folder: Folder<u8, 2>);
}

#[plugbox::interface]
pub trait Fine {
    fn open(&self, entry: Entry<u8, 1>, folder: Folder<u8, 1>);
}

fn main() {}
