//! Which types an interface reaches.

use super::{Body, Field, Type, TypeRef};

/// The most types that one interface may reach.
const MOST: usize = 1024;

/// Twice as many, so that searching ends soon: a compiler that searches all types for each edge takes seconds.
const SLOTS: usize = 2 * MOST;

/// The types that are described by records of their own, in the order in which they are met.
pub(crate) struct Reached {
    types: [Option<TypeRef>; MOST],
    len: usize,
    /// One more than the index of a type, or 0; a type stands at its [`slot`] or behind it, before the next 0.
    slots: [u16; SLOTS],
    /// Types that are only named where they were met.
    names: [Option<TypeRef>; MOST],
    names_len: usize,
}

impl Reached {
    /// Everything that the roots reach, themselves first as far as they have records.
    pub(crate) const fn from(roots: &[TypeRef]) -> Self {
        let mut reached = Self::none();
        reached.meet_all(roots);
        let mut next = 0;
        while next < reached.len {
            let node = reached.get(next);
            reached.meet_all(node.params);
            match &node.body {
                Body::Std | Body::Elsewhere | Body::Foreign { .. } => {}
                Body::Struct { fields, .. } => reached.meet_fields(fields),
                Body::Enum { variants, .. } => {
                    let mut rest = *variants;
                    while let [variant, tail @ ..] = rest {
                        reached.meet_fields(variant.fields);
                        rest = tail;
                    }
                }
                Body::Interface { supers, methods, .. } => {
                    reached.meet_all(supers);
                    let mut rest = *methods;
                    while let [method, tail @ ..] = rest {
                        reached.meet_all(method.arguments);
                        if let Some(result) = method.result {
                            reached.meet(result);
                        }
                        rest = tail;
                    }
                }
            }
            next += 1;
        }
        reached
    }

    /// Nothing yet.
    pub(super) const fn none() -> Self {
        Self { types: [None; MOST], len: 0, slots: [0; SLOTS], names: [None; MOST], names_len: 0 }
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    pub(crate) const fn get(&self, index: usize) -> &'static Type {
        match self.types[index] {
            Some(node) => node.get(),
            None => panic!("index beyond the types that were reached"),
        }
    }

    const fn meet(&mut self, edge: TypeRef) {
        let node = edge.get();
        match node.body {
            Body::Std => return self.meet_all(node.params),
            Body::Elsewhere => {
                self.meet_name(edge);
                return self.meet_all(node.params);
            }
            _ => {}
        }
        self.insert(edge);
    }

    /// Takes a type in; whether it is new.
    pub(super) const fn insert(&mut self, edge: TypeRef) -> bool {
        let node = edge.get();
        let mut slot = slot(node);
        while self.slots[slot] != 0 {
            if same(self.get(self.slots[slot] as usize - 1), node) {
                return false;
            }
            slot = (slot + 1) % SLOTS;
        }
        assert!(self.len < MOST, "an interface reaches more than 1024 types; split it");
        self.types[self.len] = Some(edge);
        self.len += 1;
        self.slots[slot] = self.len as u16;
        true
    }

    const fn meet_name(&mut self, edge: TypeRef) {
        let mut known = 0;
        while known < self.names_len {
            if let Some(name) = self.names[known] {
                if same(name.get(), edge.get()) {
                    return;
                }
            }
            known += 1;
        }
        assert!(self.names_len < MOST, "an interface reaches more than 1024 types; split it");
        self.names[self.names_len] = Some(edge);
        self.names_len += 1;
    }

    /// Refuses, at compile time, a name without the type that it stands for: nobody would compare that type.
    pub(crate) const fn assert_described(&self) {
        let mut name = 0;
        while name < self.names_len {
            if let Some(edge) = self.names[name] {
                let mut index = 0;
                while index < self.len && !stands_for(edge.get(), self.get(index)) {
                    index += 1;
                }
                assert!(
                    index < self.len,
                    "a type is named by `#[shape(recursive = ...)]`, or inside itself with other arguments, and met \
                     nowhere else; add a method that takes it"
                );
            }
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
            self.meet(field.ty);
            rest = tail;
        }
    }
}

/// Where a type's place is: from its size and the end of its path, where paths differ.
const fn slot(node: &Type) -> usize {
    let end = match node.path.as_bytes().last_chunk() {
        Some(end) => u64::from_le_bytes(*end),
        None => 0,
    };
    let hash = (end ^ node.size as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    // The upper bits: all bits below have had a say in them.
    (hash >> 53) as usize % SLOTS
}

/// Whether two nodes describe one type. Two versions of a crate may define two types of one path.
const fn same(a: &Type, b: &Type) -> bool {
    if a.size != b.size || a.params.len() != b.params.len() || !same_text(a.path, b.path) {
        return false;
    }
    let (a_form, b_form) = (number_of(a), number_of(b));
    let (a_place, b_place) = (place_of(a), place_of(b));
    if a_form.0 != b_form.0
        || a_form.1 != b_form.1
        || a_place.0 != b_place.0
        || a_place.1 != b_place.1
        || !same_text(version_of(a), version_of(b))
    {
        return false;
    }
    let mut param = 0;
    while param < a.params.len() {
        if !same(a.params[param].get(), b.params[param].get()) {
            return false;
        }
        param += 1;
    }
    true
}

/// Whether a name is that of a type. Its module need not be right, and it lacks const arguments and defaults.
const fn stands_for(name: &Type, node: &Type) -> bool {
    if !same_bytes(last_segment(name.path), last_segment(node.path)) {
        return false;
    }
    let mut param = 0;
    while param < name.params.len() && name.params.len() == node.params.len() {
        if !same_name(name.params[param].get(), node.params[param].get()) {
            return false;
        }
        param += 1;
    }
    true
}

/// Whether two nodes name one type; either may only name it.
const fn same_name(a: &Type, b: &Type) -> bool {
    match (&a.body, &b.body) {
        (Body::Elsewhere, _) => return stands_for(a, b),
        (_, Body::Elsewhere) => return stands_for(b, a),
        _ => {}
    }
    let (a_form, b_form) = (number_of(a), number_of(b));
    if a_form.0 != b_form.0 || a_form.1 != b_form.1 || a.params.len() != b.params.len() {
        return false;
    }
    let mut param = 0;
    while param < a.params.len() {
        if !same_name(a.params[param].get(), b.params[param].get()) {
            return false;
        }
        param += 1;
    }
    same_text(a.path, b.path)
}

const fn last_segment(path: &str) -> &[u8] {
    let path = path.as_bytes();
    let mut start = path.len();
    while start > 0 && path[start - 1] != b':' {
        start -= 1;
    }
    path.split_at(start).1
}

const fn number_of(node: &Type) -> (u8, i128) {
    use super::Form;
    match node.form {
        Form::Path => (0, 0),
        Form::Reference => (1, 0),
        Form::MutReference => (2, 0),
        Form::Tuple => (3, 0),
        Form::Array(len) => (4, len as i128),
        Form::Slice => (5, 0),
        Form::Dyn => (6, 0),
        Form::Number(number) => (7, number),
    }
}

/// Where in its file a type is derived: two functions may each have a type of one name.
const fn place_of(node: &Type) -> (u32, u32) {
    match &node.body {
        Body::Struct { layout, .. } | Body::Enum { layout, .. } => layout.place,
        Body::Std | Body::Elsewhere | Body::Foreign { .. } | Body::Interface { .. } => (0, 0),
    }
}

const fn version_of(node: &Type) -> &'static str {
    match &node.body {
        Body::Struct { layout, .. } | Body::Enum { layout, .. } => layout.version,
        Body::Interface { version, .. } => version,
        // The first is the one that defines it.
        Body::Foreign { crates: [krate, ..] } => krate,
        Body::Std | Body::Elsewhere | Body::Foreign { .. } => "",
    }
}

const fn same_text(a: &str, b: &str) -> bool {
    same_bytes(a.as_bytes(), b.as_bytes())
}

/// Compares from the end, because paths differ there, and in large steps, because the compiler interprets this.
const fn same_bytes(mut a: &[u8], mut b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    while let (Some((a_head, a_last)), Some((b_head, b_last))) = (a.split_last_chunk(), b.split_last_chunk()) {
        if u64::from_le_bytes(*a_last) != u64::from_le_bytes(*b_last) {
            return false;
        }
        (a, b) = (a_head, b_head);
    }
    while let ([a_head @ .., a_last], [b_head @ .., b_last]) = (a, b) {
        if *a_last != *b_last {
            return false;
        }
        (a, b) = (a_head, b_head);
    }
    true
}

/// Whether one of these types hides a trait object.
pub const fn hides_object(types: &[TypeRef]) -> bool {
    let reached = Reached::from(types);
    let mut index = 0;
    while index < reached.len() {
        if let Body::Interface { .. } = reached.get(index).body {
            return true;
        }
        index += 1;
    }
    false
}
