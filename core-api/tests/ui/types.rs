//! Types that no signature may name.

macro_rules! number {
    () => {
        u8
    };
}

#[plugbox::interface]
pub trait Types {
    fn opaque(&self, numbers: impl Into<u8>) -> impl Into<u8>;
    fn hidden(&self) -> number!();
    fn pointer(&self, at: *const u8) -> Option<*mut u8>;
    fn callback(&self, then: fn(u8) -> u8);
    fn same(&self, other: &Self) -> Box<Self>;
    fn of_type(&self) -> std::any::TypeId;
    fn of_thread(&self) -> std::thread::ThreadId;
}

fn main() {}
