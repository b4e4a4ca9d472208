//! Foreign types that an API takes from a crate that only re-exports them. That crate's version says nothing about them.

use std::fmt::Write;

use crate::shape::{Body, Reached, TypeRef};

/// The compiler's own crates, which re-export each other's types.
const SYSROOT: [&str; 3] = ["alloc", "core", "std"];

/// Describes all foreign types that an interface reaches and whose own crates are not compared; `None` if there are
/// none.
///
/// No macro can find them, because a path does not tell where it leads. The compiler's name of a type tells the crate
/// that defines it.
#[inline]
pub(super) fn reexports(interface: TypeRef) -> Option<String> {
    let reached = Box::new(Reached::from(&[interface]));
    let mut message = String::new();
    for index in 0..reached.len() {
        let node = reached.get(index);
        let Body::Foreign { names, full_name, .. } = node.body else { continue };
        let (path, full_name) = (node.definition.path, full_name());
        let [written, owner] = [path, full_name].map(|path| path.split("::").next().unwrap_or_default());
        let is_std = SYSROOT.contains(&written) && SYSROOT.contains(&owner);
        if is_std || names.contains(&owner) {
            continue;
        }
        let arguments = if node.params.is_empty() { "" } else { "<..>" };
        // Writing to a `String` does not fail.
        _ = if owner.chars().all(|letter| letter.is_alphanumeric() || letter == '_') {
            writeln!(
                message,
                "`{path}` is `{full_name}`: the crate `{owner}` decides its contents, and is not compared. Write \
                 `::{path}{arguments} in ({owner})` in the list `foreign(..)`, or `#[shape(foreign({owner}))]` on the field, \
                 or name the type by its path in `{owner}`; and name \"{owner}\" in build.rs, in \
                 `plugbox_build::boundary([..])`"
            )
        } else {
            writeln!(
                message,
                "`{path}` is an alias for `{full_name}`, which no crate of its own decides. Write that out instead"
            )
        };
    }
    (!message.is_empty()).then(|| message.trim_end().to_owned())
}
