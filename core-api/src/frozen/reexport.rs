//! Foreign types whose path leads to another crate, or to a type that no crate of their own decides. The version of the
//! crate in the path says nothing about them.

use crate::shape::{Body, Reached, Type, TypeRef};

/// The compiler's own crates, which re-export each other's types.
const SYSROOT: [&str; 3] = ["alloc", "core", "std"];

/// Describes all such types that an interface reaches; `None` if there are none.
///
/// No macro can find them, because a path does not tell where it leads. The compiler's name of a type does.
#[inline]
pub(super) fn reexports(interface: TypeRef) -> Option<String> {
    let reached = Box::new(Reached::from(&[interface]));
    let own = crate_of(interface.get().definition.path);
    let wrong: Vec<String> = (0..reached.len()).filter_map(|index| wrong(reached.get(index), own)).collect();
    (!wrong.is_empty()).then(|| wrong.join("\n"))
}

#[inline]
fn crate_of(path: &str) -> &str {
    path.split("::").next().unwrap_or_default()
}

/// Describes a foreign type that is not what its path says; `None` for any other type. `own` is the API's crate.
#[inline]
fn wrong(node: &Type, own: &str) -> Option<String> {
    let Body::Foreign { names, full_name, .. } = node.body else { return None };
    let (path, full_name) = (node.definition.path, full_name());
    let (owner, is_std) = (crate_of(full_name), SYSROOT.contains(&crate_of(path)));
    let is_name = owner.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    if full_name.contains("dyn ") {
        Some(format!("`{path}` is `{full_name}`, whose trait object would cross unguarded. Write an interface instead"))
    } else if names.contains(&owner) || is_std && SYSROOT.contains(&owner) {
        None
    } else if !is_name || SYSROOT.contains(&owner) {
        Some(format!("`{path}` is an alias for `{full_name}`. Write that out, and list the foreign types inside it"))
    } else if owner == own {
        Some(format!("`{path}` is `{full_name}`, a type of this crate. Derive `plugbox::Shape` for it instead"))
    } else {
        let arguments = if node.params.is_empty() { "" } else { "<..>" };
        Some(format!(
            "`{path}` is `{full_name}`: the crate `{owner}` decides its contents, and is not compared. Write \
             `::{path}{arguments} in ({owner})` in the list `foreign(..)`, or `#[shape(foreign({owner}))]` on the field, or \
             name the type by its path in `{owner}`; and name \"{owner}\" in build.rs, in `plugbox_build::boundary([..])`, and among the \
             dependencies of this package"
        ))
    }
}
