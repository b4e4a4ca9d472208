//! Shapes: what a type looks like in memory, as the compiler that runs now lays it out.
//!
//! [`Shape`] is a constant graph of [`Type`]s. The graph may be cyclic, as types are: the edges are raw pointers to
//! statics, which the compiler follows only when it is asked to. Canonical text is written from this graph and never
//! from tokens, so an alias or a renamed import changes nothing, and a field behind `Option<Vec<Box<_>>>` counts.

mod carry;
mod facts;
mod lifetimes;
mod proof;
mod reach;
mod std_types;
mod text;

use std::sync::Arc;

use crate::guard::Way;

pub use carry::assert_crosses;
pub(crate) use carry::may_be_shared;
pub use facts::{Facts, Probe, Unproved};
pub use lifetimes::{Hidden, Lifetime, Named, Shown, Token, Written};
pub use proof::{Exactly, assert_auto_trait, assert_sized, of_field};
pub use reach::{Reached, hides_object};

/// A type whose shape in memory is known, so that it may stand in an interface.
///
/// Derive it: `#[derive(plugbox::Shape)]`. It is implemented for the types of std that may cross. Types that mean
/// something only within one copy of std (`ThreadId`, `TypeId`, `dyn Any`, wakers) have no shape.
///
/// A type whose fields are all public is judged by its shape alone. A private field adds the exact version of the
/// crate that defines the type, because a patch release may change what a private field means. The same holds for a type
/// in the key of a map or set, whose `Hash` or `Ord` nobody can compare. An author who promises that equal numbers mean
/// equal meaning writes `#[shape(revision = 1)]` instead. What is private has no name in the shape.
///
/// Every lifetime in a field is written, `Tag<'_>` and not `Tag`; an alias may not hide one.
///
/// A field of a foreign type that has no shape is marked `#[shape(foreign)]`, and its type written with its crate,
/// `::bytes::Bytes`. Its size, its alignment, and the version, features and files of that crate are compared, which
/// `plugbox-build` gets from cargo in the build script.
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

    /// What defines the type. It needs no node, so a type can be named inside itself.
    #[doc(hidden)]
    const DEFINITION: Definition;

    /// The nodes of its generic arguments, for the same use.
    #[doc(hidden)]
    const PARAMS: &'static [TypeRef];

    /// The lifetimes in the type, in the order in which they are written, as a list of [`Token`]s before `Rest`: its own,
    /// then those of its generic arguments. The macros write the text from the author's tokens. This type proves that the
    /// tokens name every lifetime: an alias can neither hide one nor swap two.
    #[doc(hidden)]
    type Lifetimes<Rest>;

    /// The same for what bounds its trait objects: mostly nobody writes that.
    #[doc(hidden)]
    type Objects<Rest>;

    /// The type inside references and inside std's types with one argument; for any other type, the type itself. What the
    /// compiler says of the outer type follows from it.
    #[doc(hidden)]
    type Target: Shape + ?Sized;

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

/// What defines a type or an interface.
#[derive(Clone, Copy)]
pub struct Definition {
    /// The path of the definition, `crate::module::Name`; std's types by their short name.
    pub path: &'static str,
    /// Tells definitions of one path apart; no two that an interface may reach share it. It is in no record. 0 for std's
    /// types, whose names are unique, and for foreign ones, which are told apart by their crates.
    pub number: u64,
    /// How many lifetime parameters it has.
    pub lifetimes: usize,
}

impl Definition {
    /// A type of std, or of a foreign crate, with this many lifetime parameters.
    #[must_use]
    pub const fn foreign(path: &'static str, lifetimes: usize) -> Self {
        Self { path, number: 0, lifetimes }
    }
}

/// A node of the graph.
pub struct Type {
    /// How the name is written.
    pub form: Form,
    /// What defines it.
    pub definition: Definition,
    /// Generic arguments, elements or target.
    pub params: &'static [TypeRef],
    /// `size_of`, in bytes; 0 where the size is not the type's own (slices, `str`, trait objects).
    pub size: usize,
    /// `align_of`, in bytes.
    pub align: usize,
    /// Whether dropping a value runs code.
    pub needs_drop: bool,
    /// What the compiler says of the type; unknown of a generic one, of which it is asked where it is used.
    pub facts: Facts,
    /// Which of the objects inside [`Shape::__cross`] finds.
    pub carries: Carries,
    /// The parameters whose `Hash`, `Eq` or `Ord` decides where a value lies: keys and hashers.
    pub keys: &'static [TypeRef],
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
    /// As [`Std`](Self::Std), and a type that is not among the parameters: what a `Cow` becomes when it is owned.
    Owning(TypeRef),
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
        /// Whether `'static` is among the supertraits.
        forever: bool,
        /// The methods, in vtable order.
        methods: &'static [Method],
    },
}

/// What decides the layout of an author's type besides its fields, and what is said of it as a whole.
pub struct Layout {
    /// The arguments of `repr`, sorted; may be empty.
    pub repr: &'static str,
    /// What a private field adds to the shape.
    pub revision: Revision,
    /// The version of the crate that defines the type.
    pub version: &'static str,
    /// Bounds between lifetimes, and of parameters by lifetimes, as Rust writes them: `'b: 'a`.
    pub bounds: &'static [&'static str],
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

/// A type where it is used: in a field or a signature.
pub struct Use {
    /// The type.
    pub ty: TypeRef,
    /// Its lifetimes, as they are written there.
    pub lifetimes: &'static [Lifetime],
    /// What bounds its trait objects there.
    pub objects: &'static [Lifetime],
    /// Its [`Shape::Target`].
    pub target: TypeRef,
    /// What the compiler says of that. Of a generic type only the place of its use can ask.
    pub facts: Facts,
}

/// A field.
pub struct Field {
    /// Its name; its number in a tuple struct, or where it is private, because such a name means nothing outside.
    pub name: &'static str,
    /// Its type.
    pub ty: Use,
    /// Its offset in bytes; of the fields of variants none is to be had.
    pub offset: Option<usize>,
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
    /// The lifetime of `&self`.
    pub receiver: &'static str,
    /// Whether it takes `&mut self`.
    pub exclusive: bool,
    /// Its arguments.
    pub arguments: &'static [Use],
    /// Its result, where it is not `()`.
    pub result: Option<Use>,
    /// Bounds of lifetimes, as Rust writes them: `'b: 'a`.
    pub bounds: &'static [&'static str],
}
