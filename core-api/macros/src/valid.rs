//! Checks the items that an interface must not contain. Every error is on the token that causes it, and names a remedy.

use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{
    Error, FnArg, GenericParam, ItemTrait, Path, ReceiverKind, ReturnType, Safety, TraitItem, TraitItemFn, Type,
    TypeParamBound, TypeTraitObject, WherePredicate,
};

use crate::attribute::{conditions, is_builtin, is_tools};
use crate::closure::{Closure, KINDS, auto, bound_of, own_lifetimes, traits};
use crate::lifetimes::{borrowed, found, inside};

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

/// Traits of std that authors are likely to write as supertraits.
const STD_TRAITS: [&str; 17] = [
    "Any",
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Display",
    "Drop",
    "Eq",
    "Error",
    "Fn",
    "FnMut",
    "FnOnce",
    "Future",
    "Hash",
    "Iterator",
    "Ord",
    "PartialEq",
];

/// Checks a whole trait.
pub(crate) fn interface(item: &ItemTrait) -> Errors {
    let mut errors = Errors::default();
    for parameter in &item.generics.params {
        errors.push_no_object(
            name_of(parameter),
            "a generic trait has no single vtable, so it cannot be an interface; write one interface for each type",
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
                "an associated type would make each trait object a different type; write the type in the signatures",
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
            } else if STD_TRAITS.contains(&name.as_str()) {
                errors.push_no_object(
                    bound,
                    format!(
                        "`{name}` is neither an interface nor an auto trait; write a method for the part that you need"
                    ),
                );
            } else if bound.lifetimes.is_some() {
                errors.push_no_object(
                    bound,
                    "an interface's supertraits must be interfaces or auto traits, without `for<>`",
                );
            }
        }
        TypeParamBound::Lifetime(lifetime) if lifetime.ident == "static" => {}
        other => errors.push_no_object(other, "an interface's supertraits must be interfaces or auto traits"),
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

fn is_self(ty: &Type) -> bool {
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
            "an attribute macro could change this method after `#[interface]` has read it; write out its result, or put \
             it on the trait",
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
        } else if let Some(bound) = predicate.bounds.iter().find(|bound| matches!(bound, TypeParamBound::Trait(_))) {
            errors.push(bound, "a condition on `Self` is not compared; make it a supertrait");
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
    if let Some(token) = &signature.asyncness {
        errors.push_no_object(token, "an `async fn` returns a future whose type has no name; return the value, and let the host choose the thread");
    }
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
            if !matches!(receiver.kind, ReceiverKind::Reference(..)) {
                errors.push_no_object(
                    receiver.self_token,
                    "an interface's method must take `&self` or `&mut self`, because the loader owns the object",
                );
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
        // The bound of a trait object is not a borrow.
        for lifetime in borrowed(ty) {
            if lifetime.ident == "static" {
                errors.push(
                    lifetime,
                    "a `'static` result would outlive its library; return an owned value, or borrow from `self`",
                );
            }
        }
        check_tie(method, ty, errors);
    }
}

/// Refuses a result that borrows from a trait object argument: it would borrow from the argument's wrapper, which lives
/// only for the call.
fn check_tie(method: &TraitItemFn, result: &Type, errors: &mut Errors) {
    let results: Vec<String> = found(result).iter().map(|found| found.ident.to_string()).collect();
    for argument in &method.sig.inputs {
        let FnArg::Typed(typed) = argument else { continue };
        if direct_object(&typed.ty).is_none() {
            continue;
        }
        for lifetime in found(&typed.ty) {
            if results.contains(&lifetime.ident.to_string()) {
                errors.push(
                    lifetime,
                    "a result cannot borrow from a trait object that is lent for the call; return an owned value",
                );
            }
        }
    }
}

/// Returns the trait object behind a plain `&dyn Trait` or `&mut dyn Trait`, and whether the reference is `&mut`.
pub(crate) fn direct_object(ty: &Type) -> Option<(&Type, bool)> {
    match ty {
        Type::Paren(inner) => direct_object(&inner.elem),
        Type::Group(inner) => direct_object(&inner.elem),
        Type::Reference(reference) => {
            let mut object = &*reference.elem;
            loop {
                object = match object {
                    Type::Paren(inner) => &inner.elem,
                    // A type that the caller of a macro has passed.
                    Type::Group(inner) => &inner.elem,
                    _ => break,
                };
            }
            matches!(object, Type::TraitObject(_)).then_some((object, reference.mutability.is_some()))
        }
        _ => None,
    }
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

        fn visit_type_reference(&mut self, reference: &'a syn::TypeReference) {
            check_closure_reference(reference, self.0);
            visit::visit_type_reference(self, reference);
        }

        fn visit_type_trait_object(&mut self, ty: &'a syn::TypeTraitObject) {
            if check_closure(ty, self.0) {
                return visit::visit_type_trait_object(self, ty);
            }
            let mut traits = ty.bounds.iter().filter_map(|bound| match bound {
                TypeParamBound::Trait(bound) => Some(bound),
                _ => None,
            });
            if let Some(first) = traits.next() {
                check_object(&first.path, self.0);
            }
            for auto in traits {
                self.0.push(auto, "write the auto trait as a supertrait of the interface, not on the trait object");
            }
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

fn check_object(path: &Path, errors: &mut Errors) {
    let Some(last) = path.segments.last() else { return };
    let name = last.ident.to_string();
    let message = match name.as_str() {
        "Any" => {
            "a `dyn Any` is recognized by its `TypeId`, which has no meaning across the boundary; use an enum or an interface"
        }
        "Error" => {
            "an error object is recognized by its `TypeId`, which has no meaning across the boundary; return text or your own enum"
        }
        "Iterator" | "DoubleEndedIterator" | "ExactSizeIterator" => {
            "an iterator object cannot be guarded; return a `Vec`, or write an interface with a `next` method"
        }
        "Future" => {
            "a future cannot be guarded, and its waker belongs to the other side; return the value, and let the host choose the thread"
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
        errors.push(&bound.path, "write a closure by the name of its own trait: `Fn`, `FnMut` or `FnOnce`");
    }
    for other in traits(object).filter(|other| !std::ptr::eq(*other, bound)) {
        if auto(other).is_none() {
            errors.push(other, "a closure may have only auto traits beside its own; remove this trait");
        }
    }
    let own = own_lifetimes(bound);
    for lifetime in inside(&last.arguments) {
        if lifetime.ident != "_" && lifetime.ident != "static" && !own.contains(lifetime) {
            errors.push(
                lifetime,
                "a closure's arguments and result cannot mention a lifetime that is declared outside of it; elide it, so it is one of the closure's own, or write an interface with one method and pass `Box<dyn _>` of it",
            );
        }
    }
    true
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
