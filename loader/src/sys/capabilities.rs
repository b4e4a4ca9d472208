//! What a system can do, of all that the loader would do.

/// What a system can do, of all that the loader would do.
///
/// # Examples
///
/// ```
/// use plugbox_loader::Capabilities;
/// let here = Capabilities::of_this_system();
/// assert!(Capabilities::LINUX.copies_in_memory && !Capabilities::WINDOWS.copies_in_memory);
/// for (what, how) in here.rows() {
///     println!("{what}: {how}");
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// Whether a plugin can be copied to memory if there is no folder for it.
    pub copies_in_memory: bool,
    /// Whether a copy can be removed while it is mapped. Otherwise a later process removes it.
    pub copies_removed_at_exit: bool,
    /// Whether the original can be written while its copy is mapped, and replaced while it is mapped itself.
    pub mapped_files_replaced: bool,
    /// Whether the host serves the thread-local keys of plugins. Otherwise each library takes some of the few that a
    /// process has.
    pub keys_served: bool,
    /// Whether the system says that somebody has a file open for writing.
    pub writers_seen: bool,
    /// Whether the system says how many mappings a process has, so that a load stops before the limit.
    pub mappings_counted: bool,
    /// Whether a call into a plugin needs no barrier of its own, because a reload makes it for all threads.
    pub barriers_made_for_all: bool,
    /// Whether the loader was run on this system. Otherwise it is only compiled for it.
    pub tested: bool,
}

impl Capabilities {
    /// Those of Linux, with the GNU C library.
    pub const LINUX: Self = Self {
        copies_in_memory: true,
        copies_removed_at_exit: true,
        mapped_files_replaced: true,
        keys_served: true,
        writers_seen: true,
        mappings_counted: true,
        barriers_made_for_all: true,
        tested: true,
    };

    /// Those of Windows.
    pub const WINDOWS: Self = Self {
        copies_in_memory: false,
        copies_removed_at_exit: false,
        mapped_files_replaced: false,
        keys_served: false,
        writers_seen: true,
        mappings_counted: false,
        barriers_made_for_all: true,
        tested: true,
    };

    /// Those of macOS.
    pub const MACOS: Self = Self {
        copies_in_memory: false,
        copies_removed_at_exit: true,
        mapped_files_replaced: true,
        keys_served: false,
        writers_seen: false,
        mappings_counted: false,
        barriers_made_for_all: false,
        tested: false,
    };

    /// Those of the system for which this crate was compiled.
    #[must_use]
    pub const fn of_this_system() -> Self {
        super::CAPABILITIES
    }

    /// Each capability, with what it means.
    #[must_use]
    pub const fn rows(&self) -> [(&'static str, &'static str); 8] {
        const fn say(can: bool, yes: &'static str, no: &'static str) -> &'static str {
            if can { yes } else { no }
        }
        [
            ("copies in memory", say(self.copies_in_memory, "if there is no folder", "no")),
            ("copies are removed", say(self.copies_removed_at_exit, "at exit", "by a later process")),
            ("mapped files", say(self.mapped_files_replaced, "can be replaced", "cannot be replaced")),
            ("thread-local keys", say(self.keys_served, "served by the host", "of the process")),
            ("open writers", say(self.writers_seen, "seen", "not seen")),
            ("mappings", say(self.mappings_counted, "counted", "not counted")),
            ("barriers", say(self.barriers_made_for_all, "made by a reload", "one in each call")),
            ("loader", say(self.tested, "tested", "compiled, never run")),
        ]
    }
}
