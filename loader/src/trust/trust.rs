//! Trust: the one thing that a host vouches for, and who else could write there.

use std::collections::BTreeSet;
use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use super::pins::{Pin, Pins};
use crate::errors::{Code, Reason};
use crate::sys::{self, Access};

/// Where plugins may come from. Making one is the only `unsafe` step of a host.
///
/// At each load the way to the file is looked at as OpenSSH's `StrictModes` does: every component of its canonical path,
/// from `/` to the file itself, belongs to root or to this process's user, and nobody else may write to it. In a folder
/// with the sticky bit, such as `/tmp`, others may add files, but not replace those of root or of this user. What fails
/// is [`not-trusted`](crate::Code::NotTrusted), and names the component and the rule. Links are followed first: who may
/// change a link decides which file is loaded, but not what a trusted file holds. Access control lists are seen through
/// the group's bits, which are their mask on Linux.
///
/// [`pinned_by`](Self::pinned_by) says which bytes a file must have. None of it makes a plugin harmless: it says who
/// could have written it. A plugin in the process can do whatever the process can.
#[derive(Clone, Debug)]
pub struct Trust {
    directory: PathBuf,
    owners: BTreeSet<u32>,
    group_writable: bool,
    pins: Option<Pins>,
    enforce_pins: bool,
}

impl Trust {
    /// Vouches for the libraries in a directory and below it. Loading, calling and dropping them are then safe.
    ///
    /// # Errors
    ///
    /// The system's, where the directory is not there: its canonical path is what is trusted.
    ///
    /// # Safety
    ///
    /// Native code can do whatever the process can, so this is trust in people. You vouch that, until the process ends:
    ///
    /// 1. Whoever can write to the directory, or to one above it, is trusted with this process. (Users who are not root and
    ///    not this process's are kept out, see [`Trust`]; whoever these two let in is up to you.)
    /// 2. Each file in it that carries records of plugbox is the unmodified output of rustc and plugbox's macros
    ///    (tools that strip or sign it are fine).
    /// 3. Its initializers, its C code and the libraries that it needs (`DT_NEEDED`) are sound when they are loaded, on
    ///    any thread, and when the process ends; initializers start no thread that uses memory of Rust's.
    /// 4. Nobody changes the environment (`std::env::set_var`) after the first load: host and plugin each have a lock of
    ///    their own for it, and neither keeps the other out.
    /// 5. No type that crosses relies on a static, a thread-local, a `TypeId` or a `ThreadId` being one in the process;
    ///    each side has its own copy (the guide's chapter "Two copies of everything" shows what happens). An API author's `#[shape(revision = N)]` keeps its promise.
    /// 6. Signal handlers and callbacks that a plugin leaves in C libraries stay sound. (Nothing is unmapped, so their
    ///    code stays.)
    ///
    /// What is checked for you, before any code of a library runs: that the file is whole and for this machine, that it
    /// was built by the same compiler for the same target and a processor like this one, that its flags and its panic
    /// strategy fit, that the API's version is compatible and that the interface and every type that it reaches are
    /// laid out as in the host. What is judged is a private copy, and the copy is what is mapped.
    /// And at each load, who else may write to the file.
    ///
    /// It is sound, for example, when the directory belongs to the user or to root, nobody else may write there, and
    /// what is put there was built by you or by somebody whose programs you would run.
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
        let directory = path.as_ref().canonicalize()?;
        if !directory.is_dir() {
            return Err(io::Error::new(io::ErrorKind::NotADirectory, "plugins are trusted by directory"));
        }
        let owners = [0, sys::user()].into();
        Ok(Self { directory, owners, group_writable: false, pins: None, enforce_pins: false })
    }

    /// Trusts another user as well: what belongs to this number may be loaded, and lie in between. A container's root
    /// needs it for folders of a user outside.
    #[must_use]
    pub fn allow_owner(mut self, uid: u32) -> Self {
        self.owners.insert(uid);
        self
    }

    /// Trusts the members of whatever groups may write to the file or to a folder above it. Where every user has a group
    /// of their own, that is nobody else.
    #[must_use]
    pub fn allow_group_writable(mut self) -> Self {
        self.group_writable = true;
        self
    }

    /// Takes libraries that `plugbox.lock` names only with the bytes that it says; `plugbox check --write-lock` writes it.
    /// What is hashed is what is mapped. A library that it does not name is loaded all the same, and its
    /// [`PluginInfo::pinned`](crate::PluginInfo::pinned) says so, unless pins are [enforced](Self::enforce_pins).
    ///
    /// # Errors
    ///
    /// The system's, where the lock cannot be read; [`InvalidData`](io::ErrorKind::InvalidData) where it says what is no
    /// pin. Who may write to the lock is looked at as for libraries, at each load.
    pub fn pinned_by(mut self, lock: impl AsRef<Path>) -> io::Result<Self> {
        self.pins = Some(Pins::read(lock.as_ref())?);
        Ok(self)
    }

    /// Refuses libraries without a pin. It cannot be taken back.
    #[must_use]
    pub fn enforce_pins(mut self) -> Self {
        self.enforce_pins = true;
        self
    }

    /// Why a file is not trusted, by its canonical path and what the system says of the file itself.
    pub(crate) fn refuse(&self, canonical: &Path, file: &Metadata) -> Vec<Reason> {
        let mut reasons = self.refuse_writers(canonical, Some(file));
        if !canonical.starts_with(&self.directory) {
            reasons.push(Reason::new(
                Code::NotTrusted,
                format!("trusts {} and what is below it", self.directory.display()),
                format!("it lies at {}", canonical.display()),
                "move the library there, or make a `Trust` for its directory",
            ));
        }
        if let Some(pins) = &self.pins {
            reasons.extend(self.refuse_writers(pins.path(), None));
        }
        reasons
    }

    /// Compares the bytes of what will be mapped with their pin: whether there is one, or why they are not trusted.
    pub(crate) fn pinned(&self, canonical: &Path, file: &mut File) -> io::Result<Result<bool, Reason>> {
        let known = self.pins.as_ref().and_then(|pins| pins.get(canonical));
        let lock = self.pins.as_ref().map_or("plugbox.lock".to_owned(), |pins| pins.path().display().to_string());
        let command = "`plugbox check --write-lock` pins what fits, after you have made sure where it comes from";
        Ok(match known {
            Some(pin) => match Pin::of(file)? {
                found if found == pin => Ok(true),
                found => {
                    let (host, plugin) = (format!("SHA-256 {pin}"), format!("SHA-256 {found}"));
                    Err(Reason::new(Code::NotTrusted, host, plugin, command).at(lock))
                }
            },
            None if self.enforce_pins => {
                Err(Reason::new(Code::NotTrusted, "every library has a pin", "it has none", command).at(lock))
            }
            None => Ok(false),
        })
    }

    /// A reason for each component of a path that somebody else may write to.
    fn refuse_writers(&self, canonical: &Path, file: Option<&Metadata>) -> Vec<Reason> {
        let mut components: Vec<&Path> = canonical.ancestors().collect();
        components.reverse();
        let refuse = |component: &&Path| match file.filter(|_| *component == canonical) {
            Some(file) => self.refuse_component(component, file),
            None => match fs::symlink_metadata(component) {
                Ok(found) => self.refuse_component(component, &found),
                Err(error) => {
                    Some(not_trusted(component, "can be looked at", error.to_string(), "look for it again".into()))
                }
            },
        };
        components.iter().filter_map(refuse).collect()
    }

    fn refuse_component(&self, path: &Path, found: &Metadata) -> Option<Reason> {
        let Access { owner: uid, group, mode } = Access::of(found);
        let shown = |what: &str| format!("mode {mode:04o}, owner {uid}, group {group}: {what}");
        if !self.owners.contains(&uid) {
            let owners: Vec<String> = self.owners.iter().map(u32::to_string).collect();
            let whose = if uid == OVERFLOW {
                "it belongs to a user that this container does not know"
            } else {
                "it belongs to somebody else"
            };
            return Some(not_trusted(
                path,
                &format!("belongs to one of the users {}", owners.join(", ")),
                shown(whose),
                format!(
                    "chown {} {}, or `Trust::allow_owner({uid})` if you trust that user",
                    self.owners.iter().max().unwrap_or(&0),
                    path.display()
                ),
            ));
        }
        // Who may write to a sticky folder may not replace what is another's in it, and the next component is looked at.
        if found.is_dir() && mode & 0o1000 != 0 {
            return None;
        }
        if mode & 0o002 != 0 {
            let fix = format!("chmod o-w {}", path.display());
            return Some(not_trusted(path, "cannot be written to by others", shown("everybody may write to it"), fix));
        }
        if mode & 0o020 != 0 && !self.group_writable {
            let fix = format!("chmod g-w {}, or `Trust::allow_group_writable` if you trust its group", path.display());
            return Some(not_trusted(path, "cannot be written to by a group", shown("its group may write to it"), fix));
        }
        None
    }
}

/// What stands for a user that a container does not know, as long as nobody changed it; see user_namespaces(7).
const OVERFLOW: u32 = 65534;

fn not_trusted(path: &Path, rule: &str, found: String, fix: String) -> Reason {
    Reason::new(Code::NotTrusted, format!("every component of the path {rule}"), found, fix)
        .at(path.display().to_string())
}
