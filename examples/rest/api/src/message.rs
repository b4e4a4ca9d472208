//! Requests and responses.

use std::time::Duration;

use crate::Headers;

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, plugbox::Shape)]
pub struct Request {
    /// The method, such as `GET`.
    pub method: String,
    /// The URL, of the scheme `http` or `https`.
    pub url: String,
    /// The headers. What the connection needs is added when the request is sent: `Host`, `Content-Length` and such.
    pub headers: Headers,
    /// The body; may be empty.
    pub body: Vec<u8>,
    /// Which try this is, counted from 1. The client counts, whatever a plugin writes here.
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
    /// The URL that it is from, after redirects.
    pub url: String,
    /// The headers.
    pub headers: Headers,
    /// The body, in the encoding of its text; none where it goes into a file, which no plugin reads.
    pub body: Option<Vec<u8>>,
    /// The time from sending the request, with its redirects, until the response was there: with its body, or its headers
    /// only where it has none here.
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

/// What the user gets to see of a request or a response.
#[derive(Debug, Default, Clone, PartialEq, Eq, plugbox::Shape)]
pub struct Shown {
    /// The headers, with [`HIDDEN`](crate::HIDDEN) for sensitive values.
    pub headers: Headers,
    /// The body; empty where it is not shown.
    pub body: Vec<u8>,
}
