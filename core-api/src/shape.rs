//! Shapes: what a type looks like in memory, as the compiler that runs now lays it out.
//!
//! [`Shape`] is a constant graph of [`Type`]s. The graph may be cyclic, as types are: the edges are raw pointers to
//! statics, which the compiler follows only when it is asked to. Canonical text is written from this graph and never
//! from tokens, so an alias or a renamed import changes nothing, and a field behind `Option<Vec<Box<_>>>` counts.

mod carry;
mod reach;
mod std_types;
mod text;

use std::sync::Arc;

use crate::guard::Way;

pub use carry::assert_crosses;
pub(crate) use reach::Reached;
pub use reach::hides_object;

/// A type whose shape in memory is known, so that it may stand in an interface.
///
/// Derive it: `#[derive(plugbox::Shape)]`. It is implemented for the types of std that may cross. Types that mean
/// something only within one copy of std (`ThreadId`, `TypeId`, `dyn Any`, wakers) have no shape.
///
/// A type whose fields are all public is judged by its shape alone. A private field adds the exact version of the
/// crate that defines the type, because a patch release may change what a private field means; an author who promises
/// that equal numbers mean equal meaning writes `#[shape(revision = 1)]` instead. A field of a foreign type that has no
/// shape is marked `#[shape(foreign)]`, and its type written with its crate, `::bytes::Bytes`. Compared are then its size,
/// its alignment, and the version and features of that crate, which `plugbox-build` gets from cargo in the build script.
/// What it holds of other crates is named too: `#[shape(foreign(bytes))]` at a `::http::Request<Vec<u8>>`. Of a type of
/// std without a shape, the size and alignment are compared, and the compiler anyway; the risk is yours.
///
/// # Safety
///
/// The graph describes exactly this type. The derive establishes that; nobody else needs to write an implementation.
///
/// # Examples
///
/// ```
/// #[derive(plugbox::Shape)]
/// pub struct Edit { pub at: usize, pub removed: usize, pub inserted: String }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `Shape`, so it cannot stand in an interface",
    label = "no `Shape` for this type",
    note = "a type of yours: `#[derive(plugbox::Shape)]`; a trait object: mark its trait with `#[plugbox::interface]`",
    note = "a foreign type: wrap it in a struct of yours and mark the field `#[shape(foreign)]`"
)]
pub unsafe trait Shape {
    /// The type's node in the graph of shapes.
    #[doc(hidden)]
    const TYPE: TypeRef;

    /// Takes every object that is inside across the boundary.
    #[doc(hidden)]
    fn __cross(&mut self, way: Way) {
        let _ = way;
    }

    /// The same for a box of this type: where it is a trait object, the box is the object.
    #[doc(hidden)]
    fn __cross_box(this: &mut Box<Self>, way: Way) {
        (**this).__cross(way);
    }

    /// The same for a shared one: what others see meanwhile stays as it is.
    #[doc(hidden)]
    fn __cross_arc(this: &mut Arc<Self>, way: Way) {
        let _ = (this, way);
    }
}

/// An edge of the graph: an address that the compiler does not follow by itself, so types may contain themselves.
#[derive(Clone, Copy)]
pub struct TypeRef(*const Type);

// SAFETY: a `TypeRef` is made from `&'static Type` only (`new`), and `Type` is immutable plain data.
unsafe impl Send for TypeRef {}
// SAFETY: as for `Send`.
unsafe impl Sync for TypeRef {}

impl TypeRef {
    /// The edge to a node.
    #[must_use]
    pub const fn new(node: &'static Type) -> Self {
        Self(node)
    }

    /// Whether both lead to one node of this image.
    pub(crate) fn is(self, other: Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }

    /// The node.
    #[must_use]
    pub const fn get(self) -> &'static Type {
        // SAFETY: `new` is the only constructor, so the address is that of a `&'static Type`.
        unsafe { &*self.0 }
    }
}

/// A node of the graph.
pub struct Type {
    /// How the name is written.
    pub form: Form,
    /// The path of the definition, `crate::module::Name`; std's types by their short name.
    pub path: &'static str,
    /// Generic arguments, elements or target.
    pub params: &'static [TypeRef],
    /// `size_of`, in bytes; 0 where the size is not the type's own (slices, `str`, trait objects).
    pub size: usize,
    /// `align_of`, in bytes.
    pub align: usize,
    /// Which of the objects inside [`Shape::__cross`] finds.
    pub carries: Carries,
    /// What is inside.
    pub body: Body,
}

/// Which of the objects inside a type are taken across the boundary with it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Carries {
    /// None.
    Nothing,
    /// All that are in its fields, elements and parameters.
    All,
    /// As `All`, and its parameter may itself be an object.
    Box,
    /// Its parameter, if that is an object; nothing inside it.
    Arc,
    /// Those of the second parameter.
    Values,
}

/// How a type's name is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `path<params>`
    Path,
    /// `&param`
    Reference,
    /// `&mut param`
    MutReference,
    /// `(params)`
    Tuple,
    /// `[param; N]`
    Array(usize),
    /// `[param]`
    Slice,
    /// `dyn path`
    Dyn,
    /// The value of a const parameter.
    Number(i128),
}

/// What is inside a type.
pub enum Body {
    /// Nothing that is compared by itself: a primitive, or a type of std, which follows from compiler and parameters.
    Std,
    /// Nothing: the node only names a generic type, which cannot contain its own node. That must be reached too.
    Elsewhere,
    /// Not to be seen: the type is a foreign crate's.
    Foreign {
        /// The crates that decide what is inside, each as cargo has resolved it: `bytes 1.10.1 with default,std`.
        crates: &'static [&'static str],
    },
    /// A struct that an author has described.
    Struct {
        /// Its representation.
        layout: Layout,
        /// Its fields, in declaration order.
        fields: &'static [Field],
    },
    /// An enum that an author has described.
    Enum {
        /// Its representation.
        layout: Layout,
        /// Its variants, in declaration order.
        variants: &'static [Variant],
    },
    /// A trait that is marked as an interface.
    Interface {
        /// The version of the crate that defines it: two versions may be in one graph.
        version: &'static str,
        /// Supertraits that are interfaces themselves.
        supers: &'static [TypeRef],
        /// Auto traits among the supertraits, sorted, separated by blanks.
        autos: &'static str,
        /// The methods, in vtable order.
        methods: &'static [Method],
    },
}

/// What decides the layout of an author's type besides its fields.
pub struct Layout {
    /// The arguments of `repr`, as written; may be empty.
    pub repr: &'static str,
    /// What a private field adds to the shape.
    pub revision: Revision,
    /// The version of the crate that defines the type.
    pub version: &'static str,
    /// Line and column of the derive; never written, it only tells types of one path apart.
    pub place: (u32, u32),
    /// Whether that crate's layouts are the declared ones.
    pub in_order: bool,
}

/// What stands for the meaning of fields that nobody outside their crate can see.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Revision {
    /// All fields are public: the shape says it all.
    Public,
    /// There are private fields: the exact version of the crate counts.
    Version,
    /// The author's own number.
    Number(u64),
}

/// A field.
pub struct Field {
    /// Its name, or its number in a tuple struct.
    pub name: &'static str,
    /// Its type.
    pub ty: TypeRef,
    /// Its offset in bytes; of the fields of variants none is to be had.
    pub offset: Option<usize>,
    /// Which of the type's lifetimes stand in its type; empty where none does. They change no layout, but what outlives
    /// what is part of what a type promises.
    pub borrows: &'static str,
}

/// A variant of an enum.
pub struct Variant {
    /// Its name.
    pub name: &'static str,
    /// Its discriminant.
    pub discriminant: i128,
    /// Its fields, in declaration order.
    pub fields: &'static [Field],
}

/// A method of an interface.
pub struct Method {
    /// Its name.
    pub name: &'static str,
    /// `&self` or `&mut self`.
    pub receiver: &'static str,
    /// The types of its arguments.
    pub arguments: &'static [TypeRef],
    /// The type of its result, where it is not `()`.
    pub result: Option<TypeRef>,
    /// Which borrows are tied to each other, where it is not just the result to `self`; may be empty.
    pub borrows: &'static str,
}
