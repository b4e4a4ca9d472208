//! Shapes of std's types. They have no records: they follow from the compiler, which is compared, and their parameters.

use super::{Body, Carries, Form, Shape, Type, TypeRef, hides_object};
use crate::guard::Way;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::ffi::{CStr, CString, OsStr, OsString};
use std::hash::{BuildHasherDefault, RandomState};
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::{
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize, NonZeroU8, NonZeroU16, NonZeroU32,
    NonZeroU64, NonZeroU128, NonZeroUsize, Saturating, Wrapping,
};
use std::ops::{Bound, ControlFlow, Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{
    AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicU8, AtomicU16, AtomicU32, AtomicU64,
    AtomicUsize,
};
use std::sync::{Arc, Mutex, OnceLock, RwLock};
use std::time::{Duration, Instant, SystemTime};

const fn node(form: Form, path: &'static str, params: &'static [TypeRef], size: usize, align: usize) -> Type {
    Type { form, path, params, size, align, carries: Carries::Nothing, body: Body::Std }
}

impl Type {
    const fn carrying(self, carries: Carries) -> Self {
        Self { carries, ..self }
    }
}

/// Types with a size, with or without parameters.
macro_rules! sized {
    ($($name:ident $(<$($param:ident $(: $relaxed:tt $sized:ident)?),+>)?),+ $(,)?) => {$(
        // SAFETY: the name, the parameters and the size are this type's own.
        unsafe impl $(<$($param: Shape $(+ $relaxed $sized)?),+>)? Shape for $name $(<$($param),+>)? {
            const TYPE: TypeRef = TypeRef::new(&const {
                node(
                    Form::Path,
                    stringify!($name),
                    &[$($($param::TYPE),+)?],
                    size_of::<Self>(),
                    align_of::<Self>(),
                )
            });
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
    IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6,
    Range<T>, RangeFrom<T>, RangeFull, RangeInclusive<T>, RangeTo<T>, RangeToInclusive<T>, Bound<T>, ControlFlow<B, C>,
    Cell<T>, RefCell<T>, Mutex<T>, RwLock<T>, OnceLock<T>,
    LinkedList<T>, BinaryHeap<T>, BTreeSet<T>, HashSet<T, S>,
    BuildHasherDefault<T>,
    Rc<T: ?Sized>, PhantomData<T: ?Sized>,
}

/// Types whose values take objects across with them.
macro_rules! carrying {
    ($($name:ident<$($param:ident $(: $relaxed:tt $sized:ident)?),+>, $carries:ident: |$this:ident, $way:ident| $cross:expr;)+) => {$(
        // SAFETY: the name, the parameters and the size are this type's own.
        unsafe impl<$($param: Shape $(+ $relaxed $sized)?),+> Shape for $name<$($param),+> {
            const TYPE: TypeRef = TypeRef::new(&const {
                node(
                    Form::Path,
                    stringify!($name),
                    &[$($param::TYPE),+],
                    size_of::<Self>(),
                    align_of::<Self>(),
                ).carrying(Carries::$carries)
            });

            fn __cross(&mut self, $way: Way) {
                let $this = self;
                $cross
            }
        }
    )+};
}

carrying! {
    Option<T>, All: |this, way| if let Some(value) = this { value.__cross(way) };
    Result<T, E>, All: |this, way| match this {
        Ok(value) => value.__cross(way),
        Err(error) => error.__cross(way),
    };
    Vec<T>, All: |this, way| this[..].__cross(way);
    VecDeque<T>, All: |this, way| each(this.iter_mut(), way);
    BTreeMap<K, V>, Values: |this, way| each(this.values_mut(), way);
    HashMap<K, V, S>, Values: |this, way| each(this.values_mut(), way);
    Box<T: ?Sized>, Box: |this, way| T::__cross_box(this, way);
    Arc<T: ?Sized>, Arc: |this, way| T::__cross_arc(this, way);
}

fn each<'a, T: Shape + 'a>(values: impl Iterator<Item = &'a mut T>, way: Way) {
    if const { hides_object(&[T::TYPE]) } {
        values.for_each(|value| value.__cross(way));
    }
}

// SAFETY: the name and the size are this type's own; `Ordering` names two types of std, this is the comparison.
unsafe impl Shape for std::cmp::Ordering {
    const TYPE: TypeRef = TypeRef::new(&const { node(Form::Path, "Ordering", &[], 1, 1) });
}

/// Types without a size.
macro_rules! without_size {
    ($($name:ident),+) => {$(
        // SAFETY: the name is this type's own.
        unsafe impl Shape for $name {
            const TYPE: TypeRef = TypeRef::new(&const { node(Form::Path, stringify!($name), &[], 0, 1) });
        }
    )+};
}

without_size! { str, CStr, OsStr, Path }

// SAFETY: a slice of what the parameter describes.
unsafe impl<T: Shape> Shape for [T] {
    const TYPE: TypeRef =
        TypeRef::new(&const { node(Form::Slice, "", &[T::TYPE], 0, align_of::<T>()).carrying(Carries::All) });

    fn __cross(&mut self, way: Way) {
        each(self.iter_mut(), way);
    }
}

// SAFETY: an array of what the parameter describes, with its length.
unsafe impl<T: Shape, const LEN: usize> Shape for [T; LEN] {
    const TYPE: TypeRef = TypeRef::new(
        &const { node(Form::Array(LEN), "", &[T::TYPE], size_of::<Self>(), align_of::<Self>()).carrying(Carries::All) },
    );

    fn __cross(&mut self, way: Way) {
        each(self.iter_mut(), way);
    }
}

// SAFETY: a shared reference to what the parameter describes.
unsafe impl<T: Shape + ?Sized> Shape for &T {
    const TYPE: TypeRef =
        TypeRef::new(&const { node(Form::Reference, "", &[T::TYPE], size_of::<Self>(), align_of::<Self>()) });
}

// SAFETY: an exclusive reference to what the parameter describes.
unsafe impl<T: Shape + ?Sized> Shape for &mut T {
    const TYPE: TypeRef =
        TypeRef::new(&const { node(Form::MutReference, "", &[T::TYPE], size_of::<Self>(), align_of::<Self>()) });
}

// SAFETY: a `Cow` of what the parameter describes, and of what that becomes when it is owned.
unsafe impl<T: Shape + ToOwned<Owned: Shape> + ?Sized> Shape for Cow<'_, T> {
    const TYPE: TypeRef = TypeRef::new(
        &const { node(Form::Path, "Cow", &[T::TYPE, <T::Owned as Shape>::TYPE], size_of::<Self>(), align_of::<Self>()) },
    );
}

macro_rules! tuples {
    ($(($($param:ident),*))+) => {$(
        // SAFETY: a tuple of what the parameters describe.
        unsafe impl<$($param: Shape),*> Shape for ($($param,)*) {
            const TYPE: TypeRef = TypeRef::new(&const {
                node(Form::Tuple, "", &[$($param::TYPE),*], size_of::<Self>(), align_of::<Self>()).carrying(Carries::All)
            });

            #[allow(non_snake_case, reason = "a field is bound by the name of its type")]
            fn __cross(&mut self, _way: Way) {
                let ($($param,)*) = self;
                $($param.__cross(_way);)*
            }
        }
    )+};
}

tuples! { () (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) (A, B, C, D, E, F) (A, B, C, D, E, F, G) (A, B, C, D, E, F, G, H) }
