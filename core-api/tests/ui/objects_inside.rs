//! Where a trait object would cross unguarded.

use std::collections::{BTreeSet, HashMap};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

#[plugbox::interface]
pub trait Document {
    fn text(&self) -> String;
}

#[plugbox::interface]
pub trait Counter {
    fn count(&mut self);
}

#[plugbox::interface]
pub trait Inherits: Counter {}

#[plugbox::interface]
pub trait Sent: Send {
    fn count(&self);
}

#[plugbox::interface]
pub trait SentHeir: Sent {}

type Alias<'a> = &'a dyn Document;

#[derive(plugbox::Shape)]
pub struct Borrower<'a> {
    pub document: &'a dyn Document,
}

#[derive(plugbox::Shape)]
pub struct Holder {
    pub document: Box<dyn Document>,
}

#[derive(plugbox::Shape)]
#[repr(C, packed(4))]
pub struct Packed {
    pub document: Box<dyn Document>,
}

#[derive(plugbox::Shape)]
pub struct Foreign {
    #[shape(foreign)]
    pub document: ::std::cell::RefCell<Box<dyn Document>>,
}

#[derive(plugbox::Shape)]
pub struct Tree<T> {
    pub value: T,
    #[shape(recursive = Forest)]
    pub forest: Option<Box<Forest<T>>>,
}

#[derive(plugbox::Shape)]
pub struct Forest<T> {
    pub trees: Vec<Tree<T>>,
    pub document: Option<Box<dyn Document>>,
}

#[plugbox::interface]
pub trait Plugin {
    fn alias(&self, document: Alias<'_>);
    fn optional(&self, document: Option<&dyn Document>);
    fn borrower(&self, holder: Borrower<'_>);
    fn in_vec(&self, documents: Vec<&dyn Document>);
    fn result(&self) -> &dyn Document;
    fn behind_a_reference(&self, documents: &[Box<dyn Document>]);
    fn behind_an_exclusive_one<'a>(&self, document: &'a mut Option<Box<dyn Document>>) -> &'a str;
    fn behind_two(&self, document: &mut &mut Option<Box<dyn Document>>);
    fn exclusively_in_a_field(&self, document: Option<&mut Box<dyn Document>>);
    fn in_rc(&self) -> Rc<dyn Document>;
    fn unpinned(&self) -> Box<dyn Future<Output = u8>>;
    fn shared_future(&self) -> Arc<dyn Future<Output = u8>>;
    fn pinned_elsewhere(&self) -> Pin<Box<Option<Box<dyn Document>>>>;
    fn lent_by_a_future(&self) -> Pin<Box<dyn Future<Output = &dyn Document> + '_>>;
    fn in_mutex(&self) -> Mutex<Box<dyn Document>>;
    fn shared_holder(&self, holder: Arc<Holder>);
    fn shared_counter(&self, counter: Arc<dyn Counter>);
    fn shared_heir(&self, counter: Arc<dyn Inherits>);
    fn shared_sent(&self, sent: Arc<dyn Sent>);
    fn shared_sent_heir(&self, sent: Arc<dyn SentHeir>);
    fn keys(&self, map: HashMap<Box<dyn Document>, u8>);
    fn set(&self) -> BTreeSet<Box<dyn Document>>;
    fn in_rc_and_only_named(&self, tree: Rc<Tree<u8>>);
    fn behind_a_reference_and_only_named(&self, tree: &Tree<u8>);
    fn fine_and_only_named(&self, trees: Vec<Tree<u8>>, forest: Forest<u8>);
    fn packed(&self, packed: Packed);
    fn in_a_foreign_type(&self, foreign: Foreign);

    fn fine(&self, document: &dyn Document, counter: &mut dyn Counter) -> Vec<Box<dyn Counter>>;
    fn fine_too(&self, holder: Holder, shared: Option<Arc<dyn Document>>);
}

fn main() {}
