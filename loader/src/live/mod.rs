//! Plugins that reload while they serve.

// Rust 1.85 does not see that `LiveInterface` reaches what its storage is made of.
#![allow(unreachable_pub)]

mod dir;
mod live;
mod builder;
mod open_error;
mod watcher;
mod set;
mod transaction;
mod inner;
mod state;
mod store;
mod shared;
mod way;
mod notes;
mod exclusive;
mod gate;
mod serving;
mod hold;
mod event;
mod probation;

pub use builder::LiveBuilder;
pub use dir::LiveDir;
pub use event::{Events, Handover, LiveEvent, NotCarried, ReloadTimes, Reloaded};
pub use exclusive::LiveLock;
pub use live::Live;
pub use open_error::OpenError;
pub use probation::Probation;
pub use shared::LivePin;
pub use store::LiveInterface;
