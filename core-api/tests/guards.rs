//! Guards without a host: a guarded object behaves like the object itself, and a panic is an ordinary panic.

#![allow(unused_parens, reason = "the type of a lent object may be in parentheses")]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, RefUnwindSafe, UnwindSafe, catch_unwind, panic_any};
use std::sync::atomic::{AtomicUsize, Ordering};

use plugbox::__private::ImplementedBy;

/// Wraps the object as a host would hold it.
fn guarded<I: ImplementedBy<T> + ?Sized, T>(object: T) -> Box<I> {
    I::guarded(object, "tested")
}

/// Returns the payload with which a call panics.
fn payload<P: 'static>(call: impl FnOnce()) -> P {
    *catch_unwind(AssertUnwindSafe(call)).unwrap_err().downcast().unwrap()
}

#[derive(Debug, Clone, PartialEq, plugbox::Shape)]
struct Edit {
    at: usize,
    text: String,
}

#[derive(Debug, PartialEq, plugbox::Shape)]
struct Word<'t> {
    text: &'t str,
}

#[plugbox::interface]
trait Plugin {
    fn sum(&self, numbers: &[u64], more: Vec<u64>) -> u64;
    fn apply(&mut self, edit: Edit, done: &mut Vec<Edit>) -> Result<usize, String>;
    fn status(&self) -> Option<String> {
        None
    }
    fn name(&self) -> String {
        format!("plugin {}", self.sum(&[1], vec![2]))
    }
    fn last(&self) -> Option<&Edit>;
    fn last_mut(&mut self) -> Option<&mut Edit>;
    fn first_word<'a>(&self, text: &'a str) -> Word<'a>;
    fn fail(&self, _: (u8, u8), how: &str);
    fn consume(self) -> Vec<Edit>
    where
        Self: Sized;
    fn count<T: IntoIterator>(&self, all: T) -> usize
    where
        Self: Sized,
    {
        all.into_iter().count()
    }
}

#[derive(Default)]
struct Editor {
    edits: Vec<Edit>,
}

impl Plugin for Editor {
    fn sum(&self, numbers: &[u64], more: Vec<u64>) -> u64 {
        numbers.iter().chain(&more).sum()
    }
    fn apply(&mut self, edit: Edit, done: &mut Vec<Edit>) -> Result<usize, String> {
        if edit.text.is_empty() {
            return Err("nothing to insert".to_owned());
        }
        done.push(edit.clone());
        self.edits.push(edit);
        Ok(self.edits.len())
    }
    fn status(&self) -> Option<String> {
        Some(format!("{} edits", self.edits.len()))
    }
    fn last(&self) -> Option<&Edit> {
        self.edits.last()
    }
    fn last_mut(&mut self) -> Option<&mut Edit> {
        self.edits.last_mut()
    }
    fn first_word<'a>(&self, text: &'a str) -> Word<'a> {
        Word { text: text.split(' ').next().unwrap_or_default() }
    }
    fn fail(&self, _: (u8, u8), how: &str) {
        match how {
            "literal" => panic!("a literal"),
            "formatted" => panic!("{} edits", self.edits.len()),
            _ => panic_any(self.edits.clone()),
        }
    }
    fn consume(self) -> Vec<Edit> {
        self.edits
    }
}

fn edit(text: &str) -> Edit {
    Edit { at: 3, text: text.to_owned() }
}

#[test]
fn values_cross() {
    let mut plugin: Box<dyn Plugin> = guarded(Editor::default());
    assert_eq!(plugin.sum(&[1, 2], vec![3, 4]), 10);
    let mut done = Vec::new();
    assert_eq!(plugin.apply(edit("one"), &mut done), Ok(1));
    assert_eq!(plugin.apply(edit("two"), &mut done), Ok(2));
    assert_eq!(plugin.apply(edit(""), &mut done), Err("nothing to insert".to_owned()));
    assert_eq!(done, [edit("one"), edit("two")]);
}

#[test]
fn a_default_method_runs_unless_it_is_overridden() {
    let plugin: Box<dyn Plugin> = guarded(Editor::default());
    assert_eq!(plugin.name(), "plugin 3");
    assert_eq!(plugin.status().as_deref(), Some("0 edits"));
}

#[test]
fn a_method_for_sized_types_only_stays_with_the_type() {
    let mut editor = Editor::default();
    editor.apply(edit("one"), &mut Vec::new()).unwrap();
    assert_eq!(editor.count([1, 2]), 2);
    assert_eq!(editor.consume(), [edit("one")]);
}

#[test]
fn a_result_may_borrow_from_the_object_or_from_an_argument() {
    let mut plugin: Box<dyn Plugin> = guarded(Editor::default());
    assert_eq!(plugin.last(), None);
    plugin.apply(edit("one"), &mut Vec::new()).unwrap();
    plugin.last_mut().unwrap().text.push_str(" and a half");
    assert_eq!(plugin.last(), Some(&edit("one and a half")));

    let text = "hello there".to_owned();
    let word = plugin.first_word(&text);
    drop(plugin);
    assert_eq!(word, Word { text: "hello" });
}

#[test]
fn a_panic_is_an_ordinary_one_with_its_own_payload() {
    let mut plugin: Box<dyn Plugin> = guarded(Editor::default());
    plugin.apply(edit("one"), &mut Vec::new()).unwrap();
    assert_eq!(payload::<&str>(|| plugin.fail((0, 0), "literal")), "a literal");
    assert_eq!(payload::<String>(|| plugin.fail((0, 0), "formatted")), "1 edits");
    assert_eq!(payload::<Vec<Edit>>(|| plugin.fail((0, 0), "otherwise")), [edit("one")]);
    assert_eq!(plugin.sum(&[1], vec![]), 1, "the object still works");
}

#[plugbox::interface]
trait Quiet {
    fn nothing(&self) {}
}

struct Counted<'a>(&'a AtomicUsize, bool);

impl Quiet for Counted<'static> {}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
        if self.1 {
            panic!("while it is dropped");
        }
    }
}

#[test]
fn an_object_is_dropped_once() {
    static DROPS: AtomicUsize = AtomicUsize::new(0);
    let quiet: Box<dyn Quiet> = guarded(Counted(&DROPS, false));
    quiet.nothing();
    assert_eq!(DROPS.load(Ordering::SeqCst), 0);
    drop(quiet);
    assert_eq!(DROPS.load(Ordering::SeqCst), 1);
}

#[test]
fn an_object_whose_drop_panics_is_dropped_once_too() {
    static DROPS: AtomicUsize = AtomicUsize::new(0);
    let quiet: Box<dyn Quiet> = guarded(Counted(&DROPS, true));
    assert_eq!(payload::<&str>(move || drop(quiet)), "while it is dropped");
    assert_eq!(DROPS.load(Ordering::SeqCst), 1);
}

#[plugbox::interface]
trait Document {
    fn text(&self) -> &str;
    fn replace(&mut self, text: String) -> usize;
    fn fail(&self);
}

/// Takes lent objects of either side.
#[plugbox::interface]
trait Hook {
    fn length(&self, document: &dyn Document) -> usize;
    fn shout(&mut self, document: &mut dyn Document) -> usize;
    fn two(&self, from: &dyn Document, to: &mut (dyn Document), times: usize);
    fn fail(&self, document: &dyn Document);
    /// Lends itself to `other`, which lends itself back, `depth` times.
    fn bounce(&self, other: &dyn Hook, document: &mut dyn Document, depth: usize) -> usize;
}

struct Page(String);

impl Document for Page {
    fn text(&self) -> &str {
        &self.0
    }
    fn replace(&mut self, text: String) -> usize {
        self.0 = text;
        self.0.len()
    }
    fn fail(&self) {
        panic_any(self.0.len());
    }
}

struct Shout(u32);

impl Hook for Shout {
    fn length(&self, document: &dyn Document) -> usize {
        document.text().len()
    }
    fn shout(&mut self, document: &mut dyn Document) -> usize {
        self.0 += 1;
        let text = document.text().to_uppercase() + &"!".repeat(self.0 as usize);
        document.replace(text)
    }
    fn two(&self, from: &dyn Document, to: &mut dyn Document, times: usize) {
        to.replace(from.text().repeat(times));
    }
    fn fail(&self, document: &dyn Document) {
        document.fail();
    }
    fn bounce(&self, other: &dyn Hook, document: &mut dyn Document, depth: usize) -> usize {
        let text = format!("{}{}", document.text(), self.0);
        document.replace(text);
        if depth == 0 { self.length(document) } else { other.bounce(self, document, depth - 1) }
    }
}

#[test]
fn objects_are_lent_to_a_plugin() {
    let mut hook: Box<dyn Hook> = guarded(Shout(0));
    let mut page = Page("hello".to_owned());
    assert_eq!(hook.length(&page), 5);
    assert_eq!(hook.shout(&mut page), 6);
    assert_eq!(hook.shout(&mut page), 8);
    assert_eq!(page.0, "HELLO!!!");
    let mut other = Page(String::new());
    hook.two(&page, &mut other, 2);
    assert_eq!(other.0, "HELLO!!!HELLO!!!");
}

#[test]
fn an_object_that_is_itself_guarded_is_lent() {
    let hook: Box<dyn Hook> = guarded(Shout(0));
    let document: Box<dyn Document> = guarded(Page("hello".to_owned()));
    assert_eq!(hook.length(&*document), 5);
}

#[test]
fn an_object_that_was_lent_is_lent_back() {
    let (one, two): (Box<dyn Hook>, Box<dyn Hook>) = (guarded(Shout(1)), guarded(Shout(2)));
    let mut page = Page(String::new());
    assert_eq!(one.bounce(&*two, &mut page, 5), 6);
    assert_eq!(page.0, "121212");
}

#[test]
fn a_panic_of_a_lent_object_passes_through_the_plugin() {
    let hook: Box<dyn Hook> = guarded(Shout(0));
    assert_eq!(payload::<usize>(|| hook.fail(&Page("hello".to_owned()))), 5);
}

/// An object that the host lends; the plugin calls it with its own objects.
#[plugbox::interface]
trait Visitor {
    fn visit(&mut self, part: &dyn Document);
    fn edit(&self, part: &mut dyn Document);
}

#[plugbox::interface]
trait Parts {
    fn visit(&self, visitor: &mut dyn Visitor);
    fn edit(&mut self, visitor: &dyn Visitor);
}

struct Chapters(Vec<Page>);

impl Parts for Chapters {
    fn visit(&self, visitor: &mut dyn Visitor) {
        self.0.iter().for_each(|page| visitor.visit(page));
    }
    fn edit(&mut self, visitor: &dyn Visitor) {
        self.0.iter_mut().for_each(|page| visitor.edit(page));
    }
}

#[derive(Default)]
struct Seen {
    lengths: BTreeMap<String, usize>,
    edited: RefCell<usize>,
}

impl Visitor for Seen {
    fn visit(&mut self, part: &dyn Document) {
        self.lengths.insert(part.text().to_owned(), part.text().len());
    }
    fn edit(&self, part: &mut dyn Document) {
        *self.edited.borrow_mut() += 1;
        let text = part.text().replace('l', "L");
        part.replace(text);
    }
}

#[test]
fn a_plugin_lends_its_own_objects_to_an_object_of_the_host() {
    let pages = ["hello", "all"].map(|text| Page(text.to_owned()));
    let mut parts: Box<dyn Parts> = guarded(Chapters(pages.into()));
    let mut seen = Seen::default();
    parts.edit(&seen);
    parts.visit(&mut seen);
    assert_eq!(*seen.edited.borrow(), 2);
    assert_eq!(seen.lengths, BTreeMap::from([("heLLo".to_owned(), 5), ("aLL".to_owned(), 3)]));
}

#[plugbox::interface]
trait Named {
    fn name(&self) -> String;
}

#[plugbox::interface]
trait Pet: Named {
    fn meet(&self, other: &dyn Pet) -> String;
}

struct Cat(&'static str);

impl Named for Cat {
    fn name(&self) -> String {
        self.0.to_owned()
    }
}

impl Pet for Cat {
    fn meet(&self, other: &dyn Pet) -> String {
        format!("{} meets {}", self.name(), other.name())
    }
}

#[test]
fn a_supertrait_is_there_for_an_object_and_for_a_lent_one() {
    let pet: Box<dyn Pet> = guarded(Cat("Tom"));
    assert_eq!(pet.name(), "Tom");
    assert_eq!(pet.meet(&Cat("Kit")), "Tom meets Kit");
    assert_eq!(pet.meet(&*pet), "Tom meets Tom");
}

/// An interface with all auto traits and `'static`, which guards and lent objects must have too.
#[plugbox::interface]
trait Strict: Send + Sync + Unpin + UnwindSafe + RefUnwindSafe + 'static {
    fn value(&self, other: &dyn Strict) -> u32;
    fn add(&mut self, other: &mut dyn Strict) -> u32;
}

/// Interfaces with one auto trait each, because no auto trait implies another.
#[allow(dead_code, reason = "the test is that their guards compile")]
mod alone {
    use super::*;

    #[plugbox::interface]
    trait Sent: Send {
        fn value(&self, other: &dyn Sent) -> u32;
    }
    #[plugbox::interface]
    trait Shared: Sync {
        fn value(&self, other: &dyn Shared) -> u32;
    }
    #[plugbox::interface]
    trait Pinned: Unpin {
        fn value(&self, other: &dyn Pinned) -> u32;
    }
    #[plugbox::interface]
    trait Unwinding: UnwindSafe {
        fn value(&self, other: &mut dyn Unwinding) -> u32;
    }
    #[plugbox::interface]
    trait UnwindingByReference: RefUnwindSafe {
        fn value(&self, other: &dyn UnwindingByReference) -> u32;
    }
}

impl Strict for u32 {
    fn value(&self, _: &dyn Strict) -> u32 {
        *self
    }
    fn add(&mut self, other: &mut dyn Strict) -> u32 {
        *self += std::thread::scope(|scope| scope.spawn(|| other.value(&0u32)).join().unwrap());
        *self
    }
}

#[test]
fn auto_traits_hold_for_guards_and_for_what_is_lent() {
    let mut strict: Box<dyn Strict> = guarded(1u32);
    assert_eq!(strict.add(&mut 41u32), 42);
    let strict = std::thread::spawn(move || strict.value(&0u32));
    assert_eq!(strict.join().unwrap(), 42);
}
