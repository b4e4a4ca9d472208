//! Objects that are lent to a future: their wrappers live as long as the future.

use std::future::Future;
use std::marker::PhantomData;
use std::mem::transmute;
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll};

/// A witness that `'call` ends before `'env` does.
type Within<'call, 'env> = PhantomData<&'call &'env ()>;

/// A boxed future.
type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;
/// A boxed future that may be sent.
type BoxedSend<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Calls a method with the loans, which are wrappers, and keeps them for the future that it returns.
///
/// The method gets them for an unknown lifetime. So the compiler proves that the output of the future does not contain
/// them.
pub fn lend<'env, T: 'env, L: 'env>(
    loans: L,
    method: impl for<'call> FnOnce(Loan<'call, L>, Within<'call, 'env>) -> Boxed<'call, T>,
) -> Boxed<'env, T> {
    let loans = Fixed::new(loans);
    let future = method(Loan(loans.0, PhantomData), PhantomData);
    // SAFETY: *loans*: what the future borrows for `'call` are the loans, which `Lending` drops after it, and borrows that
    // outlive `'env` (`Within`). `T` cannot name `'call`.
    let future = unsafe { transmute::<Boxed<'_, T>, Boxed<'env, T>>(future) };
    Box::pin(Lending { future, loans })
}

/// [`lend`], for a future that may be sent.
pub fn lend_send<'env, T: 'env, L: Send + 'env>(
    loans: L,
    method: impl for<'call> FnOnce(Loan<'call, L>, Within<'call, 'env>) -> BoxedSend<'call, T>,
) -> BoxedSend<'env, T> {
    let loans = Fixed::new(loans);
    let future = method(Loan(loans.0, PhantomData), PhantomData);
    // SAFETY: as in `lend`.
    let future = unsafe { transmute::<BoxedSend<'_, T>, BoxedSend<'env, T>>(future) };
    Box::pin(Lending { future, loans })
}

/// The loans, as a method gets them.
///
/// A `&'call mut L` would tell the compiler that all lifetimes in `L` outlive `'call`, and it would then ask of each borrow
/// in the method to outlive them. Like it, this is invariant: with shorter lifetimes in `L`, a borrow of one loan could be
/// put into another, which is dropped later.
pub struct Loan<'call, L>(NonNull<L>, Invariant<'call, L>);

type Invariant<'call, L> = PhantomData<(fn(&'call ()) -> &'call (), *mut L)>;

impl<'call, L: 'call> Loan<'call, L> {
    /// Returns the loans.
    pub fn open(mut self) -> &'call mut L {
        // SAFETY: *loans*: they do not move, and are dropped after the future, in which `'call` ends. `lend` makes one
        // `Loan` of them, and this consumes it.
        unsafe { self.0.as_mut() }
    }
}

/// A future, and the wrappers that are lent to it. The future is dropped first.
struct Lending<F: ?Sized, L> {
    future: Pin<Box<F>>,
    #[allow(dead_code, reason = "it is there to be dropped after the future")]
    loans: Fixed<L>,
}

impl<F: ?Sized + Future, L> Future for Lending<F, L> {
    type Output = F::Output;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.future.as_mut().poll(context)
    }
}

/// A value that does not move. A `Box` would claim that nobody else has a reference to it.
struct Fixed<L>(NonNull<L>);

// SAFETY: it owns the value.
unsafe impl<L: Send> Send for Fixed<L> {}

impl<L> Fixed<L> {
    fn new(value: L) -> Self {
        Self(NonNull::from(Box::leak(Box::new(value))))
    }
}

impl<L> Drop for Fixed<L> {
    fn drop(&mut self) {
        // SAFETY: `new` made the box, and this is its only drop.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

/// A wrapper that a future uses through `&` only.
pub struct SharedLoan<W>(W);

// SAFETY: it gives out only `&W`, which may be on another thread if `W` is `Sync`. Its drop frees only what any thread may
// free (obligation 1 of `new`).
unsafe impl<W: Sync> Send for SharedLoan<W> {}

impl<W> SharedLoan<W> {
    /// Takes the wrapper of a reference.
    ///
    /// # Safety
    ///
    /// 1. The drop of the wrapper runs no code of the object, and frees only what any thread may free.
    pub unsafe fn new(wrapper: W) -> Self {
        Self(wrapper)
    }

    /// Returns the wrapper.
    pub fn __get(&self) -> &W {
        &self.0
    }
}

/// What may go to another thread. Unlike `Send`, it tells the author of an interface what to do.
#[diagnostic::on_unimplemented(
    message = "an argument that is lent to a future which is `Send` may go to another thread with it",
    label = "this argument may not",
    note = "what is lent by `&mut` must be `Send`, and what is lent by `&` must be `Sync`: make it a supertrait of the \
            interface, or write it here, as in `&mut (dyn FnMut(u8) + Send)` and `&(dyn Error + Send + Sync)`"
)]
pub trait MaySend: Send {}

#[diagnostic::do_not_recommend]
impl<W: Send> MaySend for W {}

/// The wrapper of an argument of which it was asked whether it may go to another thread. So it is asked only once.
pub struct Sent<W>(W);

// SAFETY: `new` asks that of `W`.
unsafe impl<W> Send for Sent<W> {}

impl<W: MaySend> Sent<W> {
    /// Takes the wrapper.
    pub fn new(wrapper: W) -> Self {
        Self(wrapper)
    }
}

impl<W> Sent<W> {
    /// Returns the wrapper.
    pub fn __open(&mut self) -> &mut W {
        &mut self.0
    }
}
