//! `async fn`: a method that returns a boxed future, with the same signature as that of the crate `async-trait`. So a
//! plugin's author may write `#[async_trait]` on the implementation.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{
    FnArg, GenericArgument, GenericParam, Ident, ItemTrait, Lifetime, Pat, Path, ReceiverKind, ReturnType, TraitItem,
    TraitItemFn, Type, TypeParamBound, parse_quote, parse_quote_spanned,
};

/// Rewrites each `async fn` of a trait.
pub(crate) fn desugar(krate: &Path, item: &mut ItemTrait) {
    let supers: Vec<TypeParamBound> = item.supertraits.iter().cloned().collect();
    for entry in &mut item.items {
        if let TraitItem::Fn(method) = entry {
            if method.sig.asyncness.is_some() {
                desugar_method(krate, method, &supers);
            }
        }
    }
}

fn desugar_method(krate: &Path, method: &mut TraitItemFn, supers: &[TypeParamBound]) {
    let Some(token) = method.sig.asyncness.take() else { return };
    let span = token.span;
    let mut elided = Elided { names: Vec::new() };
    for argument in &mut method.sig.inputs {
        match argument {
            FnArg::Receiver(receiver) => elided.visit_receiver_mut(receiver),
            FnArg::Typed(typed) => elided.visit_type_mut(&mut typed.ty),
        }
    }
    let future = Lifetime::new("'async_trait", span);
    let declared: Vec<Lifetime> = method.sig.generics.lifetimes().map(|known| known.lifetime.clone()).collect();
    let generics = &mut method.sig.generics;
    generics.params.extend(elided.names.iter().map(|name| -> GenericParam { parse_quote!(#name) }));
    generics.params.push(parse_quote!(#future));
    let clause = generics.make_where_clause();
    for name in declared.iter().chain(&elided.names) {
        clause.predicates.push(parse_quote_spanned!(span=> #name: #future));
    }
    // A future that is `Send` may hold `self` only if that may be sent. A supertrait says so, or a bound.
    let needed = match method.sig.inputs.first() {
        Some(FnArg::Receiver(receiver)) if method.default.is_some() => match &receiver.kind {
            ReceiverKind::Reference(_, _, None) => Some("Sync"),
            _ => Some("Send"),
        },
        _ => None,
    };
    let needed = needed.filter(|name| !supers.iter().any(|bound| is_trait(bound, name)));
    let bound = needed.map(|name| {
        let name = Ident::new(name, span);
        quote_spanned!(span=> ::core::marker::#name +)
    });
    method.sig.generics.make_where_clause().predicates.push(parse_quote_spanned!(span=> Self: #bound #future));

    let (arrow, output): (_, Type) = match &method.sig.output {
        ReturnType::Type(arrow, ty) => (*arrow, (**ty).clone()),
        ReturnType::Default => (syn::token::RArrow { spans: [span; 2] }, parse_quote_spanned!(span=> ())),
    };
    // An error about the output points at it.
    let boxed = parse_quote_spanned! {output.span()=>
        ::core::pin::Pin<#krate::__private::Box<
            dyn ::core::future::Future<Output = #output> + ::core::marker::Send + #future
        >>
    };
    method.sig.output = ReturnType::Type(arrow, Box::new(boxed));
    if let Some(body) = &mut method.default {
        let arguments = owned_arguments(&mut method.sig.inputs);
        let statements = &body.stmts;
        let inner: TokenStream = quote_spanned!(span=> #(#arguments)* #(#statements)*);
        *body = parse_quote_spanned! {span=> { #krate::__private::Box::pin(async move { #inner }) } };
    }
    method.attrs.push(parse_quote!(#[must_use]));
    // About the type that is written here, which is not the author's.
    method.attrs.push(parse_quote!(#[allow(clippy::type_complexity, clippy::type_repetition_in_bounds)]));
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
