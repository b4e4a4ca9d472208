//! Written in the third year. It may fail, and returns the reason.

use years_api::{Line, Plugin};

#[derive(Default)]
struct Number;

impl Plugin for Number {
    fn apply(&self, line: &Line) -> Result<Vec<String>, plugbox::Error> {
        let number = u8::try_from(line.number * 100)
            .map_err(|error| plugbox::Error::from(error).context("there are too many lines"))?;
        Ok(vec![format!("{number}: {}", line.text)])
    }
}

plugbox::export!("number" = Number as dyn Plugin);
