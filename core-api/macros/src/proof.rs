//! Proofs: generated code with which the compiler confirms a macro's conclusions from names.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;
use syn::{Data, Field, Fields, Generics, Ident, TraitItem, TraitItemFn, Type, TypeParamBound, WherePredicate};

use crate::attribute::{conditions, located};
use crate::foreign::{foreign_arguments, from_its_crate};
use crate::lifetimes::Places;
use crate::model::{Interface, Signature, is_new};
use crate::shape::{Derive, Own, field_options};
use crate::uses::lifetimes_are_written;
use crate::valid::{auto_trait, sized_bound};

impl Interface<'_> {
    /// Writes proofs for the compiler: that a supertrait with the name of an auto trait is that trait, that a method
    /// with `where Self: Sized` is not in the vtable, and that every lifetime of a signature is written.
    pub(crate) fn proofs(&self) -> Vec<TokenStream> {
        let krate = &self.krate;
        let mut proofs = Vec::new();
        for bound in &self.item.supertraits {
            if let TypeParamBound::Trait(bound) = bound {
                if auto_trait(bound).is_some() {
                    let path = &bound.path;
                    let assert = quote_spanned!(path.span()=> #krate::__private::assert_auto_trait::<dyn #path>());
                    proofs.push(quote!(const _: () = #assert;));
                }
            }
        }
        for item in &self.item.items {
            let TraitItem::Fn(method) = item else { continue };
            if let Some(sized) = sized_bound(method) {
                let conditions = conditions(&method.attrs);
                let assert = quote_spanned!(sized.span()=> #krate::__private::assert_sized::<T>());
                proofs.push(quote! {
                    #(#conditions)*
                    const _: () = {
                        #[allow(dead_code)]
                        const fn has_size<T: ?::core::marker::Sized>() where T: #sized {
                            #assert
                        }
                    };
                });
            }
        }
        let mut known = BTreeSet::new();
        proofs.extend(self.methods().filter_map(|method| self.lifetimes_of(method, &mut known)));
        proofs
    }

    /// Writes the proof that all lifetimes of a method's signature are written. `known` holds the types proved before.
    fn lifetimes_of(&self, method: &TraitItemFn, known: &mut BTreeSet<String>) -> Option<TokenStream> {
        let conditions = conditions(&method.attrs);
        let Signature { receiver, arguments, result } = Signature::of(&method.sig);
        let mut parameters = method.sig.generics.clone();
        let types = arguments.iter().chain(&result).filter(|ty| {
            let none = Places::of(ty, &self.item.generics).are_none();
            !none || is_new(known, &quote!(#(#conditions)* #ty))
        });
        if let Some(clause) = &mut parameters.where_clause {
            // No type in the signature depends on bounds on `Self`.
            let predicates =
                clause.predicates.iter().filter(|predicate| matches!(predicate, WherePredicate::Lifetime(_)));
            clause.predicates = predicates.cloned().collect();
        }
        let proof = lifetimes_are_written(&self.scope, &self.item.generics, types, vec![receiver], parameters)?;
        Some(quote! { #(#conditions)* #proof })
    }
}

impl Derive<'_> {
    /// Writes proofs for the compiler: that the fields are exactly those that the macro saw, and that every lifetime in
    /// their types is written.
    pub(crate) fn proofs(&self) -> syn::Result<TokenStream> {
        let krate = &self.krate;
        let name = &self.input.ident;
        let own = self.own();
        let whole: Vec<(TokenStream, &Fields)> = match &self.input.data {
            Data::Struct(data) => vec![(quote!(#name), &data.fields)],
            Data::Enum(data) => data
                .variants
                .iter()
                .map(|variant| {
                    let variant_name = &variant.ident;
                    (quote!(#name::#variant_name), &variant.fields)
                })
                .collect(),
            Data::Union(_) => Vec::new(),
        };
        let value = Ident::new("__plugbox_value", Span::mixed_site());
        let mut fields = TokenStream::new();
        let mut crates = BTreeMap::new();
        let (mut arguments, mut calls) = (Vec::new(), Vec::new());
        for (path, members) in &whole {
            let mut patterns = Vec::new();
            let mut asserts = Vec::new();
            for (index, (field, member)) in members.iter().zip(members.members()).enumerate() {
                let mut ty = field.ty.clone();
                Own(&own).visit_type_mut(&mut ty);
                let place = Ident::new(&format!("__plugbox_field_{index}"), Span::mixed_site());
                if field_options(field)?.foreign.is_some() {
                    crates.extend(from_its_crate(&mut ty).map(|named| (named.alias.to_string(), named)));
                }
                let exactly = |place: TokenStream| {
                    let field = quote!(#krate::__private::of_field(#place));
                    located(quote!(#krate::__private::Exactly::<#ty>::is(#field);), &ty)
                };
                if matches!(self.input.data, Data::Struct(_)) {
                    // Fields of a packed type cannot be borrowed.
                    patterns.push(quote!(#member: _));
                    asserts.push(exactly(quote!(&raw const #value.#member)));
                } else {
                    patterns.push(quote!(#member: #place));
                    asserts.push(exactly(place.to_token_stream()));
                }
                for ty in claimed(field, &ty, &self.input.generics)? {
                    let scope = self.scope_of(field, &ty);
                    let claims = Places::of(&ty, &self.input.generics).claims(&scope);
                    let argument = Ident::new(&format!("__plugbox_type_{}", arguments.len()), ty.span());
                    arguments.push(quote!(#argument: #krate::__private::Shown<#ty>));
                    calls.push(scope.lifetimes_are(&ty, &claims, &argument));
                }
            }
            let of_struct = matches!(self.input.data, Data::Struct(_));
            fields.extend(if of_struct {
                quote! { let #path { #(#patterns),* } = #value; #(#asserts)* }
            } else {
                quote! { #path { #(#patterns),* } => { #(#asserts)* } }
            });
        }
        let fields = match &self.input.data {
            Data::Struct(_) => fields,
            _ if whole.is_empty() => quote! { match *#value {} },
            _ => quote! { match #value { #fields } },
        };
        let shaped = self.shaped();
        let (impl_generics, _, where_clause) = shaped.split_for_impl();
        let crates = crates.values();
        Ok(quote! {
            #(#crates)*

            #[allow(dead_code, unused_variables, single_use_lifetimes, clippy::all)]
            fn __plugbox_fields_are_as_they_are_written #impl_generics(#value: &#own, #(#arguments),*) #where_clause {
                #fields
                #(#calls)*
            }
        })
    }
}

/// Returns the types whose lifetimes the derive claims for a field: the field's type, or the arguments of a foreign
/// type.
fn claimed(field: &Field, ty: &Type, generics: &Generics) -> syn::Result<Vec<Type>> {
    if field_options(field)?.foreign.is_none() {
        return Ok(vec![ty.clone()]);
    }
    Ok(foreign_arguments(ty, generics).into_iter().cloned().collect())
}
