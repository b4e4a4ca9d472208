//! Futures and streams that cross: the wrapper through which one side polls what the other has made.

use std::future::Future;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::crossing::wrapper;
use super::returning;
use super::side::{HostSide, Side};
use super::waker::{TaskWaker, Wakes};
use crate::shape::Cross;

/// A future or a stream of one side as the other side polls it. Its output, or each item, is a `T`.
pub(super) struct Polled<F, T, S: Side<Other: Wakes>> {
    inner: Inner<F>,
    waker: TaskWaker<S::Other>,
    /// Takes the objects in a `T` across.
    cross: Option<Cross<T>>,
    is_recorded: bool,
}

/// The future or stream itself. It is pinned with its wrapper; where its type is not known, it is a pinned box.
struct Inner<F> {
    value: ManuallyDrop<F>,
    state: State,
}

#[derive(Clone, Copy)]
enum State {
    Pending,
    /// The poll that was the last one has dropped it.
    Dropped,
    /// A poll has panicked. Also set while a poll runs, so that a panic leaves it set.
    Panicked,
}

/// The names of a trait's methods, for reports of panics and for complaints.
pub(super) struct Names {
    pub(super) poll: &'static str,
    pub(super) ready: &'static str,
    pub(super) panicked: &'static str,
}

impl<F> Inner<F> {
    /// # Safety
    ///
    /// 1. It is pinned.
    #[inline]
    unsafe fn pinned(&mut self) -> Pin<&mut F> {
        // SAFETY: obligation 1. Only `drop` ends the value, where it is.
        unsafe { Pin::new_unchecked(&mut self.value) }
    }

    /// # Safety
    ///
    /// 1. `state` has not been `Dropped`.
    #[inline]
    unsafe fn drop(&mut self) {
        self.state = State::Dropped;
        // SAFETY: obligation 1, so this is its only drop.
        unsafe { ManuallyDrop::drop(&mut self.value) }
    }
}

impl<F, T, S: Side<Other: Wakes>> Polled<F, T, S> {
    pub(super) fn new(value: F, cross: Option<Cross<T>>) -> Self {
        let inner = Inner { value: ManuallyDrop::new(value), state: State::Pending };
        Self { inner, waker: TaskWaker::new(), cross, is_recorded: false }
    }

    /// Runs a poll with what may be polled, and with the waker that it gets. It is taken for a panic if `poll` does not
    /// change the state.
    #[inline]
    fn poll_with<R>(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        names: &Names,
        poll: impl FnOnce(&mut Inner<F>, &mut Context<'_>) -> R,
    ) -> R {
        // SAFETY: nothing below moves `inner`, nor do the two callers.
        let Self { inner, waker, .. } = unsafe { self.get_unchecked_mut() };
        match inner.state {
            State::Pending => {}
            State::Dropped => S::complain(names.poll, names.ready),
            State::Panicked => S::complain(names.poll, names.panicked),
        }
        inner.state = State::Panicked;
        waker.lend(context, |context| poll(inner, context))
    }

    pub(super) fn cross(&self, value: &mut T) {
        if let Some(cross) = self.cross {
            cross(value, S::RESULTS);
        }
    }

    #[cfg(feature = "futures-core")]
    pub(super) fn call<R>(&self, name: &'static str, method: impl FnOnce(&F) -> R) -> R {
        S::call(name, || method(&self.inner.value))
    }
}

impl<F: ?Sized, T> Polled<Pin<Box<F>>, T, HostSide> {
    /// Wraps a future or a stream of the host, and records the wrapper. `autos` is the number of auto traits of `F`.
    pub(super) fn recorded(inner: Pin<Box<F>>, cross: Option<Cross<T>>, autos: usize) -> Pin<Box<Self>> {
        let mut wrapper = Box::pin(Self::new(inner, cross));
        returning::enter(address(&*wrapper), autos);
        wrapper.is_recorded = true;
        wrapper
    }

    /// Takes the host's future or stream out of its wrapper, and wraps any other object. If the host's future was ready,
    /// nothing is left in its wrapper, which is wrapped too.
    #[inline]
    pub(super) fn unwrapped_or(
        object: Pin<Box<F>>,
        autos: usize,
        wrap: impl FnOnce(Pin<Box<F>>) -> Pin<Box<F>>,
    ) -> Pin<Box<F>> {
        if Self::is_wrapped(&object, autos) {
            // SAFETY: the object is wrapped (obligation 1).
            unsafe { Self::unwrapped(object) }
        } else {
            wrap(object)
        }
    }

    #[inline]
    fn is_wrapped(object: &Pin<Box<F>>, autos: usize) -> bool {
        // The size comes first, because the record is behind a lock.
        size_of_val(&**object) == size_of::<Self>() && Self::is_in_record(object, autos)
    }

    #[inline(never)]
    fn is_in_record(object: &Pin<Box<F>>, autos: usize) -> bool {
        // SAFETY: *pinned future*: an object that is recorded is such a wrapper.
        let state = || unsafe { wrapper::<F, Self>(object) }.inner.state;
        returning::is_at(address(&**object), autos) && !matches!(state(), State::Dropped)
    }

    /// # Safety
    ///
    /// 1. `is_wrapped` is true for the object.
    unsafe fn unwrapped(object: Pin<Box<F>>) -> Pin<Box<F>> {
        // SAFETY: the wrapper is pinned again below, and does not move.
        let object = unsafe { Pin::into_inner_unchecked(object) };
        // SAFETY: *pinned future*, by obligation 1: the box was made as one of a wrapper.
        let mut wrapper = Box::into_pin(unsafe { Box::from_raw(Box::into_raw(object).cast::<Self>()) });
        wrapper.inner.state = State::Dropped;
        // SAFETY: the state now says that nothing is left in it, and before it said that there was (obligation 1).
        unsafe { ManuallyDrop::take(&mut wrapper.inner.value) }
    }
}

fn address<T: ?Sized>(object: &T) -> usize {
    std::ptr::from_ref(object).addr()
}

impl<F, T, S: Side<Other: Wakes>> Drop for Polled<F, T, S> {
    #[inline]
    fn drop(&mut self) {
        if self.is_recorded {
            returning::leave(address(self));
        }
        if !matches!(self.inner.state, State::Dropped) {
            // SAFETY: `state` says so (obligation 1).
            S::call_quietly("drop", || unsafe { self.inner.drop() });
        }
    }
}

const FUTURE: Names = Names {
    poll: "Future::poll",
    ready: "a future was polled again after it was ready",
    panicked: "a future was polled again after it panicked",
};

impl<F: Future<Output = T>, T, S: Side<Other: Wakes>> Future for Polled<F, T, S> {
    type Output = T;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let poll = self.as_mut().poll_with(context, &FUTURE, |inner, context| {
            // The future is dropped in the poll in which it is ready, while panics are caught.
            // SAFETY: it is pinned, as the wrapper is (obligation 1).
            let poll = |inner: &mut Inner<F>| unsafe { inner.pinned() }.poll(context);
            let end = |inner: &mut Inner<F>, poll: &Poll<T>| match poll {
                // SAFETY: it has just been polled (obligation 1).
                Poll::Ready(_) => unsafe { inner.drop() },
                Poll::Pending => inner.state = State::Pending,
            };
            S::call_with_drop(FUTURE.poll, inner, poll, end)
        });
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

    use super::{Names, Polled, Side, State, Wakes};

    const STREAM: Names = Names {
        poll: "Stream::poll_next",
        ready: "a stream was polled again after its end",
        panicked: "a stream was polled again after it panicked",
    };

    impl<F: Stream<Item = T>, T, S: Side<Other: Wakes>> Stream for Polled<F, T, S> {
        type Item = T;

        #[inline]
        fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
            let poll = self.as_mut().poll_with(context, &STREAM, |inner, context| {
                // SAFETY: it is pinned, as the wrapper is (obligation 1).
                let poll = S::call(STREAM.poll, || unsafe { inner.pinned() }.poll_next(context));
                // A stream decides for itself whether it may be polled after its end, so no poll counts as the last.
                inner.state = State::Pending;
                poll
            });
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

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::poll_fn;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Wake, Waker};

    use super::super::lending::{lend, lend_send};
    use super::super::side::{HostSide, PluginSide};
    use super::*;

    struct Counts(AtomicUsize);

    impl Wake for Counts {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn task() -> (Arc<Counts>, Waker) {
        let counts = Arc::new(Counts(AtomicUsize::new(0)));
        (counts.clone(), Waker::from(counts))
    }

    fn polled<S: Side<Other: Wakes>, F: Future<Output = T> + 'static, T>(future: F) -> Polled<F, T, S> {
        Polled::new(future, None)
    }

    /// Keeps two clones, wakes by one of them on another thread, and leaves the other to its drop.
    fn wakes<S: Side<Other: Wakes>>() {
        let (counts, waker) = task();
        let mut kept = None::<Waker>;
        let mut future = Box::pin(polled::<S, _, _>(poll_fn(move |context| {
            context.waker().wake_by_ref();
            let clone = context.waker().clone();
            std::thread::spawn(move || clone.wake()).join().unwrap();
            let is_same = kept.as_ref().is_none_or(|kept| kept.will_wake(context.waker()));
            kept = Some(context.waker().clone());
            if is_same { Poll::Pending } else { Poll::Ready(7) }
        })));
        for _ in 0..3 {
            assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        }
        assert_eq!(counts.0.load(Ordering::Relaxed), 6);
        // Another task's.
        let (others, other) = task();
        assert_eq!(future.as_mut().poll(&mut Context::from_waker(&other)), Poll::Ready(7));
        assert_eq!((counts.0.load(Ordering::Relaxed), others.0.load(Ordering::Relaxed)), (6, 2));
        drop((waker, other));
        assert_eq!(
            (Arc::strong_count(&counts), Arc::strong_count(&others)),
            (1, 1),
            "the poll that was ready drops all"
        );
        drop(future);
    }

    #[test]
    fn wakers_may_be_cloned_kept_sent_and_changed_on_both_sides() {
        wakes::<HostSide>();
        wakes::<PluginSide>();
    }

    /// A future of one side is polled by one of the other side, and that by an executor of the first side.
    fn is_at_home<Inner, Outer>()
    where
        Inner: Side<Other: Wakes>,
        Outer: Side<Other: Wakes>,
    {
        let (counts, own) = task();
        let kept = Arc::new(std::sync::Mutex::new(None::<Waker>));
        let (own_again, keeps) = (own.clone(), kept.clone());
        let mut inner = Box::pin(polled::<Inner, _, ()>(poll_fn(move |context| {
            // `will_wake` compares tables, of which std's wakers may have several.
            assert_eq!(context.waker().data(), own_again.data(), "the waker of this side comes home as itself");
            Poll::Pending
        })));
        let mut outer = Box::pin(polled::<Outer, _, ()>(poll_fn(move |context| {
            assert!(inner.as_mut().poll(context).is_pending());
            *keeps.lock().unwrap() = Some(context.waker().clone());
            assert!(inner.as_mut().poll(context).is_pending());
            let clone = context.waker().clone();
            inner.as_mut().poll(&mut Context::from_waker(&clone))
        })));
        for _ in 0..2 {
            assert!(outer.as_mut().poll(&mut Context::from_waker(&own)).is_pending());
        }
        let kept = kept.lock().unwrap().take().unwrap();
        kept.wake();
        assert_eq!(counts.0.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_waker_that_comes_home_is_itself_again() {
        is_at_home::<HostSide, PluginSide>();
        is_at_home::<PluginSide, HostSide>();
    }

    /// A task that is its own waker: the future that it owns must not own it.
    fn releases<S: Side<Other: Wakes>>() {
        let (counts, waker) = task();
        let mut future = Box::pin(polled::<S, _, ()>(poll_fn(|context| {
            drop(context.waker().clone());
            let again = context.waker().clone();
            assert_eq!(again.data(), context.waker().clone().data(), "clones that live at one time share a wrapper");
            Poll::Pending
        })));
        for _ in 0..2 {
            assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
            assert_eq!(Arc::strong_count(&counts), 2, "nobody has a clone of the waker any more");
        }
    }

    #[test]
    fn a_pending_future_keeps_no_waker_of_which_nobody_has_a_clone() {
        releases::<HostSide>();
        releases::<PluginSide>();
    }

    #[test]
    fn what_is_dropped_early_is_dropped_once() {
        let held = Arc::new(());
        for polls in 0..2 {
            let holds = held.clone();
            let mut future = Box::pin(polled::<PluginSide, _, _>(async move {
                let _holds = holds;
                std::future::pending::<()>().await;
            }));
            for _ in 0..polls {
                assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            }
            drop(future);
            assert_eq!(Arc::strong_count(&held), 1);
        }
    }

    #[test]
    fn a_future_of_the_host_that_comes_home_is_itself_again() {
        type Boxed = Pin<Box<dyn Future<Output = u8>>>;
        type Wrapper = Polled<Boxed, u8, HostSide>;
        let poll = |future: &mut Boxed| future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let own: Boxed = Box::pin(std::future::ready(1));
        let place = address(&*own);
        let wrapped: Boxed = Wrapper::recorded(own, None, 0);
        let wrapper = address(&*wrapped);
        assert!(!Wrapper::is_wrapped(&wrapped, 1), "another type");
        let mut own = Wrapper::unwrapped_or(wrapped, 0, |_| panic!("it is a wrapper"));
        assert_eq!((address(&*own), poll(&mut own)), (place, Poll::Ready(1)));
        assert!(!returning::is_at(wrapper, 0), "it has left the record");
        assert!(!Wrapper::is_wrapped(&own, 0));

        let mut spent: Boxed = Wrapper::recorded(Box::pin(std::future::ready(2)), None, 0);
        assert_eq!(poll(&mut spent), Poll::Ready(2));
        assert!(!Wrapper::is_wrapped(&spent, 0), "nothing is left in it");
        let wrapper = address(&*spent);
        assert!(returning::is_at(wrapper, 0));
        drop(spent);
        assert!(!returning::is_at(wrapper, 0));
    }

    #[test]
    fn loans_live_as_long_as_the_future_and_may_change() {
        struct Noted<'a>(&'a Cell<u32>);
        impl Drop for Noted<'_> {
            fn drop(&mut self) {
                self.0.set(self.0.get() + 1);
            }
        }
        let (dropped, text) = (Cell::new(0), "text".to_owned());
        let poll = |future: &mut Pin<Box<dyn Future<Output = usize> + '_>>| {
            future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        };
        for polls in 0..3 {
            let mut future = lend((Noted(&dropped), 1), |loan, _| {
                let ((noted, number), text) = (loan.open(), &text);
                Box::pin(async move {
                    *number += text.len();
                    let mut is_first = true;
                    poll_fn(|_| if std::mem::take(&mut is_first) { Poll::Pending } else { Poll::Ready(()) }).await;
                    assert_eq!(noted.0.get() % 2, 0);
                    *number
                })
            });
            for poll_number in 0..polls {
                assert_eq!(poll(&mut future), if poll_number == 0 { Poll::Pending } else { Poll::Ready(5) });
            }
            drop(future);
            dropped.set(dropped.get() + 1);
        }
        assert_eq!(dropped.get(), 6);
        let sent = lend_send((2,), |loan, _| {
            let (number,) = loan.open();
            Box::pin(async move { *number + 1 })
        });
        let mut sent = std::thread::spawn(move || sent).join().unwrap();
        assert_eq!(sent.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(3));
    }
}
