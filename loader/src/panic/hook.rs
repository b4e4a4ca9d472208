//! The host's panic hook, which reports the panics of plugins.

use std::panic::catch_unwind;
use std::sync::{Mutex, PoisonError};

use plugbox::__private::raising_for_hook;

use super::panic::PluginPanic;

/// Whether the hook runs when a plugin's panic begins. Otherwise it runs when the panic is raised again in the host.
///
/// In a host that aborts, the panic that runs the hook would end the process, although the plugin may catch its own. In
/// the tests of this crate, host and plugin share one std, which is running its hook already.
pub(crate) const RUNS_HOOK_AT_ONCE: bool = cfg!(not(any(panic = "abort", test)));

/// The most libraries whose panics are reported with frames. To find names, the std of each reads the debug information
/// of the whole program, and keeps it.
const MAX_LIBRARIES: usize = 32;

/// Whether the stack of a panic in this library is wanted, by the rule of std's own panic hook.
pub(crate) fn wants_backtrace(generation: u64) -> bool {
    static LIBRARIES: Mutex<Vec<u64>> = Mutex::new(Vec::new());
    if std::env::var_os("RUST_BACKTRACE").is_none_or(|style| style == "0") {
        return false;
    }
    let mut libraries = LIBRARIES.lock().unwrap_or_else(PoisonError::into_inner);
    let is_known = libraries.contains(&generation);
    if !is_known && libraries.len() < MAX_LIBRARIES {
        libraries.push(generation);
        return true;
    }
    is_known
}

/// Runs the panic hook of this copy of std for a panic that begins in a plugin.
pub(crate) fn run_hook(panic: &PluginPanic) {
    if !RUNS_HOOK_AT_ONCE {
        return;
    }
    raise_for_hook(&match &panic.backtrace {
        Some(frames) => format!("{panic}\nstack backtrace of the plugin:\n{frames}"),
        None => panic.to_string(),
    });
}

/// Runs the panic hook with a text as the message.
///
/// Std runs the hook only for a panic of its own. So this is one, with a payload that every hook can print, and it is
/// caught at once.
pub(crate) fn raise_for_hook(text: &str) {
    drop(raising_for_hook(|| catch_unwind(|| panic!("{text}"))));
}
