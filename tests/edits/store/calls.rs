//! Calls with values of every kind.

use api::*;

/// An object of the host's.
struct Own;

impl below::Sink for Own {
    fn room(&self) -> u32 {
        6
    }

    fn pour(&self, drop: &below::Drip) -> u32 {
        drop.size
    }
}

impl older::Sink for Own {
    fn pour(&self, size: u32) -> u32 {
        size
    }

    fn room(&self) -> u32 {
        7
    }
}

/// What a call answers, and what it should.
pub fn call(plugin: Box<dyn Plugin>, name: &str) -> (String, String) {
    let change = || Change { at: 3, removed: 4, seen: 5, inserted: "text".to_owned(), kind: Kind::Insert };
    let (found, right) = match name {
        "take" => (plugin.take(&change()).to_string(), "3"),
        "edit" => {
            let mut change = change();
            let given = plugin.edit(&mut change);
            let Change { at, removed, seen, inserted, .. } = change;
            (format!("{at} {removed} {seen} {inserted}, {} {}", given.at, given.inserted), "3 9 5 text, 7 text")
        }
        "pour" => (plugin.pour(&Own, &Own).to_string(), "76"),
        "leaves" => {
            let old = older::Leaf { width: 1, length: 2 };
            (plugin.leaves(below::Leaf { length: 3, width: 4 }, old).to_string(), "203")
        }
        "maps" => {
            let counts = [("apple", 1), ("pear", 2), ("plum", 3), ("fig", 4)]
                .map(|(name, count)| (Key { name: name.to_owned() }, count));
            let ranks = [1, 2, 3, 4, 5].map(|rank| (Rank(rank), rank as u32 * 10));
            let table = [5, 6, 7, 8, 9].map(|number| (number, number as u32 * 100));
            let answers = plugin.maps(counts.into(), ranks.into(), table.into_iter().collect());
            (format!("{answers:?}"), "[Some(10), Some(20), Some(700)]")
        }
        "event" => {
            let levels = [Event::Start, Event::Key('a'), Event::End].map(|event| plugin.event(event) as u8);
            (format!("{levels:?}"), "[1, 5, 5]")
        }
        "held" => {
            let token = plugin.held(Held::new("held", 2, 8));
            (format!("{} {}", token.0, token.opens(5)), "2 true")
        }
        "wrapped" => {
            let wrap = plugin.wrapped(Wrap { value: 8, count: 9 });
            (format!("{} {}", wrap.value, wrap.count), "8 9")
        }
        "folder" => {
            let cells = vec![Box::new(Inner { weight: 1, height: 2 }), Box::new(Inner { weight: 3, height: 4 })];
            let folder = Folder { name: "folder".to_owned(), entries: vec![Entry::Note(1)] };
            (plugin.folder(folder, &Deep { cells: Some(cells) }).to_string(), "104")
        }
        "laid" => {
            let (header, packed) = (Header { magic: 1, len: 2, flags: 3 }, Packed { tag: 4, value: 5 });
            let (wide, block) = (Wide { lanes: [6; 4] }, Block { bytes: [7; 4], used: 8 });
            (plugin.laid(header, packed, wide, block).to_string(), "8652")
        }
        "plain" => {
            let (point, ticket) = (Point { x: 1, y: 2 }, Ticket { id: 3, owner: None });
            let length = Length { number: 4, unit: std::marker::PhantomData };
            (plugin.plain(point, ticket, length).to_string(), "431")
        }
        other => panic!("there is no call `{other}`"),
    };
    (found, right.to_owned())
}
