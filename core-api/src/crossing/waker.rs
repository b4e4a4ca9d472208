//! Wakers: a future is polled with a wrapper of its executor's waker.
//!
//! The future's side calls the waker, and the executor's side implements it. So the wrapper runs each call for the side of
//! the executor.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, RawWaker, RawWakerVTable, Waker};

use super::side::{HostSide, PluginSide, Side};

/// The wrapper of a task's waker. All clones that live at one time share it, also those of earlier polls by that task.
///
/// It is not kept longer than they are: the task may own the future, so the future must not own the task.
pub(super) struct TaskWaker<S: Wakes>(Mutex<Weak<Owned<S>>>);

impl<S: Wakes> TaskWaker<S> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Weak::new()))
    }

    /// Runs a poll of the other side with its own waker, if that is what this side's waker wraps. Otherwise with a wrapper:
    /// with the one of an earlier poll by the same task, if it has clones, or with one that is lent for this poll.
    #[inline]
    pub(super) fn lend<R>(&mut self, context: &mut Context<'_>, poll: impl FnOnce(&mut Context<'_>) -> R) -> R {
        if let Some(own) = S::at_home(context.waker()) {
            return poll(&mut Context::from_waker(own));
        }
        let kept = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(owned) = kept.upgrade() {
            if is_same(&owned.waker, context.waker()) {
                return poll(&mut Context::from_waker(&owned.into_waker()));
            }
            *kept = Weak::new();
        }
        let lent = Lent { waker: context.waker(), clones: &self.0 };
        // SAFETY: *waker*: the functions of this table expect the address of a `Lent`. It is one for as long as
        // the waker, which only this function owns, and lends.
        let waker = ManuallyDrop::new(unsafe { Waker::new((&raw const lent).cast(), &S::tables().lent) });
        poll(&mut Context::from_waker(&waker))
    }
}

/// Whether two wakers wake the same task. `will_wake` says no for a waker of std and its clone, if the compiler gave each of
/// them a table of its own.
fn is_same(kept: &Waker, other: &Waker) -> bool {
    kept.data() == other.data() && kept.vtable() == other.vtable()
}

/// A side that has executors.
pub(super) trait Wakes: Side {
    /// The functions of the wrappers of its wakers. They are in a static, because `Waker::will_wake` compares addresses, and
    /// a constant may have another address at each use.
    fn tables() -> &'static Tables;

    /// Returns the waker of the other side that a waker of this side wraps.
    fn at_home(waker: &Waker) -> Option<&Waker>;
}

/// Returns what a waker wraps, if it is a wrapper of a waker of side `S`.
#[inline]
fn wrapped<S: Wakes>(waker: &Waker) -> Option<&Waker> {
    let tables = S::tables();
    if std::ptr::eq(waker.vtable(), &tables.lent) {
        // SAFETY: *waker*: this table is paired with the address of a `Lent` only, which outlives the waker that is lent.
        return Some(unsafe { &*waker.data().cast::<Lent<'_, S>>() }.waker);
    }
    if std::ptr::eq(waker.vtable(), &tables.owned) {
        // SAFETY: *waker*: this table is paired with the data of an `Owned` only, of which the waker has a count.
        return Some(&unsafe { &*waker.data().cast::<Owned<S>>() }.waker);
    }
    None
}

impl Wakes for HostSide {
    fn tables() -> &'static Tables {
        static TABLES: Tables = Tables::new::<HostSide>();
        &TABLES
    }

    #[inline]
    fn at_home(waker: &Waker) -> Option<&Waker> {
        wrapped::<PluginSide>(waker)
    }
}

impl Wakes for PluginSide {
    fn tables() -> &'static Tables {
        static TABLES: Tables = Tables::new::<PluginSide>();
        &TABLES
    }

    #[inline]
    fn at_home(waker: &Waker) -> Option<&Waker> {
        wrapped::<HostSide>(waker)
    }
}

/// The functions of the wrappers of one side's wakers.
pub(super) struct Tables {
    lent: RawWakerVTable,
    owned: RawWakerVTable,
}

impl Tables {
    pub(super) const fn new<S: Wakes>() -> Self {
        Self {
            lent: RawWakerVTable::new(Lent::<S>::clone, Lent::<S>::wake, Lent::<S>::wake_by_ref, Lent::<S>::drop),
            owned: RawWakerVTable::new(
                Owned::<S>::clone,
                Owned::<S>::wake,
                Owned::<S>::wake_by_ref,
                Owned::<S>::release,
            ),
        }
    }
}

/// The waker of the executor's side, lent for a poll. It costs no allocation.
struct Lent<'a, S: Wakes> {
    waker: &'a Waker,
    /// What its clones share.
    clones: &'a Mutex<Weak<Owned<S>>>,
}

impl<S: Wakes> Lent<'_, S> {
    fn clones(&self) -> MutexGuard<'_, Weak<Owned<S>>> {
        self.clones.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// # Safety
    ///
    /// 1. `this` is the address of a `Lent`.
    unsafe fn clone(this: *const ()) -> RawWaker {
        // SAFETY: *waker*: obligation 1.
        let this = unsafe { &*this.cast::<Self>() };
        let shared = this.clones().upgrade();
        let owned = shared.unwrap_or_else(|| {
            // Not while the lock is held: the executor's code may do anything.
            let waker = S::call("Waker::clone", || this.waker.clone());
            let owned = Arc::new(Owned { waker: ManuallyDrop::new(waker), side: PhantomData });
            let first = {
                let mut clones = this.clones();
                let first = clones.upgrade();
                if first.is_none() {
                    *clones = Arc::downgrade(&owned);
                }
                first
            };
            // Another thread may have been first.
            first.unwrap_or(owned)
        });
        RawWaker::new(Arc::into_raw(owned).cast(), &S::tables().owned)
    }

    /// # Safety
    ///
    /// None: only a reference to the waker is lent, so nobody can call it.
    unsafe fn wake(_: *const ()) {
        unreachable!("a waker that is lent has no owner");
    }

    /// # Safety
    ///
    /// 1. `this` is the address of a `Lent`.
    unsafe fn wake_by_ref(this: *const ()) {
        // SAFETY: *waker*: obligation 1.
        let this = unsafe { &*this.cast::<Self>() };
        S::call_quietly("Waker::wake_by_ref", || this.waker.wake_by_ref());
    }

    /// # Safety
    ///
    /// None: it does nothing.
    unsafe fn drop(_: *const ()) {}
}

/// A clone of the waker of the executor's side. It may outlive the task and the executor.
struct Owned<S: Wakes> {
    waker: ManuallyDrop<Waker>,
    side: PhantomData<fn() -> S>,
}

impl<S: Wakes> Owned<S> {
    fn into_waker(self: Arc<Self>) -> Waker {
        // SAFETY: *waker*: the functions of this table expect what `Arc::into_raw` returned.
        unsafe { Waker::new(Arc::into_raw(self).cast(), &S::tables().owned) }
    }

    /// # Safety
    ///
    /// 1. `this` is what `Arc::into_raw` returned for an `Arc<Self>` that still has an owner.
    unsafe fn clone(this: *const ()) -> RawWaker {
        // SAFETY: *waker*: obligation 1.
        unsafe { Arc::increment_strong_count(this.cast::<Self>()) };
        RawWaker::new(this, &S::tables().owned)
    }

    /// # Safety
    ///
    /// 1. `this` is what `Arc::into_raw` returned for an `Arc<Self>`, and the caller gives up that `Arc`.
    unsafe fn wake(this: *const ()) {
        // SAFETY: *waker*: obligation 1.
        let this = unsafe { Arc::from_raw(this.cast::<Self>()) };
        this.wake_quietly();
    }

    /// # Safety
    ///
    /// 1. `this` is what `Arc::into_raw` returned for an `Arc<Self>` that still has an owner.
    unsafe fn wake_by_ref(this: *const ()) {
        // SAFETY: *waker*: obligation 1.
        let this = unsafe { &*this.cast::<Self>() };
        this.wake_quietly();
    }

    /// # Safety
    ///
    /// 1. `this` is what `Arc::into_raw` returned for an `Arc<Self>`, and the caller gives up that `Arc`.
    unsafe fn release(this: *const ()) {
        // SAFETY: *waker*: obligation 1.
        drop(unsafe { Arc::from_raw(this.cast::<Self>()) });
    }

    /// Wakes the task. A panic is reported and not raised: whoever wakes is often the driver of a runtime, whose thread
    /// would end.
    fn wake_quietly(&self) {
        S::call_quietly("Waker::wake", || self.waker.wake_by_ref());
    }
}

impl<S: Wakes> Drop for Owned<S> {
    fn drop(&mut self) {
        let waker = &mut self.waker;
        S::call_quietly("Waker::drop", || {
            // SAFETY: this is the waker's only drop: `Owned` never moves it out, and this `drop` runs once.
            unsafe { ManuallyDrop::drop(waker) }
        });
    }
}
