//! Shapes of std's types. They have no records, because they follow from the compiler, which is compared, and from
//! their parameters.

use super::direction::Direction;
use super::facts::Facts;
use super::lifetimes::Token;
use super::node::{Body, Carries, Definition, Form, Holders, Type, TypeRef};
use super::reach::may_hide_object;
use super::shape::Shape;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::ffi::{CStr, CString, OsStr, OsString};
use std::hash::{BuildHasherDefault, RandomState};
use std::io::ErrorKind;
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::{
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize, NonZeroU8, NonZeroU16, NonZeroU32,
    NonZeroU64, NonZeroU128, NonZeroUsize, Saturating, Wrapping,
};
use std::ops::{Bound, ControlFlow, Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{
    AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicU8, AtomicU16, AtomicU32, AtomicU64,
    AtomicUsize,
};
use std::sync::{Arc, Mutex, OnceLock, RwLock};
use std::time::{Duration, Instant, SystemTime};

const fn node(form: Form, definition: Definition, params: &'static [TypeRef], size: usize, align: usize) -> Type {
    Type {
        form,
        definition,
        params,
        size,
        align,
        // These follow from the compiler, which is compared, and from the parameters.
        needs_drop: false,
        facts: Facts::NONE,
        carries: Carries::Nothing,
        keys: &[],
        body: Body::Std,
    }
}

/// Makes the node of the trait object of a trait of std that may be a supertrait. It is only a name.
pub(crate) const fn of_supertrait(path: &'static str) -> Type {
    let holders =
        Holders { boxed: false, shared: false, pinned: false, instead: "write an interface with this supertrait" };
    Type { body: Body::Object(holders), ..node(Form::Dyn, Definition::foreign(path, 0), &[], 0, 1) }
}

impl Type {
    /// Makes the node of a trait object of an interface with further auto traits.
    #[must_use]
    pub const fn with_auto_traits(auto: &'static str, interface: &'static [TypeRef], holders: Holders) -> Self {
        let node = node(Form::DynAnd(auto), Definition::foreign("", 0), interface, 0, 1);
        Self { body: Body::Object(holders), ..node.carrying(Carries::Box) }
    }

    /// Makes the node of a trait object of std.
    pub(crate) const fn object(
        texts: &'static [&'static str],
        definition: Definition,
        params: &'static [TypeRef],
        holders: Holders,
    ) -> Self {
        let node = node(Form::Object(texts), definition, params, 0, 1);
        Self { body: Body::Object(holders), ..node.carrying(Carries::All) }
    }

    /// Makes the node of a type that has a size and no parameters, and in which objects may cross.
    pub(crate) const fn sized<T>(definition: Definition, body: Body) -> Self {
        Self { body, ..node(Form::Path, definition, &[], size_of::<T>(), align_of::<T>()).carrying(Carries::All) }
    }

    const fn carrying(self, carries: Carries) -> Self {
        Self { carries, ..self }
    }

    const fn keyed(self, keys: &'static [TypeRef]) -> Self {
        Self { keys, ..self }
    }
}

/// Writes the items that are alike for all types of std whose parameters are types: their names, and their lifetimes.
macro_rules! named {
    ($path:expr; $($param:ident),*) => {
        const DEFINITION: Definition = Definition::foreign($path, 0);
        const PARAMS: &'static [TypeRef] = &[$(<$param as Shape<Scope>>::TYPE),*];
        type Lifetimes<Rest> = list!(Lifetimes Rest; $($param)*);
        type Objects<Rest> = list!(Objects Rest; $($param)*);
        type Target = target!($($param)*);
    };
}

/// Expands to the target of the only parameter; if there are none or several, to the type itself.
macro_rules! target {
    ($only:ident) => {
        <$only as Shape<Scope>>::Target
    };
    ($($param:ident)*) => {
        Self
    };
}

/// Expands to the lists of these parameters, before the rest.
macro_rules! list {
    ($list:ident $rest:ty; $first:ident $($param:ident)*) => {
        <$first as Shape<Scope>>::$list<list!($list $rest; $($param)*)>
    };
    ($list:ident $rest:ty;) => { $rest };
}

/// Implements `Shape` for types with a size. Parameters in brackets are keys.
macro_rules! sized {
    ($($name:ident $(<$($param:ident $(: $relaxed:tt $sized:ident)?),+>)? $([$($key:ident),+])?),+ $(,)?) => {$(
        // SAFETY: the name, the parameters and the size are this type's own.
        unsafe impl<Scope $(, $($param: Shape<Scope> $(+ $relaxed $sized)?),+)?> Shape<Scope> for $name $(<$($param),+>)? {
            const TYPE: TypeRef = TypeRef::new(&const {
                node(Form::Path, <Self as Shape<Scope>>::DEFINITION, <Self as Shape<Scope>>::PARAMS, size_of::<Self>(), align_of::<Self>())
                    .keyed(&[$($(<$key as Shape<Scope>>::TYPE),+)?])
            });
            named! { stringify!($name); $($($param),+)? }
        }
    )+};
}

sized! {
    bool, char, u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize, f32, f64,
    NonZeroU8, NonZeroU16, NonZeroU32, NonZeroU64, NonZeroU128, NonZeroUsize,
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize,
    AtomicBool, AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize,
    AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize,
    Wrapping<T>, Saturating<T>,
    String, CString, OsString, PathBuf, Duration, Instant, SystemTime, RandomState,
    IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6, ErrorKind,
    Range<T>, RangeFrom<T>, RangeFull, RangeInclusive<T>, RangeTo<T>, RangeToInclusive<T>, Bound<T>, ControlFlow<B, C>,
    Cell<T>, RefCell<T>, Mutex<T>, RwLock<T>, OnceLock<T>,
    LinkedList<T>, BinaryHeap<T> [T], BTreeSet<T> [T], HashSet<T, S> [T, S],
    BuildHasherDefault<T>,
    Rc<T: ?Sized>, PhantomData<T: ?Sized>,
}

/// Implements `Shape` for types whose values may contain objects.
macro_rules! carrying {
    ($($name:ident<$($param:ident $(: $relaxed:tt $sized:ident)?),+> $([$($key:ident),+])?, $carries:ident: |$this:ident, $direction:ident| $cross:expr;)+) => {$(
        // SAFETY: the name, the parameters and the size are this type's own.
        unsafe impl<Scope, $($param: Shape<Scope> $(+ $relaxed $sized)?),+> Shape<Scope> for $name<$($param),+> {
            const TYPE: TypeRef = TypeRef::new(&const {
                node(Form::Path, <Self as Shape<Scope>>::DEFINITION, <Self as Shape<Scope>>::PARAMS, size_of::<Self>(), align_of::<Self>())
                    .carrying(Carries::$carries)
                    .keyed(&[$($(<$key as Shape<Scope>>::TYPE),+)?])
            });
            named! { stringify!($name); $($param),+ }

            fn __cross(&mut self, $direction: Direction) {
                let $this = self;
                $cross
            }
        }
    )+};
}

carrying! {
    Option<T>, All: |this, direction| if let Some(value) = this { value.__cross(direction) };
    Result<T, E>, All: |this, direction| match this {
        Ok(value) => value.__cross(direction),
        Err(error) => error.__cross(direction),
    };
    Vec<T>, All: |this, direction| this[..].__cross(direction);
    VecDeque<T>, All: |this, direction| each(this.iter_mut(), direction);
    BTreeMap<K, V> [K], Values: |this, direction| each(this.values_mut(), direction);
    HashMap<K, V, S> [K, S], Values: |this, direction| each(this.values_mut(), direction);
    Box<T: ?Sized>, Box: |this, direction| T::__cross_box(this, direction);
    Arc<T: ?Sized>, Arc: |this, direction| T::__cross_arc(this, direction);
}

/// A function that takes the objects in a value across.
pub(crate) type Cross<T> = fn(&mut T, Direction);

/// Returns what takes the objects in a value of this type across; `None` if there are none.
pub(crate) const fn crosses<Scope, T: Shape<Scope>>() -> Option<Cross<T>> {
    if const { may_hide_object(<T as Shape<Scope>>::TYPE) } { Some(<T as Shape<Scope>>::__cross) } else { None }
}

fn each<'a, Scope, T: Shape<Scope> + 'a>(values: impl Iterator<Item = &'a mut T>, direction: Direction) {
    if const { may_hide_object(<T as Shape<Scope>>::TYPE) } {
        values.for_each(|value| value.__cross(direction));
    }
}

// SAFETY: the name, the parameter and the size are this type's own.
unsafe impl<Scope, T: Shape<Scope> + ?Sized> Shape<Scope> for Pin<Box<T>> {
    const TYPE: TypeRef = TypeRef::new(
        &const {
            node(
                Form::Path,
                <Self as Shape<Scope>>::DEFINITION,
                &[<Box<T> as Shape<Scope>>::TYPE],
                size_of::<Self>(),
                align_of::<Self>(),
            )
            .carrying(Carries::Pin)
        },
    );
    named! { "Pin"; T }

    fn __cross(&mut self, direction: Direction) {
        T::__cross_pin(self, direction);
    }
}

// SAFETY: the name and the size are this type's own. std has two types named `Ordering`; this is that of `std::cmp`.
unsafe impl<Scope> Shape<Scope> for std::cmp::Ordering {
    const TYPE: TypeRef = TypeRef::new(&const { node(Form::Path, <Self as Shape<Scope>>::DEFINITION, &[], 1, 1) });
    named! { "Ordering"; }
}

/// Implements `Shape` for types without a size.
macro_rules! without_size {
    ($($name:ident),+) => {$(
        // SAFETY: the name is this type's own.
        unsafe impl<Scope> Shape<Scope> for $name {
            const TYPE: TypeRef = TypeRef::new(&const { node(Form::Path, <Self as Shape<Scope>>::DEFINITION, &[], 0, 1) });
            named! { stringify!($name); }
        }
    )+};
}

without_size! { str, CStr, OsStr, Path }

// SAFETY: the node is that of a slice of the parameter.
unsafe impl<Scope, T: Shape<Scope>> Shape<Scope> for [T] {
    const TYPE: TypeRef = TypeRef::new(
        &const {
            node(Form::Slice, <Self as Shape<Scope>>::DEFINITION, <Self as Shape<Scope>>::PARAMS, 0, align_of::<T>())
                .carrying(Carries::All)
        },
    );
    named! { ""; T }

    fn __cross(&mut self, direction: Direction) {
        each(self.iter_mut(), direction);
    }
}

// SAFETY: the node is that of an array of the parameter, with this length.
unsafe impl<Scope, T: Shape<Scope>, const LEN: usize> Shape<Scope> for [T; LEN] {
    const TYPE: TypeRef = TypeRef::new(
        &const {
            node(
                Form::Array(LEN),
                <Self as Shape<Scope>>::DEFINITION,
                <Self as Shape<Scope>>::PARAMS,
                size_of::<Self>(),
                align_of::<Self>(),
            )
            .carrying(Carries::All)
        },
    );
    named! { ""; T }

    fn __cross(&mut self, direction: Direction) {
        each(self.iter_mut(), direction);
    }
}

/// Implements `Shape` for references. Their own lifetime comes first.
macro_rules! references {
    ($($(#[$doc:meta])* $form:ident: $($mutability:ident)?;)+) => {$(
        // SAFETY: the node is that of a reference to the parameter.
        unsafe impl<'a, Scope, T: Shape<Scope> + ?Sized> Shape<Scope> for &'a $($mutability)? T {
            const TYPE: TypeRef = TypeRef::new(
                &const { node(Form::$form, <Self as Shape<Scope>>::DEFINITION, <Self as Shape<Scope>>::PARAMS, size_of::<Self>(), align_of::<Self>()) },
            );
            const DEFINITION: Definition = Definition::foreign("", 1);
            const PARAMS: &'static [TypeRef] = &[<T as Shape<Scope>>::TYPE];
            type Lifetimes<Rest> = (Token<'a>, T::Lifetimes<Rest>);
            type Objects<Rest> = T::Objects<Rest>;
            type Target = T::Target;
        }
    )+};
}

references! { Reference: ; MutReference: mut; }

// SAFETY: the node is that of a `Cow` of the parameter, and contains the type of its owned variant.
unsafe impl<'a, Scope, T: Shape<Scope> + ToOwned<Owned: Shape<Scope>> + ?Sized> Shape<Scope> for Cow<'a, T> {
    const TYPE: TypeRef = TypeRef::new(
        &const {
            Type {
                body: Body::Owning(<T::Owned as Shape<Scope>>::TYPE),
                ..node(
                    Form::Path,
                    <Self as Shape<Scope>>::DEFINITION,
                    <Self as Shape<Scope>>::PARAMS,
                    size_of::<Self>(),
                    align_of::<Self>(),
                )
            }
        },
    );
    const DEFINITION: Definition = Definition::foreign("Cow", 1);
    const PARAMS: &'static [TypeRef] = &[<T as Shape<Scope>>::TYPE];
    type Lifetimes<Rest> = (Token<'a>, T::Lifetimes<Rest>);
    type Objects<Rest> = T::Objects<Rest>;
    type Target = T::Target;
}

macro_rules! tuples {
    ($(($($param:ident),*))+) => {$(
        // SAFETY: the node is that of a tuple of the parameters.
        unsafe impl<Scope, $($param: Shape<Scope>),*> Shape<Scope> for ($($param,)*) {
            const TYPE: TypeRef = TypeRef::new(&const {
                node(Form::Tuple, <Self as Shape<Scope>>::DEFINITION, <Self as Shape<Scope>>::PARAMS, size_of::<Self>(), align_of::<Self>())
                    .carrying(Carries::All)
            });
            named! { ""; $($param),* }

            #[allow(non_snake_case, reason = "each field is bound to the name of its type parameter")]
            fn __cross(&mut self, _way: Direction) {
                let ($($param,)*) = self;
                $($param.__cross(_way);)*
            }
        }
    )+};
}

tuples! { () (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) (A, B, C, D, E, F) (A, B, C, D, E, F, G) (A, B, C, D, E, F, G, H) }
