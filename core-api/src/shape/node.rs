//! The constant graph of types.

use super::facts::Facts;

/// An edge of the graph: an address that the compiler does not follow by itself, so types may contain themselves.
#[derive(Clone, Copy)]
pub struct TypeRef(*const Type);

// SAFETY: *node*: the address is that of a `&'static Type`, and a `Type` is immutable plain data.
unsafe impl Send for TypeRef {}
// SAFETY: *node*: as for `Send`.
unsafe impl Sync for TypeRef {}

impl TypeRef {
    /// Makes the edge to a node.
    #[must_use]
    pub const fn new(node: &'static Type) -> Self {
        Self(node)
    }

    /// Whether both edges lead to the same node.
    pub(crate) fn is(self, other: Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }

    /// Returns the node.
    #[must_use]
    pub const fn get(self) -> &'static Type {
        // SAFETY: *node*: `new` is the only constructor, so the address is that of a `&'static Type`.
        unsafe { &*self.0 }
    }
}

/// The definition of a type or an interface.
#[derive(Clone, Copy)]
pub struct Definition {
    /// The path of the definition, `crate::module::Name`; for std's types, their short name.
    pub path: &'static str,
    /// A number that distinguishes definitions with the same path. It is 0 for std's types, whose names are unique, and
    /// for foreign types, which their crates distinguish. Among all other definitions that an interface may reach, no
    /// two have the same number. No record contains it.
    pub number: u64,
    /// The number of lifetime parameters.
    pub lifetimes: usize,
}

impl Definition {
    /// Makes the definition of a type of std or of a foreign crate, with this many lifetime parameters.
    #[must_use]
    pub const fn foreign(path: &'static str, lifetimes: usize) -> Self {
        Self { path, number: 0, lifetimes }
    }
}

/// A node of the graph.
pub struct Type {
    /// The form of the type's name.
    pub form: Form,
    /// The type's definition.
    pub definition: Definition,
    /// The generic arguments, elements or target.
    pub params: &'static [TypeRef],
    /// `size_of`, in bytes; 0 for types without a static size (slices, `str`, trait objects).
    pub size: usize,
    /// `align_of`, in bytes.
    pub align: usize,
    /// Whether dropping a value runs code.
    pub needs_drop: bool,
    /// The traits that the type implements, according to the compiler; [`Facts::NONE`] for a generic type, for which
    /// each [`Use`] has them.
    pub facts: Facts,
    /// The objects inside a value that `Shape::__cross` finds.
    pub carries: Carries,
    /// The parameters whose `Hash`, `Eq` or `Ord` decides the place of a value in a collection: keys and hashers.
    pub keys: &'static [TypeRef],
    /// The contents.
    pub body: Body,
}

/// The objects inside a type that are taken across the boundary with it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Carries {
    /// No objects.
    Nothing,
    /// All objects in its fields, elements and parameters.
    All,
    /// As `All`, and its parameter may itself be an object.
    Box,
    /// Its parameter, if that is an object, but no objects inside the parameter.
    Arc,
    /// The object in the box that is its parameter.
    Pin,
    /// The objects of the second parameter.
    Values,
}

/// The form of a type's name.
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
    /// `dyn path`, of the interface that is its parameter, with further auto traits: ` + Send`
    DynAnd(&'static str),
    /// A trait object of std: these texts around the parameters.
    Object(&'static [&'static str]),
    /// `dyn Fn(arguments) -> result`
    Closure,
    /// The value of a const parameter.
    Number(i128),
}

/// The contents of a type.
pub enum Body {
    /// A primitive, or a type of std. Its contents follow from the compiler and the parameters, so they are not
    /// compared.
    Std,
    /// As [`Std`](Self::Std), for a `Cow`. The type of its owned variant is not among the parameters.
    Owning(TypeRef),
    /// A trait object of std, for which this crate has the wrappers, with the pointers in which it crosses. It has no
    /// record: its name and its parameters say all.
    Object(Holders),
    /// A closure. It has no record: its name says all.
    Closure(Closure),
    /// Only the name of a generic type, which cannot contain its own node. The interface must reach the type itself
    /// too.
    Elsewhere,
    /// The type belongs to a foreign crate, so its contents are unknown.
    Foreign {
        /// The crates that decide the contents, each as cargo has resolved it: `bytes 1.10.1 with default,std`.
        crates: &'static [&'static str],
        /// The names of these crates in their own code, whatever the API's author calls them: `bytes`.
        names: &'static [&'static str],
        /// Returns the type's name according to the compiler, which begins with the crate that defines the type.
        full_name: fn() -> &'static str,
    },
    /// A struct that derives `Shape`.
    Struct {
        /// Its representation.
        layout: Layout,
        /// Its fields, in declaration order.
        fields: &'static [Field],
    },
    /// An enum that derives `Shape`.
    Enum {
        /// Its representation.
        layout: Layout,
        /// Its variants, in declaration order.
        variants: &'static [Variant],
    },
    /// A trait that is marked as an interface.
    Interface {
        /// The version of the crate that defines it. One graph may contain interfaces of two versions of a crate.
        version: &'static str,
        /// The supertraits in the order of the vtable, without auto traits.
        supers: &'static [TypeRef],
        /// Whether `'static` is among the supertraits.
        forever: bool,
        /// The methods, in vtable order.
        methods: &'static [Method],
    },
}

/// The pointers in which a trait object of std crosses.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Holders {
    /// `Box<dyn _>`
    pub boxed: bool,
    /// `Arc<dyn _>`
    pub shared: bool,
    /// `Pin<Box<dyn _>>`
    pub pinned: bool,
    /// What to write instead of another pointer.
    pub instead: &'static str,
}

/// The trait object of a closure.
pub struct Closure {
    /// `Fn`, `FnMut` or `FnOnce`.
    pub kind: &'static str,
    /// The arguments.
    pub arguments: &'static [Argument],
    /// The result; `None` if there is no result.
    pub result: Option<Use>,
    /// The auto traits, sorted.
    pub autos: &'static [&'static str],
}

/// An argument of a closure.
pub struct Argument {
    /// Its type. The names of higher-ranked lifetimes begin anew in each closure.
    pub ty: Use,
    /// Whether it is written as `&dyn Trait` or `&mut dyn Trait`, so it is lent to the other side for the call.
    pub lent: bool,
}

/// The properties of an author's type besides its fields or variants.
pub struct Layout {
    /// The arguments of `repr`, sorted; may be empty.
    pub repr: &'static str,
    /// The contribution of private fields to the shape.
    pub revision: Revision,
    /// The version of the crate that defines the type.
    pub version: &'static str,
    /// The lifetime bounds of lifetimes and of type parameters, as Rust writes them: `'b: 'a`.
    pub bounds: &'static [&'static str],
    /// Whether the compiler keeps fields in their declared order in that crate.
    pub in_order: bool,
}

/// The part of a shape that stands for the meaning of private fields, which code outside their crate cannot see.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Revision {
    /// All fields are public, so the shape needs no such part.
    Public,
    /// There are private fields, so the exact version of the crate is compared.
    Version,
    /// The author's own number.
    Number(u64),
}

/// A place for a lifetime in a type as it is written.
#[derive(Clone, Copy)]
pub enum Lifetime {
    /// A canonical name: `'a` for the first lifetime of an item, or `'static`.
    Named(&'static str),
    /// The default lifetime bound of a trait object behind a reference, because none is written.
    Default,
    /// `'static` at this place and all following ones, which an alias hides.
    Static,
    /// All places inside a generic argument, which have no names there.
    Inside(TypeRef),
    /// All places inside a projection from a type parameter, such as `T::Item`.
    Projected(TypeRef),
}

/// A use of a type, in a field or a signature.
pub struct Use {
    /// The type.
    pub ty: TypeRef,
    /// Its lifetimes, as they are written there.
    pub lifetimes: &'static [Lifetime],
    /// The bounds of its trait objects there.
    pub objects: &'static [Lifetime],
    /// The type's `Shape::Target`.
    pub target: TypeRef,
    /// The traits that the target implements, according to the compiler. A generic type's facts are known only at its
    /// uses.
    pub facts: Facts,
}

/// A field.
pub struct Field {
    /// The name. For a field of a tuple struct and for a private field it is the index, because a private name has no
    /// meaning outside its crate.
    pub name: &'static str,
    /// The type.
    pub ty: Use,
    /// The offset in bytes; `None` for a field of a variant, because stable Rust does not reveal it.
    pub offset: Option<usize>,
}

/// A variant of an enum.
pub struct Variant {
    /// The name.
    pub name: &'static str,
    /// The discriminant.
    pub discriminant: i128,
    /// The fields, in declaration order.
    pub fields: &'static [Field],
}

/// A method of an interface.
pub struct Method {
    /// The name.
    pub name: &'static str,
    /// The lifetime of `&self`.
    pub receiver: &'static str,
    /// Whether it takes `&mut self`.
    pub exclusive: bool,
    /// The arguments without `self`.
    pub arguments: &'static [Use],
    /// The result; `None` if the signature has no result.
    pub result: Option<Use>,
    /// The lifetime bounds, as Rust writes them: `'b: 'a`.
    pub bounds: &'static [&'static str],
}
