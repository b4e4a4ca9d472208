//! Hooks of a web server. The plugin trait is `Hook`.

use std::any::{Any, TypeId};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::BitOr;
use std::pin::Pin;
use std::sync::Arc;

pub use async_trait::async_trait;
use tokio::io::AsyncRead;

/// What a hook is called, and when it wants to be called.
#[derive(Debug, Clone, Copy)]
pub struct About {
    pub label: &'static str,
    pub moments: Moments,
}

/// A set of moments.
#[derive(Debug, Clone, Copy)]
pub struct Moments(usize);

#[allow(non_upper_case_globals)]
impl Moments {
    pub const Assemble: Moments = Moments(1);
    pub const Start: Moments = Moments(1 << 1);
    pub const Incoming: Moments = Moments(1 << 2);
    pub const Outgoing: Moments = Moments(1 << 3);
    pub const Stop: Moments = Moments(1 << 4);

    pub fn contains(self, other: Moments) -> bool {
        (other.0 & self.0) == other.0
    }
}

impl BitOr for Moments {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Moments(self.0 | other.0)
    }
}

mod sealed {
    pub trait Sealed {}
}

/// What a server is doing, as a type.
pub trait Stage: sealed::Sealed {
    #[doc(hidden)]
    type State;
}

/// The server is being put together.
pub enum Assembly {}

/// The server answers requests.
pub enum Service {}

impl sealed::Sealed for Assembly {}
impl sealed::Sealed for Service {}

impl Stage for Assembly {
    type State = Assembling;
}

impl Stage for Service {
    type State = Serving;
}

#[doc(hidden)]
#[derive(Default)]
pub struct Assembling {
    pub(crate) routes: Vec<String>,
    pub(crate) hooks: Vec<Box<dyn Hook>>,
    pub(crate) shared: HashMap<TypeId, Box<dyn Any + Send + Sync>>,
}

#[doc(hidden)]
pub struct Serving {
    pub(crate) routes: Vec<String>,
    pub(crate) hooks: Vec<Box<dyn Hook>>,
}

/// A server at some stage.
pub struct Server<S: Stage>(pub(crate) S::State);

impl Server<Assembly> {
    pub fn assemble() -> Self {
        Server(Assembling::default())
    }

    pub fn attach<H: Hook>(mut self, hook: H) -> Self {
        self.0.hooks.push(Box::new(hook));
        self
    }

    pub fn share<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.0.shared.insert(TypeId::of::<T>(), Box::new(value));
        self
    }

    pub fn start(self) -> Server<Service> {
        Server(Serving { routes: self.0.routes, hooks: self.0.hooks })
    }
}

impl Server<Service> {
    pub fn routes(&self) -> &[String] {
        &self.0.routes
    }

    pub fn hooks(&self) -> usize {
        self.0.hooks.len()
    }
}

/// Both sides of the result are a server, so that a failed one can be looked at.
pub type Result<T = Server<Assembly>, E = Server<Assembly>> = std::result::Result<T, E>;

/// A request, borrowed from the connection.
pub struct Request<'r> {
    pub verb: u8,
    pub target: Cow<'r, str>,
    pub headers: Vec<(Cow<'r, str>, Cow<'r, str>)>,
}

/// The body of a request.
pub struct Upload<'r> {
    head: Vec<u8>,
    whole: bool,
    rest: Pin<Box<dyn AsyncRead + Send + Sync + 'r>>,
}

impl<'r> Upload<'r> {
    pub fn new(head: Vec<u8>, whole: bool, rest: Pin<Box<dyn AsyncRead + Send + Sync + 'r>>) -> Self {
        Upload { head, whole, rest }
    }

    pub fn peek(&self) -> (&[u8], bool) {
        (&self.head, self.whole)
    }

    pub fn open(self) -> Pin<Box<dyn AsyncRead + Send + Sync + 'r>> {
        self.rest
    }
}

/// A response that may borrow from its request.
#[derive(Default)]
pub struct Response<'r> {
    status: Option<u16>,
    headers: Vec<(Cow<'r, str>, Cow<'r, str>)>,
    body: Option<Pin<Box<dyn AsyncRead + Send + 'r>>>,
}

impl<'r> Response<'r> {
    pub fn set_status(&mut self, status: u16) {
        self.status = Some(status);
    }

    pub fn add_header(&mut self, name: impl Into<Cow<'r, str>>, value: impl Into<Cow<'r, str>>) {
        self.headers.push((name.into(), value.into()));
    }

    pub fn set_body(&mut self, body: impl AsyncRead + Send + 'r) {
        self.body = Some(Box::pin(body));
    }
}

/// A hook into the life of a server and of its requests.
#[crate::async_trait]
pub trait Hook: Send + Sync + Any + 'static {
    /// Returns the name of the hook and its moments.
    fn about(&self) -> About;

    /// The server is about to be finished.
    async fn assembling(&self, server: Server<Assembly>) -> Result {
        Ok(server)
    }

    /// The server has started.
    async fn started(&self, _server: &Server<Service>) {}

    /// A request has come in.
    async fn incoming(&self, _request: &mut Request<'_>, _upload: &mut Upload<'_>) {}

    /// A response is about to be sent.
    async fn outgoing<'r>(&self, _request: &'r Request<'_>, _response: &mut Response<'r>) {}

    /// The server is about to stop.
    async fn stopping(&self, _server: &Server<Service>) {}
}

#[crate::async_trait]
impl<T: Hook + ?Sized> Hook for Arc<T> {
    fn about(&self) -> About {
        (**self).about()
    }

    async fn assembling(&self, server: Server<Assembly>) -> Result {
        (**self).assembling(server).await
    }

    async fn started(&self, server: &Server<Service>) {
        (**self).started(server).await
    }

    async fn incoming(&self, request: &mut Request<'_>, upload: &mut Upload<'_>) {
        (**self).incoming(request, upload).await
    }

    async fn outgoing<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        (**self).outgoing(request, response).await
    }

    async fn stopping(&self, server: &Server<Service>) {
        (**self).stopping(server).await
    }
}
