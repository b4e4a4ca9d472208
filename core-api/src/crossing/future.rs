//! Futures that cross: the wrapper of a boxed future of the other side.

use std::future::Future;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::crossing::replace;
use super::side::{HostSide, PluginSide, Side};
use super::waker::TaskWaker;
use crate::host::host;
use crate::shape::{Cross, Definition, Direction, Holders, Shape, Token, Type, TypeRef, crosses};

const HOLDERS: Holders = Holders {
    boxed: false,
    shared: false,
    pinned: true,
    instead: "a future crosses only as `Pin<Box<dyn Future<Output = T> + Send + '_>>`, or as the result of an `async fn`",
};

/// A future of one side as the other side polls it.
struct Polled<F: ?Sized, T, S: Side> {
    future: ManuallyDrop<Pin<Box<F>>>,
    state: State,
    waker: TaskWaker<S::Other>,
    /// Takes the objects in the output across.
    cross: Option<Cross<T>>,
}

#[derive(Clone, Copy)]
enum State {
    Pending,
    /// The poll that was ready has dropped the future.
    Ready,
    /// Also during a poll.
    Panicked,
}

impl<F: ?Sized, T, S: Side> Polled<F, T, S> {
    fn new(future: Pin<Box<F>>, cross: Option<Cross<T>>) -> Self {
        Self { future: ManuallyDrop::new(future), state: State::Pending, waker: TaskWaker::new(), cross }
    }

    fn drop_future(future: &mut ManuallyDrop<Pin<Box<F>>>) {
        S::call_quietly("Future::drop", || {
            // SAFETY: this is the future's only drop: the callers note it in `state`, or drop the `Polled` itself.
            unsafe { ManuallyDrop::drop(future) }
        });
    }
}

impl<F: ?Sized + Future<Output = T>, T, S: Side> Future for Polled<F, T, S> {
    type Output = T;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Self { future, state, waker, cross } = &mut *self;
        match state {
            State::Pending => {}
            State::Ready => S::complain("Future::poll", "a future was polled again after it was ready"),
            State::Panicked => S::complain("Future::poll", "a future was polled again after it panicked"),
        }
        *state = State::Panicked;
        let poll = waker.lend(context, |context| S::call("Future::poll", || future.as_mut().poll(context)));
        match poll {
            Poll::Pending => {
                *state = State::Pending;
                Poll::Pending
            }
            Poll::Ready(mut output) => {
                *state = State::Ready;
                Self::drop_future(future);
                cross.iter().for_each(|cross| cross(&mut output, S::RESULTS));
                Poll::Ready(output)
            }
        }
    }
}

impl<F: ?Sized, T, S: Side> Drop for Polled<F, T, S> {
    fn drop(&mut self) {
        if !matches!(self.state, State::Ready) {
            Self::drop_future(&mut self.future);
        }
    }
}

macro_rules! futures {
    ($(($($auto:ident)*) $end:literal;)+) => {$(
        // It would only distract from an error about another trait object.
        #[diagnostic::do_not_recommend]
        // SAFETY: the name and the parameter are those of this trait object.
        unsafe impl<'a, Scope, T: Shape<Scope> + 'a> Shape<Scope> for dyn Future<Output = T> $(+ $auto)* + 'a {
            const TYPE: TypeRef = TypeRef::new(&const {
                let params = <Self as Shape<Scope>>::PARAMS;
                Type::object(&["dyn Future<Output = ", $end], <Self as Shape<Scope>>::DEFINITION, params, HOLDERS)
            });
            const DEFINITION: Definition = Definition::foreign("", 1);
            const PARAMS: &'static [TypeRef] = &[T::TYPE];
            type Lifetimes<Rest> = (Token<'a>, T::Lifetimes<Rest>);
            type Objects<Rest> = T::Objects<Rest>;
            type Target = T::Target;

            fn __cross_pin(this: &mut Pin<Box<Self>>, direction: Direction) {
                if host().is_none() {
                    return;
                }
                let cross = crosses::<Scope, T>();
                replace(this, |future| match direction {
                    Direction::IntoPlugin => Box::pin(Polled::<_, _, HostSide>::new(future, cross)),
                    Direction::OutOfPlugin => Box::pin(Polled::<_, _, PluginSide>::new(future, cross)),
                });
            }
        }
    )+};
}

futures! {
    () ">";
    (Send) "> + Send";
    (Send Sync) "> + Send + Sync";
}
