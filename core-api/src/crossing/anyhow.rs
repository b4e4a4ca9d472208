//! `anyhow::Error`, which crosses like the errors of std.

use std::error::Error;

use super::crossing::replace;
use super::error_proxy::{ErrorProxy, Held};
use super::side::{HostSide, PluginSide, Side};
use crate::host::host;
use crate::shape::{Body, Definition, Direction, Facts, Field, Layout, Lifetime, Revision, Shape, Type, TypeRef, Use};

type Inside = Box<dyn Error + Send + Sync>;

// SAFETY: the name and the size are this type's own. Its private fields are those of the crate that cargo has resolved,
// with its features and files, which stands for its revision.
unsafe impl<Scope> Shape<Scope> for anyhow::Error {
    const TYPE: TypeRef = TypeRef::new(
        &const {
            let body = Body::Struct {
                layout: Layout {
                    repr: "",
                    revision: Revision::Version,
                    // The build script has asked cargo.
                    version: match option_env!("PLUGBOX_BOUNDARY_anyhow") {
                        Some(resolved) => resolved,
                        None => panic!(
                            "the feature `anyhow` of `plugbox` is on, and `cargo tree --workspace` does not show \
                             it: turn it on in the `[dependencies]` of the API crate"
                        ),
                    },
                    bounds: &[],
                    in_order: true,
                },
                fields: &const {
                    [Field {
                        name: "0",
                        ty: Use {
                            ty: <Inside as Shape<Scope>>::TYPE,
                            lifetimes: &[],
                            objects: &[Lifetime::Static],
                            target: <<Inside as Shape<Scope>>::Target as Shape<Scope>>::TYPE,
                            facts: Facts::NONE,
                        },
                        offset: None,
                    }]
                },
            };
            Type { needs_drop: true, ..Type::sized::<Self>(<Self as Shape<Scope>>::DEFINITION, body) }
        },
    );
    const DEFINITION: Definition = Definition::foreign("anyhow::Error", 0);
    const PARAMS: &'static [TypeRef] = &[];
    type Lifetimes<Rest> = Rest;
    type Objects<Rest> = Rest;
    type Target = Self;

    fn __cross(&mut self, direction: Direction) {
        match direction {
            _ if host().is_none() => {}
            Direction::IntoPlugin => cross_from::<HostSide>(self),
            Direction::OutOfPlugin => cross_from::<PluginSide>(self),
        }
    }
}

/// Takes the error across: unwraps one that returns to its own side, and wraps any other.
fn cross_from<S: Side>(error: &mut anyhow::Error) {
    let home = ErrorProxy::<S::Other>::at(&**error).is_some_and(|proxy| matches!(proxy.held(), Held::Anyhow(_)));
    replace(error, |error| {
        if !home {
            return anyhow::Error::new(ErrorProxy::<S>::holding(Held::Anyhow(error)));
        }
        match error.downcast::<ErrorProxy<S::Other>>().ok().and_then(ErrorProxy::release) {
            Some(Held::Anyhow(error)) => error,
            _ => unreachable!("the proxy holds such an error"),
        }
    });
}
