//! The closures of an item: the shape of each, and its wrappers, where it is written.

use std::collections::BTreeMap;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{Attribute, Generics, Type};

use crate::attribute::{located, predicate};
use crate::closure::{Closure, closures_in, number};
use crate::lifetimes::Names;
use crate::pass::{Call, Guarded, Holding};
use crate::scope::Scope;
use crate::uses::{lifetimes_are_written, type_ref, use_of};
use crate::valid::direct_object;

/// The closures in an item, in the scopes of the types in which they stand.
///
/// An alias may give one closure two spellings, `dyn Fn(Id)` and `dyn Fn(u64)`, and in one scope it may have only one
/// shape. So each type has a scope of its own.
#[derive(Default)]
pub(crate) struct Closures(BTreeMap<(u16, String), Occurring>);

/// A closure, with the conditions of each method in which it occurs.
struct Occurring {
    closure: Closure,
    conditions: Vec<Vec<Attribute>>,
}

impl Closures {
    /// Adds the closures in a type, with the conditions of its method.
    pub(crate) fn add(&mut self, ty: &Type, conditions: &[&Attribute]) {
        let closures = closures_in(ty);
        let number = number(&closures);
        for closure in closures {
            closure.arguments.iter().chain(&closure.result).for_each(|ty| self.add(ty, conditions));
            let conditions: Vec<Attribute> = conditions.iter().map(|attribute| (*attribute).clone()).collect();
            let key = (number, closure.text());
            let all = &mut self.0.entry(key).or_insert(Occurring { closure, conditions: Vec::new() }).conditions;
            let text = |set: &Vec<Attribute>| quote!(#(#set)*).to_string();
            if !all.iter().any(|known| text(known) == text(&conditions)) {
                all.push(conditions);
            }
        }
    }

    /// Writes the shape of each closure in its scope.
    pub(crate) fn shapes(&self, scope: &Scope) -> TokenStream {
        let shapes = self.0.iter().map(|((number, _), Occurring { closure, conditions })| {
            closure.shape(scope, &Scope::of_the_item(&scope.krate, *number), &any(conditions))
        });
        quote!(#(#shapes)*)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Closure {
    /// Writes the shape of the closure in a scope of the item.
    fn shape(&self, scope: &Scope, item: &Scope, conditions: &TokenStream) -> TokenStream {
        let krate = &scope.krate;
        let item_shape = item.shape();
        let none = Generics::default();
        let bounds = located(self.bounds(), &self.tokens);
        let kind = self.kind.to_string();
        let autos = self.autos.iter().map(Ident::to_string);
        let mut names = Names::default();
        let arguments: Vec<TokenStream> = self
            .arguments
            .iter()
            .map(|ty| {
                let lent = direct_object(ty).is_some();
                let ty = use_of(scope, &none, ty, &mut names);
                quote!(#krate::__private::Argument { ty: #ty, lent: #lent })
            })
            .collect();
        let result = match &self.result {
            None => quote!(::core::option::Option::None),
            Some(ty) => {
                let ty = use_of(scope, &none, ty, &mut names);
                quote!(::core::option::Option::Some(#ty))
            }
        };
        let edges = self.arguments.iter().chain(&self.result).map(|ty| type_ref(scope, ty));
        let proof = lifetimes_are_written(
            scope,
            &none,
            self.arguments.iter().chain(&self.result),
            Vec::new(),
            Generics::default(),
        );
        let held = Ident::new("__plugbox_held", Span::mixed_site());
        let wrapped = |guarded: Guarded| self.wrapper(&Call { guarded, scope, hides: None }, &held, &Holding::Owned);
        let (host_side, plugin_side) = (wrapped(Guarded::HostProxy), wrapped(Guarded::PluginProxy));
        let crossing = quote! {
            // SAFETY: `Self` is this closure, whose node and type these are (obligation 1 of `new`). The closures below
            // capture only their argument, and use it as a whole (obligation 2).
            let crossing = unsafe {
                #krate::__private::Closures::new(
                    direction,
                    <Self as #item_shape>::TYPE,
                    ::core::any::TypeId::of::<dyn #bounds>(),
                )
            };
        };
        let shared = self.may_be_shared().then(|| {
            quote! {
                fn __cross_arc(this: &mut #krate::__private::Arc<Self>, direction: #krate::__private::Direction) {
                    #crossing
                    #krate::__private::Closures::shared(
                        &crossing,
                        this,
                        |mut #held| #krate::__private::Arc::new(#host_side),
                        |mut #held| #krate::__private::Arc::new(#plugin_side),
                    )
                }
            }
        });
        quote! {
            #conditions
            #[automatically_derived]
            #[allow(unused_mut, deprecated, clippy::all)]
            // SAFETY: the macro wrote the node from the tokens of this closure. The compiler confirms that the author's
            // closure is this one, because no other has a shape in this scope.
            unsafe impl<'plugbox> #item_shape for dyn #bounds + 'plugbox {
                const TYPE: #krate::__private::TypeRef = #krate::__private::TypeRef::new(&const {
                    #krate::__private::Type {
                        form: #krate::__private::Form::Closure,
                        definition: #krate::__private::Definition::foreign(#kind, 0),
                        params: &[#(#edges),*],
                        size: 0,
                        align: 1,
                        needs_drop: false,
                        facts: #krate::__private::Facts::NONE,
                        carries: #krate::__private::Carries::All,
                        keys: &[],
                        // With braces, because Rust 1.85 does not extend the lifetime of what is borrowed in parentheses.
                        body: #krate::__private::Body::Closure { 0: #krate::__private::Closure {
                            kind: #kind,
                            arguments: &[#(#arguments),*],
                            result: #result,
                            autos: &[#(#autos),*],
                        } },
                    }
                });
                const DEFINITION: #krate::__private::Definition = #krate::__private::Definition::foreign(#kind, 0);
                const PARAMS: &'static [#krate::__private::TypeRef] = &[];
                type Lifetimes<Rest> = Rest;
                type Objects<Rest> = (#krate::__private::Token<'plugbox>, Rest);
                type Target = Self;

                fn __cross_box(this: &mut #krate::__private::Box<Self>, direction: #krate::__private::Direction) {
                    #crossing
                    #krate::__private::Closures::owned(
                        &crossing,
                        this,
                        |mut #held| #krate::__private::Box::new(#host_side),
                        |mut #held| #krate::__private::Box::new(#plugin_side),
                    )
                }

                #shared
            }

            #conditions
            #proof
        }
    }
}

/// Writes the condition that any of these sets of attributes holds.
fn any(sets: &[Vec<Attribute>]) -> TokenStream {
    match sets {
        [only] => quote!(#(#only)*),
        _ if sets.iter().any(Vec::is_empty) => TokenStream::new(),
        _ => {
            let sets = sets.iter().map(|set| {
                let each = set.iter().map(predicate);
                quote!(all(#(#each),*))
            });
            quote!(#[cfg(any(#(#sets),*))])
        }
    }
}
