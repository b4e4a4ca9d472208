//! A plugin of the API. Its methods have no more in them than what some call shows.

use super::*;

#[derive(Default)]
struct Fixture;

impl Plugin for Fixture {
    fn take(&self, change: &Change) -> u64 {
        change.at
    }

    fn edit(&self, change: &mut Change) -> Change {
        change.removed = 9;
        Change { at: 7, removed: 1, seen: 2, inserted: "text".to_owned(), kind: Kind::Insert }
    }

    fn pour(&self, sink: &dyn Sink, old: &dyn older::Sink) -> u32 {
        sink.room() + 10 * old.room()
    }

    fn leaves(&self, leaf: Leaf, old: older::Leaf) -> u32 {
        u32::from(leaf.length) + 100 * u32::from(old.length)
    }

    fn maps(
        &self,
        counts: HashMap<Key, u32>,
        ranks: BTreeMap<Rank, u32>,
        table: HashMap<u64, u32, Fast>,
    ) -> [Option<u32>; 3] {
        // Several: by another hash one may be found all the same, once in 128 times.
        let keys = ["Apple", "Pear", "Plum", "Fig"].map(|name| Key { name: name.to_owned() });
        let counted = keys.iter().map(|key| counts.get(key).copied()).sum::<Option<u32>>();
        [counted, ranks.get(&Rank(2)).copied(), table.get(&7).copied()]
    }

    fn event(&self, event: Event) -> Level {
        match event {
            Event::Start => Level::Low,
            _ => Level::High,
        }
    }

    fn held(&self, held: Held) -> Token {
        Token::new(held.low(), 5)
    }

    fn wrapped(&self, wrap: Wrap<u32>) -> Wrap<String> {
        Wrap { value: wrap.value.to_string(), count: wrap.count }
    }

    fn answered(&self, answer: Answer<u8>) -> Answer<Id> {
        match answer {
            Answer::Yes(id) => Answer::Yes(id.into()),
            Answer::No { why } => Answer::No { why },
        }
    }

    fn slot(&self, slot: Wrap<Slot<u32>>) -> u32 {
        slot.value.value.get()
    }

    fn grown(&self, tree: Tree<u32>, branch: Branch<u32>, twig: Twig<u32>) -> u32 {
        tree.value + 10 * branch.length + 100 * twig.length
    }

    fn folder(&self, folder: Folder, deep: &Deep) -> u32 {
        let weights = deep.cells.iter().flatten().map(|cell| cell.weight);
        weights.sum::<u32>() + 100 * folder.entries.len() as u32
    }

    fn laid(&self, header: Header, packed: Packed, wide: Wide, block: Block<4>) -> u32 {
        header.len + 10 * packed.value + 100 * u32::from(wide.lanes[0]) + 1000 * u32::from(block.used)
    }

    fn plain(&self, point: Point, ticket: Ticket, length: Length<Meter>) -> u64 {
        point.x as u64 + 10 * ticket.id + 100 * length.number
    }

    fn ended(
        &self,
        ended: Ended,
        _: &Status,
        _: std::array::IntoIter<u8, 4>,
    ) -> Option<Status> {
        ended.others.into_iter().flatten().next()
    }

    fn id(&self, id: Id) -> Id {
        id
    }
}

plugbox::export!(Fixture as dyn Plugin);

/// The same plugin for a host without a gate.
#[unsafe(no_mangle)]
pub fn unguarded() -> Box<dyn Plugin> {
    Box::new(Fixture)
}
