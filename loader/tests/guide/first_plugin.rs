//! `docs/first-plugin.md`.

#[plugbox::interface]
pub trait Plugin {
    fn expand(&self, text: &str) -> String;
}

use plugbox::Context;

struct Abbrev {
    table: Vec<(String, String)>,
}

impl Abbrev {
    fn new(context: Context) -> Result<Self, plugbox::Error> {
        let mut table = Vec::new();
        for line in context.config().lines() {
            let (short, long) =
                line.split_once(" = ").ok_or_else(|| plugbox::Error::new(format!("no ` = ` in {line}")))?;
            table.push((short.to_owned(), long.to_owned()));
        }
        Ok(Self { table })
    }
}

impl Plugin for Abbrev {
    fn expand(&self, text: &str) -> String {
        self.table.iter().fold(text.to_owned(), |text, (short, long)| text.replace(short, long))
    }
}

#[test]
fn it_expands() {
    let abbrev = Abbrev { table: vec![("teh".to_owned(), "the".to_owned())] };
    assert_eq!(abbrev.expand("teh end"), "the end");
}
