//! The measurements of each host. `host ROW TIMES LIBRARY...` prints the total time in nanoseconds.

use std::hint::black_box;
use std::ops::Deref;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::reload::{self, Serve};
use super::{Further, Host, Plugin};

struct Adder(u64);

impl Host for Adder {
    fn add(&self, number: u64) -> u64 {
        self.0 + number
    }
}

/// Makes the heap look like that of a program that has run for a while. In a new heap, the time of `free` depends on
/// the code that ran before.
fn used_heap() -> Vec<Vec<u8>> {
    let blocks: Vec<Vec<u8>> = (0..4_000).map(|size| Vec::with_capacity(size % 400 + 1)).collect();
    blocks.into_iter().enumerate().filter(|(index, _)| index % 2 == 0).map(|(_, block)| block).collect()
}

/// A candidate's functions: `load` loads a library, in the way that the row says; `look` reads libraries without
/// loading them.
pub struct Candidate<P, F> {
    pub load: fn(&str, row: &str) -> P,
    pub further: fn(&str) -> F,
    pub look: fn(&[String]),
    /// Serves a file that is replaced.
    pub serve: Serve,
    /// A function that calls `tiny` so often, through the candidate's handle for plugins that reload, if it has one.
    pub reloadable: fn(&str, row: &str) -> Box<dyn Fn(u64) + Sync>,
}

/// A subscriber for level `INFO`. It disables lower levels once for all call sites (`once`), or at each call site.
struct Listener {
    once: bool,
}

impl tracing::Subscriber for Listener {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() <= tracing::Level::INFO
    }

    fn max_level_hint(&self) -> Option<tracing::level_filters::LevelFilter> {
        self.once.then_some(tracing::level_filters::LevelFilter::INFO)
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, _: &tracing::Event<'_>) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

impl log::Log for Listener {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.level() <= log::Level::Info
    }

    fn log(&self, _: &log::Record<'_>) {}
    fn flush(&self) {}
}

fn listen(once: bool) {
    tracing::subscriber::set_global_default(Listener { once }).unwrap();
    log::set_logger(&Listener { once: true }).unwrap();
    log::set_max_level(log::LevelFilter::Info);
}

struct Task;

impl Wake for Task {
    fn wake(self: Arc<Self>) {}
}

/// The rows with futures, closures, errors and a type of another crate.
const FURTHER: [&str; 10] = [
    "ready future",
    "ready future, boxed by the plugin",
    "pending poll",
    "pending with one wake",
    "pending with one wake, on tokio",
    "10,000 sleeps",
    "stream item",
    "closure call",
    "boxed error",
    "foreign type by reference",
];

/// Runs a row of [`FURTHER`]; `false` for any other row.
fn run_further(row: &str, times: u64, further: impl FnOnce() -> Box<dyn Deref<Target = dyn Further>>) -> bool {
    if !FURTHER.contains(&row) {
        return false;
    }
    let further = further();
    let further: &dyn Further = black_box(&**further);
    let waker = Waker::from(Arc::new(Task));
    let mut context = Context::from_waker(&waker);
    let (mut pending, mut items, closure) = (further.pending(), further.items(), further.closure());
    let bytes = Bytes::from_static(b"plugbox and its peers");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let _heap = used_heap();
    let started = Instant::now();
    if row.ends_with("on tokio") {
        runtime.block_on(async {
            for number in 0..times {
                black_box(further.woken(number).await);
            }
        });
        println!("{}", started.elapsed().as_nanos());
        return true;
    }
    for number in 0..times {
        match row {
            "ready future" => assert!(further.ready(number).as_mut().poll(&mut context).is_ready()),
            "ready future, boxed by the plugin" => {
                assert!(further.boxed(number).as_mut().poll(&mut context).is_ready())
            }
            "pending poll" => assert!(pending.as_mut().poll(&mut context).is_pending()),
            "pending with one wake" => {
                let mut woken = further.woken(number);
                assert!(woken.as_mut().poll(&mut context).is_pending());
                assert!(woken.as_mut().poll(&mut context).is_ready());
            }
            "10,000 sleeps" => runtime.block_on(sleep(further)),
            "stream item" => assert!(items.as_mut().poll_next(&mut context).is_ready()),
            "foreign type by reference" => drop(black_box(further.length(black_box(&bytes)))),
            "closure call" => drop(black_box(black_box(&closure)(black_box(number)))),
            _ => drop(black_box(further.fail(number).unwrap_err().to_string())),
        }
    }
    println!("{}", started.elapsed().as_nanos());
    true
}

/// Sleeps in 10,000 tasks at once, each in a future of the plugin.
async fn sleep(further: &dyn Further) {
    let tasks: Vec<_> = (0..10_000)
        .map(|number| Box::pin(tokio::time::sleep(Duration::from_millis(number % 5))))
        .map(|sleep| tokio::spawn(further.slept(sleep)))
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

pub fn run<P: Deref<Target = dyn Plugin>, F: Deref<Target = dyn Further> + 'static>(candidate: Candidate<P, F>) {
    let Candidate { load, further, look, serve, reloadable } = candidate;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [row, times, libraries @ ..] = &arguments[..] else { panic!("host ROW TIMES LIBRARY...") };
    let times: u64 = times.parse().unwrap();
    if row == "reload" {
        return reload::run(serve);
    }
    if row.starts_with("look at") {
        // Warm up values that are computed only once.
        look(&libraries[..1]);
        let started = Instant::now();
        (0..times).for_each(|_| look(libraries));
        println!("{}", started.elapsed().as_nanos());
        return;
    }
    if row.starts_with("first answer") {
        let started = Instant::now();
        for library in libraries.iter().cycle().take(times as usize) {
            let plugin = load(library, row);
            assert_eq!(black_box(plugin.tiny(1)), 2);
            std::mem::forget(plugin);
        }
        println!("{}", started.elapsed().as_nanos());
        return;
    }
    if row.starts_with("tiny call through") {
        let threads = row.split_once(" on ").map_or(1, |(_, threads)| threads[..1].parse().unwrap());
        let call = reloadable(libraries.first().map_or("", String::as_str), row);
        let started = Instant::now();
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(|| call(times));
            }
            call(times);
        });
        println!("{}", started.elapsed().as_nanos());
        return;
    }
    let library = libraries.first().map_or("", String::as_str);
    if run_further(row, times, || Box::new(further(library))) {
        return;
    }
    if row.starts_with("disabled") {
        listen(row != "disabled event, by its place");
    }
    let text = "plugbox and its peers ".repeat(187)[..4096].to_owned();
    let plugin = load(libraries.first().map_or("", String::as_str), row);
    let host = Adder(1);
    let _heap = used_heap();
    let started = Instant::now();
    for number in 0..times {
        let plugin: &dyn Plugin = black_box(&*plugin);
        match &row[..] {
            "tiny call" => drop(black_box(plugin.tiny(black_box(number)))),
            "4 KiB split into Strings" => drop(black_box(plugin.split(black_box(&text)))),
            "host callback" => drop(black_box(plugin.callback(black_box(&host), 1))),
            "100 host callbacks in a call" => drop(black_box(plugin.callback(black_box(&host), 100))),
            "disabled event" | "disabled event, by its place" => plugin.events(1_000),
            "disabled record" => plugin.records(1_000),
            other => panic!("no row {other}"),
        }
    }
    println!("{}", started.elapsed().as_nanos());
}

/// Calls `tiny` so often.
#[inline]
pub fn call(times: u64, call: impl Fn(u64) -> u64) {
    for number in 0..times {
        black_box(call(black_box(number)));
    }
}
