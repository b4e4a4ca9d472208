//! Downloads of bodies. A long download on a terminal has a progress bar.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use examples_shared::message;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ureq::Body;

use crate::client::Deadline;
use crate::failure::Failure;

/// The maximum size of a body in memory.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// The time before the progress bar appears.
const PATIENCE: Duration = Duration::from_millis(500);

/// A body that is not downloaded yet.
pub(crate) struct Download {
    pub(crate) body: Body,
    pub(crate) url: String,
    pub(crate) deadline: Deadline,
}

impl Download {
    /// Reads the body into memory.
    pub(crate) fn read(&mut self) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        // Writing into memory does not fail.
        self.copy(&mut bytes, MOST_BYTES, |error| Failure::file(anyhow!(error)))?;
        Ok(bytes)
    }

    /// Saves the body in a file. If the download breaks off, the file keeps the part that has arrived.
    pub(crate) fn save(&mut self, path: &Path) -> Result<(), Failure> {
        let cannot =
            |error: io::Error| Failure::file(anyhow!(error).context(format!("cannot write {}", path.display())));
        let mut file = File::create(path).map_err(cannot)?;
        let copied = self.copy(&mut file, u64::MAX, cannot);
        copied.map_err(|failure| failure.context(format!("{} is incomplete", path.display())))
    }

    fn copy(
        &mut self,
        to: &mut dyn Write,
        most: u64,
        cannot_write: impl Fn(io::Error) -> Failure,
    ) -> Result<(), Failure> {
        let bar = bar(self.body.content_length());
        let begun = Instant::now();
        let mut from = self.body.with_config().limit(u64::MAX).reader();
        let mut piece = vec![0; 64 * 1024];
        let (mut copied, mut patience_is_over) = (0, false);
        loop {
            let read = from.read(&mut piece);
            let read = read.map_err(|error| self.deadline.explain(ureq::Error::from(error)));
            let read = read.with_context(|| format!("{}: the body broke off after {copied} bytes", self.url));
            let read = read.map_err(Failure::no_response)?;
            if read == 0 {
                bar.finish_and_clear();
                return Ok(());
            }
            copied += read as u64;
            if copied > most {
                let error = anyhow!("{}: the body is longer than {most} bytes; save it with --output FILE", self.url);
                return Err(Failure::no_response(error));
            }
            to.write_all(&piece[..read]).map_err(&cannot_write)?;
            bar.inc(read as u64);
            if !patience_is_over && !message::is_quiet() && begun.elapsed() > PATIENCE {
                patience_is_over = true;
                // The bar stays hidden if standard error is not a terminal.
                bar.set_draw_target(ProgressDrawTarget::stderr());
            }
        }
    }
}

fn bar(length: Option<u64>) -> ProgressBar {
    let (template, bar) = match length {
        Some(length) => ("{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta}", ProgressBar::new(length)),
        None => ("{spinner} {bytes}, {bytes_per_sec}", ProgressBar::no_length()),
    };
    bar.set_draw_target(ProgressDrawTarget::hidden());
    bar.with_style(ProgressStyle::with_template(template).expect("the template is valid"))
}
