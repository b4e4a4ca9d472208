//! What a method may not be: all errors of a trait come at once.

#[plugbox::interface]
pub trait Methods {
    async fn provided(&self) -> u8 {
        1
    }
    unsafe fn poke(&self);
    fn typed(self: &Self);
    fn boxed(self: Box<Self>);
    extern "C" fn call(&self);
    fn any_of<T: Into<u8>, const N: usize>(&self, value: T);
    fn some(&self, #[cfg(unix)] path: &str);
    fn left_out(&self) -> impl Iterator<Item = u8>
    where
        Self: Sized;
    fn fine(&self) -> u8;
}

#[plugbox::interface]
pub trait Shown: std::fmt::Debug {
    async fn shown(&self) -> String {
        format!("{self:?}")
    }
}

fn main() {}
