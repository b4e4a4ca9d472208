//! Settling: the decision that a file at a path is new, whole and settled. Time is an argument.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::read::{self, Opened};
use crate::sys::{self, Access, Stat};
use crate::trust::Pin;

/// A file that looks half-written, or that somebody has open for writing, is waited for during so many quiet times.
const PATIENCE: u32 = 20;

/// The least quiet time. Some systems count the times of files in steps of 10 ms, so a second change within a step does
/// not show.
const LEAST_QUIET: Duration = Duration::from_millis(20);

/// The number of failed contents that are remembered.
const REMEMBERED: usize = 16;

/// Decides when the file at a path has changed, and is whole and settled.
///
/// The file is settled if nothing about it has changed for the quiet time, the reader finds a whole plugin in it, and
/// nobody has it open for writing. If that lasts too long, it is tried all the same: then the verdict says what is
/// missing.
#[derive(Debug)]
pub(crate) struct Settling {
    path: PathBuf,
    quiet: Duration,
    /// What was at the path when the last decision was made.
    decided: Option<Found>,
    /// What is at the path since then, and since when.
    since: Option<(Found, Instant)>,
    /// The content that was tried last and is good.
    good: Option<Content>,
    /// The contents that failed, the latest one last.
    bad: Vec<Content>,
}

/// The state of a path.
#[derive(Debug)]
pub(crate) enum Look {
    /// There is nothing to do until the path changes.
    Unchanged,
    /// Something is there, and not settled yet.
    Wait {
        /// When to look again, at the latest.
        until: Instant,
    },
    /// The file is settled, and was not tried before. It is ready until [`Settling::tried`] is called.
    Ready(Stamp),
    /// The file has the bytes of an earlier attempt that failed.
    Known,
    /// There is no file any more.
    Gone,
    /// Nobody can say whether the file has changed.
    Failed(io::Error),
}

/// A file at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Stamp {
    file: sys::Stamp,
    content: Option<Content>,
}

/// How an attempt to load a file has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Good,
    Bad,
    /// The failure says nothing about the bytes, so the caller may try them again, at a time that it chooses.
    Open,
}

/// What is found at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    File(sys::Stamp),
    Nothing,
    Error(io::ErrorKind),
}

/// What an attempt depends on: the bytes, and who may write to the file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Content {
    size: u64,
    access: Access,
    bytes: Pin,
}

/// Why a file is not settled, although nothing has changed for the quiet time.
enum Unsettled {
    /// It looks half-written.
    Partial(String),
    /// Somebody has it open for writing.
    Written,
    /// It changed meanwhile.
    Changed,
}

impl Settling {
    /// Starts at a path, with nothing decided yet: a file there is ready as soon as it is settled.
    pub(crate) fn new(path: impl Into<PathBuf>, quiet: Duration) -> Self {
        let quiet = quiet.max(LEAST_QUIET);
        Self { path: path.into(), quiet, decided: None, since: None, good: None, bad: Vec::new() }
    }

    /// The file as it is now, for an attempt that does not wait for a change. Take it before the attempt.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error if there is no file.
    pub(crate) fn now(&self) -> io::Result<Stamp> {
        Ok(Stamp { file: Stat::at(&self.path)?.stamp(), content: None })
    }

    /// Looks at the path. As long as nothing has changed, this costs one system call.
    pub(crate) fn look(&mut self, now: Instant) -> Look {
        let (found, error) = self.found();
        if self.decided == Some(found) {
            self.since = None;
            return Look::Unchanged;
        }
        let since = match self.since {
            Some((same, since)) if same == found && since <= now => since,
            _ => now,
        };
        self.since = Some((found, since));
        if now - since < self.quiet {
            return Look::Wait { until: since + self.quiet };
        }
        let end = since + self.quiet * PATIENCE;
        let Found::File(file) = found else {
            // While a symbolic link or a folder is replaced, other errors than that nothing is there may be seen.
            if matches!(found, Found::Error(_)) && now < end {
                return Look::Wait { until: end.min(now + self.quiet) };
            }
            self.decided = Some(found);
            return error.map_or(Look::Gone, Look::Failed);
        };
        match self.examine(file) {
            Err(Unsettled::Changed) => {
                self.since = None;
                return Look::Wait { until: now + self.quiet };
            }
            Err(unsettled) if now < end => {
                tracing::debug!(path = %self.path.display(), "not settled: {unsettled}");
                return Look::Wait { until: end.min(now + self.quiet) };
            }
            Ok(()) | Err(_) => {}
        }
        self.decide(file)
    }

    /// Says how an attempt to load the file has ended, so that the same bytes are not tried again.
    pub(crate) fn tried(&mut self, stamp: Stamp, outcome: Outcome) {
        self.decided = Some(Found::File(stamp.file));
        self.since = None;
        // If the file was replaced meanwhile, the attempt may have been with other bytes.
        let is_same = self.found().0 == Found::File(stamp.file);
        let content = stamp.content.filter(|_| is_same).or_else(|| self.content(stamp.file));
        match outcome {
            Outcome::Good => self.good = content,
            Outcome::Bad => content.into_iter().for_each(|content| self.remember(content)),
            Outcome::Open => {}
        }
    }

    fn remember(&mut self, bad: Content) {
        if self.bad.contains(&bad) {
            return;
        }
        if self.bad.len() == REMEMBERED {
            self.bad.remove(0);
        }
        self.bad.push(bad);
    }

    fn found(&self) -> (Found, Option<io::Error>) {
        match Stat::at(&self.path) {
            Ok(found) => (Found::File(found.stamp()), None),
            Err(error) if is_nothing(&error) => (Found::Nothing, None),
            Err(error) => (Found::Error(error.kind()), Some(error)),
        }
    }

    /// Whether a file that did not change for the quiet time is whole, and nobody has it open for writing.
    fn examine(&self, file: sys::Stamp) -> Result<(), Unsettled> {
        let mut opened = match Opened::open(&self.path) {
            Ok(opened) => opened,
            Err(error) => return Err(Unsettled::Partial(error.to_string())),
        };
        let is_same = |opened: &Opened| Stat::of(&opened.file).is_ok_and(|found| found.stamp() == file);
        if !is_same(&opened) {
            return Err(Unsettled::Changed);
        }
        let image = read::image_of(&mut opened).map_err(|error| Unsettled::Partial(error.to_string()))?;
        image.whole.map_err(Unsettled::Partial)?;
        // Where the records will be, there are zeros while the file is written.
        if image.manifest.is_ok_and(|manifest| manifest.plugins.is_empty()) {
            return Err(Unsettled::Partial("it has no records of a plugin".to_owned()));
        }
        match sys::has_writer(&opened.file, &self.path) {
            Some(true) => Err(Unsettled::Written),
            _ if is_same(&opened) => Ok(()),
            _ => Err(Unsettled::Changed),
        }
    }

    /// Decides about a settled file: bytes that were tried before are not tried again.
    fn decide(&mut self, file: sys::Stamp) -> Look {
        let known = self.bad.iter().chain(&self.good).any(|content| content.size == file.size());
        let content = known.then(|| self.content(file)).flatten();
        if content.is_some() {
            let is_bad = content.as_ref().is_some_and(|content| self.bad.contains(content));
            if is_bad || self.good == content {
                self.decided = Some(Found::File(file));
                self.since = None;
                return if is_bad { Look::Known } else { Look::Unchanged };
            }
        }
        Look::Ready(Stamp { file, content })
    }

    /// The content of the file, if it is still this one. A device may have no end.
    fn content(&self, file: sys::Stamp) -> Option<Content> {
        let mut opened: File = Opened::open(&self.path).ok()?.file;
        let before = Stat::of(&opened).ok().filter(Stat::is_file)?;
        let bytes = Pin::of(&mut opened).ok()?;
        let is_same = |found: &Stat| found.stamp() == file;
        let is_this = is_same(&before) && is_same(&Stat::of(&opened).ok()?);
        is_this.then(|| Content { size: file.size(), access: before.access(), bytes })
    }
}

/// Whether an error means that there is nothing at the path.
fn is_nothing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

impl std::fmt::Display for Unsettled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Partial(what) => write!(f, "it looks half-written: {what}"),
            Self::Written => f.write_str("somebody has it open for writing"),
            Self::Changed => f.write_str("it changes"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};
    use std::io::Write;
    use std::time::SystemTime;

    use super::super::library::library;
    use super::*;
    use Seen::{Failed, Gone, Known, Ready, Unchanged, Wait};

    const QUIET: Duration = Duration::from_millis(100);

    /// A [`Look`] without its data.
    #[derive(Debug, PartialEq, Eq)]
    enum Seen {
        Unchanged,
        Wait,
        Ready,
        Known,
        Gone,
        Failed,
    }

    /// A folder with a file, which is looked at after made-up times.
    struct Scene {
        folder: PathBuf,
        file: PathBuf,
        settling: Settling,
        now: Instant,
        ready: Option<Stamp>,
    }

    impl Scene {
        /// A file that was tried, and is good.
        fn new() -> Self {
            Self::at("libx.so")
        }

        fn at(path: &str) -> Self {
            let folder = tempfile::tempdir().unwrap().keep();
            let file = folder.join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, library("first")).unwrap();
            let mut settling = Settling::new(&file, QUIET);
            settling.tried(settling.now().unwrap(), Outcome::Good);
            let mut scene = Self { folder, file, settling, now: Instant::now(), ready: None };
            assert_eq!(scene.after(0), Unchanged);
            scene
        }

        /// Looks after so many milliseconds.
        fn after(&mut self, milliseconds: u64) -> Seen {
            self.now += Duration::from_millis(milliseconds);
            match self.settling.look(self.now) {
                Look::Unchanged => Unchanged,
                Look::Wait { until } => {
                    assert!(until > self.now && until <= self.now + QUIET, "{:?}", until - self.now);
                    Wait
                }
                Look::Ready(stamp) => {
                    self.ready = Some(stamp);
                    Ready
                }
                Look::Known => Known,
                Look::Gone => Gone,
                Look::Failed(error) => {
                    assert!(!is_nothing(&error), "{error}");
                    Failed
                }
            }
        }

        fn tried(&mut self, outcome: Outcome) {
            self.settling.tried(self.ready.take().unwrap(), outcome);
        }

        /// Asserts that the file is ready after the quiet time, once.
        fn becomes_ready(&mut self) {
            assert_eq!((self.after(1), self.after(98)), (Wait, Wait));
            assert_eq!(self.after(2), Ready);
            self.tried(Outcome::Good);
            assert_eq!((self.after(0), self.after(10_000)), (Unchanged, Unchanged));
        }

        fn write(&self, bytes: &[u8]) {
            // Otherwise the times of the file may be those of the change before.
            std::thread::sleep(LEAST_QUIET);
            fs::write(&self.file, bytes).unwrap();
        }

        fn replace(&self, text: &str) {
            let new = self.folder.join("new");
            fs::write(&new, library(text)).unwrap();
            fs::rename(new, &self.file).unwrap();
        }
    }

    impl Drop for Scene {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.folder).unwrap();
        }
    }

    #[test]
    fn a_file_that_is_renamed_over_the_old_one_is_ready_after_the_quiet_time() {
        let mut scene = Scene::new();
        scene.replace("second");
        scene.becomes_ready();
    }

    #[test]
    fn a_file_is_ready_at_the_first_look_if_nothing_was_tried_and_it_has_stood_still() {
        let mut scene = Scene::new();
        scene.settling = Settling::new(&scene.file, QUIET);
        scene.becomes_ready();
    }

    #[test]
    fn a_file_that_is_written_in_place_in_small_pieces_is_ready_once() {
        let mut scene = Scene::new();
        let bytes = library("second");
        scene.write(&[]);
        for piece in bytes.chunks(5_000) {
            OpenOptions::new().append(true).open(&scene.file).unwrap().write_all(piece).unwrap();
            assert_eq!((scene.after(60), scene.after(60)), (Wait, Wait));
        }
        // The last piece has been there for 60 ms.
        assert_eq!(scene.after(39), Wait);
        assert_eq!(scene.after(1), Ready);
        scene.tried(Outcome::Good);
        assert_eq!(scene.after(10_000), Unchanged);
    }

    #[test]
    fn a_hard_link_that_is_replaced_is_a_change() {
        let mut scene = Scene::new();
        let built = scene.folder.join("built.so");
        fs::write(&built, library("second")).unwrap();
        // As cargo does it.
        fs::remove_file(&scene.file).unwrap();
        fs::hard_link(&built, &scene.file).unwrap();
        scene.becomes_ready();
        // The same inode, written through its other name.
        std::thread::sleep(LEAST_QUIET);
        fs::write(&built, library("third")).unwrap();
        scene.becomes_ready();
    }

    #[test]
    fn a_file_that_is_deleted_and_made_again_is_a_change_and_it_is_gone_only_if_it_stays_away() {
        let mut scene = Scene::new();
        fs::remove_file(&scene.file).unwrap();
        assert_eq!((scene.after(1), scene.after(90)), (Wait, Wait));
        scene.write(&library("second"));
        scene.becomes_ready();
        fs::remove_file(&scene.file).unwrap();
        assert_eq!((scene.after(0), scene.after(100), scene.after(10_000)), (Wait, Gone, Unchanged));
        scene.write(&library("third"));
        scene.becomes_ready();
        // So is one whose folder is removed.
        let elsewhere = scene.folder.with_extension("elsewhere");
        fs::rename(&scene.folder, &elsewhere).unwrap();
        let seen = (scene.after(0), scene.after(100));
        fs::rename(&elsewhere, &scene.folder).unwrap();
        assert_eq!(seen, (Wait, Gone));
        assert_eq!((scene.after(0), scene.after(100)), (Wait, Unchanged), "it has the bytes of the one that serves");
    }

    #[cfg(unix)]
    #[test]
    fn a_release_folder_that_is_switched_is_a_change() {
        let mut scene = Scene::at("1/libx.so");
        let (current, new) = (scene.folder.join("current"), scene.folder.join("new"));
        fs::create_dir(scene.folder.join("2")).unwrap();
        fs::write(scene.folder.join("2/libx.so"), library("second")).unwrap();
        sys::link_to("1".as_ref(), &current).unwrap();
        scene.settling = Settling::new(current.join("libx.so"), QUIET);
        let stamp = scene.settling.now().unwrap();
        scene.settling.tried(stamp, Outcome::Good);
        assert_eq!(scene.after(0), Unchanged);
        sys::link_to("2".as_ref(), &new).unwrap();
        fs::rename(&new, &current).unwrap();
        scene.becomes_ready();
    }

    #[test]
    fn a_half_written_file_is_waited_for_and_tried_in_the_end_so_that_the_verdict_says_what_is_missing() {
        let whole = library("second");
        let mut preallocated = whole.clone();
        preallocated[64 + 3 * 56..].fill(0);
        for half in [&whole[..0], &whole[..3], &whole[..100], &whole[..whole.len() - 1], &preallocated] {
            let mut scene = Scene::new();
            scene.write(half);
            assert_eq!((scene.after(0), scene.after(100), scene.after(1_800)), (Wait, Wait, Wait), "{}", half.len());
            assert_eq!((scene.after(99), scene.after(1)), (Wait, Ready), "{}", half.len());
            scene.tried(Outcome::Bad);
            assert_eq!(scene.after(10_000), Unchanged);
            // The rest comes.
            scene.write(&whole);
            scene.becomes_ready();
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_another_process_has_open_for_writing_is_waited_for() {
        use std::io::Read;
        use std::process::{Command, Stdio};

        let mut scene = Scene::new();
        scene.replace("second");
        let mut writer = Command::new("sh")
            .args(["-c", "exec 3<>\"$1\" && echo && read end", "sh"])
            .arg(&scene.file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        writer.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        assert_eq!((scene.after(0), scene.after(100), scene.after(1_800)), (Wait, Wait, Wait));
        drop(writer.stdin.take());
        writer.wait().unwrap();
        assert_eq!(scene.after(1), Ready, "it has stood still for long");
        // If it never closes the file, the bytes have stood still long enough.
        let _writer = OpenOptions::new().append(true).open(&scene.file).unwrap();
        assert_eq!((scene.after(98), scene.after(1)), (Wait, Ready));
    }

    #[test]
    fn bytes_that_were_replaced_before_the_attempt_were_not_tried() {
        let mut scene = Scene::new();
        scene.replace("other");
        assert_eq!((scene.after(0), scene.after(100)), (Wait, Ready));
        assert!(scene.ready.as_ref().unwrap().content.is_some(), "they were compared with those of the first");
        scene.replace("third");
        scene.tried(Outcome::Bad);
        scene.replace("other");
        assert_eq!((scene.after(0), scene.after(100)), (Wait, Ready));
    }

    #[cfg(unix)]
    #[test]
    fn a_device_without_an_end_is_tried_and_not_read_to_its_end() {
        let (done, is_done) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut settling = Settling::new("/dev/zero", QUIET);
            settling.tried(settling.now().unwrap(), Outcome::Bad);
            done.send(matches!(settling.look(Instant::now()), Look::Unchanged))
        });
        assert_eq!(is_done.recv_timeout(Duration::from_secs(20)), Ok(true));
    }

    #[test]
    fn the_same_bad_bytes_are_not_tried_again_and_a_good_file_is() {
        let mut scene = Scene::new();
        let touch = |scene: &Scene, seconds: u64| {
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            OpenOptions::new().write(true).open(&scene.file).unwrap().set_modified(time).unwrap();
        };
        scene.replace("bad");
        assert_eq!((scene.after(0), scene.after(100)), (Wait, Ready));
        scene.tried(Outcome::Bad);
        assert_eq!(scene.after(1), Unchanged);
        // A new time, another inode, and the same inode written again.
        touch(&scene, 2_000_000_000);
        assert_eq!((scene.after(0), scene.after(100), scene.after(100)), (Wait, Known, Unchanged));
        scene.replace("bad");
        assert_eq!((scene.after(0), scene.after(100), scene.after(100)), (Wait, Known, Unchanged));
        scene.write(&library("bad"));
        assert_eq!((scene.after(0), scene.after(100), scene.after(100)), (Wait, Known, Unchanged));
        // Others of the same length.
        scene.replace("God");
        scene.becomes_ready();
        touch(&scene, 1_000_000_000);
        assert_eq!((scene.after(0), scene.after(100)), (Wait, Unchanged), "it serves");
        scene.replace("bad");
        assert_eq!((scene.after(0), scene.after(100)), (Wait, Known), "a good file in between changes nothing");
        // What refused it may have been who may write to it.
        let before = fs::metadata(&scene.file).unwrap().permissions();
        let mut access = before.clone();
        access.set_readonly(true);
        fs::set_permissions(&scene.file, access).unwrap();
        scene.becomes_ready();
        // Windows does not remove a file that nobody may write to.
        fs::set_permissions(&scene.file, before).unwrap();
    }

    #[test]
    fn a_burst_is_one_change() {
        let mut scene = Scene::new();
        for round in 0..10 {
            scene.replace(&format!("round {round}"));
            assert_eq!((scene.after(50), scene.after(49)), (Wait, Wait));
        }
        scene.replace("last");
        scene.becomes_ready();
    }

    #[test]
    fn a_file_that_is_older_than_the_one_before_is_a_change() {
        let mut scene = Scene::new();
        for seconds in [2_000_000_000, 1_000_000_000, 0] {
            scene.replace(&format!("{seconds}"));
            let file = OpenOptions::new().append(true).open(&scene.file).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
            drop(file);
            scene.becomes_ready();
        }
    }

    #[test]
    fn a_clock_that_goes_back_starts_the_quiet_time_anew() {
        let mut scene = Scene::new();
        scene.replace("second");
        scene.now += Duration::from_secs(60);
        assert_eq!(scene.after(0), Wait);
        scene.now -= Duration::from_secs(30);
        scene.becomes_ready();
    }

    #[test]
    fn a_file_that_changes_during_the_attempt_is_tried_again() {
        let mut scene = Scene::new();
        scene.replace("second");
        assert_eq!((scene.after(0), scene.after(100)), (Wait, Ready));
        scene.replace("third");
        scene.tried(Outcome::Bad);
        scene.becomes_ready();
    }

    #[test]
    fn a_change_that_is_taken_back_is_none() {
        let mut scene = Scene::new();
        let aside = scene.folder.join("aside");
        // Renaming changes the times of the file, so that its bytes are compared.
        fs::rename(&scene.file, &aside).unwrap();
        assert_eq!(scene.after(0), Wait);
        fs::rename(&aside, &scene.file).unwrap();
        assert_eq!((scene.after(50), scene.after(100)), (Wait, Unchanged));
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_cannot_be_followed_is_said_once() {
        let mut scene = Scene::new();
        fs::remove_file(&scene.file).unwrap();
        sys::link_to(&scene.file, &scene.file).unwrap();
        assert_eq!((scene.after(0), scene.after(100), scene.after(1_800)), (Wait, Wait, Wait));
        assert_eq!((scene.after(100), scene.after(10_000)), (Failed, Unchanged));
        scene.replace("second");
        scene.becomes_ready();
    }

    #[test]
    fn what_is_no_file_is_tried_in_the_end_and_refused_there() {
        let mut scene = Scene::new();
        fs::remove_file(&scene.file).unwrap();
        fs::create_dir(&scene.file).unwrap();
        assert_eq!((scene.after(0), scene.after(1_900), scene.after(100)), (Wait, Wait, Ready));
        scene.tried(Outcome::Bad);
        assert_eq!(scene.after(100), Unchanged);
    }
}
