//! Waiting.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

/// The client's timer, a service: `context.service::<dyn Timer>()`. A plugin that waits with it needs neither a thread
/// nor a runtime of its own.
#[plugbox::interface]
pub trait Timer: Send + Sync {
    /// Waits for this long.
    async fn sleep(&self, time: Duration);
}

/// For a plugin's tests: remembers each time, and does not wait.
#[async_trait]
impl Timer for Mutex<Vec<Duration>> {
    async fn sleep(&self, time: Duration) {
        self.lock().unwrap_or_else(PoisonError::into_inner).push(time);
    }
}
