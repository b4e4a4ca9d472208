//! The command-line arguments.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Parser};
use examples_shared::configs::ConfigFile;

/// Sends a request to a REST service, and shows the response, with JSON indented; plugins may change both. Several
/// requests are sent at the same time.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Exit codes, the highest if several apply:\n  \
        0    the server has answered with a status below 400\n  \
        1    the server has answered with a status of 400 or above\n  \
        2    the arguments are wrong\n  \
        3    there is no complete answer: no connection, an untrusted certificate, a timeout, too many redirects\n  \
        4    a plugin failed or was refused; nothing was sent, unless it failed after the answer\n  \
        5    a file could not be read or written\n  \
        130  interrupted by Ctrl-C"
)]
pub(crate) struct Arguments {
    /// The method, such as GET
    pub(crate) method: String,
    /// The URLs, with the scheme http or https
    #[arg(value_name = "URL", required = true)]
    pub(crate) urls: Vec<String>,
    /// Send a header; may be given several times
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,
    /// Send this text or the contents of @FILE as the body; JSON is sent as application/json unless a header says
    /// otherwise
    #[arg(short, long, value_name = "TEXT|@FILE")]
    pub(crate) data: Option<String>,
    /// Save the body of the response in a file, unchanged
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Also show the headers of the response
    #[arg(short, long)]
    pub(crate) include: bool,
    /// Show requests and responses on standard error, with secrets hidden; twice also shows the logs of plugins, up to
    /// four times for all details
    #[arg(short, long, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Say nothing on standard error but problems: no table of plugins, no output of plugins, no progress
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Show JSON unchanged
    #[arg(long)]
    pub(crate) raw: bool,
    /// The maximum number of redirects to follow; 0 shows the first one
    #[arg(long, value_name = "NUMBER", default_value_t = 10)]
    pub(crate) max_redirs: u32,
    /// The timeout for the whole response of each try [default: none, once connected]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) timeout: Option<Duration>,
    /// The maximum time that a plugin may take for a request or a response
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "300")]
    pub(crate) max_wait: Duration,
    /// Also trust the certificates in this PEM file
    #[arg(long, value_name = "FILE")]
    pub(crate) cacert: Option<PathBuf>,
    /// Load the plugins in this folder; you trust them as you trust this program [default: build the sample plugins]
    #[arg(long, value_name = "DIR")]
    pub(crate) plugins: Option<PathBuf>,
    /// Configure a plugin with the text of a file
    #[arg(long = "config", value_name = "PLUGIN=FILE")]
    pub(crate) configs: Vec<ConfigFile>,
}

fn seconds(text: &str) -> Result<Duration, &'static str> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.filter(|time| !time.is_zero()).ok_or("expected a number of seconds above 0, such as 2.5")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_agree_with_each_other() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_time_is_above_zero() {
        assert_eq!(seconds("2.5"), Ok(Duration::from_millis(2500)));
        assert!(["0", "-1", "NaN", "inf", "x"].iter().all(|text| seconds(text).is_err()));
    }
}
