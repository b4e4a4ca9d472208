//! Futures and streams that cross: the wrapper through which one side polls what the other has made.

use std::future::Future;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::side::Side;
use super::waker::TaskWaker;
use crate::shape::Cross;

/// A future or a stream of one side as the other side polls it. Its output, or each item, is a `T`.
pub(super) struct Polled<F: ?Sized, T, S: Side> {
    inner: ManuallyDrop<Pin<Box<F>>>,
    state: State,
    waker: TaskWaker<S::Other>,
    /// Takes the objects in a `T` across.
    cross: Option<Cross<T>>,
}

#[derive(Clone, Copy)]
enum State {
    Pending,
    /// The poll that was the last one has dropped it.
    Dropped,
    /// Also during a poll.
    Panicked,
}

/// The names of a trait's methods, for reports of panics and for complaints.
pub(super) struct Names {
    pub(super) poll: &'static str,
    pub(super) ready: &'static str,
    pub(super) panicked: &'static str,
}

impl<F: ?Sized, T, S: Side> Polled<F, T, S> {
    pub(super) fn new(inner: Pin<Box<F>>, cross: Option<Cross<T>>) -> Self {
        Self { inner: ManuallyDrop::new(inner), state: State::Pending, waker: TaskWaker::new(), cross }
    }

    /// Polls. Drops the future or the stream in the poll that is the last one, while panics are caught.
    #[inline]
    pub(super) fn poll<R>(
        &mut self,
        context: &mut Context<'_>,
        names: &Names,
        poll: impl FnOnce(Pin<&mut F>, &mut Context<'_>) -> Poll<R>,
        is_last: impl FnOnce(&R) -> bool,
    ) -> Poll<R> {
        let Self { inner, state, waker, .. } = self;
        match state {
            State::Pending => {}
            State::Dropped => S::complain(names.poll, names.ready),
            State::Panicked => S::complain(names.poll, names.panicked),
        }
        *state = State::Panicked;
        let poll = waker.lend(context, |context| S::call(names.poll, || poll(inner.as_mut(), context)));
        *state = State::Pending;
        if matches!(&poll, Poll::Ready(result) if is_last(result)) {
            *state = State::Dropped;
            Self::drop_inner(inner);
        }
        poll
    }

    pub(super) fn cross(&self, value: &mut T) {
        if let Some(cross) = self.cross {
            cross(value, S::RESULTS);
        }
    }

    #[cfg(feature = "futures-core")]
    pub(super) fn call<R>(&self, name: &'static str, method: impl FnOnce(&F) -> R) -> R {
        S::call(name, || method(&self.inner))
    }

    fn drop_inner(inner: &mut ManuallyDrop<Pin<Box<F>>>) {
        S::call_quietly("drop", || {
            // SAFETY: this is its only drop: the callers note it in `state`, or drop the `Polled` itself.
            unsafe { ManuallyDrop::drop(inner) }
        });
    }
}

impl<F: ?Sized, T, S: Side> Drop for Polled<F, T, S> {
    fn drop(&mut self) {
        if !matches!(self.state, State::Dropped) {
            Self::drop_inner(&mut self.inner);
        }
    }
}

const FUTURE: Names = Names {
    poll: "Future::poll",
    ready: "a future was polled again after it was ready",
    panicked: "a future was polled again after it panicked",
};

impl<F: ?Sized + Future<Output = T>, T, S: Side> Future for Polled<F, T, S> {
    type Output = T;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let poll = Polled::poll(&mut self, context, &FUTURE, F::poll, |_| true);
        poll.map(|mut output| {
            self.cross(&mut output);
            output
        })
    }
}

#[cfg(feature = "futures-core")]
mod stream {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use futures_core::Stream;

    use super::{Names, Polled, Side};

    const STREAM: Names = Names {
        poll: "Stream::poll_next",
        ready: "a stream was polled again after its end",
        panicked: "a stream was polled again after it panicked",
    };

    impl<F: ?Sized + Stream<Item = T>, T, S: Side> Stream for Polled<F, T, S> {
        type Item = T;

        #[inline]
        fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
            // Whether it may be polled after its end is its own affair.
            let poll = Polled::poll(&mut self, context, &STREAM, F::poll_next, |_| false);
            poll.map(|mut item| {
                item.iter_mut().for_each(|item| self.cross(item));
                item
            })
        }

        fn size_hint(&self) -> (usize, Option<usize>) {
            self.call("Stream::size_hint", F::size_hint)
        }
    }
}
