//! Canonical text of types.

use super::{Body, Field, Form, Layout, Method, Revision, Type, TypeRef};
use crate::record::Writer;

impl<const N: usize> Writer<N> {
    /// The name of a type, with its parameters.
    pub(crate) const fn name(&mut self, node: &Type) {
        match node.form {
            Form::Path => {
                self.text(node.path);
                if let [_, ..] = node.params {
                    self.byte(b'<');
                    self.names(node.params);
                    self.byte(b'>');
                }
            }
            Form::Reference => {
                self.byte(b'&');
                self.names(node.params);
            }
            Form::MutReference => {
                self.text("&mut ");
                self.names(node.params);
            }
            Form::Tuple => {
                self.byte(b'(');
                self.names(node.params);
                self.byte(b')');
            }
            Form::Array(len) => {
                self.byte(b'[');
                self.names(node.params);
                self.text("; ");
                self.number(len as i128);
                self.byte(b']');
            }
            Form::Slice => {
                self.byte(b'[');
                self.names(node.params);
                self.byte(b']');
            }
            Form::Dyn => {
                self.text("dyn ");
                self.text(node.path);
            }
            Form::Number(number) => self.number(number),
        }
    }

    const fn names(&mut self, edges: &[TypeRef]) {
        let mut rest = edges;
        while let [edge, tail @ ..] = rest {
            self.name(edge.get());
            if let [_, ..] = tail {
                self.text(", ");
            }
            rest = tail;
        }
    }

    /// Everything that is compared of one type, its neighbours by name only.
    pub(crate) const fn shape(&mut self, node: &Type) {
        match &node.body {
            Body::Std | Body::Elsewhere => {}
            Body::Foreign { crates } => {
                self.size("foreign ", node);
                let mut rest = *crates;
                while let [krate, tail @ ..] = rest {
                    self.line("crate", krate);
                    rest = tail;
                }
            }
            Body::Struct { layout, fields } => {
                self.head("struct ", node, layout);
                self.fields("field ", fields);
            }
            Body::Enum { layout, variants } => {
                self.head("enum ", node, layout);
                let mut rest = *variants;
                while let [variant, tail @ ..] = rest {
                    self.text("variant ");
                    self.text(variant.name);
                    self.text(" = ");
                    self.number(variant.discriminant);
                    self.byte(b'\n');
                    self.fields("holds ", variant.fields);
                    rest = tail;
                }
            }
            Body::Interface { supers, autos, methods, .. } => {
                self.line("trait", node.path);
                let mut rest = *supers;
                while let [edge, tail @ ..] = rest {
                    self.line("super", edge.get().path);
                    rest = tail;
                }
                self.line("auto", autos);
                let mut rest = *methods;
                while let [method, tail @ ..] = rest {
                    self.method(method);
                    rest = tail;
                }
            }
        }
    }

    const fn size(&mut self, keyword: &str, node: &Type) {
        self.text(keyword);
        self.name(node);
        self.text("\nsize ");
        self.number(node.size as i128);
        self.text("\nalign ");
        self.number(node.align as i128);
        self.byte(b'\n');
    }

    const fn head(&mut self, keyword: &str, node: &Type, layout: &Layout) {
        self.size(keyword, node);
        self.line("repr", layout.repr);
        match layout.revision {
            Revision::Public => {}
            Revision::Version => self.line("revision", layout.version),
            Revision::Number(number) => {
                self.text("revision ");
                self.number(number as i128);
                self.byte(b'\n');
            }
        }
        self.layout(layout.in_order);
    }

    const fn fields(&mut self, keyword: &str, fields: &[Field]) {
        let mut rest = fields;
        while let [field, tail @ ..] = rest {
            self.text(keyword);
            self.text(field.name);
            self.text(": ");
            self.name(field.ty.get());
            if !field.borrows.is_empty() {
                self.text(" where ");
                self.text(field.borrows);
            }
            if let Some(offset) = field.offset {
                self.text(" @");
                self.number(offset as i128);
            }
            self.byte(b'\n');
            rest = tail;
        }
    }

    const fn method(&mut self, method: &Method) {
        self.text("method fn ");
        self.text(method.name);
        self.byte(b'(');
        self.text(method.receiver);
        if !method.arguments.is_empty() {
            self.text(", ");
            self.names(method.arguments);
        }
        self.byte(b')');
        if let Some(result) = method.result {
            let result = result.get();
            // However `()` was written, it is what no result is.
            if !matches!((result.form, result.params), (Form::Tuple, [])) {
                self.text(" -> ");
                self.name(result);
            }
        }
        if !method.borrows.is_empty() {
            self.text(" where ");
            self.text(method.borrows);
        }
        self.byte(b'\n');
    }
}
