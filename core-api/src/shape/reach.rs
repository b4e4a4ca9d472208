//! Finds the types that an interface reaches.

use super::node::{Body, Closure, Field, Form, Lifetime, Type, TypeRef, Use};
use crate::record::same_bytes;

/// The most types that one interface may reach.
const MAX_TYPES: usize = 1024;

/// The size of the hash table: twice the number of types, so searches are short. A search of all types for each edge
/// would cost the compiler seconds.
const SLOTS: usize = 2 * MAX_TYPES;

/// The types that have their own records, in the order in which they are reached.
pub struct Reached {
    types: [Option<TypeRef>; MAX_TYPES],
    /// The number of each type among the types with its name, from 1.
    numbers: [u16; MAX_TYPES],
    /// Whether each type is a key or a hasher of a collection, or is inside one.
    keys: [bool; MAX_TYPES],
    len: usize,
    /// The number of types whose own edges have been followed.
    walked: usize,
    /// A hash table with linear probing: each slot has one more than the index of a type, or 0. A type is at its
    /// [`slot`] or in a later one, before the next 0.
    slots: [u16; SLOTS],
    /// Whether two types have the same name.
    ambiguous: bool,
    /// Whether a type or a signature leads to an interface.
    meets_object: bool,
    /// The types that some other type only names.
    names: List,
    /// The keys and hashers of collections, and the types inside them.
    keyed: List,
}

/// A list of edges without duplicates.
struct List {
    edges: [Option<TypeRef>; MAX_TYPES],
    len: usize,
}

impl List {
    const fn new() -> Self {
        Self { edges: [None; MAX_TYPES], len: 0 }
    }

    const fn get(&self, index: usize) -> &'static Type {
        match self.edges[index] {
            Some(edge) => edge.get(),
            None => panic!("index beyond the end of a list"),
        }
    }

    const fn insert(&mut self, edge: TypeRef) {
        let mut known = 0;
        while known < self.len {
            if identical(self.get(known), edge.get()) {
                return;
            }
            known += 1;
        }
        assert!(self.len < MAX_TYPES, "an interface reaches more than 1024 types; split it");
        self.edges[self.len] = Some(edge);
        self.len += 1;
    }
}

impl Reached {
    /// Collects all types that the roots reach. The roots come first, if they have records.
    #[must_use]
    pub const fn from(roots: &[TypeRef]) -> Self {
        let mut reached = Self::none();
        reached.meet_all(roots);
        reached.meets_object = false;
        reached.walk();
        reached.mark_keys();
        reached
    }

    /// Follows the edges of all types whose edges have not been followed yet.
    const fn walk(&mut self) {
        while self.walked < self.len {
            let node = self.get(self.walked);
            self.walked += 1;
            self.meet_all(node.params);
            match &node.body {
                Body::Std
                | Body::Owning(_)
                | Body::Elsewhere
                | Body::Foreign { .. }
                | Body::Object(_)
                | Body::Closure(_) => {}
                Body::Struct { fields, .. } => self.meet_fields(fields),
                Body::Enum { variants, .. } => {
                    let mut rest = *variants;
                    while let [variant, tail @ ..] = rest {
                        self.meet_fields(variant.fields);
                        rest = tail;
                    }
                }
                Body::Interface { supers, methods, .. } => {
                    let mut rest = *supers;
                    while let [edge, tail @ ..] = rest {
                        // A trait of std has no record.
                        if let Body::Interface { .. } = edge.get().body {
                            self.insert(*edge);
                        }
                        rest = tail;
                    }
                    let mut rest = *methods;
                    while let [method, tail @ ..] = rest {
                        let mut arguments = method.arguments;
                        while let [argument, tail @ ..] = arguments {
                            self.meet(argument.ty);
                            arguments = tail;
                        }
                        if let Some(result) = &method.result {
                            self.meet(result.ty);
                        }
                        rest = tail;
                    }
                }
            }
        }
    }

    /// Makes an empty set.
    pub(super) const fn none() -> Self {
        Self {
            types: [None; MAX_TYPES],
            numbers: [0; MAX_TYPES],
            keys: [false; MAX_TYPES],
            len: 0,
            walked: 0,
            slots: [0; SLOTS],
            ambiguous: false,
            meets_object: false,
            names: List::new(),
            keyed: List::new(),
        }
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    pub(crate) const fn get(&self, index: usize) -> &'static Type {
        match self.types[index] {
            Some(node) => node.get(),
            None => panic!("index beyond the number of types reached"),
        }
    }

    /// Whether a signature of the root, or a type behind it, leads to an interface, possibly to the root itself.
    pub(crate) const fn meets_object(&self) -> bool {
        self.meets_object
    }

    /// Whether the type at an index is a key or a hasher of a collection, or is inside one.
    pub(crate) const fn is_key(&self, index: usize) -> bool {
        self.keys[index]
    }

    /// Returns the number of a type among the types with its name; `None` for the first or only one.
    pub(crate) const fn number(&self, node: &Type) -> Option<u16> {
        if !self.ambiguous {
            return None;
        }
        match self.find(node) {
            Some(index) if self.numbers[index] > 1 => Some(self.numbers[index]),
            _ => None,
        }
    }

    const fn meet(&mut self, edge: TypeRef) {
        let node = edge.get();
        let mut keys = node.keys;
        while let [key, tail @ ..] = keys {
            self.keyed.insert(*key);
            keys = tail;
        }
        match node.body {
            Body::Std => return self.meet_all(node.params),
            Body::Object(_) | Body::Closure(_) => {
                self.meets_object = true;
                return self.meet_all(node.params);
            }
            Body::Owning(owned) => {
                self.meet_all(node.params);
                return self.meet(owned);
            }
            Body::Elsewhere => {
                self.names.insert(edge);
                return self.meet_all(node.params);
            }
            Body::Interface { .. } => self.meets_object = true,
            Body::Foreign { .. } | Body::Struct { .. } | Body::Enum { .. } => {}
        }
        self.insert(edge);
    }

    /// Adds a type, and returns whether it is new.
    pub(super) const fn insert(&mut self, edge: TypeRef) -> bool {
        let node = edge.get();
        let (mut slot, mut number) = (slot(node), 1);
        while self.slots[slot] != 0 {
            let known = self.get(self.slots[slot] as usize - 1);
            if identical(known, node) {
                return false;
            }
            if is_of_one_name(known, node) {
                number += 1;
                self.ambiguous = true;
            }
            slot = (slot + 1) % SLOTS;
        }
        assert!(self.len < MAX_TYPES, "an interface reaches more than 1024 types; split it");
        self.types[self.len] = Some(edge);
        self.numbers[self.len] = number;
        self.len += 1;
        self.slots[slot] = self.len as u16;
        true
    }

    /// Returns the type for which a name stands, if it was reached.
    pub(super) const fn named(&self, name: &Type) -> Option<TypeRef> {
        match self.find(name) {
            Some(index) => self.types[index],
            None => None,
        }
    }

    const fn find(&self, node: &Type) -> Option<usize> {
        let mut slot = slot(node);
        while self.slots[slot] != 0 {
            let index = self.slots[slot] as usize - 1;
            if identical(self.get(index), node) {
                return Some(index);
            }
            slot = (slot + 1) % SLOTS;
        }
        None
    }

    /// Refuses, at compile time, a name whose type is not reached, because that type would not be compared.
    pub(crate) const fn assert_described(&self) {
        let mut name = 0;
        while name < self.names.len {
            assert!(
                self.find(self.names.get(name)).is_some(),
                "the interface reaches a type only by name: in a field with `#[shape(recursive = ...)]`, or inside the \
                 type itself with different arguments; add a method that takes the type"
            );
            name += 1;
        }
    }

    const fn meet_all(&mut self, edges: &[TypeRef]) {
        let mut rest = edges;
        while let [edge, tail @ ..] = rest {
            self.meet(*edge);
            rest = tail;
        }
    }

    const fn meet_fields(&mut self, fields: &[Field]) {
        let mut rest = fields;
        while let [field, tail @ ..] = rest {
            self.meet(field.ty.ty);
            rest = tail;
        }
    }

    /// Marks the types that decide the places of values in collections. A key's `Hash` or `Ord` may depend on any type
    /// inside the key.
    const fn mark_keys(&mut self) {
        // `keyed` grows during the loop.
        let mut next = 0;
        while next < self.keyed.len {
            let node = self.keyed.get(next);
            self.key_all(node.params);
            if let Body::Owning(owned) = node.body {
                self.keyed.insert(owned);
            }
            if let Some(index) = self.find(node) {
                self.keys[index] = true;
                match &self.get(index).body {
                    Body::Struct { fields, .. } => self.key_fields(fields),
                    Body::Enum { variants, .. } => {
                        let mut rest = *variants;
                        while let [variant, tail @ ..] = rest {
                            self.key_fields(variant.fields);
                            rest = tail;
                        }
                    }
                    _ => {}
                }
            }
            next += 1;
        }
    }

    const fn key_all(&mut self, edges: &[TypeRef]) {
        let mut rest = edges;
        while let [edge, tail @ ..] = rest {
            self.keyed.insert(*edge);
            rest = tail;
        }
    }

    const fn key_fields(&mut self, fields: &[Field]) {
        let mut rest = fields;
        while let [field, tail @ ..] = rest {
            self.keyed.insert(field.ty.ty);
            rest = tail;
        }
    }
}

/// Returns the slot where the search for a type begins.
///
/// It is a hash of the end of the type's path and the end of its first argument's path, so types with the same name
/// begin at the same slot.
const fn slot(node: &Type) -> usize {
    const fn end(path: &str) -> u64 {
        match path.as_bytes().last_chunk() {
            Some(end) => u64::from_le_bytes(*end),
            None => path.len() as u64,
        }
    }
    let argument = match node.params {
        [first, ..] => end(first.get().definition.path),
        [] => 0,
    };
    let hash = (end(node.definition.path) ^ argument.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    // After the multiplication, the upper bits depend on all lower ones.
    (hash >> 53) as usize % SLOTS
}

/// Whether two nodes describe or name the same type.
const fn identical(a: &Type, b: &Type) -> bool {
    if a.definition.number != b.definition.number || !is_of_one_name(a, b) {
        return false;
    }
    match (&a.body, &b.body) {
        (Body::Foreign { crates: ours, .. }, Body::Foreign { crates: theirs, .. }) => {
            a.size == b.size && a.align == b.align && same_texts(ours, theirs)
        }
        (Body::Owning(ours), Body::Owning(theirs)) => identical(ours.get(), theirs.get()),
        (Body::Closure(ours), Body::Closure(theirs)) => same_closure(ours, theirs),
        _ => true,
    }
}

/// Whether two closures with the same arguments and results are one type: their lifetimes and bounds are the same, too.
const fn same_closure(a: &Closure, b: &Closure) -> bool {
    const fn same_use(a: &Use, b: &Use) -> bool {
        same_lifetimes(a.lifetimes, b.lifetimes) && same_lifetimes(a.objects, b.objects)
    }
    if a.arguments.len() != b.arguments.len() || !same_texts(a.autos, b.autos) {
        return false;
    }
    let mut argument = 0;
    while argument < a.arguments.len() {
        if !same_use(&a.arguments[argument].ty, &b.arguments[argument].ty) {
            return false;
        }
        argument += 1;
    }
    match (&a.result, &b.result) {
        (Some(a), Some(b)) => same_use(a, b),
        (None, None) => true,
        _ => false,
    }
}

const fn same_lifetimes(mut a: &[Lifetime], mut b: &[Lifetime]) -> bool {
    while let ([a_head, a_rest @ ..], [b_head, b_rest @ ..]) = (a, b) {
        let same = match (a_head, b_head) {
            (Lifetime::Named(a), Lifetime::Named(b)) => same_bytes(a.as_bytes(), b.as_bytes()),
            (Lifetime::Default, Lifetime::Default) | (Lifetime::Static, Lifetime::Static) => true,
            // A closure mentions no parameter.
            _ => false,
        };
        if !same {
            return false;
        }
        (a, b) = (a_rest, b_rest);
    }
    a.is_empty() && b.is_empty()
}

/// Whether two types have the same name, even if their definitions differ.
const fn is_of_one_name(a: &Type, b: &Type) -> bool {
    if !same_form(a.form, b.form)
        || a.params.len() != b.params.len()
        || !same_bytes(a.definition.path.as_bytes(), b.definition.path.as_bytes())
    {
        return false;
    }
    let mut param = 0;
    while param < a.params.len() {
        if !identical(a.params[param].get(), b.params[param].get()) {
            return false;
        }
        param += 1;
    }
    true
}

const fn same_form(a: Form, b: Form) -> bool {
    match (a, b) {
        (Form::Path, Form::Path)
        | (Form::Reference, Form::Reference)
        | (Form::MutReference, Form::MutReference)
        | (Form::Tuple, Form::Tuple)
        | (Form::Slice, Form::Slice)
        | (Form::Dyn, Form::Dyn)
        | (Form::Closure, Form::Closure) => true,
        (Form::DynAnd(a), Form::DynAnd(b)) => same_bytes(a.as_bytes(), b.as_bytes()),
        (Form::Object(a), Form::Object(b)) => same_texts(a, b),
        (Form::Array(a), Form::Array(b)) => a == b,
        (Form::Number(a), Form::Number(b)) => a == b,
        _ => false,
    }
}

const fn same_texts(mut a: &[&str], mut b: &[&str]) -> bool {
    while let ([a_head, a_rest @ ..], [b_head, b_rest @ ..]) = (a, b) {
        if !same_bytes(a_head.as_bytes(), b_head.as_bytes()) {
            return false;
        }
        (a, b) = (a_rest, b_rest);
    }
    a.is_empty() && b.is_empty()
}

/// Whether a value of one of these types may contain a trait object.
///
/// Types that they only name are looked up in `known`. A type that is not there may contain a trait object.
#[must_use]
pub const fn hides_object(types: &[TypeRef], known: &Reached) -> bool {
    let mut reached = Reached::none();
    reached.meet_all(types);
    reached.walk();
    let mut name = 0;
    while name < reached.names.len {
        let node = reached.names.get(name);
        if reached.find(node).is_none() {
            let Some(edge) = known.named(node) else { return true };
            reached.meet(edge);
            reached.walk();
        }
        name += 1;
    }
    reached.meets_object
}

/// Whether a value of this type may contain a trait object. Any type that it only names may contain one.
pub const fn may_hide_object(ty: TypeRef) -> bool {
    hides_object(&[ty], &Reached::none())
}
