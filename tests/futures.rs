//! Futures that cross: on several executors, with panics of each side in each place, and with wakers that panic.

use std::alloc::{GlobalAlloc, Layout, System};
use std::any::Any;
use std::cell::Cell;
use std::future::{Future, pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Wake, Waker};
use std::time::Duration;

use async_trait::async_trait;
use futures_api::{
    Async, Body, Boxed, Counter, Local, LocalStream, Made, Passes, Peer, Shared, SharedStream, Steps, UNLUCKY, Word,
    polls,
};
use futures_core::Stream;
use harness::{Build, in_child, loader, logged};
use libloading::Library;
use plugbox_loader::{Loaded, PluginPanic};

fn plugin() -> Loaded<dyn Async> {
    let library = Build::new("futures-plugin").library();
    loader(&library).load_file::<dyn Async>(&library).unwrap()
}

/// The same plugin without guards, for comparison.
fn unguarded() -> Box<dyn Async> {
    // SAFETY: the same compiler has just built the fixture, and the fixture stays mapped.
    let library = Box::leak(Box::new(unsafe { Library::new(Build::new("futures-plugin").library()) }.unwrap()));
    // SAFETY: the function exists, and makes an object of this interface.
    let make = unsafe { library.get::<fn() -> Box<dyn Async>>(b"unguarded") }.unwrap();
    make()
}

/// A panic payload whose type only the host knows.
#[derive(Debug, PartialEq)]
struct HostsOwn(u64);

struct Own;

#[async_trait]
impl Peer for Own {
    async fn answer(&self, number: u64) -> u64 {
        polls(1).await;
        if number == UNLUCKY {
            std::panic::panic_any(HostsOwn(number));
        }
        number * 20
    }
}

struct OwnCounter(u64);

#[async_trait]
impl Counter for OwnCounter {
    async fn count(&mut self, step: u64) -> u64 {
        polls(1).await;
        self.0 += step;
        self.0
    }
}

/// Runs a future on each executor that plugins will meet.
fn on_each_executor<R: std::fmt::Debug + PartialEq>(make: impl Fn() -> Pin<Box<dyn Future<Output = R> + Send>>) -> R {
    let current = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let many = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let all = [
        current.block_on(make()),
        many.block_on(make()),
        smol::block_on(make()),
        futures::executor::block_on(make()),
        poll_always(make()),
    ];
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "{all:?}");
    all.into_iter().next().unwrap()
}

/// An executor that polls whether or not it is woken.
fn poll_always<R>(future: impl Future<Output = R>) -> R {
    let (mut future, waker) = (pin!(future), Waker::from(Arc::new(Counts(AtomicUsize::new(0)))));
    loop {
        if let Poll::Ready(result) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return result;
        }
        std::thread::yield_now();
    }
}

fn caught<R>(run: impl FnOnce() -> R) -> Box<dyn Any + Send> {
    let payload = catch_unwind(AssertUnwindSafe(run)).err().expect("it panics");
    assert!(!std::thread::panicking());
    payload
}

fn message(payload: &(dyn Any + Send)) -> String {
    payload.downcast_ref::<PluginPanic>().expect("a panic of the plugin").to_string()
}

#[test]
fn async_methods_run_on_every_executor_in_both_directions() {
    let plugin: &'static Loaded<dyn Async> = Box::leak(Box::new(plugin()));
    assert_eq!(on_each_executor(|| plugin.first(("abcdef", 2), "xy")), "abcd");
    assert_eq!(on_each_executor(|| plugin.ask(&Own, 3)), 60 + 120);
    assert_eq!(
        on_each_executor(|| Box::pin(async { plugin.count(&mut OwnCounter(0), &Own).await })),
        1 + 3 + 6 + 20 * (1 + 2 + 3)
    );
    assert_eq!(on_each_executor(|| Box::pin(async { plugin.peer().await.twice(5).await })), 20);
    assert_eq!(on_each_executor(|| plugin.ready(4)), 4);
    assert_eq!(on_each_executor(|| plugin.run(Box::pin(async { 5 }))), Ok(5));
    assert_eq!(on_each_executor(|| plugin.pass(Box::pin(async { 6 }))), 6);
    assert_eq!(on_each_executor(|| plugin.sleep(1)), 1);
    let told = Mutex::new(Vec::new());
    poll_always(plugin.tell("abc", &|text| told.lock().unwrap().push(text.to_owned())));
    assert_eq!(*told.lock().unwrap(), ["a", "ab", "abc"]);
    assert!(on_each_executor(|| plugin.will_wake(10)), "the waker of a task stays the same");
    for use_of in ["clone_from", "wake", "wake_by_ref", "clone"] {
        // The last one is not woken, and only one of the executors polls nevertheless.
        if use_of.starts_with("wake") {
            assert_eq!(on_each_executor(|| plugin.waker(use_of)), 4, "{use_of}");
        } else {
            assert_eq!(poll_always(plugin.waker(use_of)), 4, "{use_of}");
        }
    }
}

#[test]
fn what_is_borrowed_mutably_may_be_borrowed_for_longer_than_the_call() {
    let plugin = plugin();
    let mut numbers = vec![1, 2];
    let mut drained = plugin.drain(&mut numbers);
    let mut next = || poll_always(poll_fn(|context| drained.as_mut().poll_next(context)));
    assert_eq!((next(), next(), next()), (Some(2), Some(1), None));
    drop(drained);
    assert_eq!(*plugin.first_of(&mut numbers), 1);
    let mut word = Word { text: "word" };
    plugin.shorten(&mut word);
}

#[test]
fn what_is_borrowed_for_the_call_only_is_not_kept_by_the_future() {
    struct Adds;
    impl Steps for Adds {
        fn step(&self, number: u64) -> u64 {
            if number == UNLUCKY {
                std::panic::panic_any(HostsOwn(number));
            }
            number + 1
        }
    }
    let plugin = plugin();
    let (mut numbers, mut peers, mut steps) = (vec![1, 2], Vec::new(), 0);
    let mut step = |number| {
        steps += 1;
        number * 10
    };
    let future = plugin.at_once(&mut numbers, &mut peers, &mut step, &Adds);
    assert_eq!((steps, peers.len(), &numbers[..]), (2, 1, &[20, 30][..]));
    assert_eq!(poll_always(future), 50);
    assert_eq!(poll_always(peers[0].answer(4)), 8);
    let payload = caught(|| plugin.at_once(&mut vec![UNLUCKY], &mut Vec::new(), &mut |number| number, &Adds));
    assert_eq!(payload.downcast_ref(), Some(&HostsOwn(UNLUCKY)));
}

#[test]
fn a_provided_method_keeps_its_arguments_and_its_attributes() {
    struct Noted(Arc<()>);
    #[async_trait]
    impl Peer for Noted {
        async fn answer(&self, _: u64) -> u64 {
            Arc::strong_count(&self.0) as u64
        }
    }
    let (plugin, held) = (plugin(), Arc::new(()));
    for polls in 0..2 {
        let mut future = plugin.ignores(Box::new(Noted(held.clone())));
        for _ in 0..polls {
            assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        assert_eq!(Arc::strong_count(&held), 2, "an argument lives as long as the future");
        drop(future);
        assert_eq!(Arc::strong_count(&held), 1);
    }
    assert_eq!(plugin.add((1, 2), Body(3)), Body(4));
}

#[test]
fn what_goes_to_and_fro_does_not_grow() {
    let plugin = plugin();
    let place = |future: &Boxed<u64>| std::ptr::from_ref(&**future).addr();
    // Each layer of wrappers would take a frame of this thread's stack.
    let trips = std::thread::Builder::new().stack_size(256 << 10);
    let go = move || {
        let mut own: Boxed<u64> = Box::pin(async { 1 });
        let first_place = place(&own);
        let mut of_the_plugin = plugin.ready(2);
        for _ in 0..10_000 {
            own = plugin.pass(own);
            of_the_plugin = plugin.pass(of_the_plugin);
        }
        assert_eq!(place(&own), first_place, "a future that comes home is itself again");
        assert_eq!((poll_always(own), poll_always(of_the_plugin)), (1, 2));

        let own: Boxed<u64> = Box::pin(async { 3 });
        let first_place = place(&own);
        let mut ready: Boxed<u64> = Box::pin(async { 4 });
        assert_eq!(poll_always(&mut ready), 4);
        let (mut futures, mut streams): (Vec<_>, Vec<_>) = (Vec::new(), Vec::new());
        plugin.visit(&mut futures, &mut streams);
        futures.extend([own, ready]);
        streams.push(Box::pin(Numbers(9, 0)));
        for _ in 0..10_000 {
            plugin.visit(&mut futures, &mut streams);
        }
        assert_eq!(place(&futures[1]), first_place);
        assert_eq!(poll_always(&mut futures[0]), 7);
        assert_eq!(poll_always(&mut futures[1]), 3);
        let mut next = |index: usize| poll_always(poll_fn(|context| streams[index].as_mut().poll_next(context)));
        assert_eq!((next(0), next(1)), (Some(7), Some(8)));
    };
    trips.spawn(go).unwrap().join().unwrap();
}

#[test]
fn many_tasks_of_a_runtime_await_one_plugin() {
    let plugin: &'static Loaded<dyn Async> = Box::leak(Box::new(plugin()));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let sum: u64 = runtime.block_on(async {
        let tasks: Vec<_> = (0..200)
            .map(|number| {
                tokio::spawn(async move { plugin.sleep(number % 7).await + plugin.ask(&Own, number % 7).await })
            })
            .collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await.unwrap();
        }
        sum
    });
    assert_eq!(sum, (0..200).map(|number| (number % 7) * 61).sum::<u64>());
}

#[test]
fn a_panic_of_either_side_arrives_at_whoever_awaits() {
    let plugin = plugin();
    for number in [0, 3] {
        let mut future = plugin.panics(number);
        let payload = caught(|| poll_always(future.as_mut()));
        assert!(message(&*payload).contains("a future of the plugin"), "{}", message(&*payload));
        let again = caught(|| poll_always(future.as_mut()));
        assert!(message(&*again).contains("polled again after it panicked"), "{}", message(&*again));
        drop(future);
    }
    // A panic of the host inside a future of the plugin keeps its payload.
    let payload = caught(|| poll_always(plugin.ask(&Own, UNLUCKY)));
    assert_eq!(payload.downcast_ref(), Some(&HostsOwn(UNLUCKY)));
    let payload = caught(|| poll_always(async { plugin.peer().await.answer(UNLUCKY).await }));
    assert!(message(&*payload).contains("the plugin's peer knows no 13"));
    // A panic of the host that the plugin catches.
    let panics: Boxed<u64> = Box::pin(async {
        polls(1).await;
        std::panic::panic_any(HostsOwn(1))
    });
    assert_eq!(poll_always(plugin.run(panics)), Err("the host's own".to_owned()));
    // Through both sides and back.
    let panics: Boxed<u64> = Box::pin(async { std::panic::panic_any(HostsOwn(2)) });
    let payload = caught(|| poll_always(plugin.pass(panics)));
    assert_eq!(payload.downcast_ref(), Some(&HostsOwn(2)));
    let payload = caught(|| poll_always(plugin.sleep_without_a_runtime()));
    assert!(message(&*payload).contains("no reactor running"), "{}", message(&*payload));
}

#[test]
fn a_future_or_stream_of_each_kind_comes_home_as_itself_and_as_another_kind_it_is_wrapped() {
    fn place<T: ?Sized>(object: &T) -> usize {
        std::ptr::from_ref(object).addr()
    }
    let panics = || async { std::panic::panic_any(HostsOwn(4)) };
    let library = Build::new("futures-plugin").library();
    let plugin = loader(&library).load_file::<dyn Passes>(&library).unwrap();

    macro_rules! comes_home {
        ($($method:ident: $type:ident = $make:expr;)*) => {$(
            let mut own: $type = $make;
            let first = place(&*own);
            for _ in 0..100 {
                own = plugin.$method(own);
                assert_eq!(place(&*own), first, stringify!($method));
            }
        )*};
    }
    comes_home! {
        local: Local = Box::pin(async { 1 });
        shared: Shared = Box::pin(async { 2 });
        local_stream: LocalStream = Box::pin(Numbers(9, 0));
        shared_stream: SharedStream = Box::pin(Numbers(9, 0));
    }

    // A wrapper of one kind of object is not one of another kind, so it is wrapped. Both wrappers work.
    let payload = caught(|| poll_always(plugin.less(Box::pin(panics()))));
    assert_eq!(payload.downcast_ref(), Some(&HostsOwn(4)));
    let payload = caught(|| poll_always(plugin.least(Box::pin(panics()))));
    assert_eq!(payload.downcast_ref(), Some(&HostsOwn(4)));
    let own: Shared = Box::pin(async { 5 });
    let first = place(&*own);
    let less = plugin.less(own);
    assert_ne!(place(&*less), first);
    assert_eq!(poll_always(plugin.least(less)), 5);
    let mut stream = plugin.least_stream(Box::pin(Numbers(9, 0)));
    assert_eq!(poll_always(poll_fn(|context| stream.as_mut().poll_next(context))), Some(8));
}

/// The numbers of allocations in this thread.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: it is the system's allocator. A count allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller keeps the obligations of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the obligations of `dealloc`.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn poll_once<R>(mut future: Pin<Box<dyn Future<Output = R> + Send + '_>>) -> Poll<R> {
    future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

fn allocations<R>(run: impl FnOnce() -> R) -> (usize, R) {
    let before = ALLOCATIONS.get();
    let result = run();
    (ALLOCATIONS.get() - before, result)
}

#[test]
fn a_future_and_its_guard_are_in_one_box_or_in_two() {
    let library = Build::new("futures-plugin").library();
    let [one, two] = ["made-in-one", "made-in-two"].map(|name| {
        let plugins = loader(&library).load_library::<dyn Made>(&library).unwrap();
        plugins.into_iter().find(|plugin| Loaded::info(plugin).name == name).unwrap()
    });
    for (boxes, plugin) in [(1, one), (2, two)] {
        assert_eq!(allocations(|| poll_once(plugin.ready(1))), (boxes, Poll::Ready(2)));
        let peer = poll_always(plugin.peer()).unwrap();
        assert_eq!(allocations(|| poll_once(peer.answer(2))), (boxes, Poll::Ready(4)), "an object of the plugin");
        let payload = caught(|| poll_always(peer.answer(UNLUCKY)));
        assert!(payload.is::<PluginPanic>() && message(&*payload).contains("the plugin's peer knows no 13"));

        for number in [0, 2] {
            let mut future = plugin.panics(number);
            let payload = caught(|| poll_always(future.as_mut()));
            assert!(payload.is::<PluginPanic>() && message(&*payload).contains("a future of the plugin"));
            let again = caught(|| poll_always(future.as_mut()));
            assert!(message(&*again).contains("polled again after it panicked"), "{}", message(&*again));
        }
        assert_eq!(poll_always(plugin.ask(&Own, 3)), 61);
        let payload = caught(|| poll_always(plugin.ask(&Own, UNLUCKY)));
        assert_eq!(payload.downcast_ref(), Some(&HostsOwn(UNLUCKY)));
        let mut asking = plugin.ask(&Own, 3);
        assert!(asking.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop(asking);

        let ((), log) = logged(tracing::Level::TRACE, || {
            drop(plugin.bomb());
            let mut bomb = plugin.bomb();
            assert!(bomb.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            drop(bomb);
        });
        assert_eq!(log.matches("the drop of a future").count(), 1, "{log}");
        let plugin: &'static Loaded<dyn Made> = Box::leak(Box::new(plugin));
        assert_eq!(on_each_executor(|| plugin.ready(1)), 2);
    }
}

#[test]
fn a_future_is_polled_again_after_it_was_ready() {
    let plugin = plugin();
    let mut future = plugin.ready(1);
    assert_eq!(poll_always(future.as_mut()), 1);
    let payload = caught(|| poll_always(future.as_mut()));
    assert!(message(&*payload).contains("polled again after it was ready"), "{}", message(&*payload));
}

#[test]
fn dropping_cancels_wherever_it_happens() {
    let plugin = plugin();
    let before = plugin.dropped();
    drop(plugin.never());
    let mut polled = plugin.never();
    assert!(polled.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    std::thread::spawn(move || drop(polled)).join().unwrap();
    assert_eq!(plugin.dropped() - before, 2);
    // What the host has made is dropped when the plugin drops it.
    let held = Arc::new(());
    let holds = held.clone();
    let future: Boxed<u64> = Box::pin(async move {
        let _holds = holds;
        pending().await
    });
    let mut running = plugin.run(future);
    assert!(running.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert_eq!(Arc::strong_count(&held), 2);
    drop(running);
    assert_eq!(Arc::strong_count(&held), 1);
    // Lent objects outlive the future that is dropped.
    let mut asking = plugin.ask(&Own, 3);
    assert!(asking.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(asking);
}

#[test]
fn a_panic_in_the_drop_of_a_future_is_reported_and_the_output_is_kept() {
    let (output, log) = logged(tracing::Level::TRACE, || {
        let plugin = plugin();
        drop(plugin.bomb(3));
        poll_always(plugin.bomb(1))
    });
    assert_eq!(output, 7);
    assert_eq!(log.matches("the drop of a future").count(), 2, "{log}");
}

/// A waker of the host that panics in one of its functions.
fn bad_waker(panics_in: &str) -> Waker {
    static CLONE: RawWakerVTable = RawWakerVTable::new(|_| std::panic::panic_any(HostsOwn(3)), |_| {}, |_| {}, |_| {});
    static WAKE: RawWakerVTable = RawWakerVTable::new(
        |this| RawWaker::new(this, &WAKE),
        |_| std::panic::panic_any(HostsOwn(4)),
        |_| std::panic::panic_any(HostsOwn(4)),
        |_| {},
    );
    static DROP: RawWakerVTable =
        RawWakerVTable::new(|this| RawWaker::new(this, &DROP), |_| {}, |_| {}, |_| std::panic::panic_any(HostsOwn(5)));
    let table = match panics_in {
        "clone" => &CLONE,
        "wake" => &WAKE,
        _ => &DROP,
    };
    // SAFETY: the functions do not use the address.
    unsafe { Waker::new(std::ptr::null(), table) }
}

#[test]
fn a_panic_of_the_hosts_waker_reaches_the_poll_from_clone_only() {
    let plugin = plugin();
    let poll = |use_of: &str, panics_in: &str| {
        let waker = std::mem::ManuallyDrop::new(bad_waker(panics_in));
        let mut future = plugin.waker(use_of);
        let mut polls = || (0..4).all(|_| future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        catch_unwind(AssertUnwindSafe(&mut polls)).map_err(|payload| payload.downcast_ref::<HostsOwn>().unwrap().0)
    };
    for use_of in ["clone", "wake", "clone_from"] {
        assert_eq!(poll(use_of, "clone"), Err(3), "{use_of}");
    }
    assert_eq!(poll("wake_by_ref", "clone"), Ok(false));
    for use_of in ["clone", "wake", "wake_by_ref", "clone_from"] {
        assert_eq!(poll(use_of, "wake"), Ok(false), "{use_of}");
        assert_eq!(poll(use_of, "drop"), Ok(false), "{use_of}");
    }
}

#[test]
fn a_panic_of_the_plugins_waker_does_not_stop_the_host() {
    let plugin = plugin();
    let poll = |use_of: &'static str, panics_in: &str| {
        let other = crate::plugin();
        // A future of the host that uses its waker.
        let mut polls = 0;
        let future: Boxed<u64> = Box::pin(poll_fn(move |context| {
            let _ = &other;
            polls += 1;
            match use_of {
                "clone" => drop(context.waker().clone()),
                "wake" => {
                    let waker = context.waker().clone();
                    std::thread::spawn(move || waker.wake()).join().expect("the host's thread goes on");
                }
                _ => context.waker().wake_by_ref(),
            }
            if polls == 3 { Poll::Ready(polls) } else { Poll::Pending }
        }));
        plugin.poll_with_bad_waker(future, panics_in)
    };
    for use_of in ["clone", "wake"] {
        assert_eq!(poll(use_of, "clone").as_deref(), Some("the host's own"), "{use_of}");
    }
    for use_of in ["clone", "wake", "wake_by_ref"] {
        let text = poll(use_of, "wake");
        assert!(text.as_ref().is_none_or(|text| text.contains("polled again after it was ready")), "{text:?}");
        let text = poll(use_of, "drop");
        assert!(text.as_ref().is_none_or(|text| text.contains("polled again after it was ready")), "{text:?}");
    }
}

/// Counts its wakes.
struct Counts(AtomicUsize);

impl Wake for Counts {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn wakers_outlive_their_task_and_their_executor() {
    let plugin = plugin();
    let counts = Arc::new(Counts(AtomicUsize::new(0)));
    for _ in 0..3 {
        let waker = Waker::from(counts.clone());
        let mut future = plugin.keep_waker();
        assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(plugin.keep_waker());
    drop(runtime);
    assert_eq!(plugin.wake_kept(), 4);
    assert_eq!((counts.0.load(Ordering::Relaxed), Arc::strong_count(&counts)), (3, 1));
}

#[test]
fn the_waker_of_another_task_replaces_that_of_the_last() {
    let plugin = plugin();
    let all: Vec<_> = (0..3).map(|_| Arc::new(Counts(AtomicUsize::new(0)))).collect();
    let mut future = plugin.waker("wake");
    for counts in &all {
        assert!(future.as_mut().poll(&mut Context::from_waker(&Waker::from(counts.clone()))).is_pending());
    }
    drop(future);
    for counts in all {
        assert_eq!((counts.0.load(Ordering::Relaxed), Arc::strong_count(&counts)), (1, 1));
    }
}

struct Numbers(u64, u64);

impl Stream for Numbers {
    type Item = u64;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<u64>> {
        self.1 += 1;
        if self.1 % 2 == 0 {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.0 -= 1;
        if self.0 == UNLUCKY {
            std::panic::panic_any(HostsOwn(self.0));
        }
        Poll::Ready((self.0 > 0).then_some(self.0))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0 as usize, None)
    }
}

#[test]
fn streams_cross_item_by_item() {
    use futures::StreamExt;
    let plugin: &'static Loaded<dyn Async> = Box::leak(Box::new(plugin()));
    let asked = on_each_executor(|| {
        Box::pin(async {
            let mut sum = 0;
            let mut peers = plugin.numbers(3);
            assert_eq!(peers.size_hint(), (3, Some(3)));
            while let Some(peer) = peers.next().await {
                sum += peer.answer(5).await;
            }
            sum
        })
    });
    assert_eq!(asked, 30);
    assert_eq!(on_each_executor(|| plugin.sum(Box::pin(Numbers(5, 0)))), 4 + 3 + 2 + 1 + 5000);
    let payload = caught(|| poll_always(plugin.sum(Box::pin(Numbers(20, 0)))));
    assert_eq!(payload.downcast_ref(), Some(&HostsOwn(UNLUCKY)));
    let payload = caught(|| poll_always(plugin.numbers(20).map(drop).collect::<Vec<_>>()));
    assert!(message(&*payload).contains("the plugin's stream knows no 13"));
    let payload = caught(|| plugin.numbers(UNLUCKY).size_hint());
    assert!(message(&*payload).contains("the plugin's stream has no size"));
}

#[test]
fn an_await_that_never_wakes_does_not_keep_a_lock_of_the_host() {
    let plugin = plugin();
    let mutex = Mutex::new(plugin.never());
    assert!(mutex.lock().unwrap().as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(mutex);
}

/// What would happen without the wrappers, each in a process of its own.
#[test]
fn without_wrappers_each_of_these_panics_aborts() {
    const TEST: &str = "without_wrappers_each_of_these_panics_aborts";
    type Case = (&'static str, fn(&dyn Async));
    let cases: [Case; 5] = [
        ("the plugin's future", |plugin| poll_always(plugin.panics(1))),
        ("its drop", |plugin| drop(plugin.bomb(1))),
        ("the host's future", |plugin| {
            drop(poll_always(plugin.run(Box::pin(async { std::panic::panic_any(HostsOwn(1)) }))));
        }),
        ("the host's waker", |plugin| {
            let waker = std::mem::ManuallyDrop::new(bad_waker("wake"));
            let mut future = plugin.run(Box::pin(WakesInPoll));
            let _ = future.as_mut().poll(&mut Context::from_waker(&waker));
        }),
        ("the plugin's waker", |plugin| drop(plugin.poll_with_bad_waker(Box::pin(WakesElsewhere), "wake"))),
    ];
    for (name, _) in cases {
        let child = in_child(TEST, &[("FUTURES_CASE", name), ("RUST_BACKTRACE", "0")], || {
            // The child starts from the beginning, and finds its own case here.
            let wanted = std::env::var("FUTURES_CASE").unwrap();
            let (_, run) = cases.iter().find(|(name, _)| *name == wanted).unwrap();
            let _ = catch_unwind(AssertUnwindSafe(|| run(&*unguarded())));
        });
        let Some(child) = child else { return };
        assert!(child.signal.is_some(), "{name}: {child:?}");
    }
    // With the wrappers, the same code does no harm.
    for (_, run) in cases {
        let _ = catch_unwind(AssertUnwindSafe(|| run(&*plugin())));
    }
}

/// Wakes its task in its poll, with the waker of whoever polls.
struct WakesInPoll;

impl Future for WakesInPoll {
    type Output = u64;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u64> {
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Wakes its task on a thread of the host.
struct WakesElsewhere;

impl Future for WakesElsewhere {
    type Output = u64;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u64> {
        let waker = context.waker().clone();
        let _ = std::thread::spawn(move || catch_unwind(AssertUnwindSafe(|| waker.wake()))).join();
        Poll::Pending
    }
}

#[test]
fn a_runtime_of_the_plugin_serves_its_futures_on_the_hosts() {
    let plugin = plugin();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let slept = runtime.block_on(async {
        tokio::select! {
            slept = plugin.sleep(1) => slept,
            () = tokio::time::sleep(Duration::from_secs(60)) => 0,
        }
    });
    assert_eq!(slept, 1);
}
