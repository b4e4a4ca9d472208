//! A plugin of the API. Its methods have no more in them than what some call shows.

use super::*;

#[derive(Default)]
struct Fixture {
    marks: [bool; 4],
}

struct Own(u64);

impl Peer for Own {
    fn answer(&self, number: u64) -> u64 {
        number + self.0
    }

    fn weight(&self) -> u64 {
        1000
    }
}

impl Node for Own {
    fn children(&self) -> Vec<Box<dyn Node>> {
        Vec::new()
    }

    fn value(&self) -> u32 {
        7
    }
}

impl Failing for Own {
    fn any(&self) -> Result<u8, Box<dyn Error>> {
        Err("any")?
    }

    fn shared(&self, error: BoxError) -> Arc<dyn Error + Send + Sync> {
        Arc::from(error)
    }

    fn lent(&self, error: &dyn Error) -> u8 {
        error.to_string().len() as u8
    }

    fn borrowing<'a>(&self, text: &'a str, other: &str) -> Box<dyn Error + 'a> {
        let _ = (text, other);
        "borrowing".into()
    }

    fn reading(&self) -> std::io::Result<u8> {
        Ok(1)
    }
}

impl Named for Fixture {
    fn name(&self) -> String {
        "fixture".to_owned()
    }

    fn uses(&self) -> u32 {
        3
    }
}

impl Plugin for Fixture {
    fn first(&self) -> u32 {
        1
    }

    fn second(&self) -> u32 {
        2
    }

    fn set(&mut self, at: usize, on: bool) -> bool {
        std::mem::replace(&mut self.marks[at], on)
    }

    fn take(&self, change: &Change) -> u64 {
        change.at
    }

    fn edit(&self, change: &mut Change) -> Change {
        change.removed = 9;
        Change { at: 7, removed: 1, inserted: "text".to_owned() }
    }

    fn pick<'a>(&self, a: &'a str, b: &str) -> &'a str {
        let _ = b;
        a
    }

    fn either<'a, 'b>(&self, a: &'a str, b: &'b str) -> &'a str
    where
        'b: 'a,
    {
        let _ = b;
        a
    }

    fn title(&self, of: &str) -> &str {
        let _ = of;
        "title"
    }

    fn title_of<'n>(&self, note: Note<'n>) -> &'n str {
        note.title
    }

    fn longer<'a, 'b>(&self, pair: Pair<'a, 'b>) -> &'b str {
        pair.long
    }

    fn part<'a>(&self, notes: &'a [Note<'a>]) -> Option<Note<'a>> {
        notes.first().copied()
    }

    fn noted<'a>(&self, note: Wrap<Note<'a>>) -> &'a str {
        note.value.title
    }

    fn peer_of(&self, name: &str) -> Box<dyn Peer> {
        Box::new(Own(name.len() as u64))
    }

    fn peers(&self, given: Box<dyn Peer>, shared: Arc<dyn Peer>) -> Vec<Box<dyn Peer>> {
        let _ = shared;
        vec![given]
    }

    fn ask(&self, peer: &dyn Peer) -> u64 {
        peer.answer(1)
    }

    fn advance(&self, counter: &mut dyn Counter) -> u64 {
        counter.count(1)
    }

    fn failing(&self) -> Box<dyn Failing> {
        Box::new(Own(1))
    }

    fn root(&self) -> Box<dyn Node> {
        Box::new(Own(0))
    }

    fn hooks(&self, hooks: Hooks, weigh: Box<dyn Fn(u32, Weight) -> u64 + Send + Sync>) -> u64 {
        let _ = hooks;
        weigh(2, Weight { gross: 7, tare: 2 })
    }

    fn visit(&self, each: &dyn Fn(&str) -> u64, next: &mut dyn FnMut(Id) -> Id) -> u64 {
        let _ = (each, next);
        0
    }

    fn id(&self, id: Id) -> Id {
        id
    }

    #[cfg(feature = "extra")]
    fn extra(&self) -> u32 {
        4
    }
}

plugbox::export!(Fixture as dyn Plugin);

/// The same plugin for a host without a gate.
#[unsafe(no_mangle)]
pub fn unguarded() -> Box<dyn Plugin> {
    Box::new(Fixture::default())
}
