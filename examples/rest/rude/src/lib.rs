//! A plugin that misbehaves as its configuration says, such as `panic in pre_send` or `wait in post_receive`. It is for
//! the client's tests.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;
use std::time::Duration;

use futures_core::Stream;
use plugbox::{Context, Error};
use rest_api::{BodyStream, Console, Header, Next, Plugin, Request, Response, Save, Show, Shown, Timer, async_trait};

struct Rude {
    config: String,
    timer: Arc<dyn Timer>,
    /// The number of requests that have come to `pre_send`, and of those that have come to `post_receive`.
    sent: AtomicU32,
    received: AtomicU32,
    /// The number of waiting futures that were dropped, and of streams.
    dropped: AtomicU32,
}

/// Counts its drop.
struct Counts<'a>(&'a AtomicU32);

impl Drop for Counts<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Rude {
    fn new(context: Context<'_>) -> Result<Self, Error> {
        let timer = context.service::<dyn Timer>().ok_or_else(|| Error::new("the client has no timer"))?;
        let rude = Self {
            config: context.config().trim().to_owned(),
            timer,
            sent: AtomicU32::new(0),
            received: AtomicU32::new(0),
            dropped: AtomicU32::new(0),
        };
        rude.act("constructor")?;
        Ok(rude)
    }

    fn act(&self, place: &str) -> Result<(), Error> {
        match self.config.strip_suffix(place) {
            Some("panic in ") => panic!("no manners"),
            Some("fail in ") => Err(Error::new("not in the mood").context("will not")),
            _ => Ok(()),
        }
    }

    /// Acts in a later poll than the first.
    async fn act_later(&self, place: &str, console: &mut dyn Console) -> Result<(), Error> {
        let mut polled = false;
        poll_fn(|context| {
            if std::mem::replace(&mut polled, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        if self.config.strip_suffix(place) == Some("wait in ") {
            let _counts = Counts(&self.dropped);
            console.say("waits");
            self.timer.sleep(Duration::from_secs(3600)).await;
        }
        self.act(place)
    }

    /// Waits until so many requests have come.
    async fn until(&self, counter: &AtomicU32, number: u32) {
        while counter.load(Ordering::Relaxed) < number {
            self.timer.sleep(Duration::from_millis(1)).await;
        }
    }
}

/// All headers, including secrets.
fn told(request: &Request) -> String {
    request.headers.0.iter().map(|header| format!("{}: {} ", header.name, header.value)).collect()
}

#[async_trait]
impl Plugin for Rude {
    fn on_plugin_load(&self, _console: &mut dyn Console) -> Result<(), Error> {
        self.act("on_plugin_load")
    }

    async fn pre_send(&self, request: &mut Request, console: &mut dyn Console) -> Result<(), Error> {
        self.sent.fetch_add(1, Ordering::Relaxed);
        match self.config.as_str() {
            "tell" => console.say(&format!("before: {}", told(request))),
            "garble" => request.headers.add(Header::new("no name", "")),
            "meet" => self.until(&self.sent, 2).await,
            "hold" if request.url.ends_with("/held") => self.until(&self.received, 1).await,
            _ => {}
        }
        self.act_later("pre_send", console).await
    }

    async fn post_receive(
        &self,
        request: &Request,
        _response: &mut Response,
        console: &mut dyn Console,
    ) -> Result<Next, Error> {
        self.received.fetch_add(1, Ordering::Relaxed);
        if self.config == "tell" {
            console.say(&format!("after: {}", told(request)));
        }
        self.act_later("post_receive", console).await?;
        Ok(if self.config == "insist" { Next::TryAgain } else { Next::Finish })
    }

    fn on_plugin_unload(&self, console: &mut dyn Console) {
        console.say("farewell");
        let dropped = self.dropped.load(Ordering::Relaxed);
        if dropped > 0 {
            console.say(&format!("dropped: {dropped}"));
        }
        self.act("on_plugin_unload").expect("it only panics here");
    }
}

impl Show for Rude {
    fn pre_show(&self, _shown: &mut Shown) -> Result<(), Error> {
        self.act("pre_show")
    }
}

impl Save for Rude {
    fn pre_save<'a>(&'a self, _response: &Response, body: BodyStream<'a>) -> BodyStream<'a> {
        Box::pin(Rough { rude: self, body, _counts: Counts(&self.dropped) })
    }
}

/// A body that the plugin spoils.
struct Rough<'a> {
    rude: &'a Rude,
    body: BodyStream<'a>,
    _counts: Counts<'a>,
}

impl Stream for Rough<'_> {
    type Item = Result<Vec<u8>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut std::task::Context<'_>) -> Poll<Option<Self::Item>> {
        if self.rude.config == "wait in pre_save" {
            return Poll::Pending;
        }
        match self.body.as_mut().poll_next(context) {
            Poll::Ready(Some(Ok(piece))) => Poll::Ready(Some(self.rude.act("pre_save").map(|()| piece))),
            // Keeps to itself that the body has broken off.
            Poll::Ready(Some(Err(_))) if self.rude.config == "hush" => Poll::Ready(None),
            poll => poll,
        }
    }
}

plugbox::export!(Rude::new as dyn Plugin + dyn Show + dyn Save);
