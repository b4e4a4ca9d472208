//! Things that outlive a plugin's last handle: thread-local values whose `Drop` is the plugin's code.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use harness::{Build, Child, in_child, loader, passed_alone};
use lasting_api::{Plugin, Witness};
use plugbox_loader::Loaded;

/// The host's object that the plugin's values call when they are dropped.
#[derive(Default)]
struct Diary(Mutex<Vec<String>>, Mutex<()>);

impl Witness for Diary {
    fn saw(&self, what: String) {
        self.0.lock().unwrap().push(what);
    }

    fn wait(&self) {
        drop(self.1.lock());
    }
}

fn plugin() -> Loaded<dyn Plugin> {
    let library = Build::new("lasting").library();
    loader(&library).load_file::<dyn Plugin>(&library).unwrap()
}

/// On a thread of the host, two plugins keep a thread-local value each. The values are dropped at the end of the
/// thread, after the handles.
fn on_a_thread_of_the_hosts(diary: &Arc<Diary>, how: &'static str) {
    let diary = Arc::clone(diary);
    let thread = std::thread::spawn(move || {
        for plugin in [plugin(), plugin()] {
            plugin.keep(Arc::clone(&diary) as Arc<dyn Witness>, how);
        }
        assert_eq!(*diary.0.lock().unwrap(), [""; 0]);
    });
    thread.join().unwrap();
}

#[test]
fn a_value_of_a_thread_is_dropped_by_the_plugins_code_after_its_last_handle() {
    if passed_alone("a_value_of_a_thread_is_dropped_by_the_plugins_code_after_its_last_handle") {
        return;
    }
    let diary = Arc::new(Diary::default());
    on_a_thread_of_the_hosts(&diary, "a value");
    assert_eq!(*diary.0.lock().unwrap(), ["a value is dropped"; 2]);
    assert_eq!(Arc::strong_count(&diary), 1, "the plugin's values still hold the host's object");
}

#[test]
fn a_value_of_a_plugins_own_thread_is_dropped_with_it() {
    if passed_alone("a_value_of_a_plugins_own_thread_is_dropped_with_it") {
        return;
    }
    let diary = Arc::new(Diary::default());
    plugin().keep_on_a_thread(Arc::clone(&diary) as Arc<dyn Witness>, "a value");
    assert_eq!(*diary.0.lock().unwrap(), ["a value is dropped"]);
    assert_eq!(Arc::strong_count(&diary), 1);
}

/// The plugin's std ends the process, as for any panic in the drop of a thread-local value. The host's panic hook has
/// reported the panic before.
fn ended_by_std(child: &Child) {
    assert!(child.has_aborted(), "{}", child.stderr);
    assert!(child.stderr.contains("thread local panicked on drop"), "{}", child.stderr);
    let reported = child.stderr.lines().find(|line| line.contains("the drop of a thread's value"));
    assert!(reported.is_some_and(|line| line.starts_with("plugin lasting 1.0.0 panicked at ")), "{}", child.stderr);
}

#[test]
fn a_panic_in_such_a_drop_ends_the_process() {
    let child = in_child("a_panic_in_such_a_drop_ends_the_process", &[], || {
        on_a_thread_of_the_hosts(&Arc::default(), "what panics");
    });
    if let Some(child) = child {
        ended_by_std(&child);
    }
}

#[test]
fn a_panic_in_such_a_drop_on_a_plugins_own_thread_ends_the_process() {
    let child = in_child("a_panic_in_such_a_drop_on_a_plugins_own_thread_ends_the_process", &[], || {
        plugin().keep_on_a_thread(Arc::new(Diary::default()), "what panics");
    });
    if let Some(child) = child {
        ended_by_std(&child);
    }
}

#[test]
fn a_panic_of_a_plugins_thread_names_the_plugin_when_no_handle_is_left() {
    let child = in_child("a_panic_of_a_plugins_thread_names_the_plugin_when_no_handle_is_left", &[], || {
        let (sender, events) = std::sync::mpsc::channel();
        tracing_subscriber::fmt().with_ansi(false).with_writer(move || Line(sender.clone())).init();
        let diary = Arc::new(Diary::default());
        let plugin = plugin();
        let held = diary.1.lock().unwrap();
        plugin.panic_later(Arc::clone(&diary) as Arc<dyn Witness>);
        drop(plugin);
        // Reuse the memory that the handle freed.
        let others: Vec<String> = (0..1000).map(|number| format!("other {number}")).collect();
        drop(held);
        let said = std::iter::from_fn(|| events.recv_timeout(Duration::from_secs(60)).ok())
            .find(|line| line.contains("when no handle is left"))
            .expect("the panic of the plugin's thread was not reported");
        assert!(said.contains("WARN") && said.contains("plugin=\"lasting\"") && said.contains("line="), "{said}");
        assert_eq!(others.len(), 1000);
    });
    if let Some(child) = child {
        child.must_succeed();
    }
}

/// Sends each written event to a channel.
struct Line(std::sync::mpsc::Sender<String>);

impl std::io::Write for Line {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let _ = self.0.send(String::from_utf8_lossy(bytes).into_owned());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
