//! Checks the items that an interface must not contain. Every error is on the token that causes it, and names a remedy.

use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{
    Error, FnArg, GenericArgument, GenericParam, ItemTrait, Lifetime, Path, PathArguments, ReceiverKind, ReturnType,
    Safety, Signature, TraitItem, TraitItemFn, Type, TypeParamBound, TypeTraitObject, WherePredicate,
};

use crate::attribute::{conditions, is_builtin, is_tools};
use crate::closure::{AUTO_TRAITS, Closure, KINDS, auto, bound_of, own_lifetimes, traits};
use crate::lifetimes::{binding, found, inside, outlived_by, written};

/// All errors of a macro call.
#[derive(Default)]
pub(crate) struct Errors {
    all: Option<Error>,
    /// Whether the compiler would also refuse `dyn Trait` for this trait.
    pub(crate) no_object: bool,
}

impl Errors {
    /// Adds an error on these tokens.
    pub(crate) fn push(&mut self, tokens: impl ToTokens, message: impl std::fmt::Display) {
        self.add(Error::new_spanned(tokens, message));
    }

    /// Adds an error on these tokens that leaves the trait without trait objects.
    fn push_no_object(&mut self, tokens: impl ToTokens, message: impl std::fmt::Display) {
        self.push(tokens, message);
        self.no_object = true;
    }

    pub(crate) fn add(&mut self, error: Error) {
        match &mut self.all {
            Some(all) => all.combine(error),
            None => self.all = Some(error),
        }
    }

    pub(crate) fn extend(&mut self, outcome: syn::Result<()>) {
        outcome.err().into_iter().for_each(|error| self.add(error));
    }

    pub(crate) fn into_result(self) -> syn::Result<()> {
        self.all.map_or(Ok(()), Err)
    }
}

/// Returns the name of a supertrait that is an auto trait; `None` for any other supertrait.
pub(crate) fn auto_trait(bound: &syn::TraitBound) -> Option<String> {
    let last = bound.path.segments.last()?.ident.to_string();
    AUTO_TRAITS.contains(&last.as_str()).then_some(last)
}

/// Traits of std that authors are likely to write as supertraits, each with what to write instead.
const STD_TRAITS: [(&str, &str); 15] = [
    (
        "Any",
        "`Any` would compare a `TypeId`, which has no meaning across the boundary; write a method that returns what you \
         need of the object, or export the plugin as a second interface, `export!(Mine as dyn Plugin + dyn Editor)`",
    ),
    (
        "Clone",
        "a `Clone` trait has no trait objects; write a method, `fn boxed_clone(&self) -> Box<dyn _>` of the interface",
    ),
    ("Copy", "a `Copy` trait has no trait objects; remove it"),
    (
        "Default",
        "a `Default` trait has no trait objects; remove it: `export!` needs `Default` of the plugin's type only, or takes \
         a constructor",
    ),
    ("Drop", "every object is dropped without this; remove it, and implement `Drop` for your own type"),
    ("Eq", COMPARED),
    (
        "Error",
        "an `Error` would compare a `TypeId`, which has no meaning across the boundary; write `Debug` and `Display` as \
         supertraits, and a method for the source",
    ),
    ("Fn", CALLED),
    ("FnMut", CALLED),
    ("FnOnce", CALLED),
    ("Future", "a future is no interface; write a method that returns what it makes"),
    ("Hash", "a `Hash` trait has no trait objects; write a method that returns a key: `fn key(&self) -> String`"),
    ("Iterator", "an iterator's provided methods are code of the calling side; write a `next` method"),
    ("Ord", COMPARED),
    ("PartialEq", COMPARED),
];

const COMPARED: &str = "a trait that compares `Self` has no trait objects; write a method that returns a key: \
                        `fn key(&self) -> String`";
const CALLED: &str = "a closure's traits cannot be supertraits; write a method, and implement the interface for every \
                      `F: Fn(..)`";

/// Checks a whole trait.
pub(crate) fn interface(item: &ItemTrait) -> Errors {
    let mut errors = Errors::default();
    for parameter in &item.generics.params {
        errors.push_no_object(
            name_of(parameter),
            match parameter {
                GenericParam::Lifetime(_) => {
                    "an interface cannot have a lifetime parameter; declare the lifetime on the methods that need it"
                }
                _ => {
                    "a generic trait has no single vtable, so it cannot be an interface; write one interface for each \
                     type, or write the type in the signatures"
                }
            },
        );
    }
    if let Some(clause) = &item.generics.where_clause {
        errors.push_no_object(
            clause.where_token,
            "a `where` clause on an interface is not supported; put supertraits after the colon",
        );
    }
    if let Some(token) = &item.unsafety {
        errors.push_no_object(
            token,
            "an unsafe trait is not supported; document the obligations of implementors at its methods",
        );
    }
    for bound in &item.supertraits {
        supertrait(bound, &mut errors);
    }
    for entry in &item.items {
        match entry {
            TraitItem::Fn(method) if is_sized_only(method) => check_sized_only(method, &mut errors),
            TraitItem::Fn(method) => check_method(method, &mut errors),
            TraitItem::Const(constant) => errors.push_no_object(
                constant.const_token,
                "an associated const is not part of a trait object; write a method that returns it",
            ),
            TraitItem::Type(ty) => errors.push_no_object(
                ty.type_token,
                "an associated type would make each trait object a different type; write the type in the signatures, or an enum \
                 or a `Box<dyn _>` of an interface if plugins have different ones",
            ),
            TraitItem::Macro(call) => errors
                .push_no_object(&call.mac, "a macro call hides methods from the fingerprint; write the methods out"),
            other => errors.push_no_object(other, "only methods are supported in an interface; remove this item"),
        }
    }
    errors
}

fn supertrait(bound: &TypeParamBound, errors: &mut Errors) {
    match bound {
        // The compiler itself refuses `?`.
        TypeParamBound::Trait(bound) if bound.maybe.is_some() => {}
        TypeParamBound::Trait(bound) => {
            let Some(last) = bound.path.segments.last() else { return };
            let name = last.ident.to_string();
            if name == "Sized" {
                errors.push_no_object(
                    bound,
                    "a `Sized` trait has no trait objects; write `where Self: Sized` on single methods instead",
                );
            } else if let Some((_, instead)) = STD_TRAITS.iter().find(|(known, _)| *known == name) {
                errors.push_no_object(bound, instead);
            } else if bound.lifetimes.is_some() {
                errors.push_no_object(
                    bound,
                    "a supertrait with parameters is no interface; write the methods that you need in the interface itself",
                );
            }
        }
        TypeParamBound::Lifetime(lifetime) if lifetime.ident == "static" => {}
        other => errors.push_no_object(
            other,
            "an interface's supertraits are interfaces, `Debug`, `Display` and auto traits; remove this",
        ),
    }
}

/// Returns the part of a generic parameter at which an error points.
fn name_of(parameter: &GenericParam) -> &dyn ToTokens {
    match parameter {
        GenericParam::Lifetime(parameter) => &parameter.lifetime,
        GenericParam::Type(parameter) => &parameter.ident,
        GenericParam::Const(parameter) => &parameter.ident,
    }
}

/// Whether the method has `where Self: Sized`, so it is not part of the trait object.
pub(crate) fn is_sized_only(method: &TraitItemFn) -> bool {
    sized_bound(method).is_some()
}

/// Returns the method's bound `Self: Sized`. The output proves that it is the `Sized` of core.
pub(crate) fn sized_bound(method: &TraitItemFn) -> Option<&Path> {
    let clause = method.sig.generics.where_clause.as_ref()?;
    clause.predicates.iter().find_map(|predicate| match predicate {
        WherePredicate::Type(predicate) if is_self(&predicate.bounded_ty) => {
            predicate.bounds.iter().find_map(|bound| match bound {
                TypeParamBound::Trait(bound) if bound.path.segments.last()?.ident == "Sized" => Some(&bound.path),
                _ => None,
            })
        }
        _ => None,
    })
}

pub(crate) fn is_self(ty: &Type) -> bool {
    matches!(ty, Type::Path(ty) if ty.path.is_ident("Self"))
}

/// Refuses attribute macros on a method: they expand after `#[interface]`, and may change the method.
fn check_attributes(method: &TraitItemFn, errors: &mut Errors) {
    for parameter in &method.sig.generics.params {
        let attributes = match parameter {
            GenericParam::Lifetime(parameter) => &parameter.attrs,
            GenericParam::Type(parameter) => &parameter.attrs,
            GenericParam::Const(parameter) => &parameter.attrs,
        };
        for attribute in attributes {
            errors.push(attribute, "an attribute on a parameter is not compared; put the condition on the method");
        }
    }
    for attribute in method.attrs.iter().filter(|attribute| !is_builtin(attribute) && !is_tools(attribute)) {
        if attribute.path().is_ident("track_caller") {
            errors.push(
                attribute,
                "`track_caller` adds a hidden argument, which is not compared; pass the location as an argument",
            );
            continue;
        }
        errors.push(
            attribute,
            "an attribute macro could change this method after `#[interface]` has read it; move the \
             attribute to the trait, write by hand what it would produce, or give the method a body, to which it then \
             applies",
        );
    }
}

/// Refuses conditions that the fingerprint does not contain. It contains only lifetime bounds.
fn check_where_clause(method: &TraitItemFn, errors: &mut Errors) {
    for predicate in method.sig.generics.where_clause.iter().flat_map(|clause| &clause.predicates) {
        let WherePredicate::Type(predicate) = predicate else { continue };
        if !is_self(&predicate.bounded_ty) {
            errors.push(
                &predicate.bounded_ty,
                "a condition on a type is not compared; write bounds between its lifetimes, such as `'a: 'b`",
            );
            continue;
        }
        for bound in &predicate.bounds {
            let TypeParamBound::Trait(wanted) = bound else { continue };
            match auto_trait(wanted) {
                // `async-trait` writes it, and `futures` does.
                Some(name) if future_of(&method.sig.output).is_some() => errors.push(
                    bound,
                    format!(
                        "the future of a provided `async fn` is `Send` and holds `self`, so every plugin must be `{name}`; \
                         add `{name}` to the supertraits"
                    ),
                ),
                _ => errors.push(bound, "a condition on `Self` is not compared; make it a supertrait"),
            }
        }
    }
}

/// Checks a `where Self: Sized` method.
///
/// The wrappers need such a method too, although it is never called. If the trait has no body for it, they cannot write
/// one that returns a type without a name.
fn check_sized_only(method: &TraitItemFn, errors: &mut Errors) {
    check_attributes(method, errors);
    let ReturnType::Type(_, ty) = &method.sig.output else { return };
    if method.default.is_none() && matches!(&**ty, Type::ImplTrait(_)) {
        errors.push(ty, "a `where Self: Sized` method that returns `impl Trait` needs a body in the trait");
    }
}

fn check_method(method: &TraitItemFn, errors: &mut Errors) {
    check_attributes(method, errors);
    check_where_clause(method, errors);
    let signature = &method.sig;
    if let Safety::Unsafe(token) = &signature.safety {
        errors.push(token, "an `unsafe fn` cannot be guarded for the caller; make it safe, or leave it out of the interface with `where Self: Sized`");
    }
    if let Some(abi) = &signature.abi {
        errors.push(abi, "an `extern` method is not supported; remove the `extern`");
    }
    for parameter in &signature.generics.params {
        if !matches!(parameter, GenericParam::Lifetime(_)) {
            errors.push_no_object(
                name_of(parameter),
                "a generic method has no place in a vtable; write the type out, or add `where Self: Sized`",
            );
        }
    }
    match signature.inputs.first() {
        Some(FnArg::Receiver(receiver)) => {
            let message = match &receiver.kind {
                ReceiverKind::Reference(..) => None,
                ReceiverKind::Typed(_, ty) if matches!(&**ty, Type::Reference(_)) => {
                    Some("write the receiver of an interface's method as `&self` or `&mut self`")
                }
                _ => Some(
                    "an interface's method must take `&self` or `&mut self`, because the loader owns the object; write \
                     `&mut self`, and take what the method consumes out of an `Option` in the object",
                ),
            };
            if let Some(message) = message {
                errors.push_no_object(receiver.self_token, message);
            }
        }
        _ => errors.push_no_object(
            &signature.ident,
            "a method of an interface must take `&self` or `&mut self`; add one, or add `where Self: Sized`",
        ),
    }
    for argument in &signature.inputs {
        let attributes = match argument {
            FnArg::Receiver(receiver) => &receiver.attrs,
            FnArg::Typed(typed) => &typed.attrs,
        };
        for attribute in conditions(attributes) {
            errors.push(attribute, "a condition on an argument is not supported; put it on the method");
        }
        if let FnArg::Typed(typed) = argument {
            check_type(&typed.ty, errors);
        }
    }
    if let ReturnType::Type(_, ty) = &signature.output {
        check_type(ty, errors);
    }
}

/// A result that is written as a pinned future. The wrappers of lent objects can live in it.
pub(crate) struct Future<'a> {
    pub(crate) is_send: bool,
    pub(crate) output: &'a Type,
    bound: Option<&'a Lifetime>,
}

impl Future<'_> {
    /// Whether the future may keep an argument: its reference lives as long as the future, or longer.
    pub(crate) fn keeps(&self, argument: &Type, signature: &Signature) -> bool {
        let named = |lifetime: &Option<Lifetime>| lifetime.clone().filter(|lifetime| lifetime.ident != "_");
        match argument {
            Type::Paren(inner) => self.keeps(&inner.elem, signature),
            Type::Group(inner) => self.keeps(&inner.elem, signature),
            Type::Reference(reference) => {
                // An elided bound is the lifetime of the receiver.
                let receiver = || match signature.receiver().map(|receiver| &receiver.kind) {
                    Some(ReceiverKind::Reference(_, lifetime, _)) => named(lifetime),
                    _ => None,
                };
                let bound = self.bound.filter(|bound| bound.ident != "_").cloned();
                let bound = if self.bound.is_some() { bound.or_else(receiver) } else { None };
                match (named(&reference.lifetime), bound) {
                    (Some(own), Some(bound)) => outlived_by(&own, signature).contains(&bound.ident),
                    _ => false,
                }
            }
            _ => false,
        }
    }
}

pub(crate) fn future_of(result: &ReturnType) -> Option<Future<'_>> {
    let ReturnType::Type(_, ty) = result else { return None };
    match argument_of(ty, "Pin").and_then(|pointer| argument_of(pointer, "Box")) {
        Some(Type::TraitObject(object)) => {
            let output = &object.bounds.iter().find_map(binding).filter(|binding| binding.ident == "Output")?.ty;
            let is_send = |bound: &TypeParamBound| matches!(bound, TypeParamBound::Trait(bound) if auto_trait(bound).is_some_and(|name| name == "Send"));
            let bound = object.bounds.iter().find_map(|bound| match bound {
                TypeParamBound::Lifetime(lifetime) => Some(lifetime),
                _ => None,
            });
            Some(Future { is_send: object.bounds.iter().any(is_send), output, bound })
        }
        _ => None,
    }
}

/// Returns the argument of a path with this last segment.
fn argument_of<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == name)?;
    match &last.arguments {
        PathArguments::AngleBracketed(arguments) => match arguments.args.first() {
            Some(GenericArgument::Type(ty)) => Some(ty),
            _ => None,
        },
        _ => None,
    }
}

/// Returns the trait object behind a plain `&dyn Trait` or `&mut dyn Trait`, and whether the reference is `&mut`.
pub(crate) fn direct_object(ty: &Type) -> Option<(&Type, bool)> {
    match ty {
        Type::Paren(inner) => direct_object(&inner.elem),
        Type::Group(inner) => direct_object(&inner.elem),
        Type::Reference(reference) => {
            let object = bare(&reference.elem);
            matches!(object, Type::TraitObject(_)).then_some((object, reference.mutability.is_some()))
        }
        _ => None,
    }
}

/// Returns the type behind a plain `&mut`, in which objects cross for the call and back. The borrow must end with the call:
/// a result that borrows from it would borrow from what crosses back, and so would the type itself, or what a bound makes
/// outlive it.
pub(crate) fn visited<'a>(ty: &'a Type, signature: &syn::Signature) -> Option<&'a Type> {
    match ty {
        Type::Paren(inner) => visited(&inner.elem, signature),
        Type::Group(inner) => visited(&inner.elem, signature),
        Type::Reference(reference) if reference.mutability.is_some() => {
            let result = match (future_of(&signature.output), &signature.output) {
                // What is lent to a future lives as long as the future.
                (Some(future), _) => found(future.output),
                (None, ReturnType::Type(_, result)) => found(result),
                (None, ReturnType::Default) => Vec::new(),
            };
            let goes_on = |lifetime: &syn::Lifetime| {
                let outlived = outlived_by(lifetime, signature);
                let mut others = result.iter().copied().chain(found(&reference.elem));
                others.any(|other| outlived.contains(&other.ident))
            };
            let named = reference.lifetime.as_ref().filter(|lifetime| lifetime.ident != "_");
            (!named.is_some_and(goes_on)).then_some(&*reference.elem)
        }
        _ => None,
    }
}

/// Returns the type inside parentheses, and inside the groups of what the caller of a macro has passed.
fn bare(mut ty: &Type) -> &Type {
    loop {
        ty = match ty {
            Type::Paren(inner) => &inner.elem,
            Type::Group(inner) => &inner.elem,
            _ => return ty,
        };
    }
}

/// Whether a trait object seems to be an error, by its name.
pub(crate) fn is_error(ty: &Type) -> bool {
    matches!(bare(ty), Type::TraitObject(object) if names_error(object))
}

fn names_error(object: &syn::TypeTraitObject) -> bool {
    let last = first_trait(object).and_then(|path| path.segments.last());
    last.is_some_and(|last| last.ident == "Error" || last.ident == "StdError")
}

fn check_type(ty: &Type, errors: &mut Errors) {
    struct Check<'e>(&'e mut Errors);
    impl<'a> Visit<'a> for Check<'_> {
        fn visit_type_impl_trait(&mut self, ty: &'a syn::TypeImplTrait) {
            self.0.push_no_object(ty, "`impl Trait` has no name to compare; write the type, or `&dyn` of an interface");
        }

        fn visit_type_macro(&mut self, ty: &'a syn::TypeMacro) {
            self.0.push_no_object(ty, "a macro call hides a type from the fingerprint; write the type out");
        }

        fn visit_type_ptr(&mut self, ty: &'a syn::TypePtr) {
            self.0.push(ty, "a raw pointer does not describe its target; write a reference, a box or an index");
        }

        fn visit_type_fn_ptr(&mut self, ty: &'a syn::TypeFnPtr) {
            self.0.push(ty, FUNCTION);
        }

        fn visit_type_reference(&mut self, ty: &'a syn::TypeReference) {
            check_closure_reference(ty, self.0);
            if let (Some(_), Type::TraitObject(object)) = (&ty.mutability, bare(&ty.elem)) {
                if names_error(object) {
                    self.0.push(ty, "an error has no `&mut` methods; lend it as `&dyn Error`, or pass `Box<dyn Error>` or `plugbox::Error`");
                }
            }
            visit::visit_type_reference(self, ty);
        }

        fn visit_type_trait_object(&mut self, ty: &'a syn::TypeTraitObject) {
            if check_closure(ty, self.0) {
                return visit::visit_type_trait_object(self, ty);
            }
            first_trait(ty).into_iter().for_each(|first| check_object(first, self.0));
            visit::visit_type_trait_object(self, ty);
        }

        fn visit_path(&mut self, path: &'a Path) {
            if let Some(last) = path.segments.last() {
                let name = last.ident.to_string();
                match name.as_str() {
                    "TypeId" => self.0.push(path, "a `TypeId` has a meaning only within one build; compare your own names or numbers"),
                    "ThreadId" => self.0.push(path, "host and plugin count their threads separately, so a `ThreadId` may name two threads; pass your own number"),
                    "Self" if path.segments.len() == 1 => self.0.push_no_object(path, "`Self` is a different type for each plugin; write `&dyn` of the interface, or add `where Self: Sized`"),
                    _ => {}
                }
            }
            visit::visit_path(self, path);
        }
    }
    Check(errors).visit_type(ty);
}

/// Returns the first trait of a trait object.
fn first_trait(object: &syn::TypeTraitObject) -> Option<&Path> {
    object.bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => Some(&bound.path),
        _ => None,
    })
}

fn check_object(path: &Path, errors: &mut Errors) {
    let Some(last) = path.segments.last() else { return };
    let name = last.ident.to_string();
    let message = match name.as_str() {
        "Any" => {
            "a `dyn Any` is recognized by its `TypeId`, which has no meaning across the boundary; use an enum or an interface"
        }
        "Iterator" | "DoubleEndedIterator" | "ExactSizeIterator" => {
            "an iterator object cannot be guarded; return a `Vec`, or write an interface with a `next` method"
        }
        _ => return,
    };
    errors.push(path, message);
}

/// Checks a trait object, if it is a closure, and returns whether it is one.
pub(crate) fn check_closure(object: &TypeTraitObject, errors: &mut Errors) -> bool {
    let Some(bound) = bound_of(object) else { return false };
    let Some(last) = bound.path.segments.last() else { return false };
    if !KINDS.iter().any(|kind| last.ident == kind) {
        errors.push(
            &bound.path,
            "a closure is known by the names `Fn`, `FnMut` and `FnOnce` only; write one of them instead of this name",
        );
    }
    for other in traits(object).filter(|other| !std::ptr::eq(*other, bound)) {
        if auto(other).is_none() {
            errors.push(other, "a closure may have only auto traits beside its own; remove this trait");
        }
    }
    let own = own_lifetimes(bound);
    for lifetime in inside(&last.arguments) {
        if lifetime.ident != "_" && lifetime.ident != "static" && !own.contains(lifetime) {
            let message = if is_of_async_trait(lifetime) {
                "in an `async fn`, an elided lifetime belongs to the method, also inside a closure: `async-trait` writes it \
                 so; write `for<'x> Fn(&'x str)`, with a lifetime of the closure's own"
            } else {
                "a closure's arguments and result cannot mention a lifetime that is declared outside of it; elide it, \
                 so it is one of the closure's own, or write an interface with one method and pass `Box<dyn _>` of it"
            };
            errors.push(lifetime, message);
        }
    }
    check_closure_ties(&last.arguments, errors);
    true
}

/// Refuses a closure whose result borrows from an object that is lent to it.
fn check_closure_ties(arguments: &PathArguments, errors: &mut Errors) {
    let PathArguments::Parenthesized(arguments) = arguments else { return };
    let ReturnType::Type(_, result) = &arguments.output else { return };
    let mut elided = 0;
    let mut fresh = || {
        elided += 1;
        Lifetime::new(&format!("'plugbox_{elided}"), proc_macro2::Span::call_site())
    };
    let inputs: Vec<Type> = arguments.inputs.iter().map(|input| written(&input.ty, &mut fresh)).collect();
    // What is elided in a result is the only lifetime among the arguments.
    let Some(only) = inputs.iter().flat_map(found).next().cloned() else { return };
    let result = written(result, || only.clone());
    for (input, argument) in inputs.iter().zip(&arguments.inputs) {
        let own = match input {
            Type::Reference(reference) if direct_object(input).is_some() => reference.lifetime.as_ref(),
            _ => None,
        };
        if own.is_some_and(|own| own.ident != "static" && found(&result).contains(&own)) {
            errors.push(
                argument,
                "the result of a closure cannot borrow from a trait object that is lent to the closure for the call; return an \
                 owned value",
            );
        }
    }
}

/// Whether a lifetime has a name that `async-trait` and `futures` give to elided ones: `'life0`.
fn is_of_async_trait(lifetime: &Lifetime) -> bool {
    let number = lifetime.ident.to_string();
    number.strip_prefix("life").is_some_and(|number| !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit()))
}

/// Checks a reference: the other side must be able to call the closure behind it.
pub(crate) fn check_closure_reference(reference: &syn::TypeReference, errors: &mut Errors) {
    let Some(closure) = Closure::of_type(&reference.elem) else { return };
    match (closure.kind.to_string().as_str(), reference.mutability.is_some()) {
        ("FnMut", false) => {
            errors.push(reference, "an `FnMut` behind `&` cannot be called; write `&mut dyn FnMut(..)`")
        }
        ("FnOnce", _) => {
            errors.push(reference, "an `FnOnce` behind a reference cannot be called; write `Box<dyn FnOnce(..)>`")
        }
        _ => {}
    }
}

/// The message for a function pointer.
pub(crate) const FUNCTION: &str = "a function pointer has no state that a wrapper could hold, so a panic could not be translated; write `Box<dyn Fn(..)>` or `&dyn Fn(..)`, to which a function can be passed as it is";
