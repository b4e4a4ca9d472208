//! What a library asks of the system's loader, compared with what the host's process has.

use super::profile::HostProfile;
use crate::errors::{Code, Reason, STATIC_TLS};
use crate::read::{Linkage, ReadError};

/// The libraries that std itself links on Linux. Most programs with glibc have loaded them from the start.
const LINUX: [&str; 8] = [
    "libc.so.6",
    "libdl.so.2",
    "libgcc_s.so.1",
    "libm.so.6",
    "libpthread.so.0",
    "librt.so.1",
    "libutil.so.1",
    "libc.so",
];

/// The libraries of Windows, in lower case and without their extension, that std and most bindings of its functions
/// link, with the C library of its compilers. `libgcc_s_seh-1` and `libwinpthread-1` are not among them: they come with
/// a compiler, and std for the GNU targets contains what it needs of them.
const WINDOWS: [&str; 30] = [
    "advapi32",
    "bcrypt",
    "bcryptprimitives",
    "combase",
    "comctl32",
    "comdlg32",
    "crypt32",
    "dbghelp",
    "gdi32",
    "iphlpapi",
    "kernel32",
    "kernelbase",
    "msvcp140",
    "msvcrt",
    "ncrypt",
    "ntdll",
    "ole32",
    "oleaut32",
    "psapi",
    "rpcrt4",
    "secur32",
    "shell32",
    "shlwapi",
    "synchronization",
    "ucrtbase",
    "user32",
    "userenv",
    "vcruntime140",
    "vcruntime140_1",
    "ws2_32",
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
            let whole = "a readable list of the libraries that it needs";
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

/// Judges a library that a plugin needs, by its name in the plugin's `linkage`. `is_allowed` says whether the host allows
/// it or has loaded it.
#[must_use]
pub fn judge_needed(linkage: &Linkage, name: &str, is_allowed: impl FnOnce(&str) -> bool) -> Option<Reason> {
    if is_std(linkage, name) {
        return Some(Reason::shared_std(&format!(": it needs {name}")));
    }
    (!is_platform(linkage, name) && !is_allowed(name)).then(|| not_allowed(name))
}

/// Whether a needed library is Rust's std as a library.
fn is_std(linkage: &Linkage, name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    match linkage.format {
        "pe" => file.to_ascii_lowercase().starts_with("std-"),
        "mach-o" => file.starts_with("libstd-"),
        _ => name.starts_with("libstd-"),
    }
}

/// Whether a needed library is part of the platform, by its name in the plugin's `linkage`.
pub(crate) fn is_platform(linkage: &Linkage, name: &str) -> bool {
    match linkage.format {
        "pe" => is_of_windows(&name.to_ascii_lowercase()),
        // Nobody can write there; and most of these libraries are no files any more.
        // Except below `/System/Volumes`, where all that can be written to is.
        "mach-o" => {
            let is_plain = !["//", "/./", "/../"].iter().any(|part| name.contains(part));
            let is_there = ["/usr/lib/", "/System/"].iter().any(|folder| name.starts_with(folder));
            is_plain && is_there && !name.to_ascii_lowercase().starts_with("/system/volumes/")
        }
        _ => {
            let loaders = ["ld-linux", "ld-musl", "ld64.", "ld.so"];
            LINUX.contains(&name) || loaders.iter().any(|loader| name.starts_with(loader)) && !name.contains('/')
        }
    }
}

/// Whether a library is part of Windows or of the C library of its compilers, by its name in lower case.
fn is_of_windows(name: &str) -> bool {
    let Some(name) = name.strip_suffix(".dll").filter(|name| !name.contains(['/', '\\', ':'])) else { return false };
    // Windows finds a name of an API set in a table of its own, and searches for no file.
    WINDOWS.contains(&name) || ["api-ms-win-", "ext-ms-"].iter().any(|start| name.starts_with(start))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platform_is_that_of_the_librarys_format() {
        let judged = |format, name: &str| {
            let linkage = Linkage::new(format, vec![name.to_owned()]);
            match judge_needed(&linkage, name, |_| false) {
                None => "platform",
                Some(reason) if reason.code == Code::NotTrusted => "not allowed",
                Some(reason) if reason.code == Code::FlagsDiffer => "std",
                Some(reason) => panic!("{reason}"),
            }
        };
        for (format, name, expected) in [
            ("elf", "libc.so.6", "platform"),
            ("elf", "ld-linux-x86-64.so.2", "platform"),
            ("elf", "folder/ld-linux.so", "not allowed"),
            ("elf", "libz.so.1", "not allowed"),
            ("elf", "KERNEL32.dll", "not allowed"),
            ("elf", "/usr/lib/libz.so", "not allowed"),
            ("elf", "libstd-0123456789abcdef.so", "std"),
            ("pe", "KERNEL32.dll", "platform"),
            ("pe", "kernel32.DLL", "platform"),
            ("pe", "bcryptprimitives.dll", "platform"),
            ("pe", "api-ms-win-core-synch-l1-2-0.dll", "platform"),
            ("pe", "EXT-MS-win-gdi-draw-l1-1-0.dll", "platform"),
            ("pe", "VCRUNTIME140.dll", "platform"),
            ("pe", "vcruntime140_evil.dll", "not allowed"),
            ("pe", "libgcc_s_seh-1.dll", "not allowed"),
            ("pe", "kernel32", "not allowed"),
            ("pe", "folder\\api-ms-win-core.dll", "not allowed"),
            ("pe", "libc.so.6", "not allowed"),
            ("pe", "Std-0123456789abcdef.dll", "std"),
            ("mach-o", "/usr/lib/libSystem.B.dylib", "platform"),
            ("mach-o", "/System/Library/Frameworks/Security.framework/Versions/A/Security", "platform"),
            ("mach-o", "/usr/lib/../../tmp/libz.dylib", "not allowed"),
            ("mach-o", "/System/Volumes/Data/private/tmp/libz.dylib", "not allowed"),
            ("mach-o", "/System//Volumes/Data/private/tmp/libz.dylib", "not allowed"),
            ("mach-o", "/System/./Volumes/Data/private/tmp/libz.dylib", "not allowed"),
            ("mach-o", "/System/volumes/Data/private/tmp/libz.dylib", "not allowed"),
            ("mach-o", "/usr/local/lib/libz.dylib", "not allowed"),
            ("mach-o", "@rpath/usr/lib/libz.dylib", "not allowed"),
            ("mach-o", "@rpath/libstd-0123456789abcdef.dylib", "std"),
        ] {
            assert_eq!(judged(format, name), expected, "{format}: {name}");
        }
    }
}
