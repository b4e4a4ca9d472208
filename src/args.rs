//! The command line: one definition, from which help, completions and the man pages are made.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::exit;

/// Inspects and compares libraries of Rust plugins and their hosts, and checks whether they fit, without loading them
#[derive(Parser)]
#[command(
    name = "plugbox",
    version,
    disable_version_flag = true,
    disable_help_subcommand = true,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = exit::help()
)]
pub(crate) struct Args {
    /// Print the version
    #[arg(short = 'V', long)]
    pub(crate) version: bool,

    /// With --version: say also which compiler built this command, and for what
    #[arg(short, long, requires = "version")]
    pub(crate) verbose: bool,

    /// When to color text; `auto` goes by the terminal, NO_COLOR and TERM
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) color: Color,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    Inspect(InspectArgs),
    Check(CheckArgs),
    Diff(DiffArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

/// Say everything that the records in a file say: plugins, build, interfaces, types
///
/// A file may be a plugin's library or a host, built for any target. Nothing of it is loaded.
#[derive(clap::Args)]
#[command(after_help = exit::help())]
pub(crate) struct InspectArgs {
    /// Libraries or hosts
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// How to say it; `json` is one object a line, as docs/json.md describes
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// Say whether a host would load a library, and every reason why not
///
/// The verdict and its words are those of the loader in the host, taken from the records in the host's file; neither
/// the host nor the library runs. The processor is taken to be that of this machine.
///
/// What a host decides only when it runs is not checked: whom it trusts, a narrower range of API versions, and what
/// shows after mapping (early-allocation, probe-differs).
#[derive(clap::Args)]
#[command(after_help = exit::help())]
pub(crate) struct CheckArgs {
    /// Libraries of plugins
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// The host: an executable, or a library that loads plugins
    #[arg(long, value_name = "EXE")]
    pub(crate) host: PathBuf,

    /// The interface that the host asks for, such as `edit_api::Plugin`; given several times, one of them will do
    ///
    /// Without it, each plugin has to fit every interface that it is exported as and that the host knows. The answer lists
    /// the interfaces that the library could be loaded as; a host that asks for another one refuses it (interface-missing).
    #[arg(long = "as", value_name = "NAME")]
    pub(crate) interfaces: Vec<String>,

    /// Pin the libraries that fit to the bytes that they have now, in a lock beside the first of them or at PATH
    ///
    /// The lock holds these pins and no others. `sha256sum --check` reads it; a host that is given it (`Trust::pinned_by`)
    /// loads what it names with these bytes only. Make sure where the libraries come from before you pin them.
    #[arg(long, value_name = "PATH", num_args = 0..=1, require_equals = true)]
    pub(crate) write_lock: Option<Option<PathBuf>>,

    /// How to say it; `json` is one object a line, as docs/json.md describes
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// Say what differs between two libraries, or a library and a host
///
/// Everything that their records say is compared, for whatever targets they were built: who built them and how, their
/// interfaces with every method, every type that these reach to the field, and their plugins. Nothing is loaded. What
/// changes no record, such as the folder they were built in, is no difference.
///
/// Not every difference keeps a plugin from being loaded, and a host differs from its plugins at least in that it
/// exports none: whether they fit is what `plugbox check` says.
#[derive(clap::Args)]
#[command(after_help = exit::help())]
pub(crate) struct DiffArgs {
    /// A library or host; what only this one has is marked with `-`
    #[arg(value_name = "A")]
    pub(crate) a: PathBuf,

    /// Another; what only this one has is marked with `+`
    #[arg(value_name = "B")]
    pub(crate) b: PathBuf,

    /// How to say it; `json` is one object a line, as docs/json.md describes
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// Print a script that completes this command's arguments in a shell
#[derive(clap::Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

/// Print the man page of this command, or of a subcommand
#[derive(clap::Args)]
pub(crate) struct ManArgs {
    /// The subcommand
    #[arg(value_name = "COMMAND")]
    pub(crate) subcommand: Option<String>,
}

/// How results are written.
#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum Format {
    #[default]
    Text,
    Json,
}

/// When text is colored.
#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}
