//! Closures in signatures and fields: every way to write them compiles, and without a host they stay as they are.

#![forbid(unsafe_code)]
#![deny(warnings, clippy::pedantic)]
#![allow(
    missing_docs,
    unused_parens,
    clippy::type_complexity,
    clippy::non_minimal_cfg,
    clippy::unused_unit,
    reason = "the closures are written in many ways"
)]

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::ops;
use std::panic::{AssertUnwindSafe, RefUnwindSafe, UnwindSafe, catch_unwind};
use std::sync::Arc;

use plugbox::__private::ImplementedBy;
use plugbox::Interface;

#[derive(Debug, Clone, Copy, PartialEq, plugbox::Shape)]
pub struct Word<'t> {
    pub text: &'t str,
}

#[derive(Debug, Clone, PartialEq, plugbox::Shape)]
pub struct Wrap<T> {
    pub value: T,
}

pub type Id = u64;

#[derive(plugbox::Shape)]
pub struct Holder<'a> {
    pub borrowing: Box<dyn FnMut(&str) -> usize + Send + 'a>,
    pub shared: Option<Arc<dyn Fn(Word<'_>) -> u8>>,
    pub itself: Vec<Box<dyn Fn(Holder<'_>) -> Option<Box<dyn FnOnce()>>>>,
}

#[derive(plugbox::Shape)]
pub struct Generic<T> {
    pub value: T,
    pub then: Box<dyn FnMut(Wrap<u8>, Vec<Box<dyn Peer>>) -> Box<dyn Peer> + Send + Sync>,
}

#[derive(plugbox::Shape)]
pub enum Choice {
    Again(Box<dyn Fn(Choice)>),
    Once { then: Box<dyn FnOnce(Box<dyn Fn(&u8) -> u8>) -> Box<dyn Fn(&str) -> &str>> },
    Never,
}

#[plugbox::interface]
pub trait Peer: Send + Sync {
    fn answer(&self, number: u64) -> u64;
}

macro_rules! written_by_a_macro {
    ($name:ident, $closure:ty, $argument:ty) => {
        #[plugbox::interface]
        pub trait $name {
            fn whole(&self, closure: Box<$closure>, lent: &$closure);
            fn part(&self, closure: Box<dyn FnMut($argument) -> $crate::Id>);
            fn again(&self, closure: Box<dyn FnMut($argument) -> $crate::Id>);
        }
    };
}

written_by_a_macro!(Written, dyn Fn(&str) -> u8, &[u8]);

#[plugbox::interface]
pub trait Api: Send + Sync {
    fn empty(&self, a: Box<dyn Fn()>, b: Box<dyn Fn() -> ()>, c: Box<(dyn FnOnce() + Send)>);
    fn same(&self, a: Box<dyn for<'x> Fn(&'x str) -> u8 + 'static>, b: Arc<dyn ops::Fn(&str) -> u8>) -> usize;
    fn elided(&self, a: Box<dyn Fn(&'_ str) -> &'_ str + '_>, b: Box<dyn Fn(Word<'_>) -> Word<'_> + '_>) -> String;
    fn named<'a>(&self, a: Box<dyn for<'x> FnMut(&'x str, &u8) -> &'x str + 'a>, b: &'a str) -> &'a str;
    fn autos(
        &self,
        a: Box<dyn Fn() + Unpin + UnwindSafe + RefUnwindSafe + Sync + Send>,
        b: &(dyn Fn() + UnwindSafe + Sync),
    );
    fn places(
        &self,
        a: (u8, [Box<dyn FnOnce(u8) -> u8>; 2]),
        b: HashMap<String, Box<dyn Fn(u8) -> u8>>,
        c: Result<BTreeMap<u8, Arc<dyn Fn(u8) -> u8>>, Box<[Box<dyn FnMut(u8) -> u8>]>>,
    ) -> u8;
    fn lent(&self, a: &dyn Fn(&str) -> usize, b: &mut dyn FnMut(u8) -> bool, c: &mut (dyn Fn() -> u8 + Send)) -> usize;
    fn deep(
        &self,
        a: &mut dyn FnMut(&dyn Peer, &mut dyn FnMut(&dyn Fn(&(u8, &str)) -> u64)) -> Option<Box<dyn Peer>>,
    ) -> u64;
    fn itself(&self, a: Box<dyn Fn(&dyn Api) -> Option<Box<dyn Api>>>) -> Option<Box<dyn Api>>;
    fn holder(
        &self,
        a: Holder<'_>,
        b: Generic<u8>,
        c: Choice,
        d: &mut dyn FnMut(&mut [u8], Wrap<String>) -> Wrap<u8>,
    ) -> usize;
    fn many(&self, a: &dyn Fn(u8, u16, u32, u64, i8, i16, i32, i64, f32, f64, bool, char) -> String) -> String;
    fn generic(&self, a: Wrap<Box<dyn Fn(u8) -> u8>>, b: Option<Wrap<Vec<Box<dyn FnOnce(&str)>>>>) -> u8;
    #[cfg(all())]
    fn twice(&self, a: Box<dyn Fn(Id) -> Id>);
    #[cfg(not(any()))]
    fn twice_again(&self, a: Box<dyn Fn(u64) -> Id>);
    #[cfg(any())]
    fn gone(&self, a: Box<dyn Fn(Gone)>);
}

/// The shape of a closure is there if any of its methods is.
#[plugbox::interface]
#[allow(dead_code)]
pub trait Conditions {
    #[cfg(all())]
    fn here(&self, a: Box<dyn Fn(i8, i8)>);
    #[cfg_attr(all(), cfg(all()))]
    fn here_too(&self, a: Box<dyn Fn(i8, i8)>);
    #[cfg(any())]
    fn gone(&self, a: Box<dyn Fn(i16, i16)>);
    #[cfg_attr(any(), cfg(any()))]
    fn not_gone(&self, a: Box<dyn Fn(i16, i16)>);
    #[cfg(any())]
    fn never(&self, a: Box<dyn Fn(Gone, Gone)>);
    #[cfg_attr(all(), cfg(any()))]
    fn nor_here(&self, a: Box<dyn Fn(Gone, Gone)>);
    #[cfg_attr(any(), cfg(any(),), cfg(any()))]
    fn nor_gone(&self, a: Box<dyn Fn(i16, i16)>);
}

/// What looks like a borrow from a lent object, and is none.
#[plugbox::interface]
#[allow(dead_code)]
pub trait NotTied {
    fn classify(&self, a: Box<dyn Fn(&(dyn Error + Send + Sync + 'static)) -> &'static str>);
    fn object(&self, a: &dyn Fn(&(dyn Peer + 'static)) -> &'static str);
    fn other<'o>(&self, a: &'o dyn for<'x> Fn(&dyn Peer, &'x str) -> &'x str);
}

struct Mine;

impl Peer for Mine {
    fn answer(&self, number: u64) -> u64 {
        number * 2
    }
}

impl Api for Mine {
    fn empty(&self, a: Box<dyn Fn()>, b: Box<dyn Fn()>, c: Box<(dyn FnOnce() + Send)>) {
        a();
        b();
        c();
    }
    fn same(&self, a: Box<dyn Fn(&str) -> u8>, b: Arc<dyn Fn(&str) -> u8>) -> usize {
        usize::from(a("a") + b("b"))
    }
    fn elided(&self, a: Box<dyn Fn(&str) -> &str + '_>, b: Box<dyn Fn(Word<'_>) -> Word<'_> + '_>) -> String {
        let text = "text".to_owned();
        format!("{}{}", a(&text), b(Word { text: &text }).text)
    }
    fn named<'a>(&self, mut a: Box<dyn for<'x> FnMut(&'x str, &u8) -> &'x str + 'a>, b: &'a str) -> &'a str {
        a(b, &1)
    }
    fn autos(
        &self,
        a: Box<dyn Fn() + Unpin + UnwindSafe + RefUnwindSafe + Sync + Send>,
        b: &(dyn Fn() + UnwindSafe + Sync),
    ) {
        std::thread::scope(|scope| scope.spawn(b).join()).unwrap();
        std::thread::spawn(a).join().unwrap();
    }
    fn places(
        &self,
        a: (u8, [Box<dyn FnOnce(u8) -> u8>; 2]),
        b: HashMap<String, Box<dyn Fn(u8) -> u8>>,
        c: Result<BTreeMap<u8, Arc<dyn Fn(u8) -> u8>>, Box<[Box<dyn FnMut(u8) -> u8>]>>,
    ) -> u8 {
        let once: u8 = a.1.into_iter().map(|once| once(1)).sum();
        let changing: u8 = c.err().into_iter().flat_map(Vec::from).map(|mut next| next(3)).sum();
        once + b["a"](2) + changing
    }
    fn lent(&self, a: &dyn Fn(&str) -> usize, b: &mut dyn FnMut(u8) -> bool, c: &mut (dyn Fn() -> u8 + Send)) -> usize {
        a("abc") + usize::from(b(1)) + usize::from(c())
    }
    fn deep(
        &self,
        a: &mut dyn FnMut(&dyn Peer, &mut dyn FnMut(&dyn Fn(&(u8, &str)) -> u64)) -> Option<Box<dyn Peer>>,
    ) -> u64 {
        let mut sum = 0;
        let peer = a(self, &mut |each| sum += each(&(1, "one")));
        sum + peer.map_or(0, |peer| peer.answer(10))
    }
    fn itself(&self, a: Box<dyn Fn(&dyn Api) -> Option<Box<dyn Api>>>) -> Option<Box<dyn Api>> {
        a(self)
    }
    fn holder(
        &self,
        mut a: Holder<'_>,
        mut b: Generic<u8>,
        c: Choice,
        d: &mut dyn FnMut(&mut [u8], Wrap<String>) -> Wrap<u8>,
    ) -> usize {
        if let Choice::Once { then } = c {
            let same = then(Box::new(|number| *number));
            assert_eq!(same("same"), "same");
        }
        let answer = (b.then)(Wrap { value: b.value }, vec![Box::new(Mine)]).answer(1);
        assert_eq!(answer, 2);
        (a.borrowing)("abc") + usize::from(d(&mut [1, 2], Wrap { value: String::new() }).value)
    }
    fn many(&self, a: &dyn Fn(u8, u16, u32, u64, i8, i16, i32, i64, f32, f64, bool, char) -> String) -> String {
        a(1, 2, 3, 4, 5, 6, 7, 8, 0.5, 1.5, true, 'c')
    }
    fn generic(&self, a: Wrap<Box<dyn Fn(u8) -> u8>>, b: Option<Wrap<Vec<Box<dyn FnOnce(&str)>>>>) -> u8 {
        b.into_iter().flat_map(|wrap| wrap.value).for_each(|once| once("once"));
        (a.value)(1)
    }
    fn twice(&self, a: Box<dyn Fn(Id) -> Id>) {
        a(1);
    }
    fn twice_again(&self, a: Box<dyn Fn(u64) -> Id>) {
        a(2);
    }
}

fn guarded() -> Box<dyn Api> {
    <dyn Api as ImplementedBy<Mine>>::guarded(Mine, "tested")
}

#[test]
fn closures_work_in_every_place() {
    let api = guarded();
    api.empty(Box::new(|| ()), Box::new(|| ()), Box::new(|| ()));
    assert_eq!(api.same(Box::new(|_| 1), Arc::new(|_| 2)), 3);
    assert_eq!(api.elided(Box::new(|text| &text[1..]), Box::new(|word| word)), "exttext");
    assert_eq!(api.named(Box::new(|text, _| text), "named"), "named");
    api.autos(Box::new(|| ()), &|| ());
    let map = HashMap::from([("a".to_owned(), Box::new(|number| number) as Box<dyn Fn(u8) -> u8>)]);
    let places = api.places(
        (1, [Box::new(|number| number), Box::new(|number| number)]),
        map,
        Err(Box::new([Box::new(|number| number)])),
    );
    assert_eq!(places, 1 + 1 + 2 + 3);
    let mut calls = 0;
    assert_eq!(
        api.lent(
            &str::len,
            &mut |_| {
                calls += 1;
                true
            },
            &mut || 2
        ),
        6
    );
    assert_eq!(calls, 1);
    let deep = api.deep(&mut |peer, visit| {
        let answer = peer.answer(1);
        visit(&|(number, text)| answer + u64::from(*number) + text.len() as u64);
        Some(Box::new(Mine))
    });
    assert_eq!(deep, 2 + 1 + 3 + 20);
    assert!(
        api.itself(Box::new(|api| {
            api.twice(Box::new(|id| id));
            Some(guarded())
        }))
        .is_some()
    );
    let mut seen = Vec::new();
    let holder = Holder {
        borrowing: Box::new(|text| {
            seen.push(text.to_owned());
            text.len()
        }),
        shared: None,
        itself: Vec::new(),
    };
    let generic = Generic { value: 1, then: Box::new(|_, mut peers| peers.remove(0)) };
    let choice = Choice::Once {
        then: Box::new(|number| {
            Box::new(move |text| {
                assert_eq!(number(&1), 1);
                text
            })
        }),
    };
    assert_eq!(api.holder(holder, generic, choice, &mut |bytes, _| Wrap { value: bytes[1] }), 5);
    assert_eq!(seen, ["abc"]);
    assert_eq!(api.many(&|a, _, _, _, _, _, _, _, _, _, _, c| format!("{a}{c}")), "1c");
    let once = Wrap { value: vec![Box::new(|_: &str| ()) as Box<dyn FnOnce(&str)>] };
    assert_eq!(api.generic(Wrap { value: Box::new(|number| number + 1) }, Some(once)), 2);
    let payload =
        catch_unwind(AssertUnwindSafe(|| api.lent(&|_| panic!("own"), &mut |_| true, &mut || 1))).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"own"));
}

/// The lines about methods and fields with closures.
#[test]
fn the_text_has_each_closure_as_one_writes_it() {
    let records = String::from_utf8_lossy(<dyn Api as Interface>::RECORDS).into_owned();
    for line in [
        "method fn empty(&'a self, Box<dyn Fn()>, Box<dyn Fn()>, Box<dyn FnOnce() + Send>)",
        "method fn same(&'a self, Box<dyn Fn(&'a str) -> u8>, Arc<dyn Fn(&'a str) -> u8>) -> usize",
        "method fn named(&'a self, Box<dyn FnMut(&'a str, &'b u8) -> &'a str + 'b>, &'b str) -> &'b str",
        "method fn lent(&'a self, &'b dyn Fn(&'a str) -> usize, &'c mut dyn FnMut(u8) -> bool, &'d mut (dyn Fn() -> u8 + Send)) -> usize",
        "method fn deep(&'a self, &'b mut dyn FnMut(&'a dyn closures::Peer, &'b mut dyn FnMut(&'a dyn Fn(&'a (u8, &'b str)) -> u64)) -> Option<Box<dyn closures::Peer>>) -> u64",
        "field borrowing: Box<dyn FnMut(&'a str) -> usize + Send + 'a> @",
        "field then: Box<dyn FnMut(closures::Wrap<u8>, Vec<Box<dyn closures::Peer>>) -> Box<dyn closures::Peer> + Send + Sync> where closures::Wrap<u8>: Send + Sync @",
        "holds then: Box<dyn FnOnce(Box<dyn Fn(&'a u8) -> u8>) -> Box<dyn Fn(&'a str) -> &'a str>>",
    ] {
        assert!(records.lines().any(|other| other.starts_with(line)), "{line}\n{}", records.replace('\0', ""));
    }
}
