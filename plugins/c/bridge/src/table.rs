//! What `plugin_register` returned, checked as far as C allows.

use std::mem::{self, MaybeUninit};
use std::ptr;

use semver::Version;

use crate::abi::{PLUGIN_VERSION, Plugin, PluginText};
use crate::error::Problem;
use crate::memory::Memory;
use crate::text::BadText;

/// A table that is smaller has no name, or no `destroy`.
const LEAST: usize = mem::offset_of!(Plugin, configure);

/// No later version of the table will be larger.
const MOST: usize = 4096;

/// `version` and `size` are where every version of the table has them.
const _: () = assert!(mem::offset_of!(Plugin, version) == 0 && mem::offset_of!(Plugin, size) == 4);

/// The most bytes of a name, and of a version.
const NAME: usize = 64;

/// A plugin's table, copied.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) release: Version,
    pub(crate) callbacks: Plugin,
}

impl Table {
    /// Reads what `plugin_register` returned.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    ///
    /// # Safety
    ///
    /// 1. Nobody changes what the pointer, or a text in what it leads to, points to until this returns.
    pub(crate) unsafe fn read(plugin: *const Plugin) -> Result<Self, Problem> {
        let memory = Memory::now().map_err(|source| Problem::Io { doing: "look at what is mapped", source })?;
        let address = plugin.addr();
        let misplaced = |found| Problem::Misplaced { address, found };
        if plugin.is_null() {
            return Err(Problem::Null);
        }
        if !plugin.is_aligned() {
            return Err(misplaced("where no struct begins"));
        }
        if !memory.is_readable(address, LEAST) {
            return Err(misplaced("where no memory is"));
        }
        // SAFETY: aligned, and two numbers can be read there, which are `version` and `size`; obligation 1.
        let [version, found] = unsafe { plugin.cast::<[u32; 2]>().read() };
        if version != PLUGIN_VERSION {
            return Err(Problem::Version { found: version });
        }
        let size = found as usize;
        if !(LEAST..=MOST).contains(&size) || size % align_of::<Plugin>() != 0 {
            return Err(Problem::Size { found, least: LEAST, most: MOST });
        }
        if !memory.is_readable(address, size) {
            return Err(misplaced("where less memory is than its `size`"));
        }
        let mut copy = MaybeUninit::<Plugin>::zeroed();
        // SAFETY: `size` bytes can be read, and no more are written than `Plugin` has; obligation 1.
        unsafe {
            ptr::copy_nonoverlapping(plugin.cast::<u8>(), copy.as_mut_ptr().cast(), size.min(size_of::<Plugin>()))
        };
        // SAFETY: all fields may be zero, and any bits: they are numbers, raw pointers and functions that may be NULL; what
        // the plugin's size does not reach is zero. The functions are looked at below before anybody calls them.
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

/// Refuses a table with a callback that leads to no code, or without its counterpart.
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

/// A copy of a text in the table.
///
/// # Safety
///
/// 1. Nobody changes it until this returns.
unsafe fn short(memory: &Memory, field: &'static str, text: PluginText) -> Result<String, Problem> {
    let PluginText { start, length } = text;
    let mapped = start.is_null() || length > NAME || memory.is_readable(start.addr(), length);
    let checked = if mapped {
        // SAFETY: it is NULL, or too long to be read, or can be read; obligation 1.
        unsafe { text.copied(NAME) }
    } else {
        Err(BadText::Unmapped { start: start.addr(), length })
    };
    checked.map_err(|text| Problem::Text { field, text })
}
