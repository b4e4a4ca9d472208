//! Which types an interface reaches.

use super::{Body, Field, Type, TypeRef};

/// The most types that one interface may reach.
const MOST: usize = 1024;

/// The types that are described by records of their own, in the order in which they are met.
pub(crate) struct Reached {
    types: [Option<TypeRef>; MOST],
    len: usize,
}

impl Reached {
    /// Everything that `root` reaches, `root` itself first if it has a record.
    pub(crate) const fn from(root: TypeRef) -> Self {
        let mut reached = Self { types: [None; MOST], len: 0 };
        reached.meet(root);
        let mut next = 0;
        while next < reached.len {
            let node = reached.get(next);
            reached.meet_all(node.params);
            match &node.body {
                Body::Std => {}
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
        if matches!(node.body, Body::Std) {
            self.meet_all(node.params);
            return;
        }
        let mut known = 0;
        while known < self.len {
            if same(self.get(known), node) {
                return;
            }
            known += 1;
        }
        assert!(self.len < MOST, "an interface reaches more than 1024 types; split it");
        self.types[self.len] = Some(edge);
        self.len += 1;
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

/// Whether two nodes describe one type. Two versions of a crate may define two types of one path.
const fn same(a: &Type, b: &Type) -> bool {
    if a.size != b.size || a.params.len() != b.params.len() || !same_text(a.path, b.path) {
        return false;
    }
    let (a_form, b_form) = (number_of(a), number_of(b));
    if a_form.0 != b_form.0 || a_form.1 != b_form.1 || !same_text(version_of(a), version_of(b)) {
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
        Form::Opaque => (8, 0),
    }
}

const fn version_of(node: &Type) -> &'static str {
    match &node.body {
        Body::Struct { layout, .. } | Body::Enum { layout, .. } => layout.version,
        Body::Std | Body::Interface { .. } => "",
    }
}

/// Compares from the end, because paths differ there.
const fn same_text(a: &str, b: &str) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    while let ([a_head @ .., a_last], [b_head @ .., b_last]) = (a, b) {
        if *a_last != *b_last {
            return false;
        }
        (a, b) = (a_head, b_head);
    }
    true
}

/// Refuses, at compile time, a type that hides a trait object: a call through it would be unguarded.
pub const fn assert_crosses(ty: TypeRef) {
    let reached = Reached::from(ty);
    let mut index = 0;
    while index < reached.len() {
        assert!(
            !matches!(reached.get(index).body, Body::Interface { .. }),
            "a trait object crosses unguarded here: only a plain `&dyn Interface` or `&mut dyn Interface` argument, \
             written out in the signature, may cross; pass that, or plain data"
        );
        index += 1;
    }
}
