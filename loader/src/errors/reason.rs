//! The reasons of a refusal, as text for people and as codes for programs.

use std::fmt;

use super::shown::shown;

/// The kind of a reason; its name is stable.
///
/// # Examples
///
/// ```
/// use plugbox_loader::Code;
/// assert_eq!(Code::CompilerDiffers.as_str(), "compiler-differs");
/// assert!(Code::ALL.contains(&Code::NotTrusted));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Code {
    /// A different rustc built the library than the host.
    CompilerDiffers,
    /// The library was built against a version of the API that the host does not accept.
    VersionNotAccepted,
    /// The file is not a shared library.
    NotALibrary,
    /// The file is incomplete or damaged.
    NotWhole,
    /// The library was built for a different machine or object format.
    OtherTarget,
    /// The library has no plugbox records: it is not a plugin, or a tool removed the records.
    NoManifest,
    /// The library has plugbox records, but none of a plugin.
    NoPlugin,
    /// The library uses a different version of plugbox's own contract.
    ContractDiffers,
    /// The library was built for a different target triple.
    TargetDiffers,
    /// The library or the host was not built with `panic = "unwind"`.
    PanicDiffers,
    /// The two sides were built with flags that make their layouts or calling conventions differ.
    FlagsDiffer,
    /// The library was built for target features that the processor lacks.
    CpuLacks,
    /// The library needs symbols of a later C library than the process has.
    LibcTooOld,
    /// The library would make the stacks of the process executable.
    ExecutableStack,
    /// The library exports no plugin for the requested interface.
    InterfaceMissing,
    /// The interface, or a type that it reaches, differs between the two sides.
    InterfaceChanged,
    /// A foreign crate with types that cross differs in version, source, files or features, or is unknown.
    BoundaryDiffers,
    /// The host does not trust the file's location or bytes, or a library that the file needs.
    NotTrusted,
    /// The library's initializers allocated memory that the host could not free.
    EarlyAllocation,
    /// The library's copy of std differs from the host's, although the compiler is the same.
    ProbeDiffers,
}

impl Code {
    /// All codes, in the order in which a refusal lists its reasons.
    pub const ALL: [Self; 20] = [
        Self::CompilerDiffers,
        Self::VersionNotAccepted,
        Self::NotALibrary,
        Self::NotWhole,
        Self::OtherTarget,
        Self::NoManifest,
        Self::NoPlugin,
        Self::ContractDiffers,
        Self::TargetDiffers,
        Self::PanicDiffers,
        Self::FlagsDiffer,
        Self::CpuLacks,
        Self::LibcTooOld,
        Self::ExecutableStack,
        Self::InterfaceMissing,
        Self::InterfaceChanged,
        Self::BoundaryDiffers,
        Self::NotTrusted,
        Self::EarlyAllocation,
        Self::ProbeDiffers,
    ];

    /// The stable name, such as `compiler-differs`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CompilerDiffers => "compiler-differs",
            Self::VersionNotAccepted => "version-not-accepted",
            Self::NotALibrary => "not-a-library",
            Self::NotWhole => "not-whole",
            Self::OtherTarget => "other-target",
            Self::NoManifest => "no-manifest",
            Self::NoPlugin => "no-plugin",
            Self::ContractDiffers => "contract-differs",
            Self::TargetDiffers => "target-differs",
            Self::PanicDiffers => "panic-differs",
            Self::FlagsDiffer => "flags-differ",
            Self::CpuLacks => "cpu-lacks",
            Self::LibcTooOld => "libc-too-old",
            Self::ExecutableStack => "executable-stack",
            Self::InterfaceMissing => "interface-missing",
            Self::InterfaceChanged => "interface-changed",
            Self::BoundaryDiffers => "boundary-differs",
            Self::NotTrusted => "not-trusted",
            Self::EarlyAllocation => "early-allocation",
            Self::ProbeDiffers => "probe-differs",
        }
    }

    /// The general consequence of this kind of reason, in one sentence. A [`Reason`] may have a more specific one.
    #[must_use]
    pub const fn why(self) -> &'static str {
        match self {
            Self::CompilerDiffers => {
                "Rust's ABI is not stable: a different compiler may lay out types and pass values differently"
            }
            Self::VersionNotAccepted => "the same call may mean something else in an incompatible version",
            Self::NotALibrary => "only a shared library can be opened",
            Self::NotWhole => "mapping a file that is truncated or still being written can kill the process",
            Self::OtherTarget => "this machine cannot run the library's code",
            Self::NoManifest => "without records, nothing about the library can be checked",
            Self::NoPlugin => "the library contains no plugin that the host could construct",
            Self::ContractDiffers => "the tables that host and plugin exchange have a different layout",
            Self::TargetDiffers => "a different target may have different type sizes and calling conventions",
            Self::PanicDiffers => "a panic could not be caught at the boundary, and would end the process",
            Self::FlagsDiffer => {
                "these flags change layouts or calling conventions, although the compiler's version is equal"
            }
            Self::CpuLacks => "an instruction that the processor lacks would end the process",
            Self::LibcTooOld => "the system's loader cannot open a library whose symbols are missing",
            Self::ExecutableStack => {
                "the stack of every thread would become executable, and an overflow in any code could run an attacker's bytes"
            }
            Self::InterfaceMissing => "the library has no constructor for the host's trait object",
            // Used only if no single difference with its own consequence is known.
            Self::InterfaceChanged => "the two sides define the interface differently",
            Self::BoundaryDiffers => {
                "the inside of a foreign type is not recorded, and any release or feature of its crate may change it"
            }
            Self::NotTrusted => "native code can do whatever the process can",
            Self::EarlyAllocation => {
                "the initializers' memory is not from the host's allocator, and freeing it in the host would abort"
            }
            Self::ProbeDiffers => "another build of the same compiler's std lays out its types differently",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One reason why a library was refused: the values of both sides, the consequence and the fix.
///
/// # Examples
///
/// ```
/// use plugbox_loader::{Code, Reason};
/// let reason = Reason::new(Code::TargetDiffers, "x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl", "build it anew");
/// assert_eq!(
///     reason.to_string().lines().take(2).collect::<Vec<_>>(),
///     ["target-differs", "  plugin: x86_64-unknown-linux-musl"]
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reason {
    /// The kind of reason.
    pub code: Code,
    /// The place of the difference, such as a plugin, a method or a field; empty if it concerns the whole library.
    pub at: String,
    /// The value that the host has or expects.
    pub host: String,
    /// The value found in the library.
    pub plugin: String,
    /// The consequence of loading the library nevertheless, in one sentence.
    pub why: &'static str,
    /// The fix: a command, if one exists.
    pub remedy: String,
    /// Further differences of the same kind.
    pub also: Vec<Difference>,
}

/// A difference between the two sides of an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// The method, type or field.
    pub at: String,
    /// The host's value.
    pub host: String,
    /// The plugin's value.
    pub plugin: String,
    /// The consequence of loading the library nevertheless, in one sentence.
    pub why: &'static str,
}

/// The words of a reason for a library without its own copy of std.
pub(crate) const SHARED_STD: &str = "a shared std (`-C prefer-dynamic`)";

impl Difference {
    /// Creates a difference at a place, from both sides' values and its consequence.
    #[must_use]
    pub fn new(at: impl Into<String>, host: impl Into<String>, plugin: impl Into<String>, why: &'static str) -> Self {
        Self { at: shown(at), host: shown(host), plugin: shown(plugin), why }
    }
}

impl Reason {
    /// Creates a reason that concerns the whole library, with the consequence from [`Code::why`].
    #[must_use]
    pub fn new(code: Code, host: impl Into<String>, plugin: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            code,
            at: String::new(),
            host: shown(host),
            plugin: shown(plugin),
            why: code.why(),
            remedy: shown(remedy),
            also: Vec::new(),
        }
    }

    /// The reason to refuse a library with a shared std; `found` is appended to its description.
    pub(crate) fn shared_std(found: &str) -> Self {
        Self::new(
            Code::FlagsDiffer,
            "a plugin with its own copy of std",
            format!("{SHARED_STD}{found}"),
            "build the plugin without `-C prefer-dynamic`: a shared std allocates memory that the host cannot free",
        )
    }

    /// Replaces the general consequence by a specific one.
    #[must_use]
    pub(crate) fn because(mut self, why: &'static str) -> Self {
        self.why = why;
        self
    }

    /// Sets the place of the difference.
    #[must_use]
    pub fn at(mut self, at: impl Into<String>) -> Self {
        self.at = shown(at);
        self
    }
}

impl fmt::Display for Reason {
    /// Writes several lines, without a line break at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if !self.at.is_empty() {
            write!(f, " at {}", self.at)?;
        }
        write!(f, "\n  plugin: {}\n  host:   {}", self.plugin, self.host)?;
        for difference in &self.also {
            write!(
                f,
                "\n  also:   {}: {} in the plugin, {} in the host",
                difference.at, difference.plugin, difference.host
            )?;
        }
        let mut whys = vec![self.why];
        for difference in &self.also {
            if !whys.contains(&difference.why) {
                whys.push(difference.why);
            }
        }
        write!(f, "\n  why:    {}\n  fix:    {}", whys.join("; "), self.remedy)
    }
}
