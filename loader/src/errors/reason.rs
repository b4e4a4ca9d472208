//! Reasons: why a library was refused, in words and for programs.

use std::fmt;

use super::shown::shown;

/// What kind of reason it is; its name is stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Code {
    /// The rustc that built it is not the one that built the host.
    CompilerDiffers,
    /// The API's version is not of a class that the host accepts.
    VersionNotAccepted,
    /// It is no shared library.
    NotALibrary,
    /// Part of it is missing or damaged.
    NotWhole,
    /// It is for another machine or object format.
    OtherTarget,
    /// It carries no records of plugbox: it is not a plugin, or a tool removed them.
    NoManifest,
    /// It carries records of plugbox, but none of a plugin.
    NoPlugin,
    /// It speaks another version of plugbox's own contract.
    ContractDiffers,
    /// It was built for another target triple.
    TargetDiffers,
    /// It handles panics in another way.
    PanicDiffers,
    /// Flags that change layouts or calling conventions.
    FlagsDiffer,
    /// It was built for a better processor.
    CpuLacks,
    /// It offers no plugin for the interface that was asked for.
    InterfaceMissing,
    /// The interface, or a type that it reaches, is another.
    InterfaceChanged,
    /// A foreign crate whose types cross has another version or other features.
    BoundaryDiffers,
    /// The host has not vouched for where it lies.
    NotTrusted,
    /// Its initializers allocated memory that the host could not free.
    EarlyAllocation,
    /// Its copy of std is another than it says.
    ProbeDiffers,
}

impl Code {
    /// All codes, in the order in which reasons are shown.
    pub const ALL: [Self; 18] = [
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
        Self::InterfaceMissing,
        Self::InterfaceChanged,
        Self::BoundaryDiffers,
        Self::NotTrusted,
        Self::EarlyAllocation,
        Self::ProbeDiffers,
    ];

    /// The stable name.
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
            Self::InterfaceMissing => "interface-missing",
            Self::InterfaceChanged => "interface-changed",
            Self::BoundaryDiffers => "boundary-differs",
            Self::NotTrusted => "not-trusted",
            Self::EarlyAllocation => "early-allocation",
            Self::ProbeDiffers => "probe-differs",
        }
    }

    /// Why this matters, where nothing more is known: one sentence.
    #[must_use]
    pub const fn why(self) -> &'static str {
        match self {
            Self::CompilerDiffers => {
                "Rust's ABI is not stable: another compiler may lay types out and pass them in another way"
            }
            Self::VersionNotAccepted => "versions of different classes need not mean the same by the same call",
            Self::NotALibrary => "only a shared library can be opened",
            Self::NotWhole => "a file that is cut or still being written kills the process that maps it",
            Self::OtherTarget => "this machine cannot run its code",
            Self::NoManifest => "without records nothing about it can be checked",
            Self::NoPlugin => "there is nothing in it that the host could construct",
            Self::ContractDiffers => "the tables that host and plugin hand to each other are laid out in another way",
            Self::TargetDiffers => "another target may have other sizes and calling conventions",
            Self::PanicDiffers => "a panic could not be caught at the boundary, and would end the process",
            Self::FlagsDiffer => "these flags change layouts or calling conventions behind the compiler's version",
            Self::CpuLacks => "its code would end in an illegal instruction",
            Self::InterfaceMissing => "there is nothing in it to make the trait object from",
            // What each difference would do, where it is known, stands with it.
            Self::InterfaceChanged => "the two sides do not mean the same by it",
            Self::BoundaryDiffers => {
                "what is inside a foreign type is not to be seen, and any release or feature of its crate may change it"
            }
            Self::NotTrusted => "native code can do whatever the process can",
            Self::EarlyAllocation => {
                "what its initializers allocated is not the host's memory, and freeing it there would abort"
            }
            Self::ProbeDiffers => "another build of the same compiler's std lays its types out in another way",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One reason why a library was refused: both sides' values, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reason {
    /// The kind of reason.
    pub code: Code,
    /// Where the difference is: a plugin, a method, a field; empty where it is the library as a whole.
    pub at: String,
    /// What the host has or expects.
    pub host: String,
    /// What was found in the library.
    pub plugin: String,
    /// What would come of it: one sentence.
    pub why: &'static str,
    /// What to do; a command where one exists.
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
    /// The host's.
    pub host: String,
    /// The plugin's.
    pub plugin: String,
    /// What would come of it: one sentence.
    pub why: &'static str,
}

/// What a library has that does not bring its own std.
pub(crate) const SHARED_STD: &str = "a shared std (`-C prefer-dynamic`)";

impl Reason {
    /// A reason that concerns the library as a whole.
    #[must_use]
    pub fn new(code: Code, host: impl Into<String>, plugin: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            code,
            at: String::new(),
            host: shown(host),
            plugin: shown(plugin),
            why: code.why(),
            remedy: remedy.into(),
            also: Vec::new(),
        }
    }

    /// The refusal of a library with a shared std.
    pub(crate) fn shared_std(found: &str) -> Self {
        Self::new(
            Code::FlagsDiffer,
            "a plugin with a std of its own",
            format!("{SHARED_STD}{found}"),
            "build the plugin without `-C prefer-dynamic`: a shared std allocates what the host cannot free",
        )
    }

    /// The same, for what is known to come of it.
    #[must_use]
    pub(crate) fn because(mut self, why: &'static str) -> Self {
        self.why = why;
        self
    }

    /// The same, at a place in it.
    #[must_use]
    pub fn at(mut self, at: impl Into<String>) -> Self {
        self.at = shown(at);
        self
    }
}

impl fmt::Display for Reason {
    /// Several lines, without a line break at the end.
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
