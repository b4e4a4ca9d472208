//! Wakes: a thread waits until something may have changed, by the system's events or by polling.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use notify::{EventHandler, RecommendedWatcher, RecursiveMode, Watcher};

use super::error::WatchError;
use super::mailbox::Mailbox;
use super::steps::Watched;
use crate::sys;

/// How often a thread looks where events are not to be had.
const INSTEAD_OF_EVENTS: Duration = Duration::from_secs(1);

/// How often a thread looks although it gets events: a mount over a folder is none, and folders further up are not
/// watched.
const BESIDE_EVENTS: Duration = Duration::from_secs(2);

/// How often the folders on the way are listed again if they changed while they were listed.
const ATTEMPTS: u32 = 8;

/// How a thread learns of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Means {
    /// The system reports them.
    Events,
    /// The thread looks again and again, after this time.
    Polling(Duration),
}

/// Why a waiting thread goes on. It looks in each case but the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wake {
    /// Something may have changed.
    Changed,
    /// Nothing was reported.
    TimedOut,
    /// Events are not to be had, or not all of them. Until they are, the thread polls.
    Failed(WatchError),
    /// Somebody has called [`Wakes::close`].
    Closed,
}

/// Wakes one thread when what is watched may have changed.
#[derive(Debug)]
pub(crate) struct Wakes {
    watched: Watched,
    mailbox: Arc<Mailbox>,
    waiting: Mutex<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    state: State,
    /// When the thread looks although nothing is reported.
    next_look: Instant,
}

#[derive(Debug)]
enum State {
    /// The system reports changes.
    Events(Events),
    /// The host has chosen to poll, after this time.
    Polling(Duration),
    /// Events are not to be had, for this reason.
    Without(WatchError),
}

#[derive(Debug)]
struct Events {
    watcher: RecommendedWatcher,
    /// The watcher's number: what an earlier one reports at its end does not count.
    number: u64,
    /// What is watched now.
    places: Vec<PathBuf>,
    /// Why some changes are not reported.
    incomplete: Option<WatchError>,
    /// Whether the waiting thread knows.
    told: bool,
}

impl Wakes {
    /// Starts to watch. What changes from now on wakes the thread.
    ///
    /// # Errors
    ///
    /// Returns a [`WatchError`] if the system cannot report changes, for example because a limit is reached.
    pub(crate) fn new(watched: Watched, means: Means) -> Result<Self, WatchError> {
        let mailbox = Arc::new(Mailbox::default());
        let state = match means {
            Means::Polling(interval) => State::Polling(interval),
            Means::Events => State::Events(Events::new(&watched, &mailbox)?),
        };
        let waiting = Waiting { next_look: Instant::now() + state.interval(), state };
        Ok(Self { watched, mailbox, waiting: Mutex::new(waiting) })
    }

    /// Waits until something may have changed, at most for this time. Without a time, it returns only where the thread
    /// has to look from time to time.
    pub(crate) fn wait(&self, timeout: Option<Duration>) -> Wake {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let Waiting { state, next_look } = &mut *waiting;
        if let Some(incomplete) = state.untold() {
            return Wake::Failed(incomplete);
        }
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let deadline = deadline.map_or(*next_look, |deadline| deadline.min(*next_look));
        let wake = match self.mailbox.wait(deadline) {
            Some(mail) if mail.closed => return Wake::Closed,
            Some(mail) => match (state.number(), mail.failed) {
                (Some(number), Some((of, failed))) if number == of => state.fail(failed),
                (Some(_), _) if mail.names_changed => self.watch_anew(state),
                (None, _) if !mail.changed => Wake::TimedOut,
                _ => Wake::Changed,
            },
            None if Instant::now() < *next_look => Wake::TimedOut,
            None => self.look_again(state),
        };
        // A state that has just begun may have a shorter interval.
        let next = Instant::now() + state.interval();
        *next_look = if *next_look <= Instant::now() { next } else { next.min(*next_look) };
        wake
    }

    /// The file or the folder.
    pub(crate) fn path(&self) -> &Path {
        self.watched.path()
    }

    /// Wakes the waiting thread, as if something had changed.
    pub(crate) fn wake(&self) {
        self.mailbox.put(|mail| mail.changed = true);
    }

    /// Ends all waiting, now and later.
    pub(crate) fn close(&self) {
        self.mailbox.put(|mail| mail.closed = true);
    }

    /// Watches what the path leads to now.
    fn watch_anew(&self, state: &mut State) -> Wake {
        let State::Events(events) = state else { return Wake::Changed };
        match events.watch(&self.watched, &self.mailbox) {
            Ok(()) => Wake::Changed,
            Err(failed) => state.fail(failed),
        }
    }

    /// Checks that events are still to be had, or tries again.
    fn look_again(&self, state: &mut State) -> Wake {
        match state {
            State::Polling(_) => Wake::TimedOut,
            State::Events(_) if self.watched.steps().is_ok_and(|steps| self.mailbox.expects(&steps)) => Wake::TimedOut,
            State::Events(_) => self.watch_anew(state),
            State::Without(known) => match Events::new(&self.watched, &self.mailbox) {
                Ok(events) => {
                    tracing::info!(path = %self.watched.path().display(), "changes are seen again");
                    *state = State::Events(events);
                    Wake::Changed
                }
                Err(failed) if failed == *known => Wake::TimedOut,
                Err(failed) => state.fail(failed),
            },
        }
    }
}

impl State {
    fn interval(&self) -> Duration {
        match self {
            Self::Polling(interval) => *interval,
            Self::Events(Events { incomplete: None, .. }) => BESIDE_EVENTS,
            Self::Events(_) | Self::Without(_) => INSTEAD_OF_EVENTS,
        }
    }

    fn number(&self) -> Option<u64> {
        match self {
            Self::Events(events) => Some(events.number),
            Self::Polling(_) | Self::Without(_) => None,
        }
    }

    /// Why not all changes are reported, once.
    fn untold(&mut self) -> Option<WatchError> {
        let Self::Events(events) = self else { return None };
        let incomplete = events.incomplete.clone()?;
        (!std::mem::replace(&mut events.told, true)).then_some(incomplete)
    }

    fn fail(&mut self, failed: WatchError) -> Wake {
        *self = Self::Without(failed.clone());
        Wake::Failed(failed)
    }
}

/// The side of the watcher's thread.
struct Receiver {
    mailbox: Arc<Mailbox>,
    number: u64,
    path: PathBuf,
}

impl EventHandler for Receiver {
    fn handle_event(&mut self, event: notify::Result<notify::Event>) {
        match event {
            Ok(event) => self.mailbox.receive(&event),
            Err(error) => self.fail(WatchError::of(&self.path, &error)),
        }
    }
}

impl Receiver {
    fn fail(&self, failed: WatchError) {
        self.mailbox.put(|mail| mail.failed = Some((self.number, failed)));
    }
}

impl Drop for Receiver {
    /// The thread has ended, so there are no events any more.
    fn drop(&mut self) {
        self.fail(WatchError::ended(&self.path));
    }
}

impl Events {
    fn new(watched: &Watched, mailbox: &Arc<Mailbox>) -> Result<Self, WatchError> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let (number, path) = (NEXT.fetch_add(1, Ordering::Relaxed), watched.path().to_owned());
        let receiver = Receiver { mailbox: mailbox.clone(), number, path };
        let watcher = notify::recommended_watcher(receiver).map_err(|error| WatchError::of(watched.path(), &error))?;
        let mut events = Self { watcher, number, places: Vec::new(), incomplete: None, told: false };
        events.watch(watched, mailbox)?;
        Ok(events)
    }

    /// Watches all steps, as they are now. A change of the names meanwhile does not escape.
    fn watch(&mut self, watched: &Watched, mailbox: &Mailbox) -> Result<(), WatchError> {
        let failed = |error| WatchError::of(watched.path(), &notify::Error::io(error));
        for _ in 0..ATTEMPTS {
            for place in self.places.drain(..) {
                // It fails if the place is gone, and then there is nothing to do.
                let _ = self.watcher.unwatch(&place);
            }
            let steps = watched.steps().map_err(failed)?;
            self.places.extend(steps.places().into_iter().map(ToOwned::to_owned));
            mailbox.expect(steps);
            let incomplete = self.watch_places()?;
            if watched.steps().is_ok_and(|steps| mailbox.expects(&steps)) {
                self.told &= incomplete == self.incomplete;
                self.incomplete = incomplete;
                return Ok(());
            }
        }
        Err(WatchError::moving(watched.path()))
    }

    /// Watches all places. Returns why some changes in them will not be reported.
    fn watch_places(&mut self) -> Result<Option<WatchError>, WatchError> {
        let mut incomplete = None;
        for place in &self.places {
            match self.watcher.watch(place, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    let system = sys::without_events(place);
                    incomplete = incomplete.or_else(|| Some(WatchError::no_events(place, system?)));
                }
                Err(error) if is_of_the_place(&error) => {
                    incomplete = incomplete.or_else(|| Some(WatchError::of(place, &error)));
                }
                Err(error) => return Err(WatchError::of(place, &error)),
            }
        }
        Ok(incomplete)
    }
}

/// Whether other places can be watched all the same: this one is gone, or not readable.
fn is_of_the_place(error: &notify::Error) -> bool {
    match &error.kind {
        notify::ErrorKind::PathNotFound => true,
        notify::ErrorKind::Io(error) => {
            matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::PermissionDenied)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::env::consts::DLL_SUFFIX;
    use std::fs;
    use std::process::Command;

    use super::*;

    const LONG: Option<Duration> = Some(Duration::from_secs(4));
    const SHORT: Option<Duration> = Some(Duration::from_millis(50));

    /// A folder of its own, removed at the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap().keep();
            Self(sys::canonicalize(&folder).unwrap())
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.join(name)
        }

        /// Writes a file that replaces another one.
        fn put(&self, name: &str, text: &str) {
            fs::write(self.path("new"), text).unwrap();
            fs::rename(self.path("new"), self.path(name)).unwrap();
        }

        fn file(&self, name: &str) -> Wakes {
            Wakes::new(Watched::File(self.path(name)), Means::Events).unwrap()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    impl Wakes {
        /// Waits until nothing more is reported.
        fn settle(&self) {
            while self.wait(SHORT) == Wake::Changed {}
        }

        #[track_caller]
        fn is_woken_by(&self, change: impl FnOnce()) {
            self.settle();
            change();
            // Not because the thread looks from time to time.
            self.waiting.lock().unwrap().next_look = Instant::now() + 2 * LONG.unwrap();
            assert_eq!(self.wait(LONG), Wake::Changed);
        }

        #[track_caller]
        fn sleeps_through(&self, change: impl FnOnce()) {
            self.settle();
            change();
            assert_eq!(self.wait(SHORT), Wake::TimedOut);
        }
    }

    #[test]
    fn each_way_to_change_a_file_wakes_and_so_does_the_next() {
        let folder = Folder::new();
        fs::write(folder.path("libx.so"), "1").unwrap();
        let wakes = folder.file("libx.so");
        for _ in 0..2 {
            wakes.is_woken_by(|| folder.put("libx.so", "2"));
            wakes.is_woken_by(|| fs::write(folder.path("libx.so"), "3").unwrap());
            wakes.is_woken_by(|| fs::remove_file(folder.path("libx.so")).unwrap());
            wakes.is_woken_by(|| fs::write(folder.path("libx.so"), "4").unwrap());
            fs::create_dir(folder.path("deps")).unwrap();
            fs::write(folder.path("deps/libx.so"), "5").unwrap();
            wakes.is_woken_by(|| fs::remove_file(folder.path("libx.so")).unwrap());
            wakes.is_woken_by(|| fs::hard_link(folder.path("deps/libx.so"), folder.path("libx.so")).unwrap());
            // The same inode, by its name in a folder that nobody watches. Windows has events for names.
            if cfg!(unix) {
                wakes.is_woken_by(|| fs::write(folder.path("deps/libx.so"), "6").unwrap());
                wakes.is_woken_by(|| fs::write(folder.path("deps/libx.so"), "7").unwrap());
            }
            fs::remove_dir_all(folder.path("deps")).unwrap();
        }
    }

    #[cfg(unix)]
    #[test]
    fn each_name_on_the_way_counts() {
        let folder = Folder::new();
        for release in ["app/1", "app/2"] {
            fs::create_dir_all(folder.path(release)).unwrap();
            fs::write(folder.path(release).join("libx.so"), release).unwrap();
        }
        let switch = |to: &str| {
            sys::link_to(Path::new(to), &folder.path("new")).unwrap();
            fs::rename(folder.path("new"), folder.path("app/current")).unwrap();
        };
        switch("../app/./1");
        let wakes = folder.file("app/current/libx.so");
        for _ in 0..2 {
            wakes.is_woken_by(|| switch("2"));
            wakes.sleeps_through(|| folder.put("app/1/libx.so", "of the other release"));
            wakes.is_woken_by(|| folder.put("app/2/libx.so", "again"));
            wakes.is_woken_by(|| switch(folder.path("app/1").to_str().unwrap()));
            wakes.is_woken_by(|| folder.put("app/1/libx.so", "again"));
            // A folder further up.
            wakes.is_woken_by(|| fs::rename(folder.path("app"), folder.path("old")).unwrap());
            wakes.sleeps_through(|| folder.put("old/1/libx.so", "elsewhere"));
            wakes.is_woken_by(|| fs::rename(folder.path("old"), folder.path("app")).unwrap());
            wakes.is_woken_by(|| folder.put("app/1/libx.so", "back"));
            // A link to nothing.
            wakes.is_woken_by(|| switch("3"));
            wakes.is_woken_by(|| switch("1"));
        }
    }

    /// Wine 8 has events without an end for a folder that is gone.
    #[cfg(unix)]
    #[test]
    fn a_folder_that_is_removed_and_made_again_is_watched_again() {
        let folder = Folder::new();
        let wakes = folder.file("a/b/libx.so");
        for _ in 0..3 {
            wakes.is_woken_by(|| fs::create_dir(folder.path("a")).unwrap());
            wakes.is_woken_by(|| fs::create_dir(folder.path("a/b")).unwrap());
            wakes.is_woken_by(|| fs::write(folder.path("a/b/libx.so"), "text").unwrap());
            wakes.is_woken_by(|| fs::remove_dir_all(folder.path("a")).unwrap());
            // All at once: the folders are there before anybody can watch them.
            wakes.is_woken_by(|| {
                fs::create_dir_all(folder.path("a/b")).unwrap();
                fs::write(folder.path("a/b/libx.so"), "text").unwrap();
            });
            wakes.is_woken_by(|| folder.put("a/b/libx.so", "more"));
            wakes.is_woken_by(|| fs::remove_dir_all(folder.path("a")).unwrap());
        }
    }

    #[test]
    fn what_does_not_concern_the_file_wakes_nobody() {
        let folder = Folder::new();
        fs::write(folder.path("libx.so"), "text").unwrap();
        let wakes = folder.file("libx.so");
        wakes.sleeps_through(|| fs::write(folder.path("libx.d"), "text").unwrap());
        wakes.sleeps_through(|| fs::create_dir(folder.path("incremental")).unwrap());
        wakes.sleeps_through(|| drop(fs::read(folder.path("libx.so")).unwrap()));
        wakes.sleeps_through(|| assert!(fs::read_dir(&folder.0).unwrap().count() > 0));
        wakes.is_woken_by(|| folder.put("libx.so", "new"));
    }

    #[test]
    fn all_libraries_of_a_folder_count_and_nothing_else_in_it() {
        let folder = Folder::new();
        fs::create_dir_all(folder.path("plugins")).unwrap();
        fs::create_dir_all(folder.path("elsewhere")).unwrap();
        let wakes = Wakes::new(Watched::Folder(folder.path("plugins")), Means::Events).unwrap();
        let library = |place: &str| format!("{place}{DLL_SUFFIX}");
        let put = |place: &str, text| folder.put(&library(place), text);
        wakes.is_woken_by(|| put("plugins/libx", "1"));
        wakes.is_woken_by(|| put("plugins/libx", "2"));
        wakes.is_woken_by(|| put("plugins/liby", "1"));
        wakes.sleeps_through(|| put("plugins/.libz", "hidden"));
        wakes.sleeps_through(|| folder.put("plugins/libz.d", "text"));
        // A file elsewhere, by two kinds of links.
        let elsewhere = folder.path(&library("elsewhere/libz"));
        fs::write(&elsewhere, "1").unwrap();
        if cfg!(unix) {
            let (to, link) = (library("../elsewhere/libz"), folder.path(&library("plugins/libz")));
            wakes.is_woken_by(|| sys::link_to(to.as_ref(), &link).unwrap());
            wakes.is_woken_by(|| put("elsewhere/libz", "2"));
        }
        wakes.is_woken_by(|| fs::hard_link(&elsewhere, folder.path(&library("plugins/libw"))).unwrap());
        if cfg!(unix) {
            wakes.is_woken_by(|| fs::write(&elsewhere, "3").unwrap());
        }
        wakes.is_woken_by(|| fs::remove_file(folder.path(&library("plugins/libx"))).unwrap());
        // Wine 8 has events without an end for a folder that is gone.
        if cfg!(unix) {
            wakes.is_woken_by(|| fs::remove_dir_all(folder.path("plugins")).unwrap());
            wakes.is_woken_by(|| fs::create_dir(folder.path("plugins")).unwrap());
            wakes.is_woken_by(|| put("plugins/libx", "3"));
        }
    }

    #[test]
    fn polling_needs_no_events() {
        let folder = Folder::new();
        let interval = Duration::from_millis(20);
        let wakes = Wakes::new(Watched::File(folder.path("libx.so")), Means::Polling(interval)).unwrap();
        assert!(matches!(wakes.waiting.lock().unwrap().state, State::Polling(_)), "there is no watcher");
        for _ in 0..5 {
            let started = Instant::now();
            assert_eq!(wakes.wait(None), Wake::TimedOut);
            assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
        }
        let started = Instant::now();
        wakes.wait(Some(Duration::from_millis(1)));
        assert!(started.elapsed() < interval);
    }

    #[test]
    fn another_thread_wakes_and_ends_the_waiting() {
        let folder = Folder::new();
        for means in [Means::Events, Means::Polling(Duration::from_secs(3600))] {
            let wakes = Wakes::new(Watched::File(folder.path("libx.so")), means).unwrap();
            std::thread::scope(|threads| {
                let waiting = threads.spawn(|| (wakes.wait(LONG), wakes.wait(LONG), wakes.wait(LONG)));
                wakes.wake();
                std::thread::sleep(Duration::from_millis(50));
                wakes.close();
                assert_eq!(waiting.join().unwrap(), (Wake::Changed, Wake::Closed, Wake::Closed));
            });
        }
    }

    #[test]
    fn a_watcher_that_ends_says_so_and_is_replaced() {
        let folder = Folder::new();
        let wakes = folder.file("libx.so");
        let number = wakes.waiting.lock().unwrap().state.number().unwrap();
        let path = wakes.watched.path().to_owned();
        // An earlier watcher ends late.
        drop(Receiver { mailbox: wakes.mailbox.clone(), number: 0, path: path.clone() });
        assert_eq!(wakes.wait(SHORT), Wake::Changed);
        drop(Receiver { mailbox: wakes.mailbox.clone(), number, path: path.clone() });
        assert_eq!(wakes.wait(SHORT), Wake::Failed(WatchError::ended(&path)));
        let until = Instant::now() + Duration::from_secs(10);
        while wakes.waiting.lock().unwrap().state.number().is_none() {
            wakes.wait(LONG);
            assert!(Instant::now() < until);
        }
        wakes.is_woken_by(|| folder.put("libx.so", "text"));
    }

    #[test]
    fn a_change_without_an_event_is_seen_after_a_while() {
        let folder = Folder::new();
        fs::create_dir_all(folder.path("a/b/c")).unwrap();
        fs::create_dir_all(folder.path("new/b/c")).unwrap();
        let wakes = folder.file("a/b/c/libx.so");
        wakes.settle();
        // Nobody watches the folder of `a`.
        fs::rename(folder.path("a"), folder.path("old")).unwrap();
        fs::rename(folder.path("new"), folder.path("a")).unwrap();
        let started = Instant::now();
        assert_eq!(wakes.wait(None), Wake::Changed);
        assert!(started.elapsed() > BESIDE_EVENTS / 4, "{:?}", started.elapsed());
        wakes.is_woken_by(|| folder.put("a/b/c/libx.so", "text"));
    }

    #[test]
    fn a_busy_folder_further_up_is_not_watched() {
        let folder = Folder::new();
        fs::create_dir_all(folder.path("a/b")).unwrap();
        fs::write(folder.path("a/b/libx.so"), "text").unwrap();
        let wakes = folder.file("a/b/libx.so");
        let State::Events(events) = &wakes.waiting.lock().unwrap().state else { panic!() };
        assert_eq!(events.places, [folder.path("a/b"), folder.path("a/b/libx.so")]);
    }

    /// Runs the rest of a test in a process whose system has been prepared by a shell command. Returns whether that
    /// has been done; in the child it returns false.
    fn passed_in(test: &str, prepare: &str) -> bool {
        if std::env::var_os("PLUGBOX_PREPARED").is_some() {
            return false;
        }
        if cfg!(windows) || !Path::new(WATCHES).exists() {
            eprintln!("SKIPPED: the system has no such limits");
            return true;
        }
        let program = std::env::args_os().next().unwrap();
        let script = format!("{prepare} && exec \"$@\"");
        let child = Command::new("unshare")
            .args(["--map-root-user", "sh", "-c", &script, "sh"])
            .arg(program)
            .args(["--exact", &format!("{}::{test}", module_path!().split_once("::").unwrap().1)])
            .env("PLUGBOX_PREPARED", "")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stdout) + String::from_utf8_lossy(&child.stderr);
        assert!(child.status.success() && said.contains("1 passed"), "{said}");
        true
    }

    const WATCHES: &str = "/proc/sys/user/max_inotify_watches";

    #[test]
    fn a_limit_is_an_error_that_names_it() {
        let prepare = format!("echo 0 > {WATCHES} && echo 1 > /proc/sys/user/max_inotify_instances");
        if passed_in("a_limit_is_an_error_that_names_it", &prepare) {
            return;
        }
        let folder = Folder::new();
        let error = Wakes::new(Watched::File(folder.path("a/libx.so")), Means::Events).unwrap_err();
        assert!(error.to_string().contains("`fs.inotify.max_user_watches`"), "{error}");
        assert!(folder.0.starts_with(&error.path) || error.path.starts_with(&folder.0), "{error}");
        fs::write(WATCHES, "1000").unwrap();
        // The failed attempt gives its instance back, soon.
        let until = Instant::now() + Duration::from_secs(10);
        let _one = loop {
            match Wakes::new(Watched::File(folder.path("libx.so")), Means::Events) {
                Ok(wakes) => break wakes,
                Err(error) => assert!(Instant::now() < until, "{error}"),
            }
        };
        let error = Wakes::new(Watched::File(folder.path("libx.so")), Means::Events).unwrap_err();
        assert!(error.to_string().contains("`fs.inotify.max_user_instances`"), "{error}");
        Wakes::new(Watched::File(folder.path("libx.so")), Means::Polling(Duration::from_secs(1))).unwrap();
    }

    #[test]
    fn a_limit_that_is_met_later_is_said_and_ends_no_watching() {
        if passed_in("a_limit_that_is_met_later_is_said_and_ends_no_watching", "true") {
            return;
        }
        let folder = Folder::new();
        let wakes = folder.file("a/b/c/libx.so");
        wakes.settle();
        fs::write(WATCHES, "0").unwrap();
        fs::create_dir_all(folder.path("a/b/c")).unwrap();
        let Wake::Failed(error) = wakes.wait(LONG) else { panic!() };
        assert!(error.to_string().contains("`fs.inotify.max_user_watches`"), "{error}");
        // It looks, tries again, and says it once.
        let started = Instant::now();
        while started.elapsed() < 3 * INSTEAD_OF_EVENTS {
            assert_eq!(wakes.wait(None), Wake::TimedOut);
        }
        fs::write(WATCHES, "1000").unwrap();
        while wakes.wait(None) != Wake::Changed {
            assert!(started.elapsed() < 20 * INSTEAD_OF_EVENTS);
        }
        wakes.is_woken_by(|| folder.put("a/b/c/libx.so", "text"));
    }

    #[test]
    fn a_folder_that_may_not_be_read_is_said_and_the_rest_is_watched() {
        let without_rights = "exec setpriv --bounding-set=-all --inh-caps=-all \"$@\"";
        if passed_in("a_folder_that_may_not_be_read_is_said_and_the_rest_is_watched", without_rights) {
            return;
        }
        let folder = Folder::new();
        fs::create_dir_all(folder.path("a")).unwrap();
        let set = |mode| assert!(Command::new("chmod").arg(mode).arg(folder.path("a")).status().unwrap().success());
        set("311");
        fs::write(folder.path("a/libx.so"), "text").unwrap();
        let wakes = folder.file("a/libx.so");
        let Wake::Failed(error) = wakes.wait(LONG) else { panic!() };
        assert_eq!(error.path, folder.path("a"), "{error}");
        wakes.is_woken_by(|| fs::write(folder.path("a/libx.so"), "more").unwrap());
        wakes.settle();
        let interval = wakes.waiting.lock().unwrap().state.interval();
        set("700");
        assert_eq!(interval, INSTEAD_OF_EVENTS, "it polls too");
    }
}
