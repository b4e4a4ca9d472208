//! Facts that the compiler knows of a type: asked of the type itself, because a name proves nothing.

use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};

/// Which traits a type implements, of those that decide what may be done with its values.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Facts(u8);

impl Facts {
    /// Nothing is known: a generic type, asked inside its own definition, would always answer "none".
    pub const NONE: Self = Self(0);
    /// Every value can be copied by its bytes.
    pub const COPY: Self = Self(1);
    /// There is a `Drop` of the type's own.
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

    /// With their names, in the order in which they are written.
    pub(crate) const NAMES: [(Self, &'static str); 7] = [
        (Self::COPY, "Copy"),
        (Self::DROP, "Drop"),
        (Self::REF_UNWIND_SAFE, "RefUnwindSafe"),
        (Self::SEND, "Send"),
        (Self::SYNC, "Sync"),
        (Self::UNPIN, "Unpin"),
        (Self::UNWIND_SAFE, "UnwindSafe"),
    ];

    /// These facts, and another one if it holds.
    #[must_use]
    pub const fn and(self, fact: Self, holds: bool) -> Self {
        if holds { Self(self.0 | fact.0) } else { self }
    }

    /// Whether there is any.
    #[must_use]
    pub const fn has_any(self) -> bool {
        self.0 != 0
    }

    /// Whether one of these is among them.
    #[must_use]
    pub const fn has(self, fact: Self) -> bool {
        self.0 & fact.0 != 0
    }
}

/// Asks the compiler about a type. An associated constant of the type itself comes before that of a trait, so where the
/// bound holds the answer is `true`, and otherwise that of [`Unproved`].
pub struct Probe<T: ?Sized>(PhantomData<T>);

macro_rules! facts {
    ($($name:ident: $bound:path),+) => {
        /// The answer where a bound does not hold.
        pub trait Unproved {
            $(#[doc(hidden)] const $name: bool = false;)+
        }

        impl<T: ?Sized> Unproved for Probe<T> {}

        $(
            #[allow(drop_bounds, reason = "whether there is a `Drop` is the question")]
            impl<T: ?Sized + $bound> Probe<T> {
                #[doc(hidden)]
                pub const $name: bool = true;
            }
        )+
    };
}

facts! {
    COPY: Copy, DROP: Drop, SEND: Send, SYNC: Sync, UNPIN: Unpin, UNWIND_SAFE: UnwindSafe, REF_UNWIND_SAFE: RefUnwindSafe
}

#[cfg(test)]
mod tests {
    use super::{Facts, Probe, Unproved as _};

    struct Silent(#[allow(dead_code, reason = "only its drop glue counts")] String);

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
