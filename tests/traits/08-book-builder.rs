//! Transformations of a book's text. The plugin trait is `Transformer`.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::path::PathBuf;

use anyhow::Context as _;
pub use anyhow::{Error, Result};
use serde::{Deserialize, Serialize};

pub const VERSION: &str = "0.5.0";

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Book {
    pub items: Vec<Item>,
    __more: (),
}

#[allow(clippy::large_enum_variant)]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Item {
    Chapter(Chapter),
    Line,
    Part(String),
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Numbers(pub Vec<u32>);

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Chapter {
    pub title: String,
    pub text: String,
    pub number: Option<Numbers>,
    pub items: Vec<Item>,
    pub path: Option<PathBuf>,
    pub source: Option<PathBuf>,
    pub parents: Vec<String>,
}

#[derive(Debug, Copy, Clone, PartialEq, Serialize, Deserialize)]
pub enum Direction {
    #[serde(rename = "ltr")]
    LeftToRight,
    #[serde(rename = "rtl")]
    RightToLeft,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct BookSettings {
    pub title: Option<String>,
    pub authors: Vec<String>,
    pub about: Option<String>,
    pub source: PathBuf,
    pub language: Option<String>,
    pub direction: Option<Direction>,
}

impl Default for BookSettings {
    fn default() -> Self {
        BookSettings {
            title: None,
            authors: Vec::new(),
            about: None,
            source: PathBuf::from("src"),
            language: Some("en".to_string()),
            direction: None,
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Settings {
    pub book: BookSettings,
    pub output: BTreeMap<String, toml::Value>,
    pub transformers: BTreeMap<String, toml::Value>,
}

/// What a transformer is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Surroundings {
    pub root: PathBuf,
    pub settings: Settings,
    pub writer: String,
    pub version: String,
    #[serde(skip)]
    pub titles: RefCell<HashMap<PathBuf, String>>,
    #[serde(skip)]
    __more: (),
}

impl Surroundings {
    pub fn new(root: PathBuf, settings: Settings, writer: String) -> Self {
        Surroundings {
            root,
            settings,
            writer,
            version: VERSION.to_string(),
            titles: RefCell::new(HashMap::new()),
            __more: (),
        }
    }
}

/// Changes a book after it is read and before it is written.
pub trait Transformer {
    /// Returns the name.
    fn name(&self) -> &str;

    /// Changes the book.
    fn run(&self, surroundings: &Surroundings, book: Book) -> Result<Book>;

    /// Says whether it is of use for a writer.
    fn supports(&self, _writer: &str) -> bool {
        true
    }
}

/// Reads what a transformer gets as a process.
pub fn read_input<R: Read>(reader: R) -> Result<(Surroundings, Book)> {
    serde_json::from_reader(reader).with_context(|| "cannot read the input")
}
