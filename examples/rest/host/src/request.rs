//! The request: as the user wrote it, and as it is sent by HTTP.

use std::fs;

use anyhow::{Context, anyhow, ensure};
use reqwest::Method;
use reqwest::header::{CONTENT_LENGTH, HeaderName, HeaderValue};
use rest_api::{Header, Request};
use serde::de::IgnoredAny;
use url::Url;

use crate::arguments::Arguments;
use crate::failure::Failure;

/// The names of headers whose values are secrets.
const SENSITIVE: [&str; 3] = ["Authorization", "Cookie", "Proxy-Authorization"];

/// The requests that the arguments describe, one for each URL. Errors do not quote arguments that may contain secrets.
pub(crate) fn of_arguments(arguments: &Arguments) -> Result<Vec<Request>, Failure> {
    if arguments.output.is_some() && arguments.urls.len() > 1 {
        return Err(Failure::usage(anyhow!(
            "--output saves the body of one URL, and there are {}",
            arguments.urls.len()
        )));
    }
    let mut request = Request::new(arguments.method.to_uppercase(), String::new());
    for (text, number) in arguments.headers.iter().zip(1..) {
        request.headers.add(header(text).with_context(|| format!("header {number}")).map_err(Failure::usage)?);
    }
    if let Some(data) = &arguments.data {
        request.body = match data.strip_prefix('@') {
            Some(path) => fs::read(path).with_context(|| format!("cannot read {path}")).map_err(Failure::file)?,
            None => data.clone().into_bytes(),
        };
        let is_json = serde_json::from_slice::<IgnoredAny>(&request.body).is_ok();
        if is_json && request.headers.get("Content-Type").is_none() {
            request.headers.add(Header::new("Content-Type", "application/json"));
        }
    }
    let to = |text: &String| {
        let request = Request { url: url(text)?.into(), ..request.clone() };
        to_http(&request).map(|_| request)
    };
    arguments.urls.iter().map(to).collect::<Result<_, _>>().map_err(Failure::usage)
}

fn header(text: &str) -> anyhow::Result<Header> {
    let (name, value) = text.split_once(':').context("expected `NAME: VALUE`")?;
    let (name, value) = (name.trim(), value.trim());
    let sensitive = SENSITIVE.iter().any(|known| known.eq_ignore_ascii_case(name));
    Ok(Header { name: name.to_owned(), value: value.to_owned(), sensitive })
}

/// A URL that a request can be sent to.
pub(crate) fn url(text: &str) -> anyhow::Result<Url> {
    let mut url = Url::parse(text).context("the URL is invalid; expected a URL such as `https://host/path`")?;
    ensure!(
        matches!(url.scheme(), "http" | "https"),
        "the URL has the scheme `{}`, expected http or https",
        url.scheme()
    );
    let has_user = !url.username().is_empty() || url.password().is_some();
    ensure!(!has_user, "the URL has a user or a password; send them with a header or a plugin");
    url.set_fragment(None);
    Ok(url)
}

/// The request as it is sent by HTTP.
///
/// # Errors
///
/// It cannot be sent. The error never quotes the value of a header.
pub(crate) fn to_http(request: &Request) -> anyhow::Result<reqwest::Request> {
    let method = Method::from_bytes(request.method.as_bytes());
    let method = method.with_context(|| format!("`{}` is not a method", request.method))?;
    let mut http = reqwest::Request::new(method, url(&request.url)?);
    for Header { name, value, sensitive } in &request.headers.0 {
        let name = HeaderName::from_bytes(name.as_bytes()).with_context(|| format!("`{name}` is not a header name"))?;
        let value = HeaderValue::from_str(value)
            .with_context(|| format!("the header `{name}` has a value that cannot be sent"));
        let mut value = value?;
        value.set_sensitive(*sensitive);
        http.headers_mut().append(name, value);
    }
    // These methods always send a body, even an empty one.
    if !request.body.is_empty() {
        *http.body_mut() = Some(request.body.clone().into());
    } else if matches!(&*request.method, "POST" | "PUT" | "PATCH") {
        http.headers_mut().entry(CONTENT_LENGTH).or_insert(HeaderValue::from_static("0"));
    }
    Ok(http)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    fn error(arguments: &[&str]) -> String {
        let arguments = Arguments::parse_from([&["rest"], arguments].concat());
        format!("{:#}", of_arguments(&arguments).unwrap_err().error)
    }

    #[test]
    fn what_cannot_be_sent_is_refused_and_secrets_are_not_quoted() {
        let at = "http://localhost/";
        assert_eq!(error(&["GET", "localhost:80"]), "the URL has the scheme `localhost`, expected http or https");
        let user = "the URL has a user or a password; send them with a header or a plugin";
        assert_eq!(error(&["GET", "http://me:s3cret@localhost/"]), user);
        assert_eq!(error(&["G T", at]), "`G T` is not a method: invalid HTTP method");
        assert_eq!(error(&["GET", at, "-Hs3cret"]), "header 1: expected `NAME: VALUE`");
        let value = "the header `x-key` has a value that cannot be sent: failed to parse header value";
        assert_eq!(error(&["GET", at, "-HA: b", "-HX-Key: s3\ncret"]), value);
        assert_eq!(error(&["GET", at, "-HX Key: 1"]), "`X Key` is not a header name: invalid HTTP header name");
    }

    #[test]
    fn data_is_json_where_it_is_json_and_nothing_says_otherwise() {
        let content_type = |arguments: &[&str]| {
            let arguments = Arguments::parse_from([&["rest", "PUT", "http://localhost/"], arguments].concat());
            of_arguments(&arguments).unwrap()[0].headers.get("content-type").map(str::to_owned)
        };
        assert_eq!(content_type(&["-d", "{\"a\": 1}"]).as_deref(), Some("application/json"));
        assert_eq!(content_type(&["-d", "a=1"]), None);
        assert_eq!(content_type(&["-d", "1", "-Hcontent-type: text/plain"]).as_deref(), Some("text/plain"));
    }
}
