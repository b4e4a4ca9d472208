//! Where a closure, or an object in its signature, would cross unguarded.

use std::rc::Rc;
use std::sync::{Arc, Mutex};

#[plugbox::interface]
pub trait Document {
    fn text(&self) -> String;
}

#[plugbox::interface]
pub trait Plugin {
    fn optional(&self, then: Option<&mut dyn FnMut(u8)>);
    fn in_rc(&self, then: Rc<dyn FnMut(u8)>);
    fn in_mutex(&self, then: Mutex<Box<dyn FnMut(u8)>>);
    fn behind_a_reference(&self, then: &Box<dyn FnMut(u8)>);
    fn result(&self) -> &dyn Fn();
    fn shared_changing(&self, then: Arc<dyn FnMut(u8)>);
    fn shared_once(&self, then: Arc<dyn FnOnce(u8)>);
    fn shared_sent(&self, then: Arc<dyn Fn(u8) + Send>);
    fn an_argument(&self, then: Box<dyn FnMut(Option<&dyn Document>)>);
    fn a_result(&self, then: &mut dyn FnMut() -> Rc<dyn Document>);
    fn a_result_of_an_argument(&self, then: &dyn Fn(Box<dyn FnOnce() -> Arc<dyn Fn(u8) + Send>>));

    fn fine(&self, then: Arc<dyn Fn(u8) + Send + Sync>, other: Arc<dyn Fn(u8) + Sync>, third: Arc<dyn Fn(u8)>);
    fn fine_too(&self, then: Box<dyn Fn(&dyn Document, &mut dyn FnMut(&dyn Document)) -> Box<dyn Document>>);
}

fn main() {}
