//! What is lent to a future that is `Send` may go to another thread with it.

use std::error::Error;

#[plugbox::interface]
pub trait Local {
    fn number(&self) -> u8;
}

#[plugbox::interface]
pub trait Sent: Send {
    fn number(&self) -> u8;
}

#[plugbox::interface]
pub trait Plugin: Send + Sync {
    async fn closure(&self, each: &mut dyn FnMut(u8));
    async fn shared(&self, each: &dyn Fn(u8));
    async fn error(&self, error: &dyn Error);
    async fn object(&self, sent: &dyn Sent, local: &mut dyn Local);
    async fn list(&self, list: &mut Vec<Box<dyn Local>>);
    async fn fine(&self, each: &mut (dyn FnMut(u8) + Send), error: &(dyn Error + Send + Sync), sent: &mut dyn Sent);
}

fn main() {}
