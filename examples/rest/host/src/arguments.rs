//! The arguments.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Parser};
use examples_shared::configs::ConfigFile;

/// Sends a request to a REST service, and shows what it answers, JSON in lines; plugins may change both.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Exit codes:\n  \
        0  the server has answered with a status below 400\n  \
        1  the server has answered with a status of 400 or above\n  \
        2  the arguments are wrong\n  \
        3  there is no whole answer: no connection, no trust, too late, too many redirects\n  \
        4  a plugin failed or was refused; unless it failed after the answer, nothing was sent\n  \
        5  a file could not be read or written"
)]
pub(crate) struct Arguments {
    /// The method, such as GET
    pub(crate) method: String,
    /// The URL, of the scheme http or https
    pub(crate) url: String,
    /// Send a header; may be given several times
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,
    /// Send this as the body, or what is in @FILE; as application/json if it is JSON and no header says otherwise
    #[arg(short, long, value_name = "TEXT|@FILE")]
    pub(crate) data: Option<String>,
    /// Save the body of the response in a file, as it comes
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Show the headers of the response, too
    #[arg(short, long)]
    pub(crate) include: bool,
    /// Say on standard error what is sent and what comes, with secrets hidden; twice for what plugins log, up to four times
    /// for all of it
    #[arg(short, long, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Show JSON as it comes
    #[arg(long)]
    pub(crate) raw: bool,
    /// Follow so many redirects; 0 shows the first
    #[arg(long, value_name = "NUMBER", default_value_t = 10)]
    pub(crate) max_redirs: u32,
    /// Wait for the whole response of each try so long [default: as long as it takes, once connected]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) timeout: Option<Duration>,
    /// Trust the certificates in this PEM file, too
    #[arg(long, value_name = "FILE")]
    pub(crate) cacert: Option<PathBuf>,
    /// Load the plugins in this folder; you trust them as you trust this program [default: build the sample plugins]
    #[arg(long, value_name = "DIR")]
    pub(crate) plugins: Option<PathBuf>,
    /// Give a plugin the text of a file as its configuration
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
