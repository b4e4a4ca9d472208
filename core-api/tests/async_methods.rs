//! Async methods as authors write them: they compile without a warning, and a plugin's author may use `#[async_trait]`.

#![deny(warnings)]
#![allow(dead_code, reason = "the traits only compile")]

use std::borrow::Cow;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;

#[plugbox::interface]
trait Peer: Send + Sync {
    fn answer(&self) -> u8;
}

struct Own;

impl Peer for Own {
    fn answer(&self) -> u8 {
        1
    }
}

fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    for _ in 0..9 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
    panic!("it is not ready")
}

/// A body has the type of the output.
#[plugbox::interface]
trait Bodies: Send + Sync {
    async fn object(&self) -> Box<dyn Peer> {
        Box::new(Own)
    }

    async fn closure(&self) -> Result<Box<dyn Fn(u8) -> u8 + Send>, String> {
        Ok(Box::new(|number| number + 1))
    }

    async fn slice(&self) -> &[u8] {
        &[1, 2]
    }

    async fn early(&self, fails: bool) -> Result<u8, String> {
        if fails {
            Err("text")?;
        }
        if self.slice().await.is_empty() {
            return Err("empty".into());
        }
        self.unit().await;
        Ok(1)
    }

    async fn unit(&self) {
        if self.slice().await.is_empty() {
            return;
        }
        let _ = self.slice().await;
    }

    async fn panics(&self) -> u8 {
        panic!("a body without a value")
    }

    async fn patterns(&self, mut sum: u8, (one, _): (u8, u8), _: &str) -> u8 {
        sum += one;
        sum
    }
}

struct Provided;

impl Bodies for Provided {}

#[test]
fn the_body_of_a_provided_method_has_the_type_of_its_output() {
    assert_eq!(ready(Provided.object()).answer(), 1);
    assert_eq!(ready(Provided.closure()).unwrap()(1), 2);
    assert_eq!(ready(Provided.early(false)), Ok(1));
    assert_eq!(ready(Provided.early(true)), Err("text".to_owned()));
    assert_eq!(ready(Provided.patterns(1, (2, 3), "")), 3);
}

/// Elided and named lifetimes, bounds, and methods that are not part of the interface.
#[plugbox::interface]
trait Lifetimes: Send + Sync {
    async fn name(&self) -> &str;
    async fn own(&mut self, other: &str) -> Option<&u8>;
    async fn text(&self) -> Cow<'_, str>;
    async fn longer<'a, 'b: 'a>(&'a self, other: &'b str) -> &'a str;
    async fn told(&self, to: &(dyn for<'x> Fn(&'x str) + Sync)) -> u8;
    async fn generic<T: Send>(&self, value: T) -> usize
    where
        Self: Sized;
}

#[async_trait]
impl Lifetimes for Own {
    async fn name(&self) -> &str {
        "name"
    }

    async fn own(&mut self, _: &str) -> Option<&u8> {
        None
    }

    async fn text(&self) -> Cow<'_, str> {
        "text".into()
    }

    async fn longer<'a, 'b: 'a>(&'a self, other: &'b str) -> &'a str {
        other
    }

    async fn told(&self, to: &(dyn for<'x> Fn(&'x str) + Sync)) -> u8 {
        to(&String::from("told"));
        1
    }

    async fn generic<T: Send>(&self, _: T) -> usize
    where
        Self: Sized,
    {
        size_of::<T>()
    }
}

/// A supertrait says that every object is `Sync`.
#[plugbox::interface]
trait Base: Send + Sync {
    fn number(&self) -> u8;
}

#[plugbox::interface]
trait Below: Base {
    async fn twice(&self) -> u8 {
        2 * self.number()
    }
}

#[async_trait]
#[plugbox::interface]
trait BelowAsyncTrait: Base {
    async fn twice(&self) -> u8 {
        2 * self.number()
    }
}

#[plugbox::interface]
#[async_trait]
trait AboveAsyncTrait: Base {
    async fn twice(&self) -> u8 {
        2 * self.number()
    }
}

/// A method may call itself, also under an attribute macro.
#[plugbox::interface]
trait Walks: Send + Sync {
    #[tracing::instrument(skip_all)]
    fn walk(&self, number: u8) -> u8 {
        if number == 0 { 0 } else { self.walk(number - 1) + 1 }
    }

    #[tracing::instrument(skip_all)]
    async fn run(&self, number: u8) -> u8 {
        if number == 0 { 0 } else { self.run(number - 1).await + 1 }
    }
}

impl Walks for Own {}

#[test]
fn a_provided_method_may_call_itself() {
    assert_eq!((Own.walk(3), ready(Own.run(3))), (3, 3));
}

/// What is borrowed for the call only does not become part of the future.
#[plugbox::interface]
trait ForTheCall: Send + Sync {
    fn list(&self, numbers: &mut Vec<u8>) -> Pin<Box<dyn Future<Output = u8> + Send>>;
    fn peer<'a>(&'a self, peer: &dyn Peer) -> Pin<Box<dyn Future<Output = u8> + Send + 'a>>;
    fn closure(&self, step: &mut dyn FnMut(u8)) -> Pin<Box<dyn Future<Output = u8> + '_>>;
    fn peers(&self, peers: &mut Vec<Box<dyn Peer>>) -> Pin<Box<dyn Future<Output = u8> + '_>>;
    fn kept<'a>(&self, peers: &'a mut Vec<Box<dyn Peer>>) -> Pin<Box<dyn Future<Output = u8> + 'a>>;
    fn longer<'a: 'b, 'b>(&self, peer: &'a dyn Peer, end: &'b u8) -> Pin<Box<dyn Future<Output = u8> + 'b>>;
    fn like_self<'a>(&'a self, peer: &'a dyn Peer) -> Pin<Box<dyn Future<Output = u8> + Send + '_>>;
    fn not_like_self(&self, peer: &'_ dyn Peer) -> Pin<Box<dyn Future<Output = u8> + Send + '_>>;
    fn implied<'a, 'b>(&'a self, around: &'a Around<'b>, peer: &'b dyn Peer) -> Pin<Box<dyn Future<Output = u8> + 'a>>;
    fn of_the_text<'a>(&self, text: &'a str, peer: &dyn Peer) -> Pin<Box<dyn Future<Output = u8> + 'a>>;
}

#[derive(plugbox::Shape)]
struct Around<'b> {
    pub text: &'b str,
}

impl ForTheCall for Own {
    fn list(&self, numbers: &mut Vec<u8>) -> Pin<Box<dyn Future<Output = u8> + Send>> {
        Box::pin(std::future::ready(numbers.len() as u8))
    }

    fn peer<'a>(&'a self, peer: &dyn Peer) -> Pin<Box<dyn Future<Output = u8> + Send + 'a>> {
        Box::pin(std::future::ready(peer.answer()))
    }

    fn closure(&self, step: &mut dyn FnMut(u8)) -> Pin<Box<dyn Future<Output = u8> + '_>> {
        step(1);
        Box::pin(std::future::ready(1))
    }

    fn peers(&self, peers: &mut Vec<Box<dyn Peer>>) -> Pin<Box<dyn Future<Output = u8> + '_>> {
        Box::pin(std::future::ready(peers.len() as u8))
    }

    fn kept<'a>(&self, peers: &'a mut Vec<Box<dyn Peer>>) -> Pin<Box<dyn Future<Output = u8> + 'a>> {
        Box::pin(async { peers.iter().map(|peer| peer.answer()).sum() })
    }

    fn longer<'a: 'b, 'b>(&self, peer: &'a dyn Peer, end: &'b u8) -> Pin<Box<dyn Future<Output = u8> + 'b>> {
        Box::pin(async { peer.answer() + *end })
    }

    fn like_self<'a>(&'a self, peer: &'a dyn Peer) -> Pin<Box<dyn Future<Output = u8> + Send + 'a>> {
        Box::pin(async { peer.answer() })
    }

    fn not_like_self(&self, peer: &'_ dyn Peer) -> Pin<Box<dyn Future<Output = u8> + Send + '_>> {
        Box::pin(std::future::ready(peer.answer()))
    }

    fn implied<'a, 'b>(&'a self, around: &'a Around<'b>, peer: &'b dyn Peer) -> Pin<Box<dyn Future<Output = u8> + 'a>> {
        Box::pin(async { peer.answer() + around.text.len() as u8 })
    }

    fn of_the_text<'a>(&self, text: &'a str, peer: &dyn Peer) -> Pin<Box<dyn Future<Output = u8> + 'a>> {
        let answer = peer.answer();
        Box::pin(async move { answer + text.len() as u8 })
    }
}

/// Forms of which the rewritten body or signature must not make something else.
#[plugbox::interface]
trait Forms: Send + Sync {
    async fn each(&self) -> impl Iterator<Item = u8>
    where
        Self: Sized,
    {
        [1, 2].into_iter()
    }

    async fn pointer(&self) -> fn(&str) -> &str
    where
        Self: Sized,
    {
        str::trim
    }

    async fn start(&self) -> Pin<Box<dyn Future<Output = u8> + Send>> {
        Box::pin(async { 1 })
    }

    #[tracing::instrument(skip_all)]
    fn shown<T: std::fmt::Debug>(&self, value: T) -> String
    where
        Self: Sized,
    {
        format!("{value:?}")
    }

    #[tracing::instrument(skip_all)]
    fn named(&self, value: T) -> T {
        T(value.0 + 1)
    }
}

#[derive(plugbox::Shape)]
struct T(pub u8);

impl Forms for Own {}

#[test]
fn provided_methods_stay_what_they_are() {
    assert_eq!(ready(Own.each()).sum::<u8>(), 3);
    assert_eq!(ready(Own.pointer())(" a "), "a");
    assert_eq!(ready(ready(Own.start())), 1);
    assert_eq!((Own.shown("a"), Own.named(T(1)).0), ("\"a\"".to_owned(), 2));
    assert_eq!(ready(Own.implied(&Around { text: "ab" }, &Own)), 3);
}
