//! The access that the methods of an interface need, as the compiler concludes it.

#![allow(dead_code, clippy::needless_lifetimes, clippy::non_minimal_cfg)]

use std::any::TypeId;

use plugbox::{Exclusive, Interface, Shared, interface};

#[interface]
trait Reads {
    fn get(&self) -> u32;
    fn lend<'a>(&'a self, text: &'a mut String) -> &'a str;
}

#[interface]
trait Writes {
    fn set(&mut self, value: u32);
}

#[interface]
trait Both: Send + Sync {
    fn get(&self) -> u32;
    fn set(&mut self, value: u32);
}

#[interface]
trait Named {
    fn lend<'a>(&'a mut self) -> &'a mut u32;
}

#[interface]
trait Empty {}

#[interface]
trait NotInTheVtable {
    fn get(&self) -> u32;
    fn set(&mut self, _: u32)
    where
        Self: Sized,
    {
    }
    fn generic<T>(&mut self, _: T)
    where
        Self: Sized,
    {
    }
    fn consume(self)
    where
        Self: Sized,
    {
    }
}

#[interface]
trait BySuper: Send + Writes {
    fn more(&self) -> u32;
}

#[interface]
trait BySecondSuper: Reads + Sync + Both {}

#[interface]
trait BySupersSuper: Reads + BySuper {
    fn most(&self) -> u32;
}

#[interface]
trait ReadsMore: Reads + Empty + Send + NotInTheVtable {
    fn more(&self) -> u32;
}

mod renamed {
    // The name of the supertrait says nothing.
    pub(super) use super::Writes as Reads;
}

#[interface]
trait ByRenamed: renamed::Reads {}

#[interface]
trait Conditional {
    fn get(&self) -> u32;
    #[cfg(all())]
    fn set(&mut self, value: u32);
}

#[interface]
trait CfgAttr {
    #[cfg_attr(all(), cfg(all()))]
    fn set(&mut self, value: u32);
}

#[interface]
trait LeftOut {
    fn get(&self) -> u32;
    #[cfg(any())]
    fn set(&mut self, value: u32);
    #[cfg_attr(all(), cfg(any()))]
    fn reset(&mut self);
    #[cfg(not(any()))]
    fn kept(&self);
}

#[interface]
trait OneLeftOut {
    #[cfg(any())]
    fn set(&mut self, value: u32);
    fn reset(&mut self);
}

macro_rules! written_by_a_macro {
    ($name:ident, $($receiver:tt)*) => {
        #[interface]
        trait $name {
            fn method($($receiver)*);
        }
    };
}
written_by_a_macro!(MacroReads, &self);
written_by_a_macro!(MacroWrites, &mut self);

fn is_shared<I: ?Sized + Interface>() -> bool {
    let access = TypeId::of::<I::Access>();
    assert!(access == TypeId::of::<Shared>() || access == TypeId::of::<Exclusive>());
    access == TypeId::of::<Shared>()
}

#[test]
fn methods_that_only_read_are_shared() {
    assert!(is_shared::<dyn Reads>());
    assert!(is_shared::<dyn Empty>());
    assert!(is_shared::<dyn ReadsMore>());
    assert!(is_shared::<dyn MacroReads>());
}

#[test]
fn one_method_that_writes_is_enough() {
    assert!(!is_shared::<dyn Writes>());
    assert!(!is_shared::<dyn Both>());
    assert!(!is_shared::<dyn Named>());
    assert!(!is_shared::<dyn MacroWrites>());
}

#[test]
fn supertraits_count_at_every_depth_and_place() {
    assert!(!is_shared::<dyn BySuper>());
    assert!(!is_shared::<dyn BySecondSuper>());
    assert!(!is_shared::<dyn BySupersSuper>());
    assert!(!is_shared::<dyn ByRenamed>());
}

#[test]
fn methods_that_the_object_does_not_have_do_not_count() {
    assert!(is_shared::<dyn NotInTheVtable>());
    assert!(is_shared::<dyn LeftOut>());
    assert!(!is_shared::<dyn Conditional>());
    assert!(!is_shared::<dyn CfgAttr>());
    assert!(!is_shared::<dyn OneLeftOut>());
}
