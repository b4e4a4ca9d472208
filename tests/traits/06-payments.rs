//! Payment providers. The plugin trait is `Acquirer`.

use std::collections::HashMap;
use std::marker::PhantomData;

use bytes::Bytes;
use error_stack::Report;
use http::HeaderMap;
use serde_json::Value;
use thiserror::Error;

/// Results of this crate have a report as their error.
pub type ReportResult<T, E> = Result<T, Report<E>>;

/// How a secret is shown.
pub trait Show<T> {
    fn show(value: &T, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result;
}

/// Shows nothing of a secret.
pub enum Nothing {}

impl<T> Show<T> for Nothing {
    fn show(_value: &T, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// A value that is not shown.
pub struct Secret<T, S = Nothing>
where
    S: Show<T>,
{
    value: T,
    show: PhantomData<S>,
}

impl<T, S: Show<T>> Secret<T, S> {
    pub fn new(value: T) -> Self {
        Secret { value, show: PhantomData }
    }

    pub fn expose(self) -> T {
        self.value
    }

    pub fn peek(&self) -> &T {
        &self.value
    }
}

impl<T: Clone, S: Show<T>> Clone for Secret<T, S> {
    fn clone(&self) -> Self {
        Secret::new(self.value.clone())
    }
}

impl<T, S: Show<T>> std::fmt::Debug for Secret<T, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        S::show(&self.value, f)
    }
}

/// A value that may be a secret.
#[derive(Clone, Debug)]
pub enum MaybeSecret<T: Eq + PartialEq + Clone> {
    Secret(Secret<T>),
    Plain(T),
}

impl MaybeSecret<String> {
    pub fn into_inner(self) -> String {
        match self {
            MaybeSecret::Secret(secret) => secret.expose(),
            MaybeSecret::Plain(text) => text,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Currency {
    Eur,
    Usd,
}

/// What amounts are counted in.
#[derive(Debug)]
pub enum Unit {
    Whole,
    Smallest,
}

/// How a merchant is known to a provider.
#[derive(Debug, Clone, Default)]
pub enum Credentials {
    Temporary,
    Key {
        key: Secret<String>,
    },
    TwoKeys {
        key: Secret<String>,
        second: Secret<String>,
    },
    PerCurrency {
        keys: HashMap<Currency, Secret<Value>>,
    },
    Certificate {
        certificate: Secret<String>,
        private_key: Secret<String>,
    },
    #[default]
    None,
}

#[derive(Debug, Clone, Default)]
pub struct Endpoint {
    pub url: String,
    pub second_url: Option<String>,
}

/// The addresses of all providers.
#[derive(Debug, Clone, Default)]
pub struct Endpoints {
    pub alpha: Endpoint,
    pub beta: Endpoint,
    pub gamma: Endpoint,
}

/// What a provider has answered.
#[derive(Debug, Clone)]
pub struct Answer {
    pub headers: Option<HeaderMap>,
    pub body: Bytes,
    pub status: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    Started,
    Charged,
    Failed,
}

#[derive(Debug, Clone)]
pub struct Failure {
    pub code: String,
    pub message: String,
    pub reason: Option<String>,
    pub status: u16,
    pub attempt: Option<Attempt>,
    pub transaction: Option<String>,
    pub issuer_code: Option<String>,
    pub issuer_message: Option<String>,
}

/// An entry of the log of calls.
#[derive(Debug)]
pub struct LogEntry {
    tenant: String,
    provider: String,
    request: String,
    masked_response: Option<String>,
    error: Option<String>,
    status: u16,
    latency: u128,
}

impl LogEntry {
    pub fn new(tenant: String, provider: String, request: Value, latency: u128) -> Self {
        let request = request.to_string();
        LogEntry { tenant, provider, request, masked_response: None, error: None, status: 0, latency }
    }

    pub fn set_error(&mut self, error: Value) {
        self.error = Some(error.to_string());
    }

    pub fn set_response(&mut self, status: u16, response: Value) {
        self.status = status;
        self.masked_response = Some(response.to_string());
    }

    pub fn describe(&self) -> String {
        let LogEntry { tenant, provider, request, masked_response, error, status, latency } = self;
        format!("{tenant} {provider} {request} {masked_response:?} {error:?} {status} {latency}")
    }
}

#[derive(Debug, Clone, PartialEq, Error)]
pub enum ProviderError {
    #[error("cannot write the request")]
    Request,
    #[error("cannot read the response")]
    Response,
    #[error("{field} is missing")]
    Missing { field: &'static str },
    #[error("not implemented: {0}")]
    NotImplemented(String),
    #[error("{provider} does not support {what}")]
    NotSupported { what: String, provider: &'static str },
    #[error("the response is {0:?}")]
    Unexpected(Bytes),
}

/// What all calls of a provider have in common.
pub trait Acquirer {
    /// Returns the name, in small letters.
    fn id(&self) -> &'static str;

    /// Returns what amounts are counted in.
    fn unit(&self) -> Unit {
        Unit::Smallest
    }

    /// Returns the headers that authenticate a merchant.
    fn authenticate(
        &self,
        _credentials: &Credentials,
    ) -> ReportResult<Vec<(String, MaybeSecret<String>)>, ProviderError> {
        Ok(Vec::new())
    }

    /// Returns the type of what is sent.
    fn content_type(&self) -> &'static str {
        "application/json"
    }

    /// Returns the address of the provider.
    fn url<'a>(&self, endpoints: &'a Endpoints) -> &'a str;

    /// Reads an answer that says that something has failed.
    fn failure(&self, answer: Answer, _log: Option<&mut LogEntry>) -> ReportResult<Failure, ProviderError> {
        Ok(Failure {
            code: "none".to_string(),
            message: "none".to_string(),
            reason: None,
            status: answer.status,
            attempt: None,
            transaction: None,
            issuer_code: None,
            issuer_message: None,
        })
    }
}
