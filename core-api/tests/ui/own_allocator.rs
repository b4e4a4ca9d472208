//! A plugin has the host's allocator.

use std::alloc::System;

#[plugbox::interface]
pub trait Plugin {
    fn go(&self);
}

#[derive(Default)]
struct Mine;

impl Plugin for Mine {
    fn go(&self) {}
}

#[global_allocator]
static ALLOCATOR: System = System;

plugbox::export!(Mine as dyn Plugin);

fn main() {}
