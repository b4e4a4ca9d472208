//! Facts about a type: which traits it implements, according to the compiler. The macros cannot know this from a name.

use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};

/// A set of traits that a type implements.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Facts(u8);

impl Facts {
    /// No traits. It also stands for unknown facts: inside the definition of a generic type the compiler would always
    /// answer "none".
    pub const NONE: Self = Self(0);
    /// `Copy`.
    pub const COPY: Self = Self(1);
    /// `Drop`, implemented by the type itself.
    pub const DROP: Self = Self(1 << 1);
    /// `Send`.
    pub const SEND: Self = Self(1 << 2);
    /// `Sync`.
    pub const SYNC: Self = Self(1 << 3);
    /// `Unpin`.
    pub const UNPIN: Self = Self(1 << 4);
    /// `UnwindSafe`.
    pub const UNWIND_SAFE: Self = Self(1 << 5);
    /// `RefUnwindSafe`.
    pub const REF_UNWIND_SAFE: Self = Self(1 << 6);

    /// All facts with their names, in the order of canonical text.
    pub(crate) const NAMES: [(Self, &'static str); 7] = [
        (Self::COPY, "Copy"),
        (Self::DROP, "Drop"),
        (Self::REF_UNWIND_SAFE, "RefUnwindSafe"),
        (Self::SEND, "Send"),
        (Self::SYNC, "Sync"),
        (Self::UNPIN, "Unpin"),
        (Self::UNWIND_SAFE, "UnwindSafe"),
    ];

    /// Returns these facts, with `fact` added if it holds.
    #[must_use]
    pub const fn and(self, fact: Self, holds: bool) -> Self {
        if holds { Self(self.0 | fact.0) } else { self }
    }

    /// Whether the set contains any fact.
    #[must_use]
    pub const fn has_any(self) -> bool {
        self.0 != 0
    }

    /// Whether the set contains `fact`.
    #[must_use]
    pub const fn has(self, fact: Self) -> bool {
        self.0 & fact.0 != 0
    }
}

/// Asks the compiler which traits a type implements.
///
/// For each trait there are two associated constants of one name: an inherent one, which is `true` and needs the bound,
/// and that of [`Unproved`], which is `false`. The inherent one takes precedence if the bound holds.
pub struct Probe<T: ?Sized>(PhantomData<T>);

macro_rules! facts {
    ($($name:ident: $bound:path),+) => {
        /// The answers for bounds that do not hold.
        pub trait Unproved {
            $(#[doc(hidden)] const $name: bool = false;)+
        }

        impl<T: ?Sized> Unproved for Probe<T> {}

        $(
            #[allow(drop_bounds, reason = "it asks whether the type implements `Drop`")]
            impl<T: ?Sized + $bound> Probe<T> {
                #[doc(hidden)]
                pub const $name: bool = true;
            }
        )+
    };
}

/// The size and the alignment of a type without a size, as in the nodes of std's types without one.
pub trait WithoutSize {
    #[doc(hidden)]
    const SIZE: usize = 0;
    #[doc(hidden)]
    const ALIGN: usize = 1;
}

impl<T: ?Sized> WithoutSize for Probe<T> {}

impl<T> Probe<T> {
    #[doc(hidden)]
    pub const SIZE: usize = size_of::<T>();
    #[doc(hidden)]
    pub const ALIGN: usize = align_of::<T>();
}

facts! {
    COPY: Copy, DROP: Drop, SEND: Send, SYNC: Sync, UNPIN: Unpin, UNWIND_SAFE: UnwindSafe, REF_UNWIND_SAFE: RefUnwindSafe
}

#[cfg(test)]
mod tests {
    use super::{Facts, Probe, Unproved as _};

    struct Silent(#[allow(dead_code, reason = "only its drop glue matters")] String);

    struct Loud;

    impl Drop for Loud {
        fn drop(&mut self) {}
    }

    #[test]
    fn the_compiler_is_asked_of_the_type_itself() {
        macro_rules! said {
            ($ty:ty) => {
                [<Probe<$ty>>::COPY, <Probe<$ty>>::DROP, <Probe<$ty>>::SEND, <Probe<$ty>>::SYNC]
            };
        }
        assert_eq!(said!(u32), [true, false, true, true]);
        assert_eq!(said!(Silent), [false, false, true, true]);
        assert_eq!(said!(Loud), [false, true, true, true]);
        assert_eq!(said!(std::cell::Cell<u8>), [false, false, true, false]);
        assert_eq!(said!(std::rc::Rc<u8>), [false, true, false, false]);
        assert_eq!(said!(&'static str), [true, false, true, true]);
    }

    #[test]
    fn each_fact_is_one_of_its_own() {
        let names = Facts::NAMES.map(|(fact, _)| fact);
        for (index, fact) in names.into_iter().enumerate() {
            let known: Vec<bool> = names.iter().map(|other| Facts::NONE.and(fact, true).has(*other)).collect();
            assert_eq!(known.iter().position(|known| *known), Some(index));
            assert_eq!(known.iter().filter(|known| **known).count(), 1);
        }
    }
}
