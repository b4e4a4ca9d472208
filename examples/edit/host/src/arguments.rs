//! The command-line arguments.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{ArgAction, ArgGroup, Parser};
use edit_api::Document;
use examples_shared::configs::ConfigFile;

/// Edits text files without a screen: plugins act when a file is opened and saved, and offer commands.
#[derive(Debug, Parser)]
#[command(
    version,
    group = ArgGroup::new("action").required(true).multiple(true).args(["print", "write", "list"]),
    after_help = "Exit codes:\n  \
        0  success\n  \
        1  something failed; each file is unchanged or completely saved\n  \
        2  the arguments are wrong\n  \
        3  everything was done, except for the edits of a plugin that failed"
)]
pub(crate) struct Arguments {
    /// Files to edit, as UTF-8 text
    #[arg(value_name = "FILE", required_unless_present = "list")]
    pub(crate) files: Vec<PathBuf>,
    /// Print the result on standard output
    #[arg(short, long)]
    pub(crate) print: bool,
    /// Save the result in place
    #[arg(short, long)]
    pub(crate) write: bool,
    /// Print again whenever a file or a plugin changes; plugins keep their state
    #[arg(long, requires = "print", conflicts_with_all = ["write", "c_plugins"])]
    pub(crate) watch: bool,
    /// List the commands of the plugins
    #[arg(short, long, conflicts_with_all = ["files", "print", "write", "commands", "watch"])]
    pub(crate) list: bool,
    /// Run a command before saving; may be given several times
    #[arg(short = 'r', long = "run", value_name = "PLUGIN:COMMAND")]
    pub(crate) commands: Vec<CommandName>,
    /// Select lines for the commands, counted from 1; without it, commands work on the whole text
    #[arg(short, long, value_name = "FIRST-LAST")]
    pub(crate) select: Option<Lines>,
    /// Load the plugins in this folder; you trust them as you trust this program [default: build the sample plugins]
    #[arg(long, value_name = "DIR")]
    pub(crate) plugins: Option<PathBuf>,
    /// Also load C libraries (plugin.h) from that folder; they cannot be checked like Rust plugins, so you trust each
    /// of them blindly
    #[arg(long, requires = "plugins")]
    pub(crate) c_plugins: bool,
    /// Configure a plugin with the text of a file
    #[arg(long = "config", value_name = "PLUGIN=FILE")]
    pub(crate) configs: Vec<ConfigFile>,
    /// Log events of the editor and its plugins to standard error; twice for details, three times for everything
    #[arg(short, long, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Say nothing on standard error but problems: no table of plugins, no status texts, no progress
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
}

/// The name of a plugin and of one of its commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommandName {
    pub(crate) plugin: String,
    pub(crate) command: String,
}

impl FromStr for CommandName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (plugin, command) = text.split_once(':').ok_or("expected PLUGIN:COMMAND")?;
        Ok(Self { plugin: plugin.to_owned(), command: command.to_owned() })
    }
}

impl fmt::Display for CommandName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.plugin, self.command)
    }
}

/// A range of lines, counted from 1, including both ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lines {
    first: usize,
    last: usize,
}

impl Lines {
    /// The range of these lines in a document, without the last line break.
    pub(crate) fn of(&self, document: &dyn Document) -> anyhow::Result<Range<usize>> {
        let line = |number: usize| document.line(number - 1);
        match (line(self.first), line(self.last)) {
            (Some(first), Some(last)) => Ok(first.start..last.end),
            _ => anyhow::bail!("its last line is {}", document.line_count()),
        }
    }
}

impl FromStr for Lines {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        match (first.parse(), last.parse()) {
            (Ok(first), Ok(last)) if 1 <= first && first <= last => Ok(Self { first, last }),
            _ => Err("expected lines as in `3` or `3-5`, counted from 1"),
        }
    }
}

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lines {} to {}", self.first, self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use edit_api::Buffer;

    #[test]
    fn the_arguments_agree_with_each_other() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn lines_are_counted_from_one() {
        let buffer = Buffer::new("one\ntwo\nthree\n");
        let of = |text: &str| text.parse::<Lines>().unwrap().of(&buffer);
        assert_eq!(of("2").unwrap(), 4..7);
        assert_eq!(of("1-2").unwrap(), 0..7);
        assert_eq!(of("3-4").unwrap_err().to_string(), "its last line is 3");
        assert!(["0", "2-1", "x", "1-"].iter().all(|text| text.parse::<Lines>().is_err()));
    }
}
