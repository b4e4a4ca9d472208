//! The exchange with the server: several tries, each with its redirects and the calls of plugins.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::anyhow;
use examples_shared::message;
use rest_api::{Next, Request, Response};

use crate::client::{self, Client, Deadline};
use crate::crew::Crew;
use crate::download::Download;
use crate::failure::Failure;
use crate::output;

/// The maximum number of tries, whatever plugins request.
const MOST_TRIES: u32 = 10;

/// The settings for sending a request and processing its response.
pub(crate) struct Exchange {
    pub(crate) client: Client,
    pub(crate) crew: Crew,
    pub(crate) verbose: bool,
    /// The file for the body. Without it, the body is kept in memory.
    pub(crate) file: Option<PathBuf>,
}

impl Exchange {
    /// Sends a request until no plugin requests another try. Returns the last response.
    pub(crate) async fn run(&self, mut request: Request) -> Result<Response, Failure> {
        loop {
            let mut sent = request.clone();
            self.crew.prepare(&mut sent).await?;
            let (begun, deadline) = (Instant::now(), self.client.deadline());
            let (mut response, mut download) = self.send(sent, deadline).await?;
            if self.file.is_none() {
                response.body = Some(download.read().await?);
            }
            response.elapsed = begun.elapsed();
            match self.crew.receive(&request, &mut response).await? {
                Next::TryAgain if request.attempt >= MOST_TRIES => {
                    message::warning(format_args!(
                        "a plugin requests another try; this client makes at most {MOST_TRIES}"
                    ));
                }
                Next::TryAgain => {
                    request.attempt += 1;
                    continue;
                }
                Next::Finish => {}
            }
            if let Some(path) = &self.file {
                download.save(path, &self.crew, &response).await?;
            }
            return Ok(response);
        }
    }

    /// Sends a request, and follows redirects.
    async fn send(&self, mut request: Request, deadline: Deadline) -> Result<(Response, Download), Failure> {
        let mut redirects = 0;
        loop {
            if self.verbose {
                output::sent(&self.crew, &request)?;
            }
            let received = self.client.send(&request, deadline).await?;
            let (status, headers) = (received.status().as_u16(), client::headers(&received));
            if self.verbose {
                output::received(&self.crew, status, &headers)?;
            }
            let most = self.client.max_redirects;
            match client::location(&received).filter(|_| most > 0) {
                Some(_) if redirects == most => {
                    let error = anyhow!("{}: more than {most} redirects; see --max-redirs", request.url);
                    return Err(Failure::no_response(error));
                }
                Some(location) => {
                    request = client::redirected(request, status, &location).map_err(Failure::no_response)?;
                    redirects += 1;
                }
                None => {
                    let response = Response { headers, body: None, ..Response::new(status, &*request.url) };
                    let download = Download { body: received, url: request.url, deadline };
                    return Ok((response, download));
                }
            }
        }
    }
}
