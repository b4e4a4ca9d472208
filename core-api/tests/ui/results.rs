//! What a result may borrow from.

#[plugbox::interface]
pub trait Document {
    fn text(&self) -> String;
}

#[plugbox::interface]
pub trait Plugin {
    fn name(&self) -> &'static str;
    fn names(&self) -> Vec<std::borrow::Cow<'static, str>>;
    fn part<'a>(&self, document: &'a dyn Document) -> &'a str;
    fn fine<'a>(&self, text: &'a str) -> &'a str;
}

fn main() {}
