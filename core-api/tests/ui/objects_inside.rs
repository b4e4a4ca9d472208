//! A trait object that is not a plain argument would cross unguarded.

#[plugbox::interface]
pub trait Document {
    fn text(&self) -> String;
}

type Alias<'a> = &'a dyn Document;

#[derive(plugbox::Shape)]
pub struct Holder<'a> {
    pub document: &'a dyn Document,
}

#[plugbox::interface]
pub trait Plugin {
    fn alias(&self, document: Alias<'_>);
    fn boxed(&self, document: Box<dyn Document>);
    fn in_struct(&self, holder: Holder<'_>);
    fn in_vec(&self, documents: Vec<&dyn Document>);
    fn result(&self) -> &dyn Document;
    fn fine(&self, document: &dyn Document);
}

fn main() {}
