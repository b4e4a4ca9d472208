//! `plugbox diff`: the differences between two libraries, or between a library and a host.

mod json;
mod text;

use std::io;
use std::path::Path;

use plugbox_loader::inspect::{self, ImageDifference, differences};

use crate::args::{DiffArgs, Format};
use crate::console::Console;
use crate::exit::Outcome;
use crate::json::print;
use crate::subject::{Kind, Subject};

/// Two files and their differences.
struct Comparison<'a> {
    a: &'a Path,
    b: &'a Path,
    differences: Vec<ImageDifference>,
}

pub(crate) fn run(args: &DiffArgs, console: &Console) -> io::Result<Outcome> {
    let (Some(a), Some(b)) = (subject(&args.a, console), subject(&args.b, console)) else {
        return Ok(Outcome::Unreadable);
    };
    let differences = differences((&a.container, &a.manifest), (&b.container, &b.manifest));
    if differences.is_empty() && !a.manifest.foreign_contracts.is_empty() {
        let what =
            "both files have records with a contract that this command cannot read; use a plugbox with that contract";
        console.complain(what);
        return Ok(Outcome::Unreadable);
    }
    let comparison = Comparison { a: a.file, b: b.file, differences };
    match args.format {
        Format::Json => print(&json::Line::from(&comparison), console)?,
        Format::Text => console.text(&text::page(&comparison))?,
    }
    Ok(if comparison.differences.is_empty() { Outcome::Fits } else { Outcome::Refused })
}

/// A file with all its records. None if any cannot be read: a missing record would look like a difference.
fn subject<'a>(file: &'a Path, console: &Console) -> Option<Subject<'a>> {
    let image = match inspect::image(file) {
        Ok(image) => image,
        Err(error) => {
            console.error(file, &error);
            return None;
        }
    };
    let mut subject = Subject::new(file, image);
    if subject.damaged.is_empty() && subject.kind() == Kind::None && subject.manifest.foreign_contracts.is_empty() {
        subject.damaged.push("it has no plugbox records to compare".to_owned());
    }
    subject.damaged.iter().for_each(|damage| console.complain(&format!("{}: {damage}", file.display())));
    subject.damaged.is_empty().then_some(subject)
}
