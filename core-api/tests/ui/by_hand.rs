//! What the loader and the macros use is public, and safe code cannot do harm with it.

#![allow(dead_code)]

use plugbox::__private::{Crossing, ImplementedBy, Origin, RawContext, TypeRef, Direction, construct_default};

#[plugbox::interface]
pub trait Plugin {
    fn name(&self) -> String;
}

#[derive(Default)]
pub struct Mine;

impl Plugin for Mine {
    fn name(&self) -> String {
        String::new()
    }
}

pub struct Other;

fn context() {
    let _ = construct_default::<dyn Plugin, Mine>(&RawContext { services: std::ptr::null(), services_len: 1 }, "mine");
}

fn context_without_unsafe() {
    let _ = construct_default::<dyn Plugin, Mine>(&RawContext::new("", "", None, None, &[]), "mine");
}

impl ImplementedBy<Other> for dyn Plugin {
    fn guarded(_: Other, _: &'static str) -> Box<Self> {
        Box::new(Mine)
    }
}

fn crossing(node: TypeRef) {
    let _ = Crossing::<dyn Plugin>::new(Direction::IntoPlugin, node, |_| None);
}

fn origin<'a>(origin: Origin<'a>) -> Origin<'static> {
    origin
}

/// An object that says again what a wrapper once said of itself.
struct Liar<'a>(Option<Origin<'a>>);

impl Plugin for Liar<'_> {
    fn name(&self) -> String {
        String::new()
    }
    fn __plugbox_origin(&self) -> Option<Origin<'_>> {
        self.0
    }
}

fn after_its_end(wrapper: Box<dyn Plugin>) -> Box<dyn Plugin> {
    let said = wrapper.__plugbox_origin();
    Box::new(Liar(said))
}

fn main() {}
