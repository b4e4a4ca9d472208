//! A set of plugins that reload: those of a folder. Which build of a plugin serves is decided as `Loader::load_dir` does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};
use std::{io, mem};

use super::event::{Hub, LiveEvent};
use super::inner::{Inner, Settings};
use super::live::Live;
use super::store::{LiveInterface, Slot};
use super::transaction::may_pass;
use crate::discover;
use crate::errors::{LoadError, ReloadError, ReloadPhase};
use crate::loader::{Candidate, groups, is_for_others};
use crate::manifest::PluginRecord;
use crate::watch::{Look, Outcome, Settling, Stamp, Wakes};

/// When to try a file again that was not loaded for a reason that is not its own.
const AGAIN: Duration = Duration::from_millis(500);

/// The plugins of a folder.
pub struct Set<I: ?Sized + LiveInterface> {
    /// The path is that of the folder.
    pub(super) settings: Settings<I>,
    pub(super) hub: Arc<Hub>,
    /// Held while the folder is looked at.
    contents: Mutex<Contents<I>>,
    /// The plugins, for everybody else: a constructor may call the host, which may ask for them.
    plugins: Mutex<Vec<Live<I>>>,
    pub(super) is_paused: AtomicBool,
    pub(super) wakes: Option<Arc<Wakes>>,
}

struct Contents<I: ?Sized + LiveInterface> {
    members: Vec<Member<I>>,
    /// The files that no member serves.
    files: BTreeMap<PathBuf, File>,
    /// Whether there is something to decide.
    is_open: bool,
    /// The error of the last listing.
    unreadable: Option<io::ErrorKind>,
}

/// The plugins of a file, with what it said. There is at least one.
struct Member<I: ?Sized + LiveInterface> {
    lives: Vec<Live<I>>,
    plugins: Vec<Arc<PluginRecord>>,
}

struct File {
    settling: Settling,
    /// The file when it had settled, if it was not tried since.
    stamp: Option<Stamp>,
    /// Whether it has changed since, and has not settled.
    waits: bool,
}

/// What becomes of the best build of a plugin.
enum Choice {
    /// It serves already.
    Serves,
    /// Its plugins with these names are loaded.
    Load(Vec<String>),
}

impl<I: ?Sized + LiveInterface> Set<I> {
    /// Loads what is in the folder now. What cannot be loaded is an event.
    pub(super) fn open(settings: Settings<I>, wakes: Option<Arc<Wakes>>) -> Result<Self, ReloadError> {
        let contents = Contents { members: Vec::new(), files: BTreeMap::new(), is_open: true, unreadable: None };
        let set = Self {
            settings,
            hub: Hub::new(),
            contents: Mutex::new(contents),
            plugins: Mutex::default(),
            is_paused: AtomicBool::new(false),
            wakes,
        };
        let folder = set.settings.path();
        let failed = |error| ReloadError::Load { phase: ReloadPhase::Look, error: Arc::new(error) };
        let files = set
            .libraries()
            .map_err(|source| failed(LoadError::Io { path: folder, doing: "list the files in it", source }))?;
        let mut contents = lock(&set.contents);
        for path in files {
            let mut settling = Settling::new(&path, set.settings.quiet);
            let stamp = settling.now().ok();
            stamp.iter().for_each(|stamp| settling.tried(stamp.clone(), Outcome::Good));
            contents.files.insert(path, File { settling, stamp, waits: false });
        }
        set.decide(&mut contents).map_err(failed)?;
        drop(contents);
        Ok(set)
    }

    /// The plugins, sorted by name.
    pub(super) fn plugins(&self) -> Vec<Live<I>> {
        lock(&self.plugins).clone()
    }

    /// Looks at the folder and at its files. Returns when to look again, at the latest.
    fn look(&self, contents: &mut Contents<I>) -> Option<Instant> {
        let mut next: Vec<Instant> = Vec::new();
        for member in &mut contents.members {
            for live in &member.lives {
                let (until, outcome) = live.0.poll();
                next.extend(until);
                if let Some(Ok(_)) = outcome {
                    // A build with another version may be better now, or worse. There are no records if the file has
                    // changed again; then the plugin stays what it is until its next reload.
                    let found = self.records(&live.path());
                    if !found.is_empty() {
                        member.plugins = found;
                    }
                    contents.is_open = true;
                }
            }
            contents.is_open |= member.is_gone();
        }
        self.find_files(contents);
        let mut gone = Vec::new();
        for (path, file) in &mut contents.files {
            match file.settling.look(Instant::now()) {
                // A change that was taken back.
                Look::Unchanged => contents.is_open |= mem::take(&mut file.waits),
                Look::Wait { until } => {
                    file.waits = true;
                    next.push(until);
                }
                Look::Ready(stamp) => {
                    file.settling.tried(stamp.clone(), Outcome::Good);
                    (file.stamp, file.waits) = (Some(stamp), false);
                    contents.is_open = true;
                }
                Look::Known => self.hub.emit(LiveEvent::Known { path: path.clone() }),
                Look::Gone => gone.push(path.clone()),
                Look::Failed(error) => {
                    self.hub.emit(LiveEvent::Unreadable { path: path.clone(), error: Arc::new(error) });
                }
            }
        }
        for path in gone {
            contents.files.remove(&path);
        }
        next.into_iter().min()
    }

    /// The files that count, as they are in the folder now.
    fn libraries(&self) -> io::Result<Vec<PathBuf>> {
        let mut found = discover::libraries(&self.settings.path())?;
        found.retain(|path| self.settings.files.as_ref().is_none_or(|counts| counts(path)));
        Ok(found)
    }

    /// Finds new files.
    fn find_files(&self, contents: &mut Contents<I>) {
        let folder = self.settings.path();
        let found = match self.libraries() {
            Ok(found) => found,
            // Its files are gone, and it may be made again.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => {
                if contents.unreadable.replace(error.kind()) != Some(error.kind()) {
                    self.hub.emit(LiveEvent::Unreadable { path: folder, error: Arc::new(error) });
                }
                return;
            }
        };
        contents.unreadable = None;
        let served: Vec<PathBuf> = contents.members.iter().map(Member::path).collect();
        for path in found.into_iter().filter(|path| !served.contains(path)) {
            let new = || File { settling: Settling::new(&path, self.settings.quiet), stamp: None, waits: true };
            contents.files.entry(path.clone()).or_insert_with(new);
        }
    }

    fn records(&self, path: &Path) -> Vec<Arc<PluginRecord>> {
        self.settings.loader.look::<I>(path).map(|looked| looked.plugins).unwrap_or_default()
    }

    /// Makes the best build of each plugin serve. Returns when to try again what failed for a reason that may pass.
    fn decide(&self, contents: &mut Contents<I>) -> Result<Option<Instant>, LoadError> {
        contents.is_open = false;
        let mut candidates = Vec::new();
        // First, because of equal builds the one that serves is the best.
        for member in contents.members.iter().filter(|member| !member.is_gone()) {
            let (path, plugins) = (member.path(), member.plugins.clone());
            candidates.push(Candidate { path, plugins, looked: Ok(Choice::Serves) });
        }
        for (path, _) in contents.files.iter().filter(|(_, file)| file.stamp.is_some() && !file.waits) {
            let Candidate { path, plugins, looked } = self.settings.loader.look::<I>(path)?;
            candidates.push(Candidate { path, plugins, looked: looked.map(Choice::Load) });
        }
        for group in groups(candidates) {
            self.decide_group(contents, group.into_iter().map(|(_, candidate)| candidate));
        }
        let (gone, members) = mem::take(&mut contents.members).into_iter().partition(Member::is_gone);
        contents.members = members;
        self.show(contents);
        let gone: Vec<Member<I>> = gone;
        for live in gone.iter().flat_map(|member| &member.lives) {
            self.hub.emit(LiveEvent::Left { plugin: live.info() });
        }
        Ok(contents.is_open.then(|| Instant::now() + AGAIN))
    }

    /// Shows everybody the plugins that are there now.
    fn show(&self, contents: &Contents<I>) {
        let mut plugins: Vec<Live<I>> = contents.members.iter().flat_map(|member| member.lives.clone()).collect();
        plugins.sort_by_cached_key(|plugin| plugin.info().name);
        let before = mem::replace(&mut *lock(&self.plugins), plugins);
        // Not while it is locked: a plugin that ends may make the host ask for the others.
        drop(before);
    }

    fn decide_group(&self, contents: &mut Contents<I>, group: impl Iterator<Item = Candidate<Choice>>) {
        let mut chosen: Option<PathBuf> = None;
        for Candidate { path, plugins, looked } in group {
            match (&chosen, looked) {
                (Some(chosen), Ok(_)) => {
                    tracing::debug!(path = %path.display(), chosen = %chosen.display(), "passed over");
                }
                (Some(chosen), Err(error)) if is_for_others(&error) => {
                    tracing::debug!(path = %path.display(), chosen = %chosen.display(), "passed over");
                }
                (None, Ok(Choice::Serves)) => chosen = Some(path),
                // It is loaded when the pause ends.
                (None, Ok(Choice::Load(_))) if contents.member(&plugins).is_some_and(|member| member.is_paused()) => {
                    contents.is_open = true;
                }
                (None, Ok(Choice::Load(names))) => match self.load(contents, &path, &plugins, names) {
                    Ok(()) => {
                        contents.files.remove(&path);
                        chosen = Some(path);
                    }
                    // Whoever holds a pin on this thread reloads later.
                    Err(error) if may_pass(&error) || error.phase().is_none() => contents.is_open = true,
                    // Without the member, which is gone with its state, the build is tried once more.
                    Err(_) if contents.member(&plugins).is_some_and(|member| member.is_gone()) => {
                        contents.is_open = true;
                    }
                    Err(_) => contents.tried(&path),
                },
                (_, Err(error)) => {
                    if !error.is_foreign() {
                        let error = ReloadError::Load { phase: ReloadPhase::Look, error: Arc::new(error) };
                        self.hub.emit(LiveEvent::Refused { error });
                    }
                    contents.tried(&path);
                }
            }
        }
    }

    /// Loads a build: for the member that is the same plugin, or for a new one.
    fn load(
        &self,
        contents: &mut Contents<I>,
        path: &Path,
        plugins: &[Arc<PluginRecord>],
        names: Vec<String>,
    ) -> Result<(), ReloadError> {
        if let Some(member) = contents.member(plugins) {
            member.lives.iter().try_for_each(|live| live.0.move_to(path).map(drop))?;
            member.plugins = plugins.to_vec();
            return Ok(());
        }
        let open = |name| {
            let opened = Inner::open(self.settings.of(path.to_owned(), name), self.hub.clone(), None);
            opened.map(|(inner, events)| (Live(Arc::new(inner)), events))
        };
        let opened: Result<Vec<_>, ReloadError> = names.into_iter().map(open).collect();
        let opened = opened.inspect_err(|error| self.hub.emit(LiveEvent::Refused { error: error.clone() }))?;
        let (lives, events): (_, Vec<_>) = opened.into_iter().unzip();
        contents.members.push(Member { lives, plugins: plugins.to_vec() });
        self.show(contents);
        events.into_iter().flatten().for_each(|event| self.hub.emit(event));
        Ok(())
    }

    /// Polls, and returns when to poll again, at the latest.
    pub(super) fn poll(&self) -> Option<Instant> {
        if self.is_paused.load(Ordering::Relaxed) {
            self.plugins().iter().for_each(Live::sweep);
            return None;
        }
        // Another thread polls, or a plugin that this thread constructs asks for it.
        let mut contents = match self.contents.try_lock() {
            Ok(contents) => contents,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Some(Instant::now() + AGAIN),
        };
        let next = self.look(&mut contents);
        if !contents.is_open {
            return next;
        }
        match self.decide(&mut contents) {
            Ok(again) => next.into_iter().chain(again).min(),
            // It is an error of the host, which was there at the beginning too.
            Err(error) => {
                tracing::warn!("{error}");
                next
            }
        }
    }

    /// Whether old generations are held.
    pub(super) fn has_to_sweep(&self) -> bool {
        lock(&self.plugins).iter().any(|plugin| plugin.0.slot.gate().has_to_sweep())
    }
}

impl<I: ?Sized + LiveInterface> Member<I> {
    /// The file.
    fn path(&self) -> PathBuf {
        self.lives[0].path()
    }

    /// Whether the host has paused one of its plugins.
    fn is_paused(&self) -> bool {
        self.lives.iter().any(|live| live.0.is_paused.load(Ordering::Relaxed))
    }

    fn is_gone(&self) -> bool {
        self.lives.iter().all(|live| live.0.is_gone())
    }
}

impl<I: ?Sized + LiveInterface> Contents<I> {
    /// The member that is the same plugin.
    fn member(&mut self, plugins: &[Arc<PluginRecord>]) -> Option<&mut Member<I>> {
        let names = names(plugins);
        self.members.iter_mut().find(|member| self::names(&member.plugins) == names)
    }

    /// A file was tried, and is not tried again as long as it has these bytes.
    fn tried(&mut self, path: &Path) {
        let Some(file) = self.files.get_mut(path) else { return };
        file.stamp.take().into_iter().for_each(|stamp| file.settling.tried(stamp, Outcome::Bad));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn names(plugins: &[Arc<PluginRecord>]) -> Vec<&str> {
    let mut names: Vec<&str> = plugins.iter().map(|plugin| &*plugin.name).collect();
    names.sort_unstable();
    names
}

impl<I: ?Sized + LiveInterface> Drop for Set<I> {
    fn drop(&mut self) {
        self.wakes.iter().for_each(|wakes| wakes.close());
    }
}
