//! HTTP: sends one request, and follows a redirect.

use std::fs;
use std::future::Future;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, anyhow, ensure};
use reqwest::Certificate;
use reqwest::redirect::Policy;
use rest_api::{Header, Headers, Request};
use rustls::crypto::ring;
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::request;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// The HTTP client.
pub(crate) struct Client {
    client: reqwest::Client,
    timeout: Option<Duration>,
    pub(crate) max_redirects: u32,
}

/// The deadline of a try.
#[derive(Clone, Copy)]
pub(crate) struct Deadline(Option<(Instant, Duration)>);

impl Client {
    pub(crate) fn new(arguments: &Arguments) -> Result<Self, Failure> {
        // It fails if there is a provider already.
        let _ = ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .tls_certs_only(roots(arguments.cacert.as_deref()).map_err(Failure::file)?)
            .user_agent(concat!("rest/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            // `redirected` handles redirects: it is stricter about secrets, and keeps bodies.
            .redirect(Policy::none())
            .build();
        let client = client.context("cannot start the HTTP client").map_err(Failure::no_response)?;
        Ok(Self { client, timeout: arguments.timeout, max_redirects: arguments.max_redirs })
    }

    /// The deadline of a try that begins now.
    pub(crate) fn deadline(&self) -> Deadline {
        Deadline(self.timeout.map(|timeout| (Instant::now() + timeout, timeout)))
    }

    /// Sends a request. Returns as soon as the headers of the response have arrived.
    pub(crate) async fn send(&self, request: &Request, deadline: Deadline) -> Result<reqwest::Response, Failure> {
        let cannot = || format!("{} {}", request.method, request.url);
        let http = request::to_http(request).with_context(cannot).map_err(Failure::no_response)?;
        let sent = deadline.until(self.client.execute(http)).await;
        sent.and_then(|sent| sent.map_err(explain)).with_context(cannot).map_err(Failure::no_response)
    }
}

impl Deadline {
    /// Waits for something until the deadline.
    pub(crate) async fn until<T>(self, something: impl Future<Output = T>) -> anyhow::Result<T> {
        let Some((at, timeout)) = self.0 else { return Ok(something.await) };
        let late = || anyhow!("the response was not complete after {} s; see --timeout", timeout.as_secs_f64());
        timeout_at(at, something).await.map_err(|_| late())
    }
}

/// The cause of an error, and the fix.
pub(crate) fn explain(error: reqwest::Error) -> anyhow::Error {
    let cause = anyhow!(anyhow::Error::from(error).root_cause().to_string());
    if cause.to_string().contains("UnknownIssuer") {
        return cause.context("the server's certificate is from an unknown authority; see --cacert");
    }
    cause
}

/// The authorities that are trusted by default, and those in a file.
fn roots(file: Option<&Path>) -> anyhow::Result<Vec<Certificate>> {
    let known = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(|der| Certificate::from_der(der));
    let mut roots = known.collect::<Result<Vec<_>, _>>()?;
    if let Some(path) = file {
        let pem = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let own = Certificate::from_pem_bundle(&pem);
        let own = own.with_context(|| format!("{} is not a PEM file", path.display()))?;
        ensure!(!own.is_empty(), "{} contains no certificate", path.display());
        roots.extend(own);
    }
    Ok(roots)
}

/// The headers of a response.
pub(crate) fn headers(response: &reqwest::Response) -> Headers {
    let headers = response.headers().iter();
    Headers(
        headers.map(|(name, value)| Header::new(name.as_str(), String::from_utf8_lossy(value.as_bytes()))).collect(),
    )
}

/// The location, if the response is a redirect.
pub(crate) fn location(response: &reqwest::Response) -> Option<String> {
    let redirects = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    redirects.then(|| headers(response).get("Location").map(str::to_owned))?
}

/// The request that follows a redirect, according to RFC 9110, 15.4 and the practice of browsers. Sensitive headers are
/// kept only if scheme, host and port stay the same.
pub(crate) fn redirected(mut request: Request, status: u16, location: &str) -> anyhow::Result<Request> {
    let from = Url::parse(&request.url)?;
    let to = from.join(location).with_context(|| format!("{from} redirects to an invalid URL"))?;
    let to = request::url(to.as_str())
        .with_context(|| format!("{from} redirects to a URL that this client does not support"))?;
    if to.origin() != from.origin() {
        request.headers.0.retain(|header| !header.sensitive);
    }
    let becomes_get = match status {
        303 => !matches!(&*request.method, "GET" | "HEAD"),
        301 | 302 => request.method == "POST",
        _ => false,
    };
    if becomes_get {
        request.method = "GET".to_owned();
        request.body.clear();
        for name in ["Content-Type", "Content-Length", "Content-Encoding", "Content-Language"] {
            request.headers.remove(name);
        }
    }
    request.url = to.into();
    Ok(request)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn post() -> Request {
        let mut request = Request::new("POST", "https://one.example/a/b?c");
        request.headers.add(Header::sensitive("X-Key", "s3cret"));
        request.headers.add(Header::new("Content-Type", "text/plain"));
        request.body = b"body".to_vec();
        request
    }

    #[test]
    fn secrets_stay_with_scheme_host_and_port() {
        let keeps = |location: &str| redirected(post(), 307, location).unwrap().headers.get("X-Key").is_some();
        assert!(keeps("../c") && keeps("//one.example/") && keeps("https://ONE.example:443/"));
        assert!(!keeps("http://one.example/") && !keeps("https://one.example:444/") && !keeps("//two.example/"));
    }

    #[test]
    fn authorities_of_a_file_come_to_those_that_are_trusted_anyway() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap().cert;
        file.write_all(certificate.pem().as_bytes()).unwrap();
        let (known, all) = (roots(None).unwrap().len(), roots(Some(file.path())).unwrap().len());
        assert_eq!((known, all), (webpki_root_certs::TLS_SERVER_ROOT_CERTS.len(), known + 1));
    }

    #[test]
    fn a_post_becomes_a_get_where_it_has_been_done() {
        for (status, method) in [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")] {
            let request = redirected(post(), status, "/").unwrap();
            assert_eq!((&*request.method, request.body.is_empty()), (method, method == "GET"), "{status}");
            assert_eq!(request.headers.get("Content-Type").is_some(), method == "POST", "{status}");
        }
        let head = Request { method: "HEAD".to_owned(), ..post() };
        assert_eq!(redirected(head, 303, "/").unwrap().method, "HEAD");
    }

    #[test]
    fn a_redirect_leads_to_nothing_but_http() {
        let error = |location: &str| format!("{:#}", redirected(post(), 302, location).unwrap_err());
        let to = "https://one.example/a/b?c redirects to a URL that this client does not support: the URL has";
        assert_eq!(error("file:///etc/passwd"), format!("{to} the scheme `file`, expected http or https"));
        assert_eq!(
            error("https://me:x@one.example/"),
            format!("{to} a user or a password; send them with a header or a plugin")
        );
    }
}
