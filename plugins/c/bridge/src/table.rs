//! The struct that `plugin_register` returned, checked as far as C allows.

use std::mem::{self, MaybeUninit};
use std::ptr;

use semver::Version;

use crate::abi::{PLUGIN_VERSION, Plugin, PluginText};
use crate::error::Problem;
use crate::memory::Memory;
use crate::text::BadText;

/// The minimum size of a table: a smaller one has no name, or no `destroy`.
const LEAST: usize = mem::offset_of!(Plugin, configure);

/// The maximum size of a table, also in later versions.
const MOST: usize = 4096;

/// `version` and `size` have the same offsets in every version of the table.
const _: () = assert!(mem::offset_of!(Plugin, version) == 0 && mem::offset_of!(Plugin, size) == 4);

/// The maximum length of a name or a version, in bytes.
const NAME: usize = 64;

/// A plugin's table, copied.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) release: Version,
    pub(crate) callbacks: Plugin,
}

impl Table {
    /// Reads the struct that `plugin_register` returned.
    ///
    /// # Errors
    ///
    /// The problem with it.
    ///
    /// # Safety
    ///
    /// 1. Nobody changes the struct that the pointer points to, or a text in it, until this returns.
    pub(crate) unsafe fn read(plugin: *const Plugin) -> Result<Self, Problem> {
        let memory = Memory::now().map_err(|source| Problem::Io { doing: "list the mapped memory", source })?;
        let address = plugin.addr();
        let misplaced = |found| Problem::Misplaced { address, found };
        if plugin.is_null() {
            return Err(Problem::Null);
        }
        if !plugin.is_aligned() {
            return Err(misplaced("which is not aligned"));
        }
        if !memory.is_readable(address, LEAST) {
            return Err(misplaced("which is not the address of memory"));
        }
        // SAFETY: aligned, and two numbers are readable there, `version` and `size`; obligation 1.
        let [version, found] = unsafe { plugin.cast::<[u32; 2]>().read() };
        if version != PLUGIN_VERSION {
            return Err(Problem::Version { found: version });
        }
        let size = found as usize;
        if !(LEAST..=MOST).contains(&size) || size % align_of::<Plugin>() != 0 {
            return Err(Problem::Size { found, least: LEAST, most: MOST });
        }
        if !memory.is_readable(address, size) {
            return Err(misplaced("where there is less memory than its `size`"));
        }
        let mut copy = MaybeUninit::<Plugin>::zeroed();
        // SAFETY: `size` bytes are readable, and at most the size of `Plugin` is written; obligation 1.
        unsafe {
            ptr::copy_nonoverlapping(plugin.cast::<u8>(), copy.as_mut_ptr().cast(), size.min(size_of::<Plugin>()))
        };
        // SAFETY: all fields may have any bits, including zero: they are numbers, raw pointers and functions that may
        // be NULL. The fields beyond the plugin's size are zero. The functions are checked below, before any call.
        let callbacks = unsafe { copy.assume_init() };
        refuse_callbacks(&callbacks, &memory)?;
        // SAFETY: obligation 1.
        let name = unsafe { short(&memory, "name", callbacks.name) }?;
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
            return Err(Problem::Name { found: name });
        }
        // SAFETY: obligation 1.
        let release = unsafe { short(&memory, "release", callbacks.release) }?;
        let release = release.parse().map_err(|source| Problem::Release { found: release, source })?;
        Ok(Self { name, release, callbacks })
    }
}

/// Refuses a table with a callback that does not point to code, or lacks the callback that it requires.
fn refuse_callbacks(table: &Plugin, memory: &Memory) -> Result<(), Problem> {
    let callbacks = [
        ("destroy", table.destroy.map(|callback| callback as usize)),
        ("configure", table.configure.map(|callback| callback as usize)),
        ("opened", table.opened.map(|callback| callback as usize)),
        ("edited", table.edited.map(|callback| callback as usize)),
        ("before_save", table.before_save.map(|callback| callback as usize)),
        ("closed", table.closed.map(|callback| callback as usize)),
        ("commands", table.commands.map(|callback| callback as usize)),
        ("run", table.run.map(|callback| callback as usize)),
        ("status", table.status.map(|callback| callback as usize)),
    ];
    for (callback, address) in callbacks {
        if let Some(address) = address.filter(|&address| !memory.is_code(address)) {
            return Err(Problem::NoCode { callback, address });
        }
    }
    let needs = [
        ("data", !table.data.is_null(), "destroy", table.destroy.is_some()),
        ("commands", table.commands.is_some(), "run", table.run.is_some()),
        ("run", table.run.is_some(), "commands", table.commands.is_some()),
    ];
    match needs.into_iter().find(|(_, has, _, needed)| *has && !needed) {
        Some((needed_by, _, callback, _)) => Err(Problem::Missing { callback, needed_by }),
        None => Ok(()),
    }
}

/// Copies a text in the table.
///
/// # Safety
///
/// 1. Nobody changes the text until this returns.
unsafe fn short(memory: &Memory, field: &'static str, text: PluginText) -> Result<String, Problem> {
    let PluginText { start, length } = text;
    let mapped = start.is_null() || length > NAME || memory.is_readable(start.addr(), length);
    let checked = if mapped {
        // SAFETY: the text is NULL, or too long and therefore not read, or readable; obligation 1.
        unsafe { text.copied(NAME) }
    } else {
        Err(BadText::Unmapped { start: start.addr(), length })
    };
    checked.map_err(|text| Problem::Text { field, text })
}
