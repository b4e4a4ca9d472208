//! Requests and responses.

use std::time::Duration;

use crate::Headers;

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, plugbox::Shape)]
pub struct Request {
    /// The method, such as `GET`.
    pub method: String,
    /// The URL, with the scheme `http` or `https`.
    pub url: String,
    /// The headers. Headers for the connection, such as `Host` and `Content-Length`, are added when the request is
    /// sent.
    pub headers: Headers,
    /// The body, possibly empty.
    pub body: Vec<u8>,
    /// The number of this try, counted from 1. The client sets it, and ignores changes by plugins.
    pub attempt: u32,
}

impl Request {
    /// A request without headers and body.
    #[must_use]
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Self {
        Self { method: method.into(), url: url.into(), headers: Headers::default(), body: Vec::new(), attempt: 1 }
    }
}

/// A response.
#[derive(Debug, Clone, PartialEq, Eq, plugbox::Shape)]
pub struct Response {
    /// The status, such as 200.
    pub status: u16,
    /// The URL that sent the response, after redirects.
    pub url: String,
    /// The headers.
    pub headers: Headers,
    /// The body, with the text encoding of the server. `None` if it is saved in a file: then plugins do not see it.
    pub body: Option<Vec<u8>>,
    /// The time from sending the request until the response has arrived, including redirects. It includes the body if
    /// the response has one here, and otherwise ends with the headers.
    pub elapsed: Duration,
}

impl Response {
    /// A response without headers and with an empty body.
    #[must_use]
    pub fn new(status: u16, url: impl Into<String>) -> Self {
        let (headers, body, elapsed) = (Headers::default(), Some(Vec::new()), Duration::ZERO);
        Self { status, url: url.into(), headers, body, elapsed }
    }
}

/// The parts of a request or a response that the user sees.
#[derive(Debug, Default, Clone, PartialEq, Eq, plugbox::Shape)]
pub struct Shown {
    /// The headers, with [`HIDDEN`](crate::HIDDEN) for sensitive values.
    pub headers: Headers,
    /// The body; empty if it is not shown.
    pub body: Vec<u8>,
}
