//! The trait that connects a type to its node in the graph.

use std::pin::Pin;
use std::sync::Arc;

use super::direction::Direction;
use super::lifetimes::{Are, Shown, Written};
use super::node::{Definition, TypeRef};

/// A type whose layout in memory is known, so it may appear in an interface.
///
/// Derive it for your own types: `#[derive(plugbox::Shape)]`. The types of std that may cross implement it. Types that
/// have a meaning only within one copy of std (`ThreadId`, `TypeId`, `dyn Any`, wakers) do not.
///
/// # Private fields and keys
///
/// For a type whose fields are all public, only the shape is compared. A private field adds the exact version of the
/// crate that defines the type, because a patch release may change the meaning of a private field. The same holds for a
/// type in the key of a map or set, because its `Hash` and `Ord` cannot be compared. With `#[shape(revision = 1)]` the
/// number is compared instead of the version: you promise to raise the number when that meaning changes. The shape
/// contains no names of private fields.
///
/// # Lifetimes
///
/// Write every lifetime in a field: `Tag<'_>`, not `Tag`. An alias must not hide a lifetime.
///
/// # Foreign types
///
/// A type of another crate has no shape. Name it once, with its crate, on the trait or the type that uses it:
/// `#[plugbox::interface(foreign(::serde_json::Value))]` or `#[shape(foreign(::serde_json::Value))]`. It then has a shape
/// within that item, in any place and under any name: `&Value`, `Option<Vec<Value>>`, an alias. The type's size and
/// alignment are compared, and the version, features and files of that crate. `plugbox-build` gets these from cargo in
/// the build script. If the type contains types of further crates, name these crates:
/// `foreign(::http::Request<Vec<u8>> in (bytes))`. For a type of std without a shape, size and alignment are compared, and
/// the compiler, as always; whether the type works across the boundary is your risk.
///
/// A single field can be marked instead: `#[shape(foreign)]`, or with further crates `#[shape(foreign(bytes))]`. Its type
/// must then be written with its crate.
///
/// # Scope
///
/// `Scope` is for the output of the macros, which gives some types a shape only within one interface or one type of
/// yours. Elsewhere, write `Shape`.
///
/// # Safety
///
/// 1. The graph describes exactly this type. The derive establishes this. Do not write an implementation by hand.
///
/// # Examples
///
/// ```
/// #[derive(plugbox::Shape)]
/// pub struct Edit { pub at: usize, pub removed: usize, pub inserted: String }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `Shape`, so it cannot appear in an interface",
    label = "no `Shape` for this type",
    note = "your own type: `#[derive(plugbox::Shape)]`; the object of a trait of your own: mark the trait with \
            `#[plugbox::interface]`",
    note = "a type of another crate: name it once, with its path, `#[plugbox::interface(foreign(::serde_json::Value))]` on the \
            trait, or `#[shape(foreign(::serde_json::Value))]` on your own type that contains it; the object of a trait of \
            another crate: write an interface with the methods that you need, and implement it for a struct that holds the \
            object",
    note = "a closure: write it out here, `Box<dyn Fn(..) -> ..>`, because an alias hides its arguments"
)]
pub unsafe trait Shape<Scope = ()> {
    /// The type's node in the graph of shapes.
    #[doc(hidden)]
    const TYPE: TypeRef;

    /// The definition of the type. Unlike `TYPE` it is not a node, so it is available inside the type's own definition.
    #[doc(hidden)]
    const DEFINITION: Definition;

    /// The nodes of the generic arguments, which are available there too.
    #[doc(hidden)]
    const PARAMS: &'static [TypeRef];

    /// The lifetimes in the type as a list of `Token`s before `Rest`: its own lifetimes, then those of its generic
    /// arguments, in the order of their places.
    ///
    /// The macros write canonical text from the author's tokens. This list proves that the tokens name every lifetime,
    /// so an alias can neither hide a lifetime nor swap two.
    #[doc(hidden)]
    type Lifetimes<Rest>;

    /// The bounds of the type's trait objects as such a list. Authors rarely write these bounds.
    #[doc(hidden)]
    type Objects<Rest>;

    /// The type inside references and inside std's types with one argument; for any other type, the type itself.
    ///
    /// The facts of the outer type follow from the facts of this type.
    #[doc(hidden)]
    type Target: Shape<Scope> + ?Sized;

    /// Compiles only if the type has exactly these lifetimes, and its trait objects have these bounds.
    ///
    /// `Bounds` is [`Written`], [`WrittenFirst`](super::WrittenFirst) or [`Hidden`](super::Hidden).
    #[doc(hidden)]
    fn __are<List, Bounds>(_: Shown<Self>)
    where
        Self::Lifetimes<()>: Are<Written<List>>,
        Self::Objects<()>: Are<Bounds>,
    {
    }

    /// Takes every object inside this value across the boundary.
    #[doc(hidden)]
    fn __cross(&mut self, direction: Direction) {
        let _ = direction;
    }

    /// Takes every object in a box of this type across. If this type is a trait object, the box itself is replaced.
    #[doc(hidden)]
    fn __cross_box(this: &mut Box<Self>, direction: Direction) {
        (**this).__cross(direction);
    }

    /// Takes an `Arc` of this type across. If this type is a trait object, the `Arc` itself is replaced. A shared value
    /// of any other type stays as it is, because other owners may use it.
    #[doc(hidden)]
    fn __cross_arc(this: &mut Arc<Self>, direction: Direction) {
        let _ = (this, direction);
    }

    /// Takes a pinned box of this type across. If this type is an object that is pinned, the box itself is replaced. No
    /// other value is changed, because it is pinned.
    #[doc(hidden)]
    fn __cross_pin(this: &mut Pin<Box<Self>>, direction: Direction) {
        let _ = (this, direction);
    }
}
