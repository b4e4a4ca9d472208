//! What a system cannot do.

/// What this system can do, of all that the loader would do.
///
/// # Examples
///
/// ```
/// let here = plugbox_loader::Capabilities::of_this_system();
/// assert_eq!(here.rows().len(), 8);
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
    /// Those of the system for which this crate was compiled.
    #[must_use]
    pub const fn of_this_system() -> Self {
        super::CAPABILITIES
    }

    /// Each capability, with what it means here.
    #[must_use]
    pub const fn rows(&self) -> [(&'static str, &'static str); 8] {
        const fn say(can: bool, yes: &'static str, no: &'static str) -> &'static str {
            if can { yes } else { no }
        }
        [
            ("copies in memory", say(self.copies_in_memory, "yes", "no: a plugin needs a folder for its copy")),
            ("copies are removed", say(self.copies_removed_at_exit, "at exit", "by a later process")),
            ("mapped files", say(self.mapped_files_replaced, "can be replaced", "cannot be replaced: load a copy")),
            ("thread-local keys", say(self.keys_served, "the host's", "each library takes some of the process's")),
            ("open writers", say(self.writers_seen, "are seen", "are not seen")),
            ("mappings", say(self.mappings_counted, "are counted", "are not counted")),
            ("barriers of calls", say(self.barriers_made_for_all, "made by a reload", "one in each call")),
            ("tested", say(self.tested, "yes", "no: only compiled")),
        ]
    }
}
