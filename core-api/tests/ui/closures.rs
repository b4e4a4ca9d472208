//! Closures that cannot cross, by their tokens.

use std::ops::Fn as Call;

#[plugbox::interface]
pub trait Document {}

#[plugbox::interface]
pub trait Refused {
    fn exclusive_once(&self, then: &mut dyn FnOnce());
    fn shared_mut(&self, then: &dyn FnMut());
    fn named<'a>(&self, then: Box<dyn FnMut(&'a str) + 'a>);
    fn inner(&self, then: Box<dyn for<'a> FnMut(&'a str, Box<dyn FnMut(&'a str)>)>);
    async fn elided(&self, then: &(dyn Fn(&str) + Sync));
    fn tied(&self, then: Box<dyn for<'a> Fn(&'a dyn Document) -> std::pin::Pin<Box<dyn Future<Output = u8> + 'a>>>);
    fn tied_elided(&self, then: &dyn Fn(&dyn Document) -> &str);
    fn tied_half(&self, then: &dyn for<'a> Fn(&'a dyn Document) -> &str);
    fn not_tied(&self, then: &dyn Fn(&dyn Document, u8) -> &'static str);
    fn renamed(&self, then: Box<dyn Call(u8)>);
    fn beside(&self, then: Box<dyn FnMut(u8) + Document>);
    fn opaque(&self, then: Box<dyn FnMut(Box<dyn std::any::Any>, fn(u8))>);
}

#[derive(plugbox::Shape)]
pub struct Field<'a> {
    pub named: Box<dyn FnMut(&'a str) + 'a>,
    pub function: fn(u8) -> u8,
}

#[derive(plugbox::Shape)]
pub struct Generic<T> {
    pub value: T,
    pub then: Box<dyn FnMut(T)>,
    pub beside: Vec<(T, Box<dyn FnMut(u8)>)>,
    pub itself: Box<dyn FnMut(&Self)>,
}

fn main() {}
