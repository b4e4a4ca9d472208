//! Shapes: the layouts of types in memory, as the current compiler chooses them.
//!
//! A [`Shape`] leads to a constant graph of [`Type`]s. The graph may be cyclic, like the types themselves: its edges
//! are raw pointers to statics, which the compiler follows only on request. Canonical text is written from this graph
//! and never from tokens. So an alias or a renamed import does not change it, and a change behind `Option<Vec<Box<_>>>`
//! does.

mod shape;
mod std_types;
mod opaque;
mod named;
mod text;
mod carry;
mod forever;
mod reach;
mod lifetimes;
mod proof;
mod node;
mod facts;
mod direction;

pub(crate) use carry::may_be_shared;
pub use carry::{assert_closure_crosses, assert_crosses};
pub use direction::Direction;
pub use facts::{Facts, Probe, Unproved, WithoutSize};
pub use lifetimes::{Hidden, Shown, Token, Written, WrittenFirst};
pub use named::Named;
pub use node::{
    Argument, Body, Carries, Closure, Definition, Field, Form, Holders, Layout, Lifetime, Method, Revision, Type,
    TypeRef, Use, Variant,
};
pub use opaque::{Opaque, Otherwise, assert_opaque};
pub use proof::{Exactly, assert_auto_trait, assert_sized, of_field};
pub use reach::{Reached, hides_object, may_hide_object};
pub use shape::Shape;
pub(crate) use std_types::{Cross, crosses, of_supertrait};
