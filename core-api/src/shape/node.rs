//! The graph of types, as constants.

use super::facts::Facts;

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

/// A place for a lifetime where a type is written.
#[derive(Clone, Copy)]
pub enum Lifetime {
    /// The canonical name of what stands there: `'a` for the first of an item, or `'static`.
    Named(&'static str),
    /// What Rust takes for a trait object behind a reference that says nothing.
    Default,
    /// `'static` at this place and all that follow: an alias hides them.
    Static,
    /// All places inside a generic argument, which have no names there.
    Inside(TypeRef),
    /// All places inside what a generic argument leads to.
    Projected(TypeRef),
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
