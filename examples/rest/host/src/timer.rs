//! The timer that plugins wait with.

use std::time::Duration;

use rest_api::{Timer, async_trait};

/// The timer of tokio. A plugin cannot use it by itself: its own copy of tokio does not know the client's runtime.
pub(crate) struct TokioTimer;

#[async_trait]
impl Timer for TokioTimer {
    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}
