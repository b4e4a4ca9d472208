//! The trait that gives a type its place in the graph.

use std::sync::Arc;

use super::direction::Direction;
use super::node::{Definition, TypeRef};

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
    fn __cross(&mut self, direction: Direction) {
        let _ = direction;
    }

    /// The same for a box of this type: where it is a trait object, the box is the object.
    #[doc(hidden)]
    fn __cross_box(this: &mut Box<Self>, direction: Direction) {
        (**this).__cross(direction);
    }

    /// The same for a shared one: what others see meanwhile stays as it is.
    #[doc(hidden)]
    fn __cross_arc(this: &mut Arc<Self>, direction: Direction) {
        let _ = (this, direction);
    }
}
