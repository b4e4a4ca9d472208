//! Calls of the host's journal by a plugin that unwinds.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::journal::{Callsite, Field, Interest, Journal, Level, Listener, Parent};
use crate::host::drop_quietly;

/// The host's journal. A panic of the host's subscriber passes through the plugin, but not while the plugin unwinds: a
/// span is left in a `Drop`, and a second panic there would end the process. The host's panic hook has reported it.
pub(super) struct Unwinding(pub(super) Arc<dyn Journal>);

impl Unwinding {
    fn call<R>(&self, otherwise: R, call: impl FnOnce(&dyn Journal) -> R) -> R {
        if !std::thread::panicking() {
            return call(&*self.0);
        }
        catch_unwind(AssertUnwindSafe(|| call(&*self.0))).unwrap_or_else(|payload| {
            drop_quietly(payload);
            otherwise
        })
    }
}

impl Journal for Unwinding {
    fn register(&self, callsite: Callsite, listener: Box<dyn Listener>) -> usize {
        self.call(usize::MAX, |journal| journal.register(callsite, listener))
    }

    fn interest(&self, callsite: usize) -> Interest {
        self.call(Interest::Never, |journal| journal.interest(callsite))
    }

    fn enabled(&self, callsite: usize) -> bool {
        self.call(false, |journal| journal.enabled(callsite))
    }

    fn max_level(&self) -> Option<Level> {
        self.call(None, |journal| journal.max_level())
    }

    fn event(&self, callsite: usize, parent: Parent, values: Vec<Field>) {
        self.call((), |journal| journal.event(callsite, parent, values));
    }

    fn span(&self, callsite: usize, parent: Parent, values: Vec<Field>) -> u64 {
        self.call(u64::MAX, |journal| journal.span(callsite, parent, values))
    }

    fn record(&self, span: u64, callsite: usize, values: Vec<Field>) {
        self.call((), |journal| journal.record(span, callsite, values));
    }

    fn follows_from(&self, span: u64, cause: u64) {
        self.call((), |journal| journal.follows_from(span, cause));
    }

    fn enter(&self, span: u64) {
        self.call((), |journal| journal.enter(span));
    }

    fn exit(&self, span: u64) {
        self.call((), |journal| journal.exit(span));
    }

    fn clone_span(&self, span: u64) -> u64 {
        self.call(span, |journal| journal.clone_span(span))
    }

    fn close(&self, span: u64) -> bool {
        self.call(false, |journal| journal.close(span))
    }

    fn current(&self) -> Option<u64> {
        self.call(None, |journal| journal.current())
    }
}
