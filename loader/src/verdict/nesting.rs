//! Nesting: the order of types such that a type comes after the types inside it, according to the lines of their
//! records.

use std::collections::{HashMap, HashSet};

use crate::manifest::{Manifest, ShapeRecord};

/// The position of each type that an interface reaches; the types inside a type come before it. Of types that contain
/// each other, the type that is reached first comes last.
pub(crate) fn innermost_first(manifest: &Manifest) -> HashMap<*const ShapeRecord, usize> {
    let mut waiting: HashMap<&str, Vec<&ShapeRecord>> = HashMap::new();
    for shape in &manifest.shapes {
        waiting.entry(paths(&shape.name).next().unwrap_or_default()).or_default().push(shape);
    }
    let mut places = HashMap::new();
    let mut met = HashSet::new();
    for root in manifest.interfaces.iter().flat_map(|interface| manifest.reached(interface)) {
        if !met.insert(std::ptr::from_ref(root)) {
            continue;
        }
        // No recursion, because a file may nest types arbitrarily deeply.
        let mut open = vec![(root, paths(&root.text).peekable())];
        while let Some((shape, inside)) = open.last_mut() {
            let shape = *shape;
            let mut next = None;
            while let (None, Some(path)) = (next, inside.peek()) {
                // Each type is taken once, even if its path occurs several times.
                match waiting.get_mut(path).and_then(Vec::pop) {
                    Some(inner) => next = met.insert(std::ptr::from_ref(inner)).then_some(inner),
                    None => drop(inside.next()),
                }
            }
            match next {
                Some(inner) => open.push((inner, paths(&inner.text).peekable())),
                None => {
                    places.insert(std::ptr::from_ref(shape), places.len());
                    open.pop();
                }
            }
        }
    }
    places
}

/// The paths in a text, without the parameters of the types that they name.
fn paths(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric() && !matches!(letter, '_' | ':'))
        .filter(|path| path.contains("::"))
}

#[cfg(test)]
mod tests {
    use plugbox::__private::hash;
    use plugbox::Fingerprint;

    use super::*;
    use crate::manifest::InterfaceRecord;

    fn shape(name: &str, text: &str) -> ShapeRecord {
        let id = hash(name.as_bytes());
        ShapeRecord {
            id,
            keyword: "struct".to_owned(),
            name: name.to_owned(),
            text: text.to_owned(),
            randomized: false,
        }
    }

    fn order(shapes: &[(&str, &str)]) -> Vec<String> {
        let reaches = shapes.iter().map(|(name, _)| hash(name.as_bytes())).collect();
        let mut shapes: Vec<_> = shapes.iter().map(|(name, text)| shape(name, text).into()).collect::<Vec<_>>();
        shapes.sort_by_key(|shape: &std::sync::Arc<ShapeRecord>| shape.id);
        let interface = InterfaceRecord {
            name: "a::Api".to_owned(),
            version: semver::Version::new(1, 0, 0),
            fingerprint: Fingerprint::from_u128(1),
            text: String::new(),
            reaches,
            below: [].into(),
            points: Vec::new(),
            randomized: false,
        };
        let manifest = Manifest { interfaces: vec![interface.into()], shapes, ..Manifest::default() };
        let places = innermost_first(&manifest);
        let mut names: Vec<_> =
            manifest.shapes.iter().map(|shape| (places[&std::ptr::from_ref(&**shape)], shape.name.clone())).collect();
        names.sort();
        names.into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn what_is_inside_comes_first_in_whichever_order_it_is_reached() {
        let outer = ("a::Outer", "field a: Option<Vec<a::Middle<u8>>> @0\n");
        let middle = ("a::Middle<u8>", "holds 0: &'a a::Inner\n");
        let inner = ("a::Inner", "field a: u8 @0\n");
        for shapes in [[outer, middle, inner], [inner, middle, outer], [middle, outer, inner]] {
            assert_eq!(order(&shapes), ["a::Inner", "a::Middle<u8>", "a::Outer"]);
        }
    }

    #[test]
    fn types_that_contain_themselves_and_each_other_have_places_too() {
        let one = ("a::One", "field a: Box<a::One> @0\nfield b: Box<a::Two> @8\n");
        let two = ("a::Two", "field a: Vec<a::One> @0\n");
        assert_eq!(order(&[one, two]), ["a::Two", "a::One"]);
        assert_eq!(order(&[two, one]), ["a::One", "a::Two"]);
    }

    #[test]
    fn types_of_one_path_and_a_long_chain_of_them_are_all_met() {
        let names: Vec<String> = (0..10_000).map(|number| format!("a::T<{number}>")).collect();
        let shapes: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "field a: a::T<0> @0\n")).collect();
        assert_eq!(order(&shapes).len(), names.len());
    }
}
