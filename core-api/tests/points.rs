//! The line `points` of an interface's record: whether a value that crosses may hold a borrow that is `'static`.

#![allow(dead_code, reason = "the types only have shapes")]
#![allow(clippy::type_complexity, reason = "a closure of a closure is complex")]

use std::borrow::Cow;
use std::cell::Cell;

use plugbox::{Interface, Shape};

#[derive(Shape)]
struct Named {
    pub name: &'static str,
}

#[derive(Shape)]
enum Maybe {
    No,
    Named { in_a_list: Vec<Cow<'static, str>> },
}

#[derive(Shape)]
struct Tag<'a> {
    pub name: &'a str,
}

#[derive(Shape)]
struct Outlives<'a>
where
    'a: 'static,
{
    pub name: &'a str,
}

#[derive(Shape)]
struct Names {
    pub of: Vec<Box<dyn Fn(u8) -> &'static str>>,
}

#[derive(Shape)]
struct Fillers {
    pub fills: Box<dyn Fn(&mut Vec<&str>)>,
}

#[derive(Shape)]
struct Wrap<T>(pub T);

#[derive(Shape)]
struct Inside {
    pub wrap: Wrap<Option<&'static [u8]>>,
}

#[derive(Shape)]
struct Plain {
    pub name: String,
    pub inside: Wrap<Vec<u8>>,
}

type Alias<'a> = Tag<'a>;

macro_rules! each {
    ($($(#[$points:ident])? $name:ident { $($item:tt)* })+) => {
        $(
            #[plugbox::interface]
            trait $name {
                $($item)*
            }
        )+

        #[test]
        fn borrows_are_found_by_types() {
            $(
                let text = String::from_utf8_lossy(<dyn $name as Interface>::RECORDS);
                let line = text.lines().find(|line| line.starts_with("points ")).expect("every record has the line");
                let expected = ["" $(, stringify!($points))?].len();
                let expected = ["points nowhere", "points static"][expected - 1];
                assert_eq!(line, expected, stringify!($name));
            )+
        }
    };
}

each! {
    #[points] Result_ { fn name(&self) -> &'static str; }
    #[points] Argument { fn keep(&self, name: &'static str); }
    #[points] InAList { fn names(&self) -> Vec<&'static [u8]>; }
    #[points] InACow { fn name(&self) -> Cow<'static, str>; }
    #[points] InAStruct { fn named(&self) -> Named; }
    #[points] InAnEnum { fn named(&self, of: &[Maybe]); }
    #[points] ByAnArgumentOfAType { fn tag(&self) -> Tag<'static>; }
    #[points] ByAnAlias { fn tag(&self) -> Alias<'static>; }
    #[points] InAGeneric { fn wrapped(&self) -> Wrap<&'static str>; }
    #[points] InAGenericInAField { fn inside(&self) -> Inside; }
    #[points] ByABoundOfAType { fn outlives<'a>(&'a self) -> Outlives<'a>; }
    #[points] ByABoundOfAMethod { fn name<'a: 'static>(&'a self) -> &'a str; }
    #[points] ByTheReceiver { fn name(&'static self) -> &'static str; }
    #[points] ByAnInterfaceBelow { fn below(&self) -> Box<dyn Result_>; }
    #[points] ByAnInterfaceThatIsLent { fn below(&self, below: &dyn Result_); }
    // Whoever calls with a literal gets a `'static` text.
    #[points] Chosen { fn first<'a>(&self, of: &'a str) -> &'a str; }
    #[points] OfNothing { fn name<'a>(&self) -> &'a str; }
    // A callee may leave a literal in these.
    #[points] InAnExclusiveArgument { fn fill(&self, into: &mut Vec<&str>); }
    #[points] InACell { fn fill(&self, into: &Cell<&str>); }
    #[points] InATag { fn fill(&self, into: &mut Tag<'_>); }
    #[points] InATypeThatMayHoldACell { fn fill(&self, into: Tag<'_>); }

    #[points] InTheResultOfAClosure { fn name(&self) -> Box<dyn Fn() -> &'static str>; }
    #[points] InAnArgumentOfAClosure { fn keeper(&self) -> Option<Box<dyn Fn(&'static str)>>; }
    #[points] InAClosureInAField { fn names(&self) -> Names; }
    #[points] InAClosureOfAClosure { fn twice(&self) -> Box<dyn Fn(Box<dyn Fn() -> &'static str>)>; }
    #[points] InAnExclusiveArgumentOfAClosure { fn filler(&self) -> Box<dyn for<'a> Fn(&mut Vec<&'a str>)>; }
    #[points] InACellOfAClosure { fn filler(&self) -> Option<Box<dyn Fn(&Cell<&str>)>>; }
    #[points] InAClosureThatFills { fn fillers(&self) -> Fillers; }
    #[points] ChosenByWhoCallsAClosure { fn first(&self) -> Box<dyn Fn(&str) -> &str>; }

    Nothing { fn count(&self) -> usize; }
    Borrowed { fn name(&self) -> &str; }
    BorrowedTag { fn tag(&self) -> Tag<'_>; }
    BorrowedList { fn tags(&self) -> Vec<Option<&str>>; }
    OfTheReceiver { fn name<'a>(&'a self, of: &str) -> &'a str; }
    Lent { fn take(&self, text: &str, list: &[&str], out: &mut String, maybe: Option<&Plain>, pair: (&str, &[u8])); }
    LentMore { fn take(&self, out: &mut Vec<String>, cow: Cow<'_, str>, boxed: Box<(&str, u8)>); }
    Values { fn plain(&self) -> Plain; }
    Closures { fn count(&self) -> Box<dyn Fn(&str, u8) -> usize>; }
    Below { fn below(&self, text: &str) -> Box<dyn Borrowed>; }
}

#[plugbox::interface]
trait Above: Result_ {}

#[test]
fn a_supertraits_borrow_is_found() {
    let text = String::from_utf8_lossy(<dyn Above as Interface>::RECORDS);
    assert!(text.contains("\npoints static\n"), "{text}");
}
