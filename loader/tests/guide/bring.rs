//! `docs/bring.md`.

use std::error::Error;
use std::fmt::Debug;

#[plugbox::interface]
pub trait Filter: Debug + Send + Sync {
    fn name(&self) -> &'static str;

    async fn apply(&self, text: &str) -> Result<String, Box<dyn Error + Send + Sync>>;

    fn each(&self, text: &str, word: &mut dyn FnMut(&str) -> bool) -> usize;
}

#[derive(Debug)]
struct Words;

#[async_trait::async_trait]
impl Filter for Words {
    fn name(&self) -> &'static str {
        "words"
    }

    async fn apply(&self, text: &str) -> Result<String, Box<dyn Error + Send + Sync>> {
        if text.is_empty() { Err("there is no text".into()) } else { Ok(text.to_owned()) }
    }

    fn each(&self, text: &str, word: &mut dyn FnMut(&str) -> bool) -> usize {
        text.split(' ').filter(|text| word(text)).count()
    }
}

#[test]
fn the_trait_works_as_it_is() {
    let filter: Box<dyn Filter> = Box::new(Words);
    assert_eq!(filter.each("one two", &mut |word| word.starts_with('t')), 1);
    assert_eq!((filter.name(), format!("{filter:?}")), ("words", "Words".to_owned()));
}
