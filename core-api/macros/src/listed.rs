//! `foreign(..)`: the types of foreign crates that a trait or a type names once.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Field, Generics, Ident, Lifetime, Token, Type, parenthesized};

use crate::attribute::located;
use crate::foreign::{Foreign, foreign_arguments, from_its_crate};
use crate::lifetimes::{Place, depends, erased, found, list, mentions, written};
use crate::scope::Scope;
use crate::valid::Errors;

/// The types of foreign crates that have a shape within an item.
#[derive(Default)]
pub(crate) struct Listed {
    types: Vec<Foreign>,
}

impl Listed {
    /// Parses the list after the word `foreign`, and reports all errors in it.
    pub(crate) fn add(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let content;
        parenthesized!(content in input);
        let mut errors = Errors::default();
        for Entry { ty, others } in Punctuated::<Entry, Token![,]>::parse_terminated(&content)? {
            match Foreign::new(&ty, others) {
                Ok(foreign) => self.types.push(foreign),
                Err(error) => errors.add(error),
            }
        }
        errors.into_result()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.types.is_empty()
    }

    pub(crate) fn types(&self) -> impl Iterator<Item = &Foreign> {
        self.types.iter()
    }

    /// Refuses a field of a generic type that has both a parameter of the type and a listed type in it: a parameter has a
    /// shape where the user of the type says so, and a listed type only within the item.
    pub(crate) fn check_field(&self, field: &Field, generics: &Generics, errors: &mut Errors) {
        let names: Vec<Ident> = self.types.iter().filter_map(Foreign::ident).cloned().collect();
        if depends(&field.ty, generics) && mentions(&field.ty.to_token_stream(), &names) {
            errors.push(
                &field.ty,
                "a parameter of the type and a listed foreign type are both in this field; write `#[shape(foreign)]` on \
                 the field and the foreign type with its full path, as in `::smallvec::SmallVec<[T; 1]>`, or put the foreign \
                 type into a struct of its own, with a list of its own",
            );
        }
    }

    /// Writes the shapes of the listed types in the item's scopes. The compiler thereby decides which type each
    /// name in the item stands for.
    pub(crate) fn shapes(&self, krate: &syn::Path) -> TokenStream {
        if self.is_empty() {
            return TokenStream::new();
        }
        let shapes = self.types.iter().map(|foreign| shape(foreign, krate));
        quote!(#(#shapes)*)
    }
}

impl ToTokens for Listed {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let types = self.types.iter().map(|foreign| {
            let (ty, crates) = (&foreign.ty, &foreign.others);
            quote!(#ty in (#(#crates),*))
        });
        tokens.extend(quote!(foreign(#(#types),*)));
    }
}

/// An entry of the list: `::http::Request<Vec<u8>>` or, with the further crates that decide its contents,
/// `::http::Request<Vec<u8>> in (bytes)`.
struct Entry {
    ty: Type,
    others: Vec<Ident>,
}

impl Parse for Entry {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let ty = input.parse()?;
        let mut others = Vec::new();
        if input.parse::<Option<Token![in]>>()?.is_some() {
            let content;
            parenthesized!(content in input);
            others.extend(Punctuated::<Ident, Token![,]>::parse_terminated(&content)?);
        }
        Ok(Self { ty, others })
    }
}

/// Writes the shape of a type in all scopes of the item.
fn shape(foreign: &Foreign, krate: &syn::Path) -> TokenStream {
    let scope_number = Ident::new("__PLUGBOX_SCOPE", Span::mixed_site());
    let scope = &Scope::of_the_item_with(krate, &scope_number);
    let shape = scope.shape();
    let none = Generics::default();
    let mut number = 0;
    let mut ty = written(&foreign.ty, || {
        number += 1;
        Lifetime::new(&format!("'plugbox_{number}"), Span::call_site())
    });
    let lifetimes: Vec<Lifetime> = found(&ty).into_iter().cloned().collect();
    let own = lifetimes.iter().take(foreign.lifetimes()).map(|lifetime| Place::Written(lifetime.clone()));
    // The lists of its arguments are their own, because an alias may stand for any of them.
    let arguments: Vec<Place> =
        foreign_arguments(&ty, &none).into_iter().map(|argument| Place::Inside(Box::new(argument.clone()))).collect();
    let borrows: Vec<Place> = own.chain(arguments.iter().cloned()).collect();
    let rest = Ident::new("__PlugboxRest", Span::mixed_site());
    let borrows = list(scope, &borrows, &quote!(Lifetimes), rest.to_token_stream());
    let objects = list(scope, &arguments, &quote!(Objects), rest.to_token_stream());
    let extern_crate = from_its_crate(&mut ty);
    let mut parameters: Vec<Lifetime> = lifetimes.into_iter().filter(|lifetime| lifetime.ident != "static").collect();
    parameters.sort();
    parameters.dedup();
    let definition = foreign.definition(scope);
    let erased = erased(&ty);
    let params = foreign.params(scope, &erased, &none);
    let node = foreign.node(scope, &erased, &erased, &none);
    let assert = foreign.assert(&Scope::of_the_item(krate, 0), &erased);
    // The compiler points at this item if the type has a shape already. It has no token of the author, who may forbid
    // unsafe code.
    let implementation = quote! {
        // SAFETY: the macro wrote the node for the type of this name in its own crate, and the compiler has resolved
        // the name.
        unsafe impl<#(#parameters,)* const #scope_number: u16> #shape for __PlugboxForeign<#(#parameters),*> {
            const TYPE: #krate::__private::TypeRef = #node;
            const DEFINITION: #krate::__private::Definition = #definition;
            const PARAMS: &'static [#krate::__private::TypeRef] = &[#(#params),*];
            type Lifetimes<#rest> = #borrows;
            type Objects<#rest> = #objects;
            type Target = Self;
        }
    };
    let implementation = located(implementation, &foreign.ty);
    quote! {
        // About the author's path, which must be written so.
        #[allow(unused_qualifications)]
        const _: () = {
            #extern_crate

            type __PlugboxForeign<#(#parameters),*> = #ty;

            const _: () = #assert;

            #[automatically_derived]
            #implementation
        };
    }
}
