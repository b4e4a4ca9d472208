//! Only interfaces without `&mut self` methods can be pinned, and only those with them are locked.

use plugbox_loader::{Live, Loader};

#[plugbox::interface]
pub trait Reads: Send + Sync {
    fn get(&self) -> u32;
}

#[plugbox::interface]
pub trait Writes: Send + Sync {
    fn get(&self) -> u32;
    fn set(&mut self, value: u32);
}

#[plugbox::interface]
pub trait Both: Reads + Writes {}

#[plugbox::interface]
pub trait Further: Both + Sync {
    fn more(&self) -> u32;
}

fn fine(reads: &Live<dyn Reads>, writes: &Live<dyn Writes>, both: &Live<dyn Both>, further: &Live<dyn Further>) {
    reads.pin().get();
    writes.lock().set(1);
    both.lock().set(1);
    further.lock().set(1);
    let _ = (reads.call(|reads| reads.get()), further.call(|further| further.more()));
    let _ = further.call_mut(|further| further.set(1));
}

fn own(live: &Live<dyn Writes>) {
    live.pin();
}

fn by_a_supertrait(live: &Live<dyn Both>) {
    live.pin();
}

fn by_a_supertraits_supertrait(live: &Live<dyn Further>) {
    live.pin();
}

fn not_locked(live: &Live<dyn Reads>) {
    live.lock();
    let _ = live.call_mut(|reads| reads.get());
}

fn not_kept(live: Live<dyn Reads>) -> plugbox_loader::LivePin<'static, dyn Reads> {
    live.pin()
}

fn not_elsewhere(live: &Live<dyn Reads>) {
    let pin = live.pin();
    std::thread::scope(|scope| {
        scope.spawn(move || pin.get());
    });
}

#[plugbox::interface]
pub trait Moves: Send {
    fn get(&self) -> u32;
}

#[plugbox::interface]
pub trait Stays {
    fn set(&mut self, value: u32);
}

#[plugbox::interface]
pub trait MovesAndWrites: Send {
    fn set(&mut self, value: u32);
}

fn not_watched(loader: &Loader) {
    let _ = loader.live::<dyn Moves>("libx.so").watch();
    let _ = loader.live::<dyn Stays>("libx.so").watch();
    // These are fine.
    let _ = loader.live::<dyn Stays>("libx.so").open();
    let _ = loader.live::<dyn MovesAndWrites>("libx.so").watch();
}

fn main() {}
