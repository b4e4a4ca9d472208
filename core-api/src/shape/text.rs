//! Writes the canonical text of types.

use super::facts::Facts;
use super::lifetimes::Places;
use super::node::{Body, Closure, Field, Form, Layout, Method, Revision, Type, TypeRef, Use};
use super::reach::Reached;
use crate::record::{Writer, same_bytes};

const STATIC: &str = "'static";

/// The default lifetime bound of a trait object, which it has if none is written.
#[derive(Clone, Copy)]
struct Default {
    name: &'static str,
    behind_reference: bool,
}

impl Default {
    /// Returns the bound if it must be written, because it is not the default; otherwise an empty text.
    const fn differing(self, bound: Option<&str>) -> &str {
        match bound {
            Some(name) if !same_bytes(name.as_bytes(), self.name.as_bytes()) => name,
            _ => "",
        }
    }
}

/// The names of the lifetimes that remain to be written in a type.
struct Lifetimes {
    borrows: Places,
    objects: Places,
}

impl Lifetimes {
    const fn of(used: &Use) -> Self {
        Self { borrows: Places::new(used.lifetimes, false), objects: Places::new(used.objects, true) }
    }

    const fn unnamed() -> Self {
        Self { borrows: Places::new(&[], false), objects: Places::new(&[], true) }
    }
}

/// The default of a trait object that is not behind a reference.
const FOREVER: Default = Default { name: STATIC, behind_reference: false };

impl<const N: usize> Writer<N> {
    /// Writes the name of a type without lifetimes, as in the first line of its text.
    pub(crate) const fn name(&mut self, node: &Type, reached: &Reached) {
        self.type_at(node, reached, &mut Lifetimes::unnamed(), FOREVER);
    }

    /// Writes the name of a type at a use, with its lifetimes.
    const fn used(&mut self, used: &Use, reached: &Reached) {
        self.type_at(used.ty.get(), reached, &mut Lifetimes::of(used), FOREVER);
    }

    const fn type_at(&mut self, node: &Type, reached: &Reached, places: &mut Lifetimes, default: Default) {
        match node.form {
            Form::Path => {
                self.text(node.definition.path);
                self.arguments(node, reached, places);
                self.number_of(node, reached);
            }
            Form::Reference => self.reference("", node, reached, places),
            Form::MutReference => self.reference("mut ", node, reached, places),
            Form::Tuple => {
                self.byte(b'(');
                self.types(node.params, reached, places);
                self.byte(b')');
            }
            Form::Array(len) => {
                self.byte(b'[');
                self.types(node.params, reached, places);
                self.text("; ");
                self.number(len as i128);
                self.byte(b']');
            }
            Form::Slice => {
                self.byte(b'[');
                self.types(node.params, reached, places);
                self.byte(b']');
            }
            Form::Dyn => self.dyn_object(node, "", reached, places, default),
            Form::DynAnd(auto) => {
                if let [interface] = node.params {
                    self.dyn_object(interface.get(), auto, reached, places, default);
                }
            }
            Form::Closure => self.closure(node, reached, places.objects.next(), default),
            Form::Object(texts) => self.object(texts, node, reached, places, default),
            Form::Number(number) => self.number(number),
        }
    }

    /// Writes the end of a trait object: the bound on its lifetime, unless that is empty.
    const fn end_of_object(&mut self, bound: &str, in_parentheses: bool) {
        if !bound.is_empty() {
            self.text(" + ");
            self.text(bound);
        }
        self.text(if in_parentheses { ")" } else { "" });
    }

    /// Writes a trait object of an interface, with further auto traits.
    const fn dyn_object(
        &mut self,
        interface: &Type,
        auto: &str,
        reached: &Reached,
        places: &mut Lifetimes,
        default: Default,
    ) {
        let bound = default.differing(places.objects.next());
        let in_parentheses = default.behind_reference && (!bound.is_empty() || !auto.is_empty());
        self.text(if in_parentheses { "(dyn " } else { "dyn " });
        self.interface_name(interface, reached);
        self.text(auto);
        self.end_of_object(bound, in_parentheses);
    }

    /// Writes a closure, whose lifetimes are its own, with the bound on its lifetime.
    const fn closure(&mut self, node: &Type, reached: &Reached, bound: Option<&str>, default: Default) {
        let Body::Closure(Closure { kind, arguments, result, autos }) = &node.body else { return };
        let bound = default.differing(bound);
        let in_parentheses = default.behind_reference && !(autos.is_empty() && bound.is_empty());
        self.text(if in_parentheses { "(dyn " } else { "dyn " });
        self.text(kind);
        self.byte(b'(');
        let mut rest = *arguments;
        while let [argument, tail @ ..] = rest {
            self.used(&argument.ty, reached);
            if let [_, ..] = tail {
                self.text(", ");
            }
            rest = tail;
        }
        self.byte(b')');
        self.result(result, reached);
        let mut rest = *autos;
        while let [auto, tail @ ..] = rest {
            self.text(" + ");
            self.text(auto);
            rest = tail;
        }
        self.end_of_object(bound, in_parentheses);
    }

    /// Writes a trait object of std. The place of its own bound comes before those of its parameters.
    const fn object(
        &mut self,
        texts: &[&str],
        node: &Type,
        reached: &Reached,
        places: &mut Lifetimes,
        default: Default,
    ) {
        let bound = default.differing(places.objects.next());
        let in_parentheses = default.behind_reference && (!bound.is_empty() || has_bounds(texts));
        self.text(if in_parentheses { "(" } else { "" });
        let (mut texts, mut rest) = (texts, node.params);
        while let [text, tail @ ..] = texts {
            self.text(text);
            if let [param, params @ ..] = rest {
                self.type_at(param.get(), reached, places, FOREVER);
                rest = params;
            }
            texts = tail;
        }
        self.end_of_object(bound, in_parentheses);
    }

    const fn reference(&mut self, mutability: &str, node: &Type, reached: &Reached, places: &mut Lifetimes) {
        self.byte(b'&');
        let mut default = Default { name: STATIC, behind_reference: true };
        if let Some(name) = places.borrows.next() {
            self.text(name);
            self.byte(b' ');
            default.name = name;
        }
        self.text(mutability);
        if let [target] = node.params {
            self.type_at(target.get(), reached, places, default);
        }
    }

    const fn arguments(&mut self, node: &Type, reached: &Reached, places: &mut Lifetimes) {
        let (mut first, mut lifetime) = (true, 0);
        while lifetime < node.definition.lifetimes {
            if let Some(name) = places.borrows.next() {
                self.text(if first { "<" } else { ", " });
                self.text(name);
                first = false;
            }
            lifetime += 1;
        }
        if let [_, ..] = node.params {
            self.text(if first { "<" } else { ", " });
            self.types(node.params, reached, places);
            first = false;
        }
        if let Body::Owning(owned) = node.body {
            // If the owned type is one of std's, it follows from the parameter.
            if !matches!(owned.get().body, Body::Std) {
                self.text(", ");
                self.name(owned.get(), reached);
            }
        }
        if !first {
            self.byte(b'>');
        }
    }

    const fn types(&mut self, edges: &[TypeRef], reached: &Reached, places: &mut Lifetimes) {
        let mut rest = edges;
        while let [edge, tail @ ..] = rest {
            self.type_at(edge.get(), reached, places, FOREVER);
            if let [_, ..] = tail {
                self.text(", ");
            }
            rest = tail;
        }
    }

    const fn number_of(&mut self, node: &Type, reached: &Reached) {
        if let Some(number) = reached.number(node) {
            self.byte(b'#');
            self.number(number as i128);
        }
    }

    /// Writes the compared text of the type at an index. It contains other types by name only.
    pub(crate) const fn shape(&mut self, index: usize, reached: &Reached) {
        let node = reached.get(index);
        match &node.body {
            Body::Std | Body::Owning(_) | Body::Object(_) | Body::Closure(_) | Body::Elsewhere => {}
            Body::Foreign { crates, .. } => {
                self.size("foreign ", node, reached);
                let mut rest = *crates;
                while let [krate, tail @ ..] = rest {
                    self.line("crate", krate);
                    rest = tail;
                }
            }
            Body::Struct { layout, fields } => {
                self.head("struct ", index, layout, reached);
                self.fields("field ", fields, reached);
            }
            Body::Enum { layout, variants } => {
                self.head("enum ", index, layout, reached);
                let mut rest = *variants;
                while let [variant, tail @ ..] = rest {
                    self.text("variant ");
                    self.text(variant.name);
                    self.text(" = ");
                    self.number(variant.discriminant);
                    self.byte(b'\n');
                    self.fields("holds ", variant.fields, reached);
                    rest = tail;
                }
            }
            Body::Interface { supers, forever, methods, .. } => {
                self.text("trait ");
                self.interface_name(node, reached);
                self.byte(b'\n');
                let mut rest = *supers;
                while let [edge, tail @ ..] = rest {
                    self.text("super ");
                    self.interface_name(edge.get(), reached);
                    self.byte(b'\n');
                    rest = tail;
                }
                self.facts_line("auto", node.facts, if *forever { STATIC } else { "" });
                let mut rest = *methods;
                while let [method, tail @ ..] = rest {
                    self.method(method, reached);
                    rest = tail;
                }
            }
        }
    }

    /// Writes the path of an interface, without the `dyn` of its objects.
    pub(crate) const fn interface_name(&mut self, node: &Type, reached: &Reached) {
        self.text(node.definition.path);
        self.number_of(node, reached);
    }

    const fn size(&mut self, keyword: &str, node: &Type, reached: &Reached) {
        self.text(keyword);
        self.name(node, reached);
        self.text("\nsize ");
        self.number(node.size as i128);
        self.text("\nalign ");
        self.number(node.align as i128);
        self.byte(b'\n');
    }

    const fn head(&mut self, keyword: &str, index: usize, layout: &Layout, reached: &Reached) {
        let node = reached.get(index);
        self.size(keyword, node, reached);
        self.line("repr", layout.repr);
        match layout.revision {
            Revision::Version => self.line("revision", layout.version),
            Revision::Number(number) => {
                self.text("revision ");
                self.number(number as i128);
                self.byte(b'\n');
            }
            // Its `Hash` or `Ord` cannot be compared, so the version is.
            Revision::Public if reached.is_key(index) => self.line("key", layout.version),
            Revision::Public => {}
        }
        if node.needs_drop {
            self.line("needs", "drop");
        }
        self.facts_line("impl", node.facts, "");
        let mut rest = layout.bounds;
        while let [bound, tail @ ..] = rest {
            self.line("where", bound);
            rest = tail;
        }
        self.layout(layout.in_order);
    }

    /// Writes a line of traits; nothing if there are no traits and `last` is empty.
    const fn facts_line(&mut self, key: &str, facts: Facts, last: &str) {
        let start = self.len();
        self.text(key);
        let end = self.len();
        self.facts(" ", facts, " ");
        if !last.is_empty() {
            self.byte(b' ');
            self.text(last);
        }
        if self.len() > end { self.byte(b'\n') } else { self.cut_to(start) }
    }

    /// Writes the names of traits, with `before` before the first, and `between` before each of the others.
    const fn facts(&mut self, before: &str, facts: Facts, between: &str) {
        let (mut separator, mut rest) = (before, Facts::NAMES.as_slice());
        while let [(fact, name), tail @ ..] = rest {
            if facts.has(*fact) {
                self.text(separator);
                self.text(name);
                separator = between;
            }
            rest = tail;
        }
    }

    const fn fields(&mut self, keyword: &str, fields: &[Field], reached: &Reached) {
        let mut rest = fields;
        while let [field, tail @ ..] = rest {
            self.text(keyword);
            self.text(field.name);
            self.text(": ");
            self.used(&field.ty, reached);
            self.asked(" where ", &field.ty, reached);
            if let Some(offset) = field.offset {
                self.text(" @");
                self.number(offset as i128);
            }
            self.byte(b'\n');
            rest = tail;
        }
    }

    /// Writes the facts of a generic type, which are known only at its uses. Returns whether it wrote anything.
    const fn asked(&mut self, before: &str, used: &Use, reached: &Reached) -> bool {
        let node = used.target.get();
        let mut wrote = false;
        if names_generic(node) && used.facts.has_any() {
            self.text(before);
            self.name(node, reached);
            self.facts(": ", used.facts, " + ");
            wrote = true;
        }
        self.asked_of_closures(if wrote { ", " } else { before }, used.ty.get(), reached) || wrote
    }

    /// Writes the facts of the generic types in the closures inside a type.
    const fn asked_of_closures(&mut self, before: &str, node: &Type, reached: &Reached) -> bool {
        let (mut before, mut wrote) = (before, false);
        if let Body::Closure(closure) = &node.body {
            let mut rest = closure.arguments;
            while let [argument, tail @ ..] = rest {
                if self.asked(before, &argument.ty, reached) {
                    (before, wrote) = (", ", true);
                }
                rest = tail;
            }
            return match &closure.result {
                Some(result) => self.asked(before, result, reached) || wrote,
                None => wrote,
            };
        }
        let mut rest = node.params;
        while let [param, tail @ ..] = rest {
            if self.asked_of_closures(before, param.get(), reached) {
                (before, wrote) = (", ", true);
            }
            rest = tail;
        }
        wrote
    }

    const fn result(&mut self, result: &Option<Use>, reached: &Reached) {
        if let Some(result) = result {
            let node = result.ty.get();
            // An explicit `-> ()` means the same as no result.
            if !matches!((node.form, node.params), (Form::Tuple, [])) {
                self.text(" -> ");
                self.used(result, reached);
            }
        }
    }

    const fn method(&mut self, method: &Method, reached: &Reached) {
        self.text("method fn ");
        self.text(method.name);
        self.text("(&");
        self.text(method.receiver);
        self.text(if method.exclusive { " mut self" } else { " self" });
        let mut rest = method.arguments;
        while let [argument, tail @ ..] = rest {
            self.text(", ");
            self.used(argument, reached);
            rest = tail;
        }
        self.byte(b')');
        self.result(&method.result, reached);
        let (mut before, mut rest) = (" where ", method.bounds);
        while let [bound, tail @ ..] = rest {
            self.text(before);
            self.text(bound);
            before = ", ";
            rest = tail;
        }
        let mut rest = method.arguments;
        while let [argument, tail @ ..] = rest {
            if self.asked(before, argument, reached) {
                before = ", ";
            }
            rest = tail;
        }
        if let Some(result) = &method.result {
            self.asked(before, result, reached);
        }
        self.byte(b'\n');
    }
}

/// Whether the name of a type contains an author's generic type.
const fn names_generic(node: &Type) -> bool {
    if let Body::Closure(_) = node.body {
        // The facts of its arguments are written by themselves.
        return false;
    }
    let described = matches!(node.body, Body::Struct { .. } | Body::Enum { .. } | Body::Elsewhere);
    if described && !node.params.is_empty() {
        return true;
    }
    let mut rest = node.params;
    while let [param, tail @ ..] = rest {
        if names_generic(param.get()) {
            return true;
        }
        rest = tail;
    }
    false
}

/// Whether the texts of a trait object end with auto traits, which need brackets behind a reference.
const fn has_bounds(texts: &[&str]) -> bool {
    match texts {
        [.., last] => {
            let mut rest = last.as_bytes();
            while let [byte, tail @ ..] = rest {
                if *byte == b'+' {
                    return true;
                }
                rest = tail;
            }
            false
        }
        [] => false,
    }
}
