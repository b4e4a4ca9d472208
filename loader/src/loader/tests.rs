//! A library and its host in one image, so that Miri can check the boundary without the system's loader. Both sides
//! share one std here. Only the tests with real libraries check that each std catches only its own panics.

use std::alloc::{GlobalAlloc, Layout};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use plugbox::__private::{Entry, Failure, Guard, HostAllocator, RawContext, Row, construct_default};
use semver::Version;

use super::construct::{Bound, BoundPlugin, Construction};
use super::library::{Library, Records};
use super::service::Service;
use crate::bind::{Table, bind};
use crate::loaded::Loaded;
use crate::manifest::{PluginRecord, RecordCache};
use crate::map::{EntryTable, Generation};
use crate::panic::PluginPanic;
use crate::sys::MappedImage;

/// An object that either side owns, lends and gives away.
#[plugbox::interface]
trait Part: Send + Sync {
    fn text(&self) -> String;
}

#[plugbox::interface]
trait Document {
    fn append(&mut self, text: &str) -> usize;
}

#[plugbox::interface]
trait Plugin: Send + Sync {
    fn split(&self, text: &str) -> Vec<String>;
    fn grow(&mut self, texts: Vec<String>) -> Vec<String>;
    fn fail(&self, how: &str);
    fn lent(&self, part: &dyn Part) -> String;
    fn edit(&self, document: &mut dyn Document) -> usize;
    fn catch(&self, part: &dyn Part) -> bool;
    fn part(&self, text: String) -> Box<dyn Part>;
    fn back(&self, parts: Vec<Box<dyn Part>>) -> Vec<Box<dyn Part>>;
    fn end(&self, part: Box<dyn Part>);
    fn shared(&self, text: String) -> Arc<dyn Part>;
    fn shared_back(&self, part: Arc<dyn Part>) -> Option<Arc<dyn Part>>;
}

#[plugbox::interface]
trait Commands {
    fn run(&mut self, command: String) -> usize;
}

/// A text of either side. An empty text panics when it is read, and the text `a bomb` panics when it is dropped.
struct Text(String);

impl Part for Text {
    fn text(&self) -> String {
        if self.0.is_empty() {
            std::panic::panic_any(7_u64);
        }
        self.0.clone()
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        assert!(self.0 != "a bomb", "a bomb is dropped");
    }
}

impl Document for Text {
    fn append(&mut self, text: &str) -> usize {
        self.0.push_str(text);
        self.0.len()
    }
}

#[derive(Default)]
struct Mine {
    calls: usize,
}

impl Plugin for Mine {
    fn split(&self, text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }
    fn grow(&mut self, mut texts: Vec<String>) -> Vec<String> {
        self.calls += 1;
        texts.push(format!("grown {}", self.calls));
        texts
    }
    fn fail(&self, how: &str) {
        match how {
            "text" => panic!("failed with {how}"),
            _ => std::panic::panic_any(Text("a bomb".to_owned())),
        }
    }
    fn lent(&self, part: &dyn Part) -> String {
        part.text() + " lent"
    }
    fn edit(&self, document: &mut dyn Document) -> usize {
        document.append("one");
        document.append(" two")
    }
    fn catch(&self, part: &dyn Part) -> bool {
        catch_unwind(AssertUnwindSafe(|| part.text())).is_err()
    }
    fn part(&self, text: String) -> Box<dyn Part> {
        Box::new(Text(text))
    }
    fn back(&self, mut parts: Vec<Box<dyn Part>>) -> Vec<Box<dyn Part>> {
        assert!(parts.iter().all(|part| !part.text().is_empty()));
        parts.reverse();
        parts
    }
    fn end(&self, part: Box<dyn Part>) {
        drop(part);
    }
    fn shared(&self, text: String) -> Arc<dyn Part> {
        Arc::new(Text(text))
    }
    fn shared_back(&self, part: Arc<dyn Part>) -> Option<Arc<dyn Part>> {
        Some(part).filter(|part| !part.text().is_empty())
    }
}

impl Commands for Mine {
    fn run(&mut self, command: String) -> usize {
        self.calls += command.len();
        self.calls
    }
}

/// The code that `export!` writes, without its allocator and its records.
fn construct<I: ?Sized + plugbox::__private::ImplementedBy<Mine>>(context: &RawContext) -> Result<Box<I>, Failure> {
    construct_default::<I, Mine>(context, "mine")
}

static ROWS: [Row; 2] = [
    Row::new::<dyn Plugin>(construct, |address| address.cast::<Guard<Mine>>()),
    Row::new::<dyn Commands>(construct, |address| address.cast::<Guard<Mine>>()),
];
static ENTRY: Entry = Entry::new(&ROWS);

/// The plugin, bound to the host's table.
fn plugin() -> Loaded<dyn Plugin> {
    static BOUND: LazyLock<(Arc<Generation>, EntryTable)> = LazyLock::new(|| {
        let generation = Arc::new(Generation::new(1, PathBuf::new(), Vec::new()));
        let hook = std::panic::take_hook();
        let image = MappedImage::with_every_address();
        // SAFETY: `ENTRY` is an entry table in a static of the program. *generation*: the static `BOUND` holds a count
        // of the generation in place of a mapping.
        let entry = unsafe { bind((&raw const ENTRY).cast(), &image, Table::unpinned(), &generation) }.unwrap();
        // The plugin's hook replaced the host's, because they share one std. A test that fails must still print its
        // message.
        let plugins = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            plugins(panic);
            hook(panic);
        }));
        (generation, entry)
    });
    let (generation, entry) = &*BOUND;
    let cache = RecordCache::of_this_process();
    let record = PluginRecord {
        name: "mine".to_owned(),
        version: Version::new(1, 0, 0),
        description: String::new(),
        authors: Vec::new(),
        license: String::new(),
        interfaces: vec![cache.exported::<dyn Plugin>(), cache.exported::<dyn Commands>()],
        entry: String::new(),
        panic: "unwind".to_owned(),
        features: Vec::new(),
        randomized: false,
    };
    let plugin = BoundPlugin { record: Arc::new(record), entry: *entry };
    let bound = Bound {
        library: Library::for_test("mine.so"),
        records: Records::default(),
        pinned: false,
        generation: generation.clone(),
        plugins: Vec::new(),
    };
    let service = Service::new::<dyn Part>(Arc::new(Text("a service".to_owned())));
    let services = [&service];
    let construction = Construction { bound: &bound, plugin: &plugin, config: "", services: &services, data_dir: None };
    construction.run::<dyn Plugin>(&plugin.record.interfaces[0]).unwrap()
}

fn text(text: &str) -> Text {
    Text(text.to_owned())
}

fn caught<R>(call: impl FnOnce() -> R) -> Box<dyn Any + Send> {
    catch_unwind(AssertUnwindSafe(call)).err().expect("it panics")
}

#[test]
fn values_cross() {
    let mut plugin = plugin();
    assert_eq!(plugin.split("a b"), ["a", "b"]);
    assert_eq!(plugin.grow(vec!["seed".to_owned()]), ["seed", "grown 1"]);
    assert_eq!(Loaded::get_mut::<dyn Commands>(&mut plugin).unwrap().run("four".to_owned()), 5);
    assert_eq!(plugin.grow(Vec::new()), ["grown 6"]);
    assert!(Loaded::get::<dyn Document>(&plugin).is_none());
}

#[test]
fn a_panic_of_the_plugin_is_raised_again_by_the_host() {
    let plugin = plugin();
    let panic = caught(|| plugin.fail("text")).downcast::<PluginPanic>().unwrap();
    assert_eq!((panic.method.as_deref(), &*panic.message), (Some("Plugin::fail"), "failed with text"));
    assert!(panic.location.is_some(), "the hook has reported the location: {panic}");
}

#[test]
#[cfg_attr(miri, ignore = "a payload that cannot be dropped is leaked")]
fn a_payload_whose_drop_panics_is_survived() {
    let plugin = plugin();
    let panic = caught(|| plugin.fail("with a bomb")).downcast::<PluginPanic>().unwrap();
    assert_eq!(panic.message, "(a panic payload that is not text)");
}

#[test]
fn objects_of_the_host_are_lent() {
    let plugin = plugin();
    assert_eq!(plugin.lent(&text("a part")), "a part lent");
    let mut document = text("");
    assert_eq!(plugin.edit(&mut document), 7);
    assert_eq!(document.0, "one two");
}

#[test]
fn a_panic_of_the_hosts_passes_through_the_plugin_or_is_caught_there() {
    let plugin = plugin();
    assert_eq!(caught(|| plugin.lent(&text(""))).downcast_ref::<u64>(), Some(&7));
    assert!(plugin.catch(&text("")));
    assert!(!plugin.catch(&text("a part")));
}

#[test]
fn objects_are_given_away_and_come_home() {
    let plugin = plugin();
    let theirs = plugin.part("theirs".to_owned());
    let ours: Box<dyn Part> = Box::new(text("ours"));
    let address = (&raw const *ours).cast::<()>();
    let back = plugin.back(vec![theirs, ours]);
    assert_eq!(back.iter().map(|part| part.text()).collect::<Vec<_>>(), ["ours", "theirs"]);
    assert_eq!((&raw const *back[0]).cast::<()>(), address, "ours is itself again");
    // Once more, and dropped on a different thread.
    let back = plugin.back(back);
    std::thread::spawn(move || drop(back)).join().unwrap();
}

#[test]
fn a_panic_of_an_object_is_of_the_side_that_has_made_it() {
    let plugin = plugin();
    let theirs = plugin.part(String::new());
    assert!(caught(|| theirs.text()).is::<PluginPanic>());
    assert!(caught(|| plugin.back(vec![Box::new(text(""))])).is::<u64>());
    // A drop that panics is reported, both if the host drops the plugin's object and if the plugin drops the host's.
    drop(plugin.part("a bomb".to_owned()));
    plugin.end(Box::new(text("a bomb")));
}

#[test]
fn shared_objects_come_home() {
    let plugin = plugin();
    let ours: Arc<dyn Part> = Arc::new(text("ours"));
    let back = plugin.shared_back(Arc::clone(&ours)).unwrap();
    assert!(Arc::ptr_eq(&ours, &back), "ours is itself again");
    let theirs = plugin.shared("theirs".to_owned());
    let back = plugin.shared_back(Arc::clone(&theirs)).unwrap();
    assert_eq!((theirs.text(), back.text()), ("theirs".to_owned(), "theirs".to_owned()));
    let thread = std::thread::spawn(move || back.text());
    assert_eq!(thread.join().unwrap(), "theirs");
    drop(theirs);
    drop(plugin);
    assert_eq!(ours.text(), "ours");
}

#[test]
fn memory_is_the_hosts() {
    let _bound = plugin();
    let layout = Layout::array::<u64>(4).unwrap();
    // SAFETY: the layout is not empty.
    let block = unsafe { HostAllocator.alloc_zeroed(layout) };
    // SAFETY: the block was allocated with this layout, and the new size of eight words is not 0 and does not overflow.
    let block = unsafe { HostAllocator.realloc(block, layout, 2 * layout.size()) };
    let layout = Layout::array::<u64>(8).unwrap();
    // SAFETY: the first four words are zeroes.
    assert_eq!(unsafe { block.cast::<[u64; 4]>().read() }, [0; 4]);
    // SAFETY: *allocator*: the block is from the host's own allocator, with this layout.
    unsafe { std::alloc::dealloc(block, layout) };
}
