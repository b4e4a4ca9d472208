//! What a library asks of the system's loader, compared with what the host's process has.

use super::profile::HostProfile;
use crate::errors::{Code, Reason, STATIC_TLS};
use crate::read::{Linkage, ReadError};

/// The libraries that std itself links. Most programs with glibc have loaded them from the start.
const PLATFORM: [&str; 8] = [
    "libc.so.6",
    "libdl.so.2",
    "libgcc_s.so.1",
    "libm.so.6",
    "libpthread.so.0",
    "librt.so.1",
    "libutil.so.1",
    "libc.so",
];

/// The size from which on the static-TLS block has room for some loads only. Glibc reserves some 1,600 bytes in it for all
/// libraries that are opened later.
const MUCH_STATIC_TLS: u64 = 64;

/// Judges what a library asks of the system's loader, from the result of reading it. The libraries that it needs are
/// judged one by one ([`judge_needed`]).
///
/// # Examples
///
/// ```
/// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
/// use plugbox_loader::inspect::{self, HostProfile, judge_linkage};
/// let host = HostProfile::of_this_process::<dyn Plugin>()?;
/// let linkage = inspect::linkage(&std::env::current_exe()?);
/// assert_eq!(judge_linkage(&host, linkage.as_ref()), []);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn judge_linkage(host: &HostProfile, read: Result<&Linkage, &ReadError>) -> Vec<Reason> {
    let linkage = match read {
        Ok(linkage) => linkage,
        Err(error) => {
            let whole = "a readable dynamic section";
            return vec![Reason::new(Code::NotWhole, whole, error.to_string(), "copy or build the library again")];
        }
    };
    let mut reasons = Vec::new();
    if let (Some(theirs), Some(ours)) = (linkage.glibc, host.glibc) {
        if theirs > ours {
            reasons.push(Reason::new(
                Code::LibcTooOld,
                format!("glibc {ours}"),
                format!("needs symbols of glibc {theirs}"),
                format!(
                    "build the plugin where glibc is {ours} or older: on the oldest system that the host supports, in a \
                     container of it, or with `cargo zigbuild --target TRIPLE.{ours}`"
                ),
            ));
        }
    }
    if linkage.executable_stack {
        reasons.push(Reason::new(
            Code::ExecutableStack,
            "stacks that are not executable",
            "asks for executable stacks (PT_GNU_STACK)",
            "link with `-z noexecstack` instead of `-z execstack`; in a library of C, give each file of assembly a section \
             `.note.GNU-stack`, and rewrite nested functions of GNU C. `patchelf --clear-execstack FILE` clears the mark \
             if no code needs it",
        ));
    }
    reasons
}

/// Judges a library that a plugin needs, by its name. `is_allowed` says whether the host allows it or has loaded it.
#[must_use]
pub fn judge_needed(name: &str, is_allowed: impl FnOnce(&str) -> bool) -> Option<Reason> {
    if name.starts_with("libstd-") {
        return Some(Reason::shared_std(&format!(": it needs {name}")));
    }
    (!is_platform(name) && !is_allowed(name)).then(|| not_allowed(name))
}

/// Whether a needed library is part of the platform.
pub(crate) fn is_platform(name: &str) -> bool {
    let is_loader = |name: &str| ["ld-linux", "ld-musl", "ld64.", "ld.so"].iter().any(|one| name.starts_with(one));
    PLATFORM.contains(&name) || is_loader(name) && !name.contains('/')
}

fn not_allowed(name: &str) -> Reason {
    Reason::new(
        Code::NotTrusted,
        "a plugin may need only libraries that std links, that this process has loaded, or that the host has allowed",
        format!("the plugin needs {name}, and the initializers of {name} would run without a verdict"),
        format!(
            "call `Loader::allow_library(\"{name}\")` if you trust that library, or link it statically into the plugin \
             (many `-sys` crates have a feature `vendored` or `bundled` for this)"
        ),
    )
    .at(name)
}

/// What does not prevent a load, but may prevent later ones: one text each.
#[must_use]
pub fn warnings(linkage: &Linkage) -> Vec<String> {
    let size = linkage.static_tls;
    if size < MUCH_STATIC_TLS {
        return Vec::new();
    }
    vec![format!(
        "its thread-local variables ({size} bytes) must lie in the static-TLS block, of which glibc reserves some 1,600 bytes \
         for all libraries that are opened later; every load of a library takes its share for ever, and the first one \
         that finds no room fails. {STATIC_TLS}"
    )]
}
