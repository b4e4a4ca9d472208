//! The command line. Help, completions and man pages are generated from this definition.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::exit;
use crate::new::Origin;

/// Inspects and compares Rust plugin libraries and their hosts, and checks whether they fit, without loading them; makes
/// new projects
#[derive(Parser)]
#[command(
    name = "plugbox",
    version,
    disable_version_flag = true,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = exit::help()
)]
pub(crate) struct Args {
    /// Print the version
    #[arg(short = 'V', long)]
    pub(crate) version: bool,

    /// With --version: also print the compiler that built this command, the target, and what plugbox can do there
    #[arg(short, long, requires = "version")]
    pub(crate) verbose: bool,

    /// When to color text; `auto` depends on the terminal, NO_COLOR and TERM
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
    New(NewArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

/// Show everything that the records in a file contain: plugins, build, interfaces, types
///
/// A file may be a plugin library or a host, built for any target. It is not loaded.
#[derive(clap::Args)]
#[command(after_help = exit::help())]
pub(crate) struct InspectArgs {
    /// Libraries or hosts
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// Output format; `json` prints one object per line, described in docs/json.md
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// Check whether a host would load a library, and show every reason if it would not
///
/// The verdict and its texts are the same as in the host's loader. The command reads the records in the host's file;
/// neither the host nor the library runs. The processor and the C library are assumed to be those of this machine.
///
/// Some conditions are known only in the running host, and are not checked: which files it trusts, a narrower range of
/// API versions, libraries that it has loaded and that its file does not name, and the two reasons that show only after
/// mapping (early-allocation, probe-differs).
#[derive(clap::Args)]
#[command(after_help = exit::help())]
pub(crate) struct CheckArgs {
    /// Plugin libraries, or folders with them: in a folder, the best of several builds of a plugin is loaded, and the
    /// others are passed over
    #[arg(required = true, value_name = "FILE|FOLDER")]
    pub(crate) files: Vec<PathBuf>,

    /// The host: an executable, or a library that loads plugins
    #[arg(long, value_name = "EXE")]
    pub(crate) host: PathBuf,

    /// The interface that the host asks for, such as `edit_api::Plugin`; if given several times, one of them must fit
    ///
    /// Without this option, each plugin must fit every interface that it is exported as and that the host knows. The
    /// output lists the interfaces that the library could be loaded as; a host that asks for a different interface
    /// refuses the library (interface-missing).
    #[arg(long = "as", value_name = "NAME")]
    pub(crate) interfaces: Vec<String>,

    /// A library that the host allows its plugins to need (`Loader::allow_library`); may be given several times
    ///
    /// A plugin may need the libraries that Rust's std links, those that the host's file names, and those that the host
    /// allows. The host's records do not tell what it allows, so name it here.
    #[arg(long = "allow-library", value_name = "NAME")]
    pub(crate) allow_library: Vec<String>,

    /// Also refuse libraries without a pin, or with other bytes than those pinned, in a lock file at PATH, beside the
    /// first FILE or in the first FOLDER
    ///
    /// This is what a host does with `Trust::pinned_by` and `Trust::enforce_pins`, also with the allowed libraries that
    /// a plugin needs. A pinned library that is missing is an error.
    #[arg(long, value_name = "PATH", num_args = 0..=1, require_equals = true, conflicts_with = "write_lock")]
    pub(crate) lock: Option<Option<PathBuf>>,

    /// Pin the libraries that fit to their current bytes, in a lock file at PATH, beside the first FILE or in the first
    /// FOLDER
    ///
    /// The lock contains only these pins, and those of the allowed libraries that they need. `sha256sum --check` can read
    /// it. If a host uses it (`Trust::pinned_by`), it loads the pinned libraries only with these bytes. Before you pin
    /// libraries, make sure where they come from.
    #[arg(long, value_name = "PATH", num_args = 0..=1, require_equals = true)]
    pub(crate) write_lock: Option<Option<PathBuf>>,

    /// Output format; `json` prints one object per line, described in docs/json.md
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// Show the differences between two libraries, or between a library and a host
///
/// The command compares everything in their records, whatever their targets: the compiler and its settings, the
/// interfaces with every method, every type that these reach with every field, and the plugins. Nothing is loaded. A
/// change that affects no record, such as a different build folder, is not a difference.
///
/// Many differences do not prevent loading, and a host always differs from its plugins, because it exports none. To see
/// whether a plugin fits its host, use `plugbox check`.
#[derive(clap::Args)]
#[command(after_help = exit::help())]
pub(crate) struct DiffArgs {
    /// A library or host; its side of each difference is marked with `-`
    #[arg(value_name = "A")]
    pub(crate) a: PathBuf,

    /// The library or host to compare it with; its side of each difference is marked with `+`
    #[arg(value_name = "B")]
    pub(crate) b: PathBuf,

    /// Output format; `json` prints one object per line, described in docs/json.md
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// Make a new application with plugins: a workspace with an API, a host and a first plugin
///
/// `plugbox new plugin` makes a plugin for an API that exists.
///
/// The project builds, runs and passes its own tests as it is: `cargo run`, `cargo test`. Nothing is overwritten.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, disable_help_subcommand = true)]
pub(crate) struct NewArgs {
    /// The folder to make; the last part is the name of the application, by cargo's rules for names
    #[arg(required = true, value_name = "PATH")]
    pub(crate) path: Option<PathBuf>,

    /// Where the project gets plugbox from: `path=FOLDER`, `git=URL`, `git=URL#REVISION` or `version=REQUIREMENT`
    ///
    /// Without this option, it is where this command came from: a checkout that is still there, the repository, or the
    /// registry. The project states it once, in the workspace's Cargo.toml.
    #[arg(long, value_name = "SOURCE", env = "PLUGBOX_SOURCE", hide_env_values = true)]
    pub(crate) plugbox: Option<Origin>,

    #[command(subcommand)]
    pub(crate) what: Option<NewCommand>,
}

#[derive(Subcommand)]
pub(crate) enum NewCommand {
    Plugin(NewPluginArgs),
}

/// Make a new plugin for an API that exists, with every method that the API asks for
///
/// The methods come from the source of the API, and nothing is compiled. The plugin depends on the plugbox that the API
/// depends on. In a workspace with plugins, the new one becomes a member.
#[derive(clap::Args)]
pub(crate) struct NewPluginArgs {
    /// The folder to make; the last part is the name of the plugin. A name alone is put beside the other plugins of the
    /// workspace
    #[arg(value_name = "PATH")]
    pub(crate) path: PathBuf,

    /// The API: the folder of its package, or the name of a crate, such as `edit-api` or `edit-api@1.2`
    ///
    /// Without this option, it is the only package of this workspace that has an interface.
    #[arg(long, value_name = "FOLDER|CRATE")]
    pub(crate) api: Option<String>,

    /// The interface to implement, such as `Plugin`; may be given several times
    ///
    /// Without this option, it is the only interface of the API that no other one mentions.
    #[arg(long = "interface", value_name = "NAME")]
    pub(crate) interfaces: Vec<String>,
}

/// Print a completion script for a shell
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

/// The output format.
#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum Format {
    #[default]
    Text,
    Json,
}

/// When to color text.
#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}
