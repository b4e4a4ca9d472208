//! Panic payloads.

use std::any::Any;
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

/// Returns the text of a payload of a type that this crate does not know.
type Describe = fn(&(dyn Any + Send)) -> Option<String>;

static DESCRIBE: OnceLock<Describe> = OnceLock::new();

/// Sets the function that describes the payloads of the loader in this image. A plugin with a loader is itself a host,
/// and a panic of one of its plugins may pass through it.
pub fn describe_payloads(describe: Describe) {
    DESCRIBE.get_or_init(|| describe);
}

/// Returns the text of a payload that `panic!` or the loader made; a fixed text for any other payload.
#[must_use]
pub fn payload_text(payload: &(dyn Any + Send)) -> Cow<'_, str> {
    if let Some(text) = payload.downcast_ref::<&'static str>() {
        Cow::Borrowed(text)
    } else if let Some(text) = payload.downcast_ref::<String>() {
        Cow::Borrowed(text)
    } else {
        let described = DESCRIBE.get().and_then(|describe| describe(payload));
        described.map_or(Cow::Borrowed("(a panic payload that is not text)"), Cow::Owned)
    }
}

/// Drops a payload. Its drop may itself panic; the payload of that second panic is leaked.
pub fn drop_quietly(payload: Box<dyn Any + Send>) {
    if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(second);
    }
}
