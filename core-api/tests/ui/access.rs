//! An interface with `&mut self` methods is never `Shared`, and nobody else defines a kind of access.

use plugbox::{Access, Interface, Shared};

#[plugbox::interface]
pub trait Counter {
    fn count(&mut self) -> u64;
}

#[plugbox::interface]
pub trait Plugin: Send + Sync + Counter {
    fn name(&self) -> String;
}

fn needs_no_lock<I: ?Sized + Interface<Access = Shared>>() {}

enum Mine {}

impl Access for Mine {
    const IS_EXCLUSIVE: bool = false;
}

fn main() {
    needs_no_lock::<dyn Counter>();
    needs_no_lock::<dyn Plugin>();
}
