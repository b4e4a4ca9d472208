//! Written in the third year. It uses the interface that was added to the API.

use std::sync::atomic::{AtomicUsize, Ordering};

use years_api::{Line, Plugin, Summary};

#[derive(Default)]
struct Count {
    words: AtomicUsize,
}

impl Plugin for Count {
    fn apply(&self, line: &Line) -> Result<Vec<String>, plugbox::Error> {
        self.words.fetch_add(line.text.split_whitespace().count(), Ordering::Relaxed);
        Ok(vec![line.text.clone()])
    }
}

impl Summary for Count {
    fn summary(&self) -> String {
        format!("{} words", self.words.load(Ordering::Relaxed))
    }
}

plugbox::export!("count" = Count as dyn Plugin + dyn Summary);
