//! `#[interface]`: the trait as it was written, its records, and its guards.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{
    Attribute, FnArg, Ident, ItemTrait, Lifetime, Path, ReceiverKind, ReturnType, TraitItem, TraitItemFn, Type,
    TypeParamBound, parse_quote,
};

use crate::attribute::{InterfaceOptions, conditions, is_builtin, is_tools, located};
use crate::definition::definition;
use crate::facts;
use crate::guard::Guarded;
use crate::lifetimes::{Names, Places, bound_texts, erased, written};
use crate::section;
use crate::valid::{self, AUTO_TRAITS, direct_object, is_sized_only};

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let interface = match syn::parse2::<ItemTrait>(item.clone()) {
        Ok(interface) => interface,
        Err(_) => {
            let message = "`#[interface]` marks a trait";
            return [syn::Error::new(Span::call_site(), message).into_compile_error(), item].into_iter().collect();
        }
    };
    let mut errors = valid::interface(&interface);
    let options = syn::parse2::<InterfaceOptions>(arguments).unwrap_or_else(|error| {
        errors.add(error);
        InterfaceOptions::default()
    });
    let krate = options.krate.0;
    let (builtin, foreign): (Vec<Attribute>, Vec<Attribute>) = interface.attrs.iter().cloned().partition(is_builtin);
    if !options.last && !foreign.is_empty() {
        // They may change the trait, whatever they are called: they expand first, and this macro sees what they made.
        let item = ItemTrait { attrs: builtin, ..interface };
        return quote!(#(#foreign)* #[#krate::interface(crate = #krate;)] #item);
    }
    for attribute in foreign.iter().filter(|attribute| !is_tools(attribute)) {
        errors.push(attribute, "this attribute could change the trait after `#[interface]` has read it; put it above");
    }
    let no_object = errors.no_object;
    // The trait stays even if it is no interface, and where it can have objects they are those of an empty interface,
    // so that the user sees these errors and not their consequences.
    let outcome = errors.into_result();
    let refused = outcome.is_err();
    let error = outcome.err().map(syn::Error::into_compile_error);
    let beside = (!no_object).then(|| Interface { item: &interface, krate: krate.clone(), refused }.expand());
    let mut shown = interface.clone();
    // A module of the author's may have the name of a tool: what is not there changes nothing. (`diagnostic` is needed, and
    // stands above this macro by now.)
    shown.attrs.retain(|attribute| !is_tools(attribute) || attribute.path().segments[0].ident == "diagnostic");
    for item in &mut shown.items {
        if let TraitItem::Fn(method) = item {
            method.attrs.retain(|attribute| !is_tools(attribute));
        }
    }
    if !no_object {
        // The last in the vtable. It is no part of the fingerprint: it changes with the contract only.
        shown.items.push(parse_quote! {
            #[doc(hidden)]
            fn __plugbox_origin(&self) -> ::core::option::Option<#krate::__private::Origin<'_>> {
                ::core::option::Option::None
            }
        });
    }
    quote! { #shown #error #beside }
}

pub(crate) struct Interface<'a> {
    pub(crate) item: &'a ItemTrait,
    pub(crate) krate: Path,
    /// Whether errors have been reported, and the methods are not to be looked at.
    pub(crate) refused: bool,
}

impl Interface<'_> {
    fn expand(&self) -> TokenStream {
        let krate = &self.krate;
        let name = &self.item.ident;
        let definition = definition(krate, name, 0);
        let node = self.node();
        let asserts = self.asserts();
        let proofs = self.proofs();
        let guards = [Guarded::Object, Guarded::HostProxy, Guarded::PluginProxy].map(|guarded| self.guard(&guarded));
        let crossing = quote! {
            // SAFETY: this is the trait object of the interface whose node this is, and the only one: the macro wrote
            // both from one definition.
            let crossing = unsafe {
                #krate::__private::Crossing::new(
                    direction,
                    #krate::__private::TypeRef::new(&__PLUGBOX_NODE),
                    <Self as #name>::__plugbox_origin,
                )
            };
        };
        // What is plugbox's own, every host and plugin has: its fingerprint is compared where somebody asks for it.
        let own = self.krate.is_ident("crate");
        // Nobody who lacks an implementation wants to hear of these.
        let unmentioned = own.then(|| quote!(#[diagnostic::do_not_recommend]));
        let recorded = (!own).then(section::attributes);
        quote! {
            #[allow(deprecated)]
            const _: () = {
                const __PLUGBOX_DEFINITION: #krate::__private::Definition = #definition;
                static __PLUGBOX_NODE: #krate::__private::Type = #node;

                #[automatically_derived]
                #unmentioned
                // SAFETY: the macro wrote the node from the definition of this trait, which nothing changes any more: all
                // attributes have expanded. What it concluded from names, the proofs below show.
                unsafe impl<'plugbox> #krate::Shape for dyn #name + 'plugbox {
                    const TYPE: #krate::__private::TypeRef = #krate::__private::TypeRef::new(&__PLUGBOX_NODE);
                    const DEFINITION: #krate::__private::Definition = __PLUGBOX_DEFINITION;
                    const PARAMS: &'static [#krate::__private::TypeRef] = &[];
                    type Lifetimes<Rest> = Rest;
                    type Objects<Rest> = (#krate::__private::Token<'plugbox>, Rest);
                    type Target = Self;

                    fn __cross_box(this: &mut ::std::boxed::Box<Self>, direction: #krate::__private::Direction) {
                        #crossing
                        crossing.owned(this, |object| object, |object| object)
                    }

                    fn __cross_arc(this: &mut ::std::sync::Arc<Self>, direction: #krate::__private::Direction) {
                        #crossing
                        crossing.shared(this, |object| object, |object| object)
                    }
                }

                const __PLUGBOX_REACHED: &#krate::__private::Reached =
                    &#krate::__private::Reached::from(&[#krate::__private::TypeRef::new(&__PLUGBOX_NODE)]);
                const __PLUGBOX_RECORD: &#krate::__private::InterfaceRecord = &#krate::__private::InterfaceRecord {
                    reached: __PLUGBOX_REACHED,
                    version: ::core::env!("CARGO_PKG_VERSION"),
                    in_order: #krate::__layout_in_order!(),
                };
                const __PLUGBOX_NOTES: &#krate::__private::InterfaceNotes =
                    &#krate::__private::InterfaceNotes::new(__PLUGBOX_RECORD);
                const __PLUGBOX_LEN: usize = __PLUGBOX_NOTES.len();

                #recorded
                static __PLUGBOX_RECORDS: #krate::__private::Notes<__PLUGBOX_LEN> = __PLUGBOX_NOTES.cut();

                #[automatically_derived]
                #unmentioned
                // SAFETY: all of it is computed from the node of this trait object.
                unsafe impl #krate::Interface for dyn #name {
                    const NAME: &'static str = __PLUGBOX_DEFINITION.path;
                    const VERSION: &'static str = ::core::env!("CARGO_PKG_VERSION");
                    const FINGERPRINT: #krate::Fingerprint = __PLUGBOX_NOTES.fingerprint;

                    fn records() -> &'static [u8] {
                        &__PLUGBOX_RECORDS.0
                    }
                }

                #[automatically_derived]
                #unmentioned
                // SAFETY: it returns a guard.
                unsafe impl<__PlugboxT: #name + 'static> #krate::__private::ImplementedBy<__PlugboxT> for dyn #name
                where
                    #krate::__private::Guard<__PlugboxT>: #name,
                {
                    fn guarded(
                        plugin: __PlugboxT,
                        name: &'static str,
                    ) -> ::std::boxed::Box<Self> {
                        ::std::boxed::Box::new(#krate::__private::Guard::new(plugin, name))
                    }
                }

                #(#guards)*
                #asserts
                #(#proofs)*
            };
        }
    }

    /// The methods that the trait object has, in vtable order.
    pub(crate) fn methods(&self) -> impl Iterator<Item = &TraitItemFn> {
        self.item.items.iter().filter_map(|item| match item {
            TraitItem::Fn(method) if !is_sized_only(method) && !self.refused => Some(method),
            _ => None,
        })
    }

    /// The supertraits that are interfaces.
    pub(crate) fn supers(&self) -> impl Iterator<Item = &Path> {
        self.item.supertraits.iter().filter_map(|bound| match bound {
            TypeParamBound::Trait(bound) if bound.maybe.is_none() && auto_trait(bound).is_none() => Some(&bound.path),
            _ => None,
        })
    }

    /// The node of the trait object in the graph of shapes.
    fn node(&self) -> TokenStream {
        let krate = &self.krate;
        let name = &self.item.ident;
        let forever = self.item.supertraits.iter().any(|bound| matches!(bound, TypeParamBound::Lifetime(_)));
        let facts = facts::of_objects(krate, &quote!(dyn #name));
        let supers = self.supers().map(|path| quote_spanned! {path.span()=> <dyn #path as #krate::Shape>::TYPE });
        let methods = self.methods().map(|method| {
            let conditions = conditions(&method.attrs);
            let name = method.sig.ident.unraw().to_string();
            let exclusive = is_mut(method);
            let Signature { receiver, arguments, result } = Signature::of(&method.sig);
            let mut names = Names::default();
            let receiver = names.of_lifetime(&receiver);
            let arguments: Vec<_> = arguments.iter().map(|ty| self.use_of(ty, &mut names)).collect();
            let result = match &result {
                None => quote!(::core::option::Option::None),
                Some(ty) => {
                    let ty = self.use_of(ty, &mut names);
                    quote!(::core::option::Option::Some(#ty))
                }
            };
            // Only lifetimes and `Self` are bounded here: `valid` sees to it.
            let bounds = bound_texts(&method.sig.generics, &mut names, Ident::to_string);
            quote! {
                #(#conditions)*
                #krate::__private::Method {
                    name: #name,
                    receiver: #receiver,
                    exclusive: #exclusive,
                    arguments: &[#(#arguments),*],
                    result: #result,
                    bounds: &[#(#bounds),*],
                }
            }
        });
        quote! {
            #krate::__private::Type {
                form: #krate::__private::Form::Dyn,
                definition: __PLUGBOX_DEFINITION,
                params: &[],
                size: 0,
                align: 1,
                needs_drop: false,
                facts: #facts,
                carries: #krate::__private::Carries::All,
                keys: &[],
                body: #krate::__private::Body::Interface {
                    version: ::core::env!("CARGO_PKG_VERSION"),
                    supers: &[#(#supers),*],
                    forever: #forever,
                    methods: &[#(#methods),*],
                },
            }
        }
    }

    /// A type in a signature, without elided lifetimes.
    fn use_of(&self, ty: &Type, names: &mut Names) -> TokenStream {
        let krate = &self.krate;
        let edge = self.type_ref(ty);
        let lifetimes = Places::of(ty, &self.item.generics).named(krate, |lifetime| names.of_lifetime(lifetime));
        let target = erased(ty);
        let target = quote_spanned!(ty.span()=> <#target as #krate::Shape>::Target);
        let facts = facts::of_values(krate, &target);
        let target = quote_spanned!(ty.span()=> <#target as #krate::Shape>::TYPE);
        quote! {
            #krate::__private::Use { ty: #edge, #lifetimes, target: #target, facts: #facts }
        }
    }

    fn type_ref(&self, ty: &Type) -> TokenStream {
        let krate = &self.krate;
        let span = ty.span();
        let ty = erased(ty);
        quote_spanned! {span=> <#ty as #krate::Shape>::TYPE }
    }

    /// Every type of a signature that is not a plain `&dyn Interface` must not hide one where nobody would find it to guard
    /// it. All types are searched at once for objects, which is cheaper, and each by itself only if there are any.
    fn asserts(&self) -> TokenStream {
        let krate = &self.krate;
        let mut known = BTreeSet::new();
        let types: Vec<_> = self
            .methods()
            .flat_map(|method| {
                let arguments = typed(method).filter(|ty| direct_object(ty).is_none());
                let result = match &method.sig.output {
                    ReturnType::Type(_, ty) => Some(&**ty),
                    ReturnType::Default => None,
                };
                arguments.chain(result).map(|ty| (conditions(&method.attrs), ty)).collect::<Vec<_>>()
            })
            .filter(|(conditions, ty)| is_new(&mut known, &quote!(#(#conditions)* #ty)))
            .collect();
        let edges = types.iter().map(|(conditions, ty)| {
            let edge = self.type_ref(ty);
            quote! { #(#conditions)* #edge }
        });
        let each = types.iter().map(|(conditions, ty)| {
            let edge = self.type_ref(ty);
            let call = located(quote!(#krate::__private::assert_crosses(#edge, __PLUGBOX_REACHED)), ty);
            quote! { #(#conditions)* const _: () = if __PLUGBOX_HIDES { #call }; }
        });
        quote! {
            const __PLUGBOX_HIDES: bool =
                __PLUGBOX_NOTES.meets_object && #krate::__private::hides_object(&[#(#edges),*], __PLUGBOX_REACHED);
            #(#each)*
        }
    }
}

/// A signature without elided lifetimes.
pub(crate) struct Signature {
    pub(crate) receiver: Lifetime,
    pub(crate) arguments: Vec<Type>,
    pub(crate) result: Option<Type>,
}

impl Signature {
    pub(crate) fn of(signature: &syn::Signature) -> Self {
        let named = |lifetime: &Option<Lifetime>| lifetime.clone().filter(|lifetime| lifetime.ident != "_");
        let receiver = signature.receiver().and_then(|receiver| match &receiver.kind {
            ReceiverKind::Reference(_, lifetime, _) => named(lifetime),
            _ => None,
        });
        // Longer than any name of the author's.
        let width = signature.generics.lifetimes().map(|known| known.lifetime.ident.to_string().len() + 1).max();
        let width = width.unwrap_or(0);
        let fresh_name = |name: &str| {
            let name = format!("plugbox_{name}");
            Lifetime::new(&format!("'{name:_<width$}"), Span::call_site())
        };
        let receiver = receiver.unwrap_or_else(|| fresh_name("self"));
        let mut elided = 0;
        let mut fresh = || {
            elided += 1;
            fresh_name(&elided.to_string())
        };
        let arguments = signature.inputs.iter().filter_map(|argument| match argument {
            FnArg::Typed(typed) => Some(written(&typed.ty, &mut fresh)),
            FnArg::Receiver(_) => None,
        });
        let arguments = arguments.collect();
        let result = match &signature.output {
            ReturnType::Type(_, ty) => Some(written(ty, || receiver.clone())),
            ReturnType::Default => None,
        };
        Self { receiver, arguments, result }
    }
}

/// Whether a type was not written before in these words. What `$crate` is, depends on the macro that wrote it.
pub(crate) fn is_new(known: &mut BTreeSet<String>, tokens: &TokenStream) -> bool {
    let text = tokens.to_string();
    text.contains("$crate") || known.insert(text)
}

/// The name of a supertrait that is an auto trait.
pub(crate) fn auto_trait(bound: &syn::TraitBound) -> Option<String> {
    let last = bound.path.segments.last()?.ident.to_string();
    AUTO_TRAITS.contains(&last.as_str()).then_some(last)
}

pub(crate) fn is_mut(method: &TraitItemFn) -> bool {
    matches!(
        method.sig.inputs.first(),
        Some(FnArg::Receiver(receiver)) if matches!(receiver.kind, ReceiverKind::Reference(_, _, Some(_)))
    )
}

fn typed(method: &TraitItemFn) -> impl Iterator<Item = &Type> {
    method.sig.inputs.iter().filter_map(|argument| match argument {
        FnArg::Typed(typed) => Some(&*typed.ty),
        FnArg::Receiver(_) => None,
    })
}
