//! What `export!` reads.

use plugbox::export;

export!();
export!(Shout);
export!(Shout as Plugin);
export!(Shout as dyn Plugin + Send);
export!(Shout as dyn 'static);
export!(Shout as dyn Plugin + dyn Other + dyn Plugin);
export!("" = Shout as dyn Plugin);
export!("two words" = Shout as dyn Plugin);
export!("loud" Shout as dyn Plugin);
export!(Shout as dyn Plugin, Upper as dyn Plugin, Shout as dyn Plugin);
export!("shout" = Upper as dyn Plugin, Shout as dyn Plugin);
export!("a" = Upper as dyn Plugin, "a" = Shout as dyn Plugin);
export!(Shout as dyn Plugin Upper as dyn Plugin);

#[plugbox::interface]
pub trait Plugin {
    fn get(&self) -> u8;
}

fn main() {}
