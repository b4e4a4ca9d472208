//! `async fn`: a method that returns a boxed future, with the same signature as that of the crate `async-trait`. So a
//! plugin's author may write `#[async_trait]` on the implementation.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Block, FnArg, GenericArgument, GenericParam, Ident, ItemTrait, Lifetime, Pat, Path, ReceiverKind,
    ReturnType, Signature, Token, TraitItem, TraitItemFn, Type, TypeImplTrait, TypeParamBound, WherePredicate,
    parse_quote, parse_quote_spanned,
};

use crate::lifetimes::written;
use crate::valid::{auto_trait, future_of, is_self};

/// Rewrites each `async fn` of a trait.
pub(crate) fn desugar(krate: &Path, item: &mut ItemTrait) {
    let supers: Vec<TypeParamBound> = item.supertraits.iter().cloned().collect();
    for entry in &mut item.items {
        let TraitItem::Fn(method) = entry else { continue };
        if let Some(written) = desugar_method(krate, &mut method.sig, method.default.as_ref(), true) {
            method.default = written.body.map(|body| parse_quote!({ #krate::__private::Box::pin(#body) }));
            method.attrs.extend([parse_quote!(#[must_use]), written.lints]);
        }
        if method.default.is_some() && future_of(&method.sig.output).is_some() {
            bound_by_supertraits(method, &supers);
        }
    }
}

/// What becomes of an `async fn`, besides its signature.
pub(crate) struct Written {
    /// The future, if the method has a body.
    pub(crate) body: Option<TokenStream>,
    /// The attribute that allows what it is written like.
    pub(crate) lints: Attribute,
}

/// Rewrites the signature of an `async fn`; `None` for any other method. `is_provided` says whether a body is that of a
/// trait, for all types that implement it.
pub(crate) fn desugar_method(
    krate: &Path,
    signature: &mut Signature,
    body: Option<&Block>,
    is_provided: bool,
) -> Option<Written> {
    let span = signature.asyncness.take()?.span;
    let mut elided = Elided { names: Vec::new() };
    for argument in &mut signature.inputs {
        match argument {
            FnArg::Receiver(receiver) => elided.visit_receiver_mut(receiver),
            FnArg::Typed(typed) => elided.visit_type_mut(&mut typed.ty),
        }
    }
    let future = Lifetime::new("'async_trait", span);
    let generics = &mut signature.generics;
    let mut outlives: Vec<WherePredicate> = Vec::new();
    for parameter in &mut generics.params {
        match parameter {
            GenericParam::Lifetime(known) => {
                let (name, bounds) = (&known.lifetime, std::mem::take(&mut known.bounds));
                known.colon_token = None;
                outlives.push(parse_quote_spanned!(span=> #name: #future + #bounds));
            }
            GenericParam::Type(known) => {
                let (name, bounds) = (&known.ident, std::mem::take(&mut known.bounds));
                known.colon_token = None;
                outlives.push(parse_quote_spanned!(span=> #name: #future + #bounds));
            }
            GenericParam::Const(_) => {}
        }
    }
    for name in &elided.names {
        outlives.push(parse_quote_spanned!(span=> #name: #future));
    }
    generics.params.extend(elided.names.iter().map(|name| -> GenericParam { parse_quote!(#name) }));
    generics.params.push(parse_quote!(#future));
    // Errors about the generics and the bounds point at the name.
    let name = signature.ident.span();
    let generics = &mut signature.generics;
    (generics.lt_token, generics.gt_token) = (Some(Token![<](name)), Some(Token![>](name)));
    generics.make_where_clause().where_token = Token![where](name);
    // A future that is `Send` may hold `self` only if that may be sent.
    let receiver = signature.receiver().map(|receiver| receiver.kind.clone());
    let needed = match &receiver {
        _ if body.is_none() || !is_provided => None,
        Some(ReceiverKind::Reference(_, _, None)) => Some("Sync"),
        Some(_) => Some("Send"),
        None => None,
    };
    let bound = needed.map(|name| {
        let name = Ident::new(name, span);
        quote_spanned!(span=> ::core::marker::#name +)
    });
    outlives.push(parse_quote_spanned!(span=> Self: #bound #future));
    signature.generics.make_where_clause().predicates.extend(outlives);

    let (arrow, output): (_, Type) = match &signature.output {
        ReturnType::Type(arrow, ty) => (*arrow, (**ty).clone()),
        ReturnType::Default => (syn::token::RArrow { spans: [span; 2] }, parse_quote_spanned!(span=> ())),
    };
    // The compiler warns of a name that is elided beside one that is written.
    let output = match &receiver {
        Some(ReceiverKind::Reference(_, Some(lifetime), _)) => written(&output, || lifetime.clone()),
        _ => output,
    };
    // An error about the output points at it.
    let boxed = parse_quote_spanned! {output.span()=>
        ::core::pin::Pin<#krate::__private::Box<
            dyn ::core::future::Future<Output = #output> + ::core::marker::Send + #future
        >>
    };
    signature.output = ReturnType::Type(arrow, Box::new(boxed));
    let body = body.map(|body| {
        let arguments = owned_arguments(&mut signature.inputs);
        let statements = &body.stmts;
        let result = Ident::new("__plugbox_result", Span::mixed_site());
        // The first statement gives `return` and `?` the type of the result, and the last one gives it to the body.
        let typed = quote_spanned! {span=>
            if let ::core::option::Option::Some(#result) = ::core::option::Option::None::<#output> {
                #[allow(unreachable_code)]
                return #result;
            }
            #(#arguments)*
            let #result: #output = { #(#statements)* };
            #[allow(unreachable_code)]
            #result
        };
        // `impl Trait` may not be written in a body.
        let is_named = !has_impl_trait(|find| find.visit_type(&output));
        let inner = if is_named { typed } else { quote_spanned!(span=> #(#arguments)* #(#statements)*) };
        quote_spanned!(span=> async move { #inner })
    });
    // The lints are about what is written here, which is not the author's.
    let lints = parse_quote! {
        #[allow(
            clippy::type_complexity,
            clippy::type_repetition_in_bounds,
            clippy::async_yields_async,
            clippy::diverging_sub_expression,
            clippy::let_unit_value,
            clippy::no_effect_underscore_binding,
            clippy::shadow_same,
            clippy::used_underscore_binding
        )]
    };
    Some(Written { body, lints })
}

/// Whether there is an `impl Trait` in what is visited.
pub(crate) fn has_impl_trait(visit: impl FnOnce(&mut FindImplTrait)) -> bool {
    let mut find = FindImplTrait(false);
    visit(&mut find);
    find.0
}

pub(crate) struct FindImplTrait(bool);

impl Visit<'_> for FindImplTrait {
    fn visit_type_impl_trait(&mut self, _: &TypeImplTrait) {
        self.0 = true;
    }
}

/// Removes the bounds by auto traits on `Self` that the supertraits already say, or may say: the compiler then checks
/// whether they do.
fn bound_by_supertraits(method: &mut TraitItemFn, supers: &[TypeParamBound]) {
    let may_say = supers.iter().any(|bound| match bound {
        TypeParamBound::Trait(other) => {
            auto_trait(other).is_none() && !is_trait(bound, "Debug") && !is_trait(bound, "Display")
        }
        _ => false,
    });
    let said = |name: &str| supers.iter().any(|bound| is_trait(bound, name));
    for predicate in method.sig.generics.where_clause.iter_mut().flat_map(|clause| &mut clause.predicates) {
        let WherePredicate::Type(predicate) = predicate else { continue };
        if is_self(&predicate.bounded_ty) {
            let bounds = std::mem::take(&mut predicate.bounds);
            let is_kept = |bound: &TypeParamBound| match bound {
                TypeParamBound::Trait(wanted) => auto_trait(wanted).is_none_or(|name| !may_say && !said(&name)),
                _ => true,
            };
            predicate.bounds = bounds.into_iter().filter(is_kept).collect();
        }
    }
}

/// Returns the statements that move the arguments into the future, so they are dropped with it. An argument that is a
/// pattern gets a name, because the method of a trait object takes none.
fn owned_arguments(inputs: &mut syn::punctuated::Punctuated<FnArg, syn::Token![,]>) -> Vec<TokenStream> {
    let mut statements = Vec::new();
    for (index, argument) in inputs.iter_mut().enumerate() {
        let FnArg::Typed(typed) = argument else { continue };
        let pattern = (*typed.pat).clone();
        let own_name = match &pattern {
            Pat::Ident(plain) if plain.subpat.is_none() => Some(plain.ident.clone()),
            _ => None,
        };
        let name = own_name.unwrap_or_else(|| Ident::new(&format!("__plugbox_argument_{index}"), Span::mixed_site()));
        *typed.pat = parse_quote!(#name);
        // The pattern `_` moves nothing.
        statements.push(quote_spanned!(name.span()=> #[allow(clippy::redundant_locals)] let #name = #name;));
        statements.push(quote_spanned!(name.span()=> #[allow(clippy::redundant_locals)] let #pattern = #name;));
    }
    statements
}

fn is_trait(bound: &TypeParamBound, name: &str) -> bool {
    match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().is_some_and(|last| last.ident == name),
        _ => false,
    }
}

/// Names each lifetime that is elided in the arguments, in the order in which they stand there.
struct Elided {
    names: Vec<Lifetime>,
}

impl Elided {
    fn next(&mut self, span: Span) -> Lifetime {
        let name = Lifetime::new(&format!("'life{}", self.names.len()), span);
        self.names.push(name.clone());
        name
    }
}

impl VisitMut for Elided {
    fn visit_receiver_mut(&mut self, receiver: &mut syn::Receiver) {
        if let ReceiverKind::Reference(and, lifetime, _) = &mut receiver.kind {
            if lifetime.as_ref().is_none_or(|lifetime| lifetime.ident == "_") {
                *lifetime = Some(self.next(and.spans[0]));
            }
        } else {
            visit_mut::visit_receiver_mut(self, receiver);
        }
    }

    fn visit_type_reference_mut(&mut self, reference: &mut syn::TypeReference) {
        if reference.lifetime.as_ref().is_none_or(|lifetime| lifetime.ident == "_") {
            reference.lifetime = Some(self.next(reference.and_token.spans[0]));
        }
        self.visit_type_mut(&mut reference.elem);
    }

    fn visit_generic_argument_mut(&mut self, argument: &mut GenericArgument) {
        match argument {
            GenericArgument::Lifetime(lifetime) if lifetime.ident == "_" => *lifetime = self.next(lifetime.span()),
            _ => visit_mut::visit_generic_argument_mut(self, argument),
        }
    }
}
