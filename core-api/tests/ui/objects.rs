//! Trait objects of std, and auto traits on an object.

use std::any::Any;
use std::error::Error;
use std::pin::Pin;

#[plugbox::interface]
pub trait Plugin {
    fn any(&self, any: &dyn Any);
    fn failing(&self) -> Result<u8, Box<dyn Error>>;
    fn failing_elsewhere(&self) -> Result<u8, Box<dyn Error + Send + Sync>>;
    fn numbers(&self) -> Box<dyn Iterator<Item = u8>>;
    fn later(&self) -> Pin<Box<dyn Future<Output = u8>>>;
    fn sent(&self, other: &(dyn Other + Send));
}

#[plugbox::interface]
pub trait Other {
    fn get(&self) -> u8;
}

fn main() {}
