//! A loopback server, with or without TLS, that answers as a test says and stores the requests that it receives.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, server::conn::http1};
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// The system's error for a port on which nobody listens.
pub(crate) fn nobody_listens() -> io::Error {
    std::net::TcpStream::connect("127.0.0.1:1").unwrap_err()
}

/// A server. It ends with the test.
pub(crate) struct Server {
    address: SocketAddr,
    scheme: &'static str,
    seen: Arc<Mutex<Vec<Seen>>>,
    _runtime: Runtime,
}

/// A received request.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Seen {
    /// The values of a header.
    pub(crate) fn header(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(header, _)| header == name);
        named.map(|(_, value)| value.as_str()).collect()
    }
}

/// A reply of the server.
#[derive(Clone)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Bytes,
    end: End,
}

/// What the server does after a reply's body.
#[derive(Clone, Copy)]
enum End {
    Proper,
    Silence,
    /// First a pause, so that the written part is sent.
    Break {
        paused: bool,
    },
}

impl Reply {
    pub(crate) fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new(), end: End::Proper }
    }

    pub(crate) fn json(text: &str) -> Self {
        Self::new(200).header("content-type", "application/json").body(text.to_owned())
    }

    pub(crate) fn redirect(status: u16, location: impl Into<String>) -> Self {
        Self::new(status).header("location", location)
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn body(self, body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..self }
    }

    /// The connection breaks off before the end.
    pub(crate) fn then_breaks_off(self) -> Self {
        Self { end: End::Break { paused: false }, ..self.header("content-length", "1000000") }
    }

    /// The server sends nothing more, but does not close the connection.
    pub(crate) fn then_falls_silent(self) -> Self {
        Self { end: End::Silence, ..self.header("content-length", "1000000") }
    }
}

struct ReplyBody(Option<Bytes>, End);

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match (self.0.take(), self.1) {
            (Some(bytes), _) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            (None, End::Proper) => Poll::Ready(None),
            (None, End::Silence) => Poll::Pending,
            (None, End::Break { paused: false }) => {
                self.1 = End::Break { paused: true };
                context.waker().wake_by_ref();
                Poll::Pending
            }
            (None, End::Break { paused: true }) => {
                Poll::Ready(Some(Err(io::Error::other("broken off as the test wants"))))
            }
        }
    }
}

/// Answers a request. The arguments are the request and the number of earlier requests.
type Answer = dyn Fn(&Seen, usize) -> Reply + Send + Sync;

impl Server {
    /// A server without TLS.
    pub(crate) fn start(answer: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> Self {
        Self::listen(Arc::new(answer), None)
    }

    /// A server that answers all requests with the same reply.
    pub(crate) fn always(reply: Reply) -> Self {
        Self::start(move |_, _| reply.clone())
    }

    /// A server with TLS for `localhost`, and the PEM certificate of its authority.
    pub(crate) fn over_tls(answer: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> (Self, String) {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let authority = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder().with_no_client_auth();
        let config = config.with_single_cert(vec![certificate.der().clone()], key).unwrap();
        (Self::listen(Arc::new(answer), Some(Arc::new(config).into())), authority)
    }

    fn listen(answer: Arc<Answer>, tls: Option<TlsAcceptor>) -> Self {
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let scheme = if tls.is_some() { "https" } else { "http" };
        let shared = seen.clone();
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, tls.clone(), answer.clone(), shared.clone()));
            }
        });
        Self { address, scheme, seen, _runtime: runtime }
    }

    /// The URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}://localhost:{}{path}", self.scheme, self.address.port())
    }

    /// All requests so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The only request.
    pub(crate) fn only(&self) -> Seen {
        let [only] = self.seen().try_into().unwrap();
        only
    }
}

async fn serve(stream: TcpStream, tls: Option<TlsAcceptor>, answer: Arc<Answer>, seen: Arc<Mutex<Vec<Seen>>>) {
    let service = service_fn(|request: Request<Incoming>| {
        let (answer, seen) = (answer.clone(), seen.clone());
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
            let headers =
                head.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
            let request = Seen {
                method: head.method.to_string(),
                path: head.uri.to_string(),
                headers: headers.collect(),
                body: String::from_utf8_lossy(&body).into_owned(),
            };
            let reply = {
                let mut seen = seen.lock().unwrap();
                seen.push(request.clone());
                answer(&request, seen.len() - 1)
            };
            let response = Response::builder().status(reply.status);
            let response = reply.headers.iter().fold(response, |response, (name, value)| response.header(name, value));
            Ok::<_, Infallible>(response.body(ReplyBody(Some(reply.body), reply.end)).unwrap())
        }
    });
    // Ignore the error: some tests have clients that disconnect, or that do not trust the server.
    let _ = match tls {
        Some(tls) => match tls.accept(stream).await {
            Ok(stream) => http1::Builder::new().serve_connection(TokioIo::new(stream), service).await,
            Err(_) => Ok(()),
        },
        None => http1::Builder::new().serve_connection(TokioIo::new(stream), service).await,
    };
}
