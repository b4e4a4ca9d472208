//! A trait object that is lent for the call: nothing may keep a borrow from it.

#[plugbox::interface]
pub trait Document {
    fn text(&self) -> String;
}

#[plugbox::interface]
pub trait Plugin {
    fn result<'a>(&self, document: &'a dyn Document) -> &'a str;
    fn of_both<'a>(&'a self, document: &'a dyn Document) -> &str;
    fn by_a_bound<'a, 'b>(&self, document: &'a dyn Document) -> &'b str
    where
        'a: 'b;
    fn by_two_bounds<'a: 'b, 'b: 'c, 'c>(&self, document: &'a mut dyn Document) -> Vec<&'c str>;
    fn forever(&self, document: &'static dyn Document);
    fn kept<'a>(&self, document: &'a dyn Document, texts: &mut Vec<&'a str>);
    fn kept_by_a_bound<'a: 'b, 'b>(&self, document: &'a dyn Document, text: &'b mut &'b str);

    fn fine<'a>(&self, document: &'a dyn Document, text: &'a str) -> u8;
    fn fine_too<'a, 'b: 'a>(&self, document: &'a dyn Document, text: &'b str) -> &'b str;
    fn forever_fine(&self) -> &'static str;
}

fn main() {}
