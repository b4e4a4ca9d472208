//! Downloads of bodies. A long download on a terminal has a progress bar.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::anyhow;
use examples_shared::message;
use futures_util::{StreamExt, stream};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rest_api::{BodyStream, Response};
use tokio::fs::File;
use tokio::io::{AsyncWrite, AsyncWriteExt};

use crate::client::{Deadline, explain};
use crate::crew::Crew;
use crate::failure::Failure;

/// The maximum size of a body in memory.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// The time before the progress bar appears.
const PATIENCE: Duration = Duration::from_millis(500);

/// A body that is not downloaded yet.
pub(crate) struct Download {
    pub(crate) body: reqwest::Response,
    pub(crate) url: String,
    pub(crate) deadline: Deadline,
}

impl Download {
    /// Reads the body into memory.
    pub(crate) async fn read(&mut self) -> Result<Vec<u8>, Failure> {
        let (mut bytes, fault) = (Vec::new(), Fault::default());
        // Writing into memory does not fail.
        self.copy(&fault, Ok, &mut bytes, MOST_BYTES, |error| Failure::file(anyhow!(error))).await?;
        Ok(bytes)
    }

    /// Saves the body in a file, as plugins return it. If the download breaks off, the file keeps the part that has
    /// arrived.
    pub(crate) async fn save(&mut self, path: &Path, crew: &Crew, response: &Response) -> Result<(), Failure> {
        let cannot =
            |error: io::Error| Failure::file(anyhow!(error).context(format!("cannot write {}", path.display())));
        let mut file = File::create(path).await.map_err(cannot)?;
        let fault = Fault::default();
        let copied = self.copy(&fault, |body| crew.save(response, body, &fault), &mut file, u64::MAX, cannot).await;
        copied.map_err(|failure| failure.context(format!("{} is incomplete or wrong", path.display())))
    }

    /// Copies the body, as `through` returns it.
    async fn copy<'a>(
        &'a mut self,
        fault: &Fault,
        through: impl FnOnce(BodyStream<'a>) -> Result<BodyStream<'a>, Failure>,
        to: &mut (impl AsyncWrite + Unpin),
        most: u64,
        cannot_write: impl Fn(io::Error) -> Failure,
    ) -> Result<(), Failure> {
        let (bar, begun) = (bar(self.body.content_length()), Instant::now());
        let (url, deadline) = (&*self.url, self.deadline);
        let mut body = through(pieces(&mut self.body, url, deadline, fault))?;
        let (mut copied, mut patience_is_over) = (0, false);
        // The deadline is also that of plugins, which may wait for something else than the server.
        while let Some(piece) = deadline.until(body.next()).await.map_err(Failure::no_response)? {
            let piece = piece.map_err(|error| fault.take().unwrap_or_else(|| Failure::plugin(anyhow!(error))))?;
            copied += piece.len() as u64;
            if copied > most {
                let error = anyhow!("{url}: the body is longer than {most} bytes; save it with --output FILE");
                return Err(Failure::no_response(error));
            }
            to.write_all(&piece).await.map_err(&cannot_write)?;
            // A file of tokio writes in the background, and what is left is lost if the download breaks off.
            to.flush().await.map_err(&cannot_write)?;
            bar.inc(piece.len() as u64);
            if !patience_is_over && !message::is_quiet() && begun.elapsed() > PATIENCE {
                patience_is_over = true;
                // The bar stays hidden if standard error is not a terminal.
                bar.set_draw_target(ProgressDrawTarget::stderr());
            }
        }
        bar.finish_and_clear();
        // A plugin may have ended the body in place of passing on an error.
        fault.take().map_or(Ok(()), Err)
    }
}

/// What stopped a body first. Plugins see only an error without the exit code.
#[derive(Clone, Default)]
pub(crate) struct Fault(Arc<Mutex<Option<Failure>>>);

impl Fault {
    /// Keeps the failure, if it is the first, and returns the error that plugins see.
    pub(crate) fn keep(&self, failure: Failure) -> plugbox::Error {
        let error = plugbox::Error::new(format!("{:#}", failure.error));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(failure);
        error
    }

    fn take(&self) -> Option<Failure> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The body as the server sends it.
fn pieces<'a>(body: &'a mut reqwest::Response, url: &'a str, deadline: Deadline, fault: &Fault) -> BodyStream<'a> {
    let fault = fault.clone();
    Box::pin(stream::try_unfold((body, 0), move |(body, received)| {
        let fault = fault.clone();
        async move {
            match deadline.until(body.chunk()).await.and_then(|piece| piece.map_err(explain)) {
                Ok(Some(piece)) => {
                    let received = received + piece.len();
                    Ok(Some((piece.to_vec(), (body, received))))
                }
                Ok(None) => Ok(None),
                Err(error) => {
                    let error = error.context(format!("{url}: the body broke off after {received} bytes"));
                    Err(fault.keep(Failure::no_response(error)))
                }
            }
        }
    }))
}

fn bar(length: Option<u64>) -> ProgressBar {
    let (template, bar) = match length {
        Some(length) => ("{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta}", ProgressBar::new(length)),
        None => ("{spinner} {bytes}, {bytes_per_sec}", ProgressBar::no_length()),
    };
    bar.set_draw_target(ProgressDrawTarget::hidden());
    bar.with_style(ProgressStyle::with_template(template).expect("the template is valid"))
}
