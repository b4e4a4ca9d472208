//! Calls of objects and texts.

use std::sync::Arc;

use api::*;

/// An object of the host's.
struct Own;

impl Peer for Own {
    fn answer(&self, number: u64) -> u64 {
        number + 40
    }

    fn weight(&self) -> u64 {
        1000
    }
}

/// A text that ends here, and what is written over it. What lies in its place by then is no text of anybody's.
fn over(text: String) {
    let length = text.len();
    drop(text);
    for _ in 0..4 {
        std::mem::forget("#".repeat(length));
    }
}

/// What a call answers, and what it should.
pub fn call(mut plugin: Box<dyn Plugin>, name: &str) -> (String, String) {
    let [one, two] = ["a text of the host's", "a text that lives on"].map(str::to_owned);
    let (found, right) = match name {
        "first" => (plugin.first().to_string(), "1"),
        "second" => (plugin.second().to_string(), "2"),
        "uses" => (plugin.uses().to_string(), "3"),
        "set" => {
            plugin.set(2, true);
            (plugin.set(2, false).to_string(), "true")
        }
        "take" => (plugin.take(&Change { at: 3, removed: 4, inserted: "text".to_owned() }).to_string(), "3"),
        "pick" => {
            // What it gives lives as long as the first.
            let picked = plugin.pick(&two, &one);
            over(one);
            (picked.to_owned(), "a text that lives on")
        }
        "title" => {
            let title = plugin.title(&one);
            over(one);
            (title.to_owned(), "title")
        }
        "title_of" => {
            let note = Note { title: &one, body: "" };
            let _ = plugin.title_of(note);
            over(one);
            (plugin.title_of(Note { title: &two, body: "" }).to_owned(), "a text that lives on")
        }
        "noted" => {
            let wrap = Wrap { value: Note { title: &one, body: "" }, count: 1 };
            let _ = plugin.noted(wrap);
            over(one);
            let wrap = Wrap { value: Note { title: &two, body: "" }, count: 1 };
            (plugin.noted(wrap).to_owned(), "a text that lives on")
        }
        "longer" => {
            let longer = plugin.longer(Pair { short: &one, long: &two });
            over(one);
            (longer.to_owned(), "a text that lives on")
        }
        "peer_of" => {
            plugin.set(0, true);
            plugin.set(1, true);
            let peer = plugin.peer_of("abc");
            drop(plugin);
            for _ in 0..8 {
                std::mem::forget(Box::new([1_u8, 1, 1, 1]));
            }
            return (peer.answer(1).to_string(), "4".to_owned());
        }
        "ask" => (plugin.ask(&Own).to_string(), "41"),
        "hooks" => {
            let hooks = Hooks { each: Arc::new(|_, _| 0), last: None };
            let weigh = Box::new(|times, weight: Weight| u64::from(weight.gross.wrapping_sub(weight.tare).wrapping_mul(times)));
            (plugin.hooks(hooks, weigh).to_string(), "10")
        }
        "root" => (plugin.root().value().to_string(), "7"),
        other => panic!("there is no call `{other}`"),
    };
    (found, right.to_owned())
}
