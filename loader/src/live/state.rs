//! The state that one generation hands over to the next. Whatever the plugins' code does, it ends here as a value.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use plugbox::__private::{drop_quietly, payload_text};
use plugbox::{Error, Interface, State};

use super::serving::Serving;
use crate::loaded::Loaded;
use crate::panic::PluginPanic;

/// A message, followed by the messages of its sources.
pub(super) type Failure = Vec<String>;

/// A saved state.
pub(super) struct Saved {
    pub(super) schema: u32,
    pub(super) bytes: Vec<u8>,
}

/// Saves the state of a generation; `None` if it has none.
pub(super) fn save<I: ?Sized + Interface>(serving: &Serving<I>) -> Option<Result<Saved, Failure>> {
    let state = Loaded::get::<dyn State>(&serving.plugin)?;
    Some(contained(|| Ok(Saved { schema: state.schema(), bytes: state.save().map_err(messages)? })))
}

/// Restores a state in a new generation, if it has any.
pub(super) fn restore<I: ?Sized + Interface>(serving: &mut Serving<I>, saved: &Saved) -> Result<(), Failure> {
    match Loaded::get_mut::<dyn State>(&mut serving.plugin) {
        Some(state) => contained(|| state.restore(saved.schema, &saved.bytes).map_err(messages)),
        None => Ok(()),
    }
}

/// Runs code of a plugin or of the host, and turns a panic into a failure.
pub(super) fn contained<R>(run: impl FnOnce() -> Result<R, Failure>) -> Result<R, Failure> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|payload| Err(vec![panicked(payload)]))
}

fn messages(error: Error) -> Failure {
    error.chain().map(str::to_owned).collect()
}

fn panicked(payload: Box<dyn Any + Send>) -> String {
    match payload.downcast::<PluginPanic>() {
        Ok(panic) => panic.to_string(),
        Err(payload) => {
            let text = format!("it panicked: {}", payload_text(&*payload));
            drop_quietly(payload);
            text
        }
    }
}
