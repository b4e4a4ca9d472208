//! `#[interface]`: the trait as it was written, its records, and its guards.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{
    FnArg, Ident, ItemTrait, Path, ReceiverKind, ReturnType, TraitItem, TraitItemFn, Type, TypeParamBound, parse_quote,
};

use crate::attribute::{CratePath, conditions, located};
use crate::lifetimes::{borrows, erased, text};
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
    let krate = syn::parse2::<CratePath>(arguments).unwrap_or_else(|error| {
        errors.add(error);
        CratePath::default()
    });
    let no_object = errors.no_object;
    // The trait stays even if it is no interface, and where it can have objects they are those of an empty interface,
    // so that the user sees these errors and not their consequences.
    let outcome = errors.into_result();
    let refused = outcome.is_err();
    let error = outcome.err().map(syn::Error::into_compile_error);
    let krate = krate.0;
    let beside = (!no_object).then(|| Interface { item: &interface, krate: krate.clone(), refused }.expand());
    let mut shown = interface.clone();
    if !no_object {
        // The last in the vtable. It is no part of the fingerprint: it changes with the contract only.
        shown.items.push(parse_quote! {
            #[doc(hidden)]
            fn __plugbox_origin(&self) -> ::core::option::Option<#krate::__private::Origin> {
                ::core::option::Option::None
            }
        });
    }
    quote! { #shown #error #beside }
}

struct Interface<'a> {
    item: &'a ItemTrait,
    krate: Path,
    /// Whether errors have been reported, and the methods are not to be looked at.
    refused: bool,
}

/// Who implements the trait in one of the generated pieces.
enum Guarded {
    /// The plugin's concrete type.
    Object,
    /// A host's object that is lent to a plugin.
    HostSide,
    /// A plugin's object that is lent to the host.
    PluginSide,
}

impl Interface<'_> {
    fn expand(&self) -> TokenStream {
        let krate = &self.krate;
        let name = &self.item.ident;
        let shown = name.unraw().to_string();
        let node = self.node(&shown);
        let asserts = self.asserts();
        let guards = [Guarded::Object, Guarded::HostSide, Guarded::PluginSide].map(|guarded| self.guard(&guarded));
        let crossing = quote! {
            #krate::__private::Crossing {
                way,
                origin: #name::__plugbox_origin(&**this),
                node: #krate::__private::TypeRef::new(&__PLUGBOX_NODE),
                object: ::core::marker::PhantomData,
            }
        };
        // What is plugbox's own, every host and plugin has: its fingerprint is compared where somebody asks for it.
        let own = self.krate.is_ident("crate");
        // Nobody who lacks an implementation wants to hear of these.
        let unmentioned = own.then(|| quote!(#[diagnostic::do_not_recommend]));
        let recorded = (!own).then(|| {
            quote! {
                #[used]
                #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__plugbox"))]
                #[cfg_attr(windows, unsafe(link_section = ".plugbox"))]
                #[cfg_attr(not(any(target_vendor = "apple", windows)), unsafe(link_section = ".note.plugbox"))]
            }
        });
        quote! {
            const _: () = {
                static __PLUGBOX_NODE: #krate::__private::Type = #node;

                #[automatically_derived]
                #unmentioned
                // SAFETY: the node above describes this trait object; the macro wrote both from one definition.
                unsafe impl<'plugbox> #krate::Shape for dyn #name + 'plugbox {
                    const TYPE: #krate::__private::TypeRef = #krate::__private::TypeRef::new(&__PLUGBOX_NODE);

                    fn __cross_box(this: &mut ::std::boxed::Box<Self>, way: #krate::__private::Way) {
                        let crossing = #crossing;
                        // SAFETY: `crossing` was made of this object, and of the node of this trait object.
                        unsafe { crossing.owned(this, |object| object, |object| object) }
                    }

                    fn __cross_arc(this: &mut ::std::sync::Arc<Self>, way: #krate::__private::Way) {
                        let crossing = #crossing;
                        // SAFETY: `crossing` was made of this object, and of the node of this trait object.
                        unsafe { crossing.shared(this, |object| object, |object| object) }
                    }
                }

                const __PLUGBOX_RECORD: &#krate::__private::InterfaceRecord = &#krate::__private::InterfaceRecord {
                    ty: #krate::__private::TypeRef::new(&__PLUGBOX_NODE),
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
                    const NAME: &'static str = __PLUGBOX_NODE.path;
                    const VERSION: &'static str = ::core::env!("CARGO_PKG_VERSION");
                    const FINGERPRINT: #krate::Fingerprint = __PLUGBOX_NOTES.fingerprint;

                    fn records() -> &'static [u8] {
                        &__PLUGBOX_RECORDS.0
                    }
                }

                #[automatically_derived]
                #unmentioned
                impl<__PlugboxT: #name + 'static> #krate::__private::ImplementedBy<__PlugboxT> for dyn #name
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
            };
        }
    }

    /// The methods that the trait object has, in vtable order.
    fn methods(&self) -> impl Iterator<Item = &TraitItemFn> {
        self.item.items.iter().filter_map(|item| match item {
            TraitItem::Fn(method) if !is_sized_only(method) && !self.refused => Some(method),
            _ => None,
        })
    }

    /// The supertraits that are interfaces.
    fn supers(&self) -> impl Iterator<Item = &Path> {
        self.item.supertraits.iter().filter_map(|bound| match bound {
            TypeParamBound::Trait(bound) if bound.maybe.is_none() && auto_trait(bound).is_none() => Some(&bound.path),
            _ => None,
        })
    }

    /// The node of the trait object in the graph of shapes.
    fn node(&self, shown: &str) -> TokenStream {
        let krate = &self.krate;
        let mut autos = BTreeSet::new();
        for bound in &self.item.supertraits {
            match bound {
                TypeParamBound::Trait(bound) => autos.extend(auto_trait(bound)),
                _ => drop(autos.insert("'static".to_owned())),
            }
        }
        let supers = self.supers().map(|path| quote_spanned! {path.span()=> <dyn #path as #krate::Shape>::TYPE });
        let autos = autos.into_iter().collect::<Vec<_>>().join(" ");
        let methods = self.methods().map(|method| {
            let conditions = conditions(&method.attrs);
            let name = method.sig.ident.unraw().to_string();
            let receiver = if is_mut(method) { "&mut self" } else { "&self" };
            let arguments = typed(method).map(|ty| self.type_ref(ty));
            let result = match &method.sig.output {
                ReturnType::Default => quote!(::core::option::Option::None),
                ReturnType::Type(_, ty) => {
                    let ty = self.type_ref(ty);
                    quote!(::core::option::Option::Some(#ty))
                }
            };
            let borrows = borrows(&method.sig);
            quote! {
                #(#conditions)*
                #krate::__private::Method {
                    name: #name,
                    receiver: #receiver,
                    arguments: &[#(#arguments),*],
                    result: #result,
                    borrows: #borrows,
                }
            }
        });
        quote! {
            #krate::__private::Type {
                form: #krate::__private::Form::Dyn,
                path: ::core::concat!(::core::module_path!(), "::", #shown),
                params: &[],
                size: 0,
                align: 1,
                carries: #krate::__private::Carries::All,
                body: #krate::__private::Body::Interface {
                    version: ::core::env!("CARGO_PKG_VERSION"),
                    supers: &[#(#supers),*],
                    autos: #autos,
                    methods: &[#(#methods),*],
                },
            }
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
            .filter(|(conditions, ty)| known.insert(text(&quote!(#(#conditions)* #ty))))
            .collect();
        let edges = types.iter().map(|(conditions, ty)| {
            let edge = self.type_ref(ty);
            quote! { #(#conditions)* #edge }
        });
        let each = types.iter().map(|(conditions, ty)| {
            let edge = self.type_ref(ty);
            let call = located(quote!(#krate::__private::assert_crosses(#edge)), ty);
            quote! { #(#conditions)* const _: () = if __PLUGBOX_HIDES { #call }; }
        });
        quote! {
            const __PLUGBOX_HIDES: bool =
                __PLUGBOX_NOTES.meets_others && #krate::__private::hides_object(&[#(#edges),*]);
            #(#each)*
        }
    }

    /// The trait for one of the guards.
    fn guard(&self, guarded: &Guarded) -> TokenStream {
        let krate = &self.krate;
        let name = &self.item.ident;
        // Generic over the object: it may be that of an interface which has this one as its supertrait.
        let (generics, target) = match guarded {
            Guarded::Object => (quote!(<__PlugboxT: #name>), quote!(#krate::__private::Guard<__PlugboxT>)),
            Guarded::HostSide | Guarded::PluginSide => {
                let side = guarded.side();
                (
                    quote! {
                        <
                            __PlugboxT: ?::core::marker::Sized + #name,
                            __PlugboxH: #krate::__private::Hold,
                        >
                    },
                    quote!(#krate::__private::#side<__PlugboxT, __PlugboxH>),
                )
            }
        };
        let origin = (!matches!(guarded, Guarded::Object)).then(|| {
            quote! {
                fn __plugbox_origin(&self) -> ::core::option::Option<#krate::__private::Origin> {
                    self.origin()
                }
            }
        });
        // Always true. Said here, because a supertrait that is no interface is reported once already.
        let supers = self.supers();
        let methods = self.item.items.iter().filter_map(|item| match item {
            TraitItem::Fn(method) if !is_sized_only(method) && !self.refused => {
                Some(self.guard_method(method, guarded))
            }
            TraitItem::Fn(method) if method.default.is_none() => Some(unreachable_method(method)),
            _ => None,
        });
        quote! {
            #[automatically_derived]
            #[allow(deprecated, clippy::all)]
            impl #generics #name for #target where #(#target: #supers,)* {
                #(#methods)*
                #origin
            }
        }
    }

    /// One method of a guard: lends the trait objects among the arguments to the other side, takes those that are given
    /// away across, and runs guarded.
    fn guard_method(&self, method: &TraitItemFn, guarded: &Guarded) -> TokenStream {
        let krate = &self.krate;
        let conditions = conditions(&method.attrs);
        let mut signature = method.sig.clone();
        let side = guarded.other_side();
        let mut lend = Vec::new();
        let mut passed: Vec<TokenStream> = Vec::new();
        for (index, argument) in signature.inputs.iter_mut().enumerate() {
            let FnArg::Typed(typed) = argument else { continue };
            let argument = Ident::new(&format!("__plugbox_{index}"), Span::mixed_site());
            *typed.pat = parse_quote!(#argument);
            typed.attrs.clear();
            match direct_object(&typed.ty) {
                Some((_, true)) => {
                    // SAFETY: it is lent on, as what it is, for a call that `#argument` was passed to.
                    lend.push(quote! {
                        let mut #argument = unsafe { #krate::__private::#side::exclusive(#argument) };
                    });
                    passed.push(located(quote_spanned!(Span::mixed_site()=> &mut #argument), &typed.ty));
                }
                Some((_, false)) => {
                    // SAFETY: as above, and only `&` of it is lent on.
                    lend.push(quote!(let #argument = unsafe { #krate::__private::#side::shared(#argument) };));
                    passed.push(located(quote_spanned!(Span::mixed_site()=> &#argument), &typed.ty));
                }
                None => {
                    if !is_borrowed(&typed.ty) {
                        lend.push(self.cross(&argument, &typed.ty, quote!(#argument), guarded.way()));
                    }
                    passed.push(argument.to_token_stream());
                }
            }
        }
        let name = &signature.ident;
        let trait_name = &self.item.ident;
        let shown = format!("{}::{}", trait_name.unraw(), name.unraw());
        let call = if is_mut(method) { format_ident!("call_mut") } else { format_ident!("call") };
        let object = Ident::new("__plugbox_object", Span::mixed_site());
        let call = quote!(self.#call(#shown, |#object| #trait_name::#name(#object, #(#passed),*)));
        let call = match &signature.output {
            ReturnType::Type(_, ty) if !is_borrowed(ty) => {
                let result = Ident::new("__plugbox_result", Span::mixed_site());
                let cross = self.cross(&result, ty, call, guarded.way_back());
                quote! { #cross #result }
            }
            _ => call,
        };
        quote! {
            #(#conditions)*
            #[inline]
            #signature {
                #(#lend)*
                #call
            }
        }
    }

    /// Binds a value, with the objects inside it taken across.
    fn cross(&self, name: &Ident, ty: &Type, value: TokenStream, way: TokenStream) -> TokenStream {
        let krate = &self.krate;
        let cross = quote_spanned! {ty.span()=> <#ty as #krate::Shape>::__cross };
        quote! {
            let mut #name = #value;
            if __PLUGBOX_HIDES {
                #cross(&mut #name, #krate::__private::Way::#way);
            }
        }
    }
}

impl Guarded {
    /// The wrapper that the piece is for.
    fn side(&self) -> Ident {
        match self {
            Self::Object => format_ident!("Guard"),
            Self::HostSide => format_ident!("HostSide"),
            Self::PluginSide => format_ident!("PluginSide"),
        }
    }

    /// What its arguments are wrapped in.
    fn other_side(&self) -> Ident {
        match self {
            Self::Object | Self::PluginSide => Self::HostSide.side(),
            Self::HostSide => Self::PluginSide.side(),
        }
    }

    /// Which way its arguments go.
    fn way(&self) -> TokenStream {
        match self {
            Self::Object | Self::PluginSide => quote!(IntoPlugin),
            Self::HostSide => quote!(OutOfPlugin),
        }
    }

    /// Which way its results go.
    fn way_back(&self) -> TokenStream {
        match self {
            Self::Object | Self::PluginSide => quote!(OutOfPlugin),
            Self::HostSide => quote!(IntoPlugin),
        }
    }
}

/// Whether a type is written as a reference: what is behind it changes no owner.
fn is_borrowed(ty: &Type) -> bool {
    match ty {
        Type::Paren(inner) => is_borrowed(&inner.elem),
        Type::Group(inner) => is_borrowed(&inner.elem),
        Type::Reference(_) => true,
        _ => false,
    }
}

/// A `where Self: Sized` method without a body: nobody can call it on a guard, which no user can name.
fn unreachable_method(method: &TraitItemFn) -> TokenStream {
    let conditions = conditions(&method.attrs);
    let mut signature = method.sig.clone();
    for argument in &mut signature.inputs {
        if let FnArg::Typed(typed) = argument {
            *typed.pat = parse_quote!(_);
        }
    }
    quote! { #(#conditions)* #signature { ::core::unreachable!() } }
}

/// The name of a supertrait that is an auto trait.
fn auto_trait(bound: &syn::TraitBound) -> Option<String> {
    let last = bound.path.segments.last()?.ident.to_string();
    AUTO_TRAITS.contains(&last.as_str()).then_some(last)
}

fn is_mut(method: &TraitItemFn) -> bool {
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
