//! Plugins that misbehave, each in its own way, for the editor's tests.

use edit_api::{Command, Document, Edit, Failure, Plugin};

/// Panics.
#[derive(Default)]
struct Panics;

impl Plugin for Panics {
    fn before_save(&mut self, _document: &dyn Document) -> Result<Vec<Edit>, Failure> {
        panic!("no manners");
    }

    fn status(&self) -> Option<String> {
        Some("asked again after a panic".to_owned())
    }
}

/// Reports a failure, and offers a command that fails.
#[derive(Default)]
struct Fails;

impl Plugin for Fails {
    fn before_save(&mut self, document: &dyn Document) -> Result<Vec<Edit>, Failure> {
        Err(Failure::at(document.text().len(), "not in the mood"))
    }

    fn commands(&self) -> Vec<Command> {
        vec![Command::new("sulk", "Sulk", "Fails.")]
    }

    fn run(&mut self, _command: &str, _document: &dyn Document) -> Result<Vec<Edit>, Failure> {
        Err(Failure::new("will not"))
    }
}

/// Returns an edit beyond the end of the text.
#[derive(Default)]
struct Oversteps;

impl Plugin for Oversteps {
    fn before_save(&mut self, document: &dyn Document) -> Result<Vec<Edit>, Failure> {
        Ok(vec![Edit::insert(0, "lost"), Edit::insert(document.text().len() + 1, "lost")])
    }
}

/// Answers every edit with a replacement at the same place. Two instances of it conflict.
#[derive(Default)]
struct Replaces;

impl Plugin for Replaces {
    fn edited(&mut self, _edits: &[Edit], document: &dyn Document) -> Vec<Edit> {
        let marked = document.text().starts_with("mine");
        if marked { vec![Edit::replace(0..4, "MINE")] } else { Vec::new() }
    }
}

/// Answers every edit with another one, even its own.
#[derive(Default)]
struct Chatters;

impl Plugin for Chatters {
    fn edited(&mut self, _edits: &[Edit], document: &dyn Document) -> Vec<Edit> {
        vec![Edit::insert(document.text().len(), "!")]
    }
}

plugbox::export!(
    Panics as dyn Plugin,
    Fails as dyn Plugin,
    Oversteps as dyn Plugin,
    Replaces as dyn Plugin,
    "replaces-too" = Replaces as dyn Plugin,
    Chatters as dyn Plugin,
);
