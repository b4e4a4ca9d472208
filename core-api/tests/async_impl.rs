//! `#[async_impl]`: an implementation is what it is under `#[async_trait]`, in each form, and without a warning.

#![deny(warnings)]
#![warn(clippy::all, clippy::pedantic)]
#![allow(dead_code, clippy::unused_async, clippy::unused_self, reason = "the forms only compile")]
#![allow(clippy::many_single_char_names, clippy::too_many_arguments, clippy::trivially_copy_pass_by_ref)]

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
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it is not ready"),
    }
}

#[plugbox::interface]
trait Made: Send + Sync {
    async fn number(&self) -> u8;
    async fn text<'a>(&'a self, pair: (&'a str, u8), more: String) -> Cow<'a, str>;
    async fn peer(&mut self, peer: &dyn Peer) -> Result<Vec<Box<dyn Peer>>, plugbox::Error>;
    async fn provided(&self) -> u8 {
        self.number().await + 1
    }
    async fn sized(&self) -> u8
    where
        Self: Sized;
    async fn without_arguments() -> u8
    where
        Self: Sized;
    async fn without_receiver(text: &str) -> usize
    where
        Self: Sized,
    {
        text.len()
    }
    async fn each(&self) -> impl Iterator<Item = u8>
    where
        Self: Sized,
    {
        [1].into_iter()
    }
    #[cfg(any())]
    async fn absent(&self, absent: Absent) -> u8;
    async fn traced(&self, number: u8) -> u8;
    async fn r#match(&self);
    fn plain(&self) -> u8;
    fn by_hand<'a>(&'a self) -> Pin<Box<dyn Future<Output = u8> + Send + 'a>>;
}

#[plugbox::interface]
#[async_trait]
trait BesideIt: Send + Sync {
    async fn number(&self, text: &str) -> usize;
}

struct Mine<T>(T);

#[plugbox::async_impl]
impl<T: Copy + Into<u8> + Send + Sync> Made for Mine<T> {
    async fn number(&self) -> u8 {
        self.0.into()
    }

    async fn text<'a>(&'a self, (text, number): (&'a str, u8), mut more: String) -> Cow<'a, str> {
        more.push_str(text);
        if number == 0 {
            return text.into();
        }
        more.into()
    }

    async fn peer(&mut self, peer: &dyn Peer) -> Result<Vec<Box<dyn Peer>>, plugbox::Error> {
        if peer.answer() == 0 {
            Err(std::fmt::Error)?;
        }
        Ok(vec![Box::new(Own)])
    }

    async fn sized(&self) -> u8 {
        Made::number(self).await
    }

    async fn without_arguments() -> u8 {
        8
    }

    #[cfg(any())]
    async fn absent(&self, absent: Absent) -> u8 {
        absent
    }

    #[tracing::instrument(skip_all)]
    async fn traced(&self, number: u8) -> u8 {
        if number == 0 { 0 } else { self.traced(number - 1).await + 1 }
    }

    /// Documented.
    #[inline]
    async fn r#match(&self) {}

    fn plain(&self) -> u8 {
        2
    }

    fn by_hand<'a>(&'a self) -> Pin<Box<dyn Future<Output = u8> + Send + 'a>> {
        Box::pin(Made::number(self))
    }
}

#[plugbox::async_impl]
impl<T: Send + Sync> BesideIt for Mine<T> {
    async fn number(&self, text: &str) -> usize {
        text.len()
    }
}

/// The attributes of both crates, in both orders.
struct Both;

#[plugbox::async_impl]
#[async_trait]
impl BesideIt for Both {
    async fn number(&self, text: &str) -> usize {
        text.len()
    }
}

struct BothAgain;

#[async_trait]
#[plugbox::async_impl]
impl BesideIt for BothAgain {
    async fn number(&self, text: &str) -> usize {
        text.len()
    }
}

#[test]
fn an_implementation_is_what_it_is_under_async_trait() {
    let mut mine = Mine(3_u8);
    assert_eq!((ready(Made::number(&mine)), ready(mine.provided()), ready(mine.sized())), (3, 4, 3));
    assert_eq!(
        (ready(mine.text(("a", 0), "b".to_owned())), ready(mine.text(("a", 1), "b".to_owned()))),
        ("a".into(), "ba".into())
    );
    assert_eq!((ready(Mine::<u8>::without_arguments()), ready(Mine::<u8>::without_receiver("ab"))), (8, 2));
    assert_eq!((ready(mine.traced(3)), ready(mine.by_hand()), mine.plain()), (3, 3, 2));
    ready(mine.r#match());
    let peers = ready(mine.peer(&Own)).unwrap();
    assert_eq!((peers.len(), ready(BesideIt::number(&mine, "abc"))), (1, 3));
    let beside: [Box<dyn BesideIt>; 2] = [Box::new(Both), Box::new(BothAgain)];
    assert_eq!(beside.map(|beside| ready(beside.number("abc"))), [3, 3]);
}

#[plugbox::interface]
trait Forms: Send + Sync {
    async fn unit(&self);
    async fn one<'a>(&self, text: &'a str) -> &'a str;
    async fn own(&self) -> &str;
    async fn own_named<'s>(&'s self) -> &'s str;
    async fn mixed<'a, 'b: 'a>(&self, one: &'a str, two: &'b str) -> Cow<'a, str>;
    async fn own_mut(&mut self) -> &mut u8;
    async fn tuple(&self, ab: (u8, u8), cd: [u8; 2], _: u8) -> u8;
    async fn closure(&self, f: &(dyn for<'x> Fn(&'x str) -> u8 + Sync)) -> u8;
    async fn boxed(&self, f: Box<dyn Fn(u8) -> u8 + Send + Sync>) -> Box<dyn Fn(u8) -> u8 + Send + Sync>;
    async fn future(&self, f: Pin<Box<dyn Future<Output = u8> + Send>>) -> Pin<Box<dyn Future<Output = u8> + Send>>;
    async fn r#type(&self, r#fn: u8) -> u8;
    #[deprecated]
    async fn old(&self) -> u8;
    #[must_use]
    async fn used(&self) -> u8;
    async fn many(&self, a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8) -> u8;
    async fn question(&self, text: &str) -> Result<u8, plugbox::Error>;
    async fn selfish(&self, other: u8) -> u8
    where
        Self: Sized;
    async fn with_default(&self) -> u8 {
        1
    }
}

struct S<'x, T, const N: usize>(&'x str, T, u8);

impl<T, const N: usize> S<'_, T, N> {
    const N: usize = N;
    async fn helper(&self) -> u8 {
        self.2
    }
}

macro_rules! late {
    ($name:ident $body:expr) => {
        $body
    };
}

#[plugbox::async_impl]
impl<T, const N: usize> Forms for S<'_, T, N>
where
    T: Clone + Send + Sync + Into<u8>,
{
    async fn unit(&self) {}
    async fn one<'a>(&self, text: &'a str) -> &'a str {
        text
    }
    async fn own(&self) -> &str {
        self.0
    }
    async fn own_named<'s>(&'s self) -> &'s str {
        self.0
    }
    async fn mixed<'a, 'b: 'a>(&self, one: &'a str, two: &'b str) -> Cow<'a, str> {
        if one.is_empty() {
            return two.into();
        }
        one.into()
    }
    async fn own_mut(&mut self) -> &mut u8 {
        &mut self.2
    }
    async fn tuple(&self, (a, b): (u8, u8), [c, mut d]: [u8; 2], _: u8) -> u8 {
        d += 1;
        a + b + c + d
    }
    async fn closure(&self, f: &(dyn for<'y> Fn(&'y str) -> u8 + Sync)) -> u8 {
        f(self.0)
    }
    async fn boxed(&self, f: Box<dyn Fn(u8) -> u8 + Send + Sync>) -> Box<dyn Fn(u8) -> u8 + Send + Sync> {
        Box::new(move |n| f(n) + 1)
    }
    async fn future(&self, f: Pin<Box<dyn Future<Output = u8> + Send>>) -> Pin<Box<dyn Future<Output = u8> + Send>> {
        Box::pin(async move { f.await + 1 })
    }
    async fn r#type(&self, r#fn: u8) -> u8 {
        r#fn
    }
    async fn old(&self) -> u8 {
        1
    }
    async fn used(&self) -> u8 {
        self.helper().await + self.1.clone().into()
    }
    async fn many(&self, a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8) -> u8 {
        a + b + c + d + e + f + g
    }
    async fn question(&self, text: &str) -> Result<u8, plugbox::Error> {
        let number: u8 = text.parse()?;
        late!(x Ok(number + u8::try_from(Self::N)?))
    }
    async fn selfish(&self, other: u8) -> u8 {
        other
    }
}

macro_rules! implemented {
    ($ty:ident, $self:ident, $body:expr) => {
                struct $ty;
        #[plugbox::async_impl]
        impl By for $ty {
            async fn by(&$self, number: u8) -> u8 { number + $body }
        }
    };
}

#[plugbox::interface]
trait By: Send + Sync {
    async fn by(&self, number: u8) -> u8;
    fn field(&self) -> u8 {
        3
    }
}
implemented!(ByMacro, self, self.field());

#[plugbox::async_impl]
impl<T: By + ?Sized> By for Box<T> {
    async fn by(&self, number: u8) -> u8 {
        (**self).by(number).await
    }
}

#[plugbox::async_impl]
impl By for &'static str {
    async fn by(&self, number: u8) -> u8 {
        u8::try_from(self.len()).unwrap() + number
    }
}

mod inner {
    use super::By as Renamed;
    pub(super) struct X;
    #[plugbox::async_impl]
    impl Renamed for X {
        async fn by(&self, number: u8) -> u8 {
            struct Local;
            impl Local {
                fn get(&self) -> u8 {
                    1
                }
            }
            async fn free(n: u8) -> u8 {
                n
            }
            Local.get() + free(number).await
        }
    }
}

#[test]
fn every_form_does_what_its_body_says() {
    let mut forms = S::<u8, 4>("text", 2, 3);
    assert_eq!(*ready(forms.own_mut()), 3);
    assert_eq!(ready(forms.own()), "text");
    assert_eq!(ready(forms.mixed("", "b")), "b");
    assert_eq!((ready(forms.tuple((1, 2), [3, 4], 5)), ready(forms.used()), ready(forms.r#type(1))), (11, 5, 1));
    assert_eq!((ready(forms.question("3")).unwrap(), ready(forms.question("x")).is_err()), (7, true));
    assert_eq!(ready(ready(forms.future(Box::pin(async { 1 })))), 2);
    let by: [Box<dyn By>; 4] = [Box::new(ByMacro), Box::new(Box::new(ByMacro)), Box::new("abc"), Box::new(inner::X)];
    assert_eq!(by.map(|by| ready(by.by(1))), [4, 4, 4, 2]);
}
