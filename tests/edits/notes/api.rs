//! An API of realistic size, which the edits change: objects and texts of a box of notes.

use std::error::Error;
use std::sync::Arc;

/// A number of a note.
pub type Id = u64;

/// Whatever has a name.
#[plugbox::interface]
pub trait Named {
    /// The name.
    fn name(&self) -> String;
    /// How often it was used.
    fn uses(&self) -> u32;
}

/// An object that both sides share.
#[plugbox::interface]
pub trait Peer: Send + Sync {
    /// Answers a number by another.
    fn answer(&self, number: u64) -> u64;
    /// Its weight.
    fn weight(&self) -> u64;
}

/// An object that has one owner.
#[plugbox::interface]
pub trait Counter: Send {
    /// Counts on.
    fn count(&mut self, step: u64) -> u64;
}

/// A node of a tree of objects.
#[plugbox::interface]
pub trait Node: Send + Sync {
    /// The nodes below it.
    fn children(&self) -> Vec<Box<dyn Node>>;
    /// What it holds.
    fn value(&self) -> u32;
}

/// Errors of all kinds.
#[plugbox::interface]
pub trait Failing: Send + Sync {
    /// An error of one thread.
    fn any(&self) -> Result<u8, Box<dyn Error>>;
    /// An error that any thread may use.
    fn shared(&self, error: BoxError) -> Arc<dyn Error + Send + Sync>;
    /// An error that is lent.
    fn lent(&self, error: &dyn Error) -> u8;
    /// An error that borrows.
    fn borrowing<'a>(&self, text: &'a str, other: &str) -> Box<dyn Error + 'a>;
    /// An error of std.
    fn reading(&self) -> std::io::Result<u8>;
}

/// An error that any thread may use.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// What a plugin does.
#[plugbox::interface]
pub trait Plugin: Named + Send + Sync {
    /// One number.
    fn first(&self) -> u32;
    /// Another number.
    fn second(&self) -> u32;
    /// Sets a mark.
    fn set(&mut self, at: usize, on: bool) -> bool;
    /// Whether it works, unless it says otherwise.
    fn is_ready(&self) -> bool {
        true
    }
    /// Takes a change.
    fn take(&self, change: &Change) -> u64;
    /// Changes a change.
    fn edit(&self, change: &mut Change) -> Change;
    /// One of two texts.
    fn pick<'a>(&self, a: &'a str, b: &str) -> &'a str;
    /// One of two texts of which one outlives the other.
    fn either<'a, 'b>(&self, a: &'a str, b: &'b str) -> &'a str
    where
        'b: 'a;
    /// A text of the plugin's own.
    fn title(&self, of: &str) -> &str;
    /// The title of a note.
    fn title_of<'n>(&self, note: Note<'n>) -> &'n str;
    /// The longer of a pair.
    fn longer<'a, 'b>(&self, pair: Pair<'a, 'b>) -> &'b str;
    /// A part of what is lent.
    fn part<'a>(&self, notes: &'a [Note<'a>]) -> Option<Note<'a>>;
    /// A generic type of what is lent.
    fn noted<'a>(&self, note: Wrap<Note<'a>>) -> &'a str;
    /// An object that has no borrows.
    fn peer_of(&self, name: &str) -> Box<dyn Peer>;
    /// Objects that change sides.
    fn peers(&self, given: Box<dyn Peer>, shared: Arc<dyn Peer>) -> Vec<Box<dyn Peer>>;
    /// An object that is lent.
    fn ask(&self, peer: &dyn Peer) -> u64;
    /// An object that is lent to be changed.
    fn advance(&self, counter: &mut dyn Counter) -> u64;
    /// A tree of objects.
    fn root(&self) -> Box<dyn Node>;
    /// Errors.
    fn failing(&self) -> Box<dyn Failing>;
    /// Closures that change sides.
    fn hooks(&self, hooks: Hooks, weigh: Box<dyn Fn(u32, Weight) -> u64 + Send + Sync>) -> u64;
    /// Closures that are lent.
    fn visit(&self, each: &dyn Fn(&str) -> u64, next: &mut dyn FnMut(Id) -> Id) -> u64;
    /// The number of a note.
    fn id(&self, id: Id) -> Id;
    /// What a closed API would not take.
    #[cfg(feature = "extra")]
    fn extra(&self) -> u32;
}

/// A change of a note.
#[derive(Clone, plugbox::Shape)]
pub struct Change {
    /// Where.
    pub at: u64,
    /// How much goes.
    pub removed: u32,
    /// What comes.
    pub inserted: String,
}

/// A note that is lent.
#[derive(Clone, Copy, plugbox::Shape)]
pub struct Note<'a> {
    /// Its title.
    pub title: &'a str,
    /// Its text.
    pub body: &'a str,
}

/// Two texts, of which one outlives the other.
#[derive(Clone, Copy, plugbox::Shape)]
pub struct Pair<'a, 'b: 'a> {
    /// The one that may end before.
    pub short: &'a str,
    /// The one that lives on.
    pub long: &'b str,
}

/// A value and how often it occurs.
#[derive(Clone, plugbox::Shape)]
pub struct Wrap<T> {
    /// The value.
    pub value: T,
    /// How often.
    pub count: u32,
}

/// What only a closure takes.
#[derive(Clone, Copy, plugbox::Shape)]
pub struct Weight {
    /// With its box.
    pub gross: u32,
    /// Of the box alone.
    pub tare: u32,
}

/// Closures in fields.
#[derive(plugbox::Shape)]
pub struct Hooks {
    /// One that both sides share.
    pub each: Arc<dyn Fn(&str, &str) -> u64 + Send + Sync>,
    /// One that is called once.
    pub last: Option<Box<dyn FnOnce(Change) -> u64 + Send>>,
}

#[cfg(plugin)]
mod plugin;
