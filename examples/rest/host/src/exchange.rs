//! The exchange with the server: several tries, each with its redirects and the calls of plugins.

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

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
/// The maximum delay before a try, whatever plugins request.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// The settings for sending a request and processing its response.
pub(crate) struct Exchange<'a> {
    pub(crate) client: &'a Client,
    pub(crate) crew: &'a Crew,
    pub(crate) verbose: bool,
    /// The file for the body. Without it, the body is kept in memory.
    pub(crate) file: Option<&'a Path>,
}

impl Exchange<'_> {
    /// Sends a request until no plugin requests another try. Returns the last response.
    pub(crate) fn run(&self, mut request: Request) -> Result<Response, Failure> {
        loop {
            let mut sent = request.clone();
            self.crew.prepare(&mut sent)?;
            let (begun, deadline) = (Instant::now(), self.client.deadline());
            let (mut response, mut download) = self.send(sent, deadline)?;
            if self.file.is_none() {
                response.body = Some(download.read()?);
            }
            response.elapsed = begun.elapsed();
            match self.crew.receive(&request, &mut response)? {
                Next::TryAgain { .. } if request.attempt >= MOST_TRIES => {
                    message::warning(format_args!(
                        "a plugin requests another try; this client makes at most {MOST_TRIES}"
                    ));
                }
                Next::TryAgain { after } if after > LONGEST_WAIT => {
                    let (after, most) = (after.as_secs(), LONGEST_WAIT.as_secs());
                    message::warning(format_args!(
                        "a plugin requests a delay of {after} s; this client waits at most {most} s"
                    ));
                }
                Next::TryAgain { after } => {
                    sleep(after);
                    request.attempt += 1;
                    continue;
                }
                Next::Finish => {}
            }
            if let Some(path) = self.file {
                download.save(path)?;
            }
            return Ok(response);
        }
    }

    /// Sends a request, and follows redirects.
    fn send(&self, mut request: Request, deadline: Deadline) -> Result<(Response, Download), Failure> {
        let mut redirects = 0;
        loop {
            if self.verbose {
                output::sent(self.crew, &request)?;
            }
            let received = self.client.send(&request, deadline)?;
            let (status, headers) = (received.status().as_u16(), client::headers(&received));
            if self.verbose {
                output::received(self.crew, status, &headers)?;
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
                    let download = Download { body: received.into_body(), url: request.url, deadline };
                    return Ok((response, download));
                }
            }
        }
    }
}
