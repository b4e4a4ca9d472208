//! `plugbox inspect`: everything that the records in a file contain.

mod json;
mod text;

use std::io;

use plugbox_loader::inspect;

use crate::args::{Format, InspectArgs};
use crate::console::Console;
use crate::exit::Outcome;
use crate::json::print;
use crate::subject::Subject;

pub(crate) fn run(args: &InspectArgs, console: &Console) -> io::Result<Outcome> {
    let mut worst = Outcome::Fits;
    let mut separator = "";
    for file in &args.files {
        let image = match inspect::image(file) {
            Ok(image) => image,
            Err(error) => {
                console.error(file, &error);
                worst = Outcome::Unreadable;
                continue;
            }
        };
        let subject = Subject::new(file, image);
        match args.format {
            Format::Json => print(&json::Line::from(&subject), console)?,
            Format::Text => console.text(&format!("{separator}{}", text::page(&subject)))?,
        }
        for damage in &subject.damaged {
            console.complain(&format!("{}: {damage}", file.display()));
            worst = Outcome::Unreadable;
        }
        separator = "\n";
    }
    Ok(worst)
}
