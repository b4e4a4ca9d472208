//! Shows the response on standard output, and the details of `--verbose` on standard error. Plugins may change all of
//! it first.

use std::fmt::Write as _;
use std::io::{self, ErrorKind, IsTerminal, Write as _};

use anyhow::{Context, anyhow};
use examples_shared::message;
use reqwest::StatusCode;
use rest_api::{HIDDEN, Header, Headers, Request, Response, Shown};

use crate::arguments::Arguments;
use crate::crew::Crew;
use crate::failure::Failure;
use crate::json;

/// Shows a request that is sent.
pub(crate) fn sent(crew: &Crew, request: &Request) -> Result<(), Failure> {
    let headers = shown(crew, &request.headers, Vec::new())?.headers;
    message::note(format_args!("> {} {}", request.method, request.url));
    headers.0.iter().for_each(|Header { name, value, .. }| message::note(format_args!("> {name}: {value}")));
    Ok(())
}

/// Shows a response that has arrived.
pub(crate) fn received(crew: &Crew, status: u16, headers: &Headers) -> Result<(), Failure> {
    let headers = shown(crew, headers, Vec::new())?.headers;
    message::note(format_args!("< {}", status_line(status)));
    headers.0.iter().for_each(|Header { name, value, .. }| message::note(format_args!("< {name}: {value}")));
    Ok(())
}

/// Shows a response on standard output.
pub(crate) fn response(crew: &Crew, response: Response, arguments: &Arguments) -> Result<(), Failure> {
    let Shown { headers, body } = shown(crew, &response.headers, response.body.unwrap_or_default())?;
    let mut head = String::new();
    if arguments.include {
        let lines = headers.0.iter().map(|Header { name, value, .. }| format!("{name}: {value}\n"));
        let _ = write!(head, "{}\n{}\n", status_line(response.status), lines.collect::<String>());
    }
    let in_lines = |text| if arguments.raw { None } else { json::in_lines(text) };
    match std::str::from_utf8(&body) {
        Ok(text) => match in_lines(text) {
            Some(lines) => print(format!("{head}{lines}\n").as_bytes()),
            None => print(&[head.as_bytes(), &body].concat()),
        },
        Err(_) if io::stdout().is_terminal() => Err(Failure::file(anyhow!(
            "the body is not text, so it is not shown on a terminal; save it with --output FILE"
        ))),
        Err(_) => print(&[head.as_bytes(), &body].concat()),
    }
}

/// The shown form of a message, without secrets and without everything that plugins hide.
fn shown(crew: &Crew, headers: &Headers, body: Vec<u8>) -> Result<Shown, Failure> {
    let mut headers = headers.clone();
    for header in headers.0.iter_mut().filter(|header| header.sensitive) {
        header.value = HIDDEN.to_owned();
    }
    let mut shown = Shown { headers, body };
    crew.show(&mut shown)?;
    Ok(shown)
}

/// A status with its reason phrase.
pub(crate) fn status_line(status: u16) -> String {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    reason.map_or_else(|| status.to_string(), |reason| format!("{status} {reason}"))
}

/// Prints to standard output. It is not an error if the reader has closed the pipe.
fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("cannot print").map_err(Failure::file)
        }
        _ => Ok(()),
    }
}
