use anyhow::Context;
use api::{Book, Item, Result, Surroundings, Transformer};

/// Writes the titles of chapters in capitals.
#[derive(Default)]
pub struct Capitals;

impl Transformer for Capitals {
    fn name(&self) -> &str {
        "capitals"
    }

    fn run(&self, surroundings: &Surroundings, mut book: Book) -> Result<Book> {
        let settings = surroundings.settings.transformers.get("capitals").context("there are no settings")?;
        let suffix = settings.get("suffix").and_then(|suffix| suffix.as_str()).unwrap_or_default();
        for item in &mut book.items {
            if let Item::Chapter(chapter) = item {
                chapter.title = format!("{}{suffix}", chapter.title.to_uppercase());
                let path = chapter.path.clone().unwrap_or_default();
                surroundings.titles.borrow_mut().insert(path, chapter.title.clone());
            }
        }
        Ok(book)
    }
}

plugbox::export!(Capitals as dyn Transformer);
