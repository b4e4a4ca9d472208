//! An API of realistic size, which the edits change: what is in a box of notes.

use std::cell::Cell;
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, DefaultHasher, Hash, Hasher};
use std::marker::PhantomData;
use std::process::ExitStatus;
use std::rc::Rc;

use below::{Leaf, Sink};

/// A number of a note.
pub type Id = u64;

/// How something has ended, as another crate says it.
pub type Status = ExitStatus;

/// What a plugin does.
#[plugbox::interface(foreign(
    ::std::process::ExitStatus,
    ::std::process::ExitCode,
    ::std::array::IntoIter<u8, 4>,
))]
pub trait Plugin: Send + Sync {
    /// Takes a change.
    fn take(&self, change: &Change) -> u64;
    /// Changes a change.
    fn edit(&self, change: &mut Change) -> Change;
    /// Objects of the crate below, of two of its versions.
    fn pour(&self, sink: &dyn Sink, old: &dyn older::Sink) -> u32;
    /// Values of the crate below, of two of its versions.
    fn leaves(&self, leaf: Leaf, old: older::Leaf) -> u32;
    /// How often a key occurs, what is behind a rank, and what a table says.
    fn maps(
        &self,
        counts: HashMap<Key, u32>,
        ranks: BTreeMap<Rank, u32>,
        table: HashMap<u64, u32, Fast>,
    ) -> [Option<u32>; 3];
    /// What is happening.
    fn event(&self, event: Event) -> Level;
    /// A value with private fields.
    fn held(&self, held: Held) -> Token;
    /// Generic types.
    fn wrapped(&self, wrap: Wrap<u32>) -> Wrap<String>;
    /// A generic type with variants.
    fn answered(&self, answer: Answer<u8>) -> Answer<Id>;
    /// A generic type in a generic type.
    fn slot(&self, slot: Wrap<Slot<u32>>) -> u32;
    /// A generic type that contains itself, and generic types that contain each other.
    fn grown(&self, tree: Tree<u32>, branch: Branch<u32>, twig: Twig<u32>) -> u32;
    /// Types that contain each other, and a type behind others.
    fn folder(&self, folder: Folder, deep: &Deep) -> u32;
    /// Types with a representation, and one with a number as its parameter.
    fn laid(&self, header: Header, packed: Packed, wide: Wide, block: Block<4>) -> u32;
    /// Types that are copied, that stay on their thread, and whose parameter is nowhere in them.
    fn plain(&self, point: Point, ticket: Ticket, length: Length<Meter>) -> u64;
    /// Types of foreign crates.
    fn ended(
        &self,
        ended: Ended,
        last: &Status,
        rest: std::array::IntoIter<u8, 4>,
    ) -> Option<Status>;
    /// The number of a note.
    fn id(&self, id: Id) -> Id;
}

/// How things have ended.
#[derive(Clone, plugbox::Shape)]
#[shape(foreign(::std::process::ExitStatus, ::std::process::ExitCode))]
pub struct Ended {
    /// The first one.
    pub first: Status,
    /// All others.
    pub others: Vec<Option<Status>>,
}

/// A change of a note.
#[derive(Clone, plugbox::Shape)]
pub struct Change {
    /// Where.
    pub at: u64,
    /// How much goes.
    pub removed: u32,
    /// How much of it is seen.
    pub seen: u32,
    /// What comes.
    pub inserted: String,
    /// Of which kind it is.
    pub kind: Kind,
}

/// A kind of change.
#[derive(Clone, plugbox::Shape)]
pub enum Kind {
    /// Something comes.
    Insert,
    /// Something goes.
    Remove {
        /// So much.
        len: usize,
        /// From here.
        from: usize,
    },
    /// Both.
    Replace(u32, String),
}

/// How much it matters.
#[derive(Clone, Copy, plugbox::Shape)]
#[repr(u8)]
pub enum Level {
    /// Little.
    Low = 1,
    /// Much.
    High = 5,
    /// More.
    Highest,
}

/// What is happening.
#[derive(plugbox::Shape)]
pub enum Event {
    /// A start.
    Start,
    /// A key.
    Key(char),
    /// A change.
    Change(Box<Change>),
    /// An end.
    End,
}

/// A value and how often it occurs.
#[derive(Clone, plugbox::Shape)]
pub struct Wrap<T> {
    /// The value.
    pub value: T,
    /// How often.
    pub count: u32,
}

/// A value that is changed in place.
#[derive(plugbox::Shape)]
pub struct Slot<T> {
    /// The value.
    pub value: Cell<T>,
}

/// An answer.
#[derive(plugbox::Shape)]
pub enum Answer<T> {
    /// One.
    Yes(T),
    /// None.
    No {
        /// Why there is none.
        why: String,
    },
}

/// Bytes.
#[derive(plugbox::Shape)]
pub struct Block<const N: usize> {
    /// The bytes.
    pub bytes: [u8; N],
    /// How many are used.
    pub used: u16,
}

/// A tree.
#[derive(plugbox::Shape)]
pub struct Tree<T> {
    /// The value.
    pub value: T,
    /// What is below.
    pub children: Vec<Tree<T>>,
}

/// A branch.
#[derive(plugbox::Shape)]
pub struct Branch<T> {
    /// Its length.
    pub length: T,
    /// Its twigs.
    #[shape(recursive = Twig)]
    pub twigs: Vec<Twig<T>>,
}

/// A twig.
#[derive(plugbox::Shape)]
pub struct Twig<T> {
    /// Its length.
    pub length: T,
    /// What grows out of it.
    #[shape(recursive = Branch)]
    pub branch: Option<Box<Branch<T>>>,
}

/// A folder.
#[derive(plugbox::Shape)]
pub struct Folder {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub entries: Vec<Entry>,
}

/// An entry of a folder.
#[derive(plugbox::Shape)]
pub enum Entry {
    /// A note.
    Note(Id),
    /// A folder.
    Folder(Box<Folder>),
}

/// What is behind others.
#[derive(plugbox::Shape)]
pub struct Deep {
    /// The cells.
    pub cells: Option<Vec<Box<Inner>>>,
}

/// A cell.
#[derive(plugbox::Shape)]
pub struct Inner {
    /// Its weight.
    pub weight: u32,
    /// Its height.
    pub height: u32,
}

/// The head of a file.
#[derive(Clone, Copy, plugbox::Shape)]
#[repr(C)]
pub struct Header {
    /// What it is.
    pub magic: u16,
    /// How long it is.
    pub len: u32,
    /// What is with it.
    pub flags: u8,
}

/// What lies in a file.
#[derive(Clone, Copy, plugbox::Shape)]
#[repr(C, packed)]
pub struct Packed {
    /// What it is.
    pub tag: u8,
    /// What it holds.
    pub value: u32,
}

/// Lanes.
#[derive(Clone, Copy, plugbox::Shape)]
#[repr(align(16))]
pub struct Wide {
    /// The lanes.
    pub lanes: [u16; 4],
}

/// A value of which nobody sees what is in it.
#[derive(plugbox::Shape)]
#[shape(revision = 1)]
pub struct Held {
    /// Its name.
    pub name: String,
    low: u32,
    high: u32,
}

impl Held {
    /// A new one.
    pub fn new(name: &str, low: u32, high: u32) -> Self {
        Self { name: name.to_owned(), low, high }
    }

    /// Its low end.
    pub fn low(&self) -> u32 {
        self.low
    }

    /// How much there is between its ends.
    pub fn width(&self) -> u32 {
        self.high - self.low
    }
}

/// A right.
#[derive(plugbox::Shape)]
#[shape(revision = 1)]
pub struct Token(pub u32, u32);

impl Token {
    /// A new one.
    pub fn new(id: u32, secret: u32) -> Self {
        Self(id, secret)
    }

    /// Whether it is this one.
    pub fn opens(&self, secret: u32) -> bool {
        self.1 == secret
    }
}

/// A key.
#[derive(Clone, plugbox::Shape)]
#[shape(revision = 1)]
pub struct Key {
    /// Its name, in which only the small letters count.
    pub name: String,
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.name.eq_ignore_ascii_case(&other.name)
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.to_ascii_lowercase().hash(state);
    }
}

/// A key with an order.
#[derive(Clone, Copy, PartialEq, Eq, plugbox::Shape)]
#[shape(revision = 1)]
pub struct Rank(pub i32);

impl Ord for Rank {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A hasher that is fast.
#[derive(Clone, Copy, Default, plugbox::Shape)]
#[shape(revision = 1)]
pub struct Fast;

impl BuildHasher for Fast {
    type Hasher = DefaultHasher;

    fn build_hasher(&self) -> DefaultHasher {
        DefaultHasher::new()
    }
}

/// A point.
#[derive(Clone, Copy, PartialEq, plugbox::Shape)]
pub struct Point {
    /// To the right.
    pub x: i32,
    /// Upwards.
    pub y: i32,
}

/// A ticket, which stays on its thread.
#[derive(plugbox::Shape)]
pub struct Ticket {
    /// Its number.
    pub id: u64,
    /// Whose it is.
    pub owner: Option<Rc<u8>>,
}

/// A length in some unit.
#[derive(plugbox::Shape)]
pub struct Length<U> {
    /// The number.
    pub number: u64,
    /// The unit.
    pub unit: PhantomData<U>,
}

/// A unit.
#[derive(plugbox::Shape)]
pub struct Meter;

#[cfg(plugin)]
mod plugin;
