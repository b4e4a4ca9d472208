//! A `'static` result lends no object either.

use std::sync::Mutex;

#[plugbox::interface]
pub trait Document {
    fn text(&self) -> String;
}

#[plugbox::interface]
pub trait Plugin {
    fn object(&self) -> &'static dyn Document;
    fn list(&self) -> &'static [Box<dyn Document>];
    fn locked(&self) -> &'static Mutex<Box<dyn Document>>;
}

fn main() {}
