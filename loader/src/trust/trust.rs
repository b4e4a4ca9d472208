//! Trust: the host's promise about a directory, and the check of who else could write there.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::pins::{Pins, pinned};
use crate::discover::{Step, walk};
use crate::errors::{Code, Reason};
use crate::sys::{self, Access, Exposed, Owner, Stat, Writers};

/// The directory from which plugins may be loaded. Creating a `Trust` is the only `unsafe` step of a host.
///
/// Each load checks the path of the file like OpenSSH's `StrictModes`: every component of the canonical path, from `/`
/// to the file itself, must belong to root or to this process's user, and nobody else may have write access to it. In a
/// folder with the sticky bit, such as `/tmp`, other users may add files, because they cannot replace the files of root
/// and of this user. A component that fails is refused with [`not-trusted`](crate::Code::NotTrusted), and the reason
/// names the component and the rule. Links are followed first: a user who can change a link can choose which file is
/// loaded, but cannot change the contents of a trusted file. Access control lists are checked through the group's bits,
/// which are the lists' mask on Linux; on macOS a list that lets somebody change a file is refused. On Windows, owner and
/// access list of each component count in the same way.
///
/// [`pinned_by`](Self::pinned_by) also checks the bytes of a file. None of these checks makes a plugin harmless: they
/// only restrict who could have written it. A plugin in the process can do whatever the process can.
#[derive(Clone, Debug)]
pub struct Trust {
    directory: PathBuf,
    writers: Writers,
    pins: Option<Pins>,
    enforce_pins: bool,
}

impl Trust {
    /// Creates a trust in the libraries in a directory and below it. Loading, calling and dropping them is then safe.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error if the directory does not exist, because its canonical path is trusted, and
    /// [`NotADirectory`](io::ErrorKind::NotADirectory) if the path is not a directory.
    ///
    /// # Safety
    ///
    /// Native code can do whatever the process can, so this is a promise about people. You promise that, until the
    /// process ends:
    ///
    /// 1. Everybody who can write to the directory, or to a directory above or below it, is trusted with this process. (The
    ///    loader refuses files that users other than root and this process's user can write to, see [`Trust`]. You are
    ///    responsible for everybody to whom these two users give access.)
    /// 2. Each file in the directory that has plugbox records is the unmodified output of rustc and plugbox's macros (a
    ///    tool may have stripped or signed it).
    /// 3. The initializers of such a file, its C code and the libraries that it needs (`DT_NEEDED`) are sound when they
    ///    are loaded, on any thread, and when the process ends. Initializers start no thread that uses memory from
    ///    Rust's allocator.
    /// 4. Nobody changes the environment (`std::env::set_var`) after the first load: host and plugin have separate
    ///    locks for it, and neither lock excludes the other side.
    /// 5. No type that crosses relies on a static, a thread-local, a `TypeId` or a `ThreadId` being unique in the
    ///    process: each side has its own copy (see the guide's chapter "Two copies of everything"). Each
    ///    `#[shape(revision = N)]` keeps the promise that its author makes with it.
    /// 6. Signal handlers and callbacks that a plugin registers in C libraries stay sound. (No library is unmapped, so
    ///    their code stays.)
    ///
    /// The loader checks the following before any code of a library runs. The file is complete and built for this
    /// machine. The same compiler built it, for the same target and for a processor like this one. Its flags and its
    /// panic strategy fit. The API's version is compatible, and the interface and every type that it reaches have the
    /// same layout as in the host. The loader judges a private copy, and maps that copy. Each load also checks who else
    /// may write to the file.
    ///
    /// The promise holds, for example, if the directory belongs to this user or to root, nobody else may write there,
    /// and everything in it was built by you or by people whose programs you would run.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use plugbox_loader::{Loader, Trust};
    /// // SAFETY: the installer alone writes to this directory, and it puts our own builds there.
    /// let trust = unsafe { Trust::directory("/usr/lib/edit/plugins")? };
    /// let loader = Loader::new(trust);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub unsafe fn directory(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let failed = |kind, what: &dyn fmt::Display| io::Error::new(kind, format!("{}: {what}", path.display()));
        let directory = sys::canonicalize(path).map_err(|error| failed(error.kind(), &error))?;
        if !directory.is_dir() {
            let what = "the path of a `Trust` must be a directory";
            return Err(failed(io::ErrorKind::NotADirectory, &what));
        }
        let writers = Writers { owners: Access::trusted_owners().into(), groups: false };
        Ok(Self { directory, writers, pins: None, enforce_pins: false })
    }

    /// Trusts a further user: files and folders that belong to this user may be loaded, and be part of the path. On
    /// Windows, this user may also have write access to them. A process in a container needs this for folders of a user
    /// outside the container.
    ///
    /// A user is a user ID, or on Windows a security identifier, which may also be that of a group. One of the other
    /// system is never that of a file.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use plugbox_loader::Trust;
    /// // SAFETY: only we and user 1000 write to this directory (see `Trust::directory`).
    /// let trust = unsafe { Trust::directory("plugins")? }.allow_owner(1000);
    /// // On Windows: the identifier that `whoami /user` shows.
    /// let trust = trust.allow_owner("S-1-5-21-1004336348-1177238915-682003330-1001");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn allow_owner(mut self, owner: impl Into<Owner>) -> Self {
        self.writers.owners.insert(owner.into());
        self
    }

    /// Trusts the members of all groups that may write to the file or to a folder above it. If every user has a private
    /// group, these groups have no further members.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use plugbox_loader::Trust;
    /// // SAFETY: only we write to this directory (see `Trust::directory`).
    /// let trust = unsafe { Trust::directory("target/debug")? };
    /// // With a umask of 002, files made by cargo are group-writable.
    /// let trust = trust.allow_group_writable();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn allow_group_writable(mut self) -> Self {
        self.writers.groups = true;
        self
    }

    /// Loads a library that the lock `plugbox.lock` names only if the library's bytes match its pin. The command
    /// `plugbox check --write-lock` writes the lock.
    ///
    /// The loader hashes the file that it maps. It also loads a library that the lock does not name, with `false` in
    /// [`PluginInfo::pinned`](crate::PluginInfo::pinned), unless pins are [enforced](Self::enforce_pins). Each load
    /// checks who may write to the lock, with the same rules as for libraries.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Pins::read`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use plugbox_loader::Trust;
    /// // SAFETY: only we write to this directory (see `Trust::directory`).
    /// let trust = unsafe { Trust::directory("plugins")? };
    /// let trust = trust.pinned_by("plugins/plugbox.lock")?.enforce_pins();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn pinned_by(mut self, lock: impl AsRef<Path>) -> io::Result<Self> {
        self.pins = Some(Pins::read(lock.as_ref())?);
        Ok(self)
    }

    /// Refuses libraries without a pin. This setting cannot be switched off again.
    #[must_use]
    pub fn enforce_pins(mut self) -> Self {
        self.enforce_pins = true;
        self
    }

    /// The reasons why a file is not trusted, from its canonical path and who may change it; empty if the file is trusted.
    pub(crate) fn refuse(&self, canonical: &Path, file: &Access) -> Vec<Reason> {
        let mut reasons = self.refuse_writers(canonical, Some(file));
        if !canonical.starts_with(&self.directory) {
            reasons.push(Reason::new(
                Code::NotTrusted,
                format!("trusts {} and everything below it", self.directory.display()),
                format!("the file is at {}", canonical.display()),
                "move the library to the trusted directory, or create a `Trust` for the library's directory",
            ));
        }
        if let Some(pins) = &self.pins {
            reasons.extend(self.refuse_writers(pins.path(), None));
        }
        reasons
    }

    /// Compares the bytes of the file that will be mapped with its pin. Returns whether the file is pinned, or the
    /// reason why its bytes are not trusted.
    pub(crate) fn pinned(&self, canonical: &Path, file: &mut File) -> io::Result<Result<bool, Reason>> {
        pinned(self.pins.as_ref(), self.enforce_pins, canonical, file)
    }

    /// A reason for each component of a path that users other than the trusted ones own or may write to.
    pub(crate) fn refuse_writers(&self, canonical: &Path, file: Option<&Access>) -> Vec<Reason> {
        let mut components: Vec<&Path> = canonical.ancestors().collect();
        components.reverse();
        let refuse = |component: &&Path| match file.filter(|_| *component == canonical) {
            Some(file) => self.refuse_component(component, file),
            None => self.refuse_at(component),
        };
        components.iter().filter_map(refuse).collect()
    }

    /// The reason against a component of a canonical path.
    fn refuse_at(&self, component: &Path) -> Option<Reason> {
        match Stat::on_the_way(component) {
            Ok(found) => found.iter().find_map(|found| self.refuse_component(component, &found.access())),
            Err(error) => {
                let fix = "check that the path exists".to_owned();
                Some(not_trusted(component, "can be checked", error.to_string(), fix))
            }
        }
    }

    /// The reasons why somebody who is not trusted could lead a path elsewhere: by a folder or a link on the way, or by a
    /// new file, if there is none at its end. Returns also where the path leads to.
    ///
    /// Unlike a canonical path, this is for a path that the system follows again later.
    pub(crate) fn refuse_way(&self, path: &Path) -> io::Result<(Vec<Reason>, Option<PathBuf>)> {
        let (mut folders, mut links, mut missing) = (BTreeSet::new(), BTreeSet::new(), None);
        let end = walk(path, |folder, name, step| {
            folders.insert(folder.to_owned());
            match step {
                Step::Link => drop(links.insert(folder.join(name))),
                Step::Missing => missing = Some(folder.to_owned()),
                Step::Folder | Step::Last => {}
            }
        })?;
        let refuse_link = |link: &PathBuf| self.refuse_component(link, &Stat::of_link(link).ok()?.access());
        let refuse_new = |folder: &PathBuf| {
            let exposed = Stat::at(folder).ok()?.access().of_new_files().exposed(folder, &self.writers);
            exposed.map(|Exposed { rule, found, fix }| not_trusted(folder, &rule, found, fix))
        };
        let of_folders = folders.iter().filter_map(|folder| self.refuse_at(folder));
        let mut reasons: Vec<Reason> = of_folders.chain(links.iter().filter_map(refuse_link)).collect();
        let new = missing.as_ref().and_then(refuse_new);
        reasons.extend(new.filter(|new| !reasons.contains(new)));
        Ok((reasons, end))
    }

    fn refuse_component(&self, path: &Path, found: &Access) -> Option<Reason> {
        let Exposed { rule, found, fix } = found.exposed(path, &self.writers)?;
        Some(not_trusted(path, &rule, found, fix))
    }
}

fn not_trusted(path: &Path, rule: &str, found: String, fix: String) -> Reason {
    Reason::new(Code::NotTrusted, format!("every component of the path {rule}"), found, fix)
        .at(path.display().to_string())
}
