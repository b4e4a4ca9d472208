//! What a constructor borrows does not outlive the context that a test made.

use plugbox::{Context, TestContext};

fn context() -> Context<'static> {
    let host = TestContext::new().config("short");
    host.context()
}

fn config() -> &'static str {
    let host = TestContext::new().config("short");
    host.context().config()
}

fn changed_meanwhile() {
    let host = TestContext::new();
    let context = host.context();
    let _ = host.config("other");
    context.config();
}

fn main() {}
