//! `#[interface]`: the trait as the author wrote it, its records, and its guards.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{
    Attribute, FnArg, Ident, ItemTrait, Path, ReturnType, TraitItem, TraitItemFn, Type, TypeParamBound, parse_quote,
};

use crate::attribute::{conditions, is_builtin, is_tools, located};
use crate::bodies;
use crate::closure::Closure;
use crate::closures::Closures;
use crate::definition::definition;
use crate::facts;
use crate::foreign;
use crate::futures;
use crate::lifetimes::{Names, bound_texts};
use crate::made;
use crate::model::{Interface, Signature, is_mut, is_new};
use crate::options::InterfaceOptions;
use crate::pass::Guarded;
use crate::scope::Scope;
use crate::section;
use crate::ties;
use crate::uses::{type_ref, use_of};
use crate::valid::{self, Errors, direct_object, visited};

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let interface = match syn::parse2::<ItemTrait>(item.clone()) {
        Ok(interface) => interface,
        Err(_) => {
            let message = "`#[interface]` is only for traits; put it on a `trait`";
            return [syn::Error::new(Span::call_site(), message).into_compile_error(), item].into_iter().collect();
        }
    };
    let mut misused = Errors::default();
    let options = syn::parse2::<InterfaceOptions>(arguments).unwrap_or_else(|error| {
        misused.add(error);
        InterfaceOptions::default()
    });
    foreign::check(options.foreign.types(), &mut misused);
    let (krate, listed) = (options.krate.0, options.foreign);
    let (builtin, foreign): (Vec<Attribute>, Vec<Attribute>) = interface.attrs.iter().cloned().partition(is_builtin);
    if !options.last && !foreign.is_empty() {
        // These may change the trait, whatever their names are. So they expand first, and this macro reads their
        // output.
        let item = ItemTrait { attrs: builtin, ..interface };
        return quote!(#(#foreign)* #[#krate::interface(crate = #krate, #listed;)] #item);
    }
    let mut interface = interface;
    futures::desugar(&krate, &mut interface);
    bodies::move_attributes(&mut interface);
    let mut errors = valid::interface(&interface);
    errors.extend(misused.into_result());
    for item in &interface.items {
        if let TraitItem::Fn(method) = item {
            ties::check(method, &mut errors);
        }
    }
    for attribute in foreign.iter().filter(|attribute| !is_tools(attribute)) {
        errors.push(
            attribute,
            "this attribute could change the trait after `#[interface]` has read it; put it above `#[interface]`",
        );
    }
    let no_object = errors.no_object;
    // After an error the output still has the trait, and if possible an empty interface for it. So the user sees these
    // errors and not their consequences.
    let outcome = errors.into_result();
    let refused = outcome.is_err();
    let error = outcome.err().map(syn::Error::into_compile_error);
    let scope = if listed.is_empty() || refused { Scope::everywhere(&krate) } else { Scope::of_the_item(&krate, 0) };
    let listed = if refused { TokenStream::new() } else { listed.shapes(&krate) };
    let beside =
        (!no_object).then(|| Interface { item: &interface, krate: krate.clone(), scope, refused }.expand(&listed));
    let mut shown = interface.clone();
    // An author's module may have the name of a tool, so a tool's attribute could be a macro. Removed, it cannot change
    // the trait. (`diagnostic` is needed, and is above this macro at this point.)
    shown.attrs.retain(|attribute| !is_tools(attribute) || attribute.path().segments[0].ident == "diagnostic");
    for item in &mut shown.items {
        if let TraitItem::Fn(method) = item {
            method.attrs.retain(|attribute| !is_tools(attribute));
        }
    }
    if !no_object {
        let methods = interface.items.iter().filter_map(|item| match item {
            TraitItem::Fn(method) if !refused => Some(method),
            _ => None,
        });
        shown
            .items
            .extend(methods.filter_map(|method| made::provided(&krate, &interface.ident, method)).map(TraitItem::Fn));
        // The last method in the vtable. The fingerprint covers none of these, because they change only with the contract.
        shown.items.push(parse_quote! {
            #[doc(hidden)]
            fn __plugbox_origin(&self) -> ::core::option::Option<#krate::__private::Origin<'_>> {
                ::core::option::Option::None
            }
        });
    }
    quote! { #shown #error #beside }
}

impl Interface<'_> {
    /// Writes all that stands beside the trait. `listed` are the shapes of the foreign types that it lists.
    fn expand(&self, listed: &TokenStream) -> TokenStream {
        let krate = &self.krate;
        let name = &self.item.ident;
        let definition = definition(krate, name, 0);
        let node = self.node();
        let asserts = self.asserts();
        let proofs = self.proofs();
        let access = self.access();
        let closures = self.closures();
        let scopes = (!closures.is_empty() || !listed.is_empty()).then(Scope::items);
        let closures = closures.shapes(&self.scope);
        let guards = [Guarded::Object, Guarded::HostProxy, Guarded::PluginProxy].map(|guarded| self.guard(&guarded));
        let supertraits = self.supertraits();
        // Every host and plugin has plugbox's own interfaces, so their records stay out of the file. Their fingerprints
        // are compared when a plugin asks for such an object.
        let own = self.krate.is_ident("crate");
        // These would only distract in an error about a missing implementation.
        let unmentioned = own.then(|| quote!(#[diagnostic::do_not_recommend]));
        let recorded = (!own).then(section::attributes);
        let shapes = [&[][..], &["Send"], &["Sync"], &["Send", "Sync"]].map(|auto| self.shape(auto, &unmentioned));
        quote! {
            #[allow(deprecated)]
            const _: () = {
                #[allow(unused_imports)]
                use #krate::__private::Lend as _;

                const __PLUGBOX_DEFINITION: #krate::__private::Definition = #definition;
                static __PLUGBOX_NODE: #krate::__private::Type = #node;
                #(#supertraits)*

                #scopes
                #listed
                #closures

                #(#shapes)*

                #[automatically_derived]
                #unmentioned
                // SAFETY: the wrappers implement the trait below (obligation 1). The node is that of this trait object
                // (obligation 2).
                unsafe impl #krate::__private::Supertrait for dyn #name {
                    const TYPE: #krate::__private::TypeRef = #krate::__private::TypeRef::new(&__PLUGBOX_NODE);
                    const IS_EXCLUSIVE: bool = <<Self as #krate::Interface>::Access as #krate::Access>::IS_EXCLUSIVE;
                    type Or<__PlugboxT> = __PlugboxT;
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
                // SAFETY: name, version, fingerprint and records are computed from the node of this trait object.
                unsafe impl #krate::Interface for dyn #name {
                    const NAME: &'static str = __PLUGBOX_DEFINITION.path;
                    const VERSION: &'static str = ::core::env!("CARGO_PKG_VERSION");
                    const FINGERPRINT: #krate::Fingerprint = __PLUGBOX_NOTES.fingerprint;
                    type Access = #access;
                    const RECORDS: &'static [u8] = &__PLUGBOX_RECORDS.0;
                }

                #[automatically_derived]
                #unmentioned
                // SAFETY: `guarded` returns a `Guard` of its argument (obligation 1).
                unsafe impl<__PlugboxT: #name + 'static> #krate::__private::ImplementedBy<__PlugboxT> for dyn #name
                where
                    #krate::__private::Guard<__PlugboxT>: #name,
                {
                    fn guarded(
                        plugin: __PlugboxT,
                        name: &'static str,
                    ) -> #krate::__private::Box<Self> {
                        #krate::__private::Box::new(#krate::__private::Guard::new(plugin, name))
                    }
                }

                #(#guards)*
                #asserts
                #(#proofs)*
            };
        }
    }

    /// Writes the shape of the trait object, with these auto traits beside its own.
    fn shape(&self, auto: &[&str], unmentioned: &Option<TokenStream>) -> TokenStream {
        let krate = &self.krate;
        let name = &self.item.ident;
        let parameter = Scope::parameter();
        let traits = auto.iter().map(|auto| {
            let auto = Ident::new(auto, Span::call_site());
            quote!(::core::marker::#auto +)
        });
        let object = quote!(dyn #name + #(#traits)*);
        let converted = self.object();
        // The node of an object with further auto traits names that of the interface.
        let (node, further) = if auto.is_empty() {
            (quote!(__PLUGBOX_NODE), None)
        } else {
            let end = format!(" + {}", auto.join(" + "));
            let (send, sync) = (auto.contains(&"Send"), auto.contains(&"Sync"));
            let node = format_ident!("__PLUGBOX_NODE_{}", auto.concat().to_uppercase());
            let further = quote! {
                static #node: #krate::__private::Type = #krate::__private::Type::with_auto_traits(
                    #end,
                    &[#krate::__private::TypeRef::new(&__PLUGBOX_NODE)],
                    #krate::__private::Holders::of_interface(&__PLUGBOX_NODE, #send, #sync),
                );
            };
            (quote!(#node), Some(further))
        };
        let crossing = quote! {
            // SAFETY: `Self` is the trait object of this interface, and the node belongs to no other type: the macro
            // wrote both from one definition (obligation 1 of `new`).
            let crossing = unsafe {
                #krate::__private::Crossing::new(
                    direction,
                    #krate::__private::TypeRef::new(&#node),
                    <Self as #name>::__plugbox_origin,
                )
            };
        };
        quote! {
            #further

            #[automatically_derived]
            #unmentioned
            // SAFETY: the macro wrote the node from the definition of this trait. Nothing changes the definition
            // afterward, because all attributes have expanded. The proofs below confirm the macro's conclusions
            // from names.
            unsafe impl<'plugbox, #parameter> #krate::Shape<#parameter> for #object 'plugbox {
                const TYPE: #krate::__private::TypeRef = #krate::__private::TypeRef::new(&#node);
                const DEFINITION: #krate::__private::Definition = __PLUGBOX_DEFINITION;
                const PARAMS: &'static [#krate::__private::TypeRef] = &[];
                type Lifetimes<Rest> = Rest;
                type Objects<Rest> = (#krate::__private::Token<'plugbox>, Rest);
                type Target = Self;

                fn __cross_box(
                    this: &mut #krate::__private::Box<Self>,
                    direction: #krate::__private::Direction,
                ) {
                    #crossing
                    #krate::__private::Crossing::owned(&crossing, this, |object| #converted, |object| #converted)
                }

                fn __cross_arc(
                    this: &mut #krate::__private::Arc<Self>,
                    direction: #krate::__private::Direction,
                ) {
                    #crossing
                    #krate::__private::Crossing::shared(&crossing, this, |object| #converted, |object| #converted)
                }
            }
        }
    }

    /// Writes a constant for each supertrait. If the trait may not be a supertrait, the constant has no type. So the
    /// compiler reports the supertrait, and nothing else where the constant is used.
    fn supertraits(&self) -> impl Iterator<Item = TokenStream> {
        let krate = &self.krate;
        self.supers().enumerate().map(move |(index, path)| {
            let name = supertrait(index, path);
            let named = quote!(#krate::__private::NamedSupertrait<dyn #path>);
            let named = quote!(<dyn #path as #krate::__private::Supertrait>::Or<#named>);
            at_name(quote!(const #name: #named = #krate::__private::NamedSupertrait::NEW;), path)
        })
    }

    /// Writes a use of each supertrait's constant.
    fn of_supertraits(&self, use_of: impl Fn(Ident) -> TokenStream) -> Vec<TokenStream> {
        self.supers().enumerate().map(|(index, path)| at_name(use_of(supertrait(index, path)), path)).collect()
    }

    /// Writes the conversion of a wrapper into the trait object, which needs all supertraits.
    fn object(&self) -> TokenStream {
        self.of_supertraits(|name| quote!(#name.of)).into_iter().fold(quote!(object), |object, of| quote!(#of(#object)))
    }

    /// Returns the closures in the signatures.
    fn closures(&self) -> Closures {
        let mut closures = Closures::default();
        for method in self.methods() {
            let conditions = conditions(&method.attrs);
            types_of(method).for_each(|ty| closures.add(ty, &conditions));
        }
        closures
    }

    /// Writes the access that the methods need. The compiler combines it with that of the supertraits, and decides
    /// which of the methods exist.
    fn access(&self) -> TokenStream {
        let krate = &self.krate;
        let own = self.methods().filter(|method| is_mut(method)).map(|method| {
            let conditions = conditions(&method.attrs);
            quote! { #(#conditions)* true }
        });
        let inherited = self.of_supertraits(|name| quote!(#name.is_exclusive()));
        let methods = quote!(#krate::__private::any(&[#(#own,)* #(#inherited),*]));
        let access = quote!(<#krate::__private::Methods<{ #methods }> as #krate::__private::MethodsAccess>::Access);
        // A host that needs a different access is shown this place.
        match self.supers().last() {
            Some(path) => at_name(access, path),
            None => access,
        }
    }

    /// Writes the node of the trait object in the graph of shapes.
    fn node(&self) -> TokenStream {
        let krate = &self.krate;
        let name = &self.item.ident;
        let forever = self.item.supertraits.iter().any(|bound| matches!(bound, TypeParamBound::Lifetime(_)));
        let facts = facts::of_objects(krate, &quote!(dyn #name));
        let supers = self.of_supertraits(|name| quote!(#name.node()));
        let methods = self.methods().map(|method| {
            let conditions = conditions(&method.attrs);
            let name = method.sig.ident.unraw().to_string();
            let exclusive = is_mut(method);
            let Signature { receiver, arguments, result } = Signature::of(&method.sig);
            let mut names = Names::default();
            let receiver = names.of_lifetime(&receiver);
            let arguments: Vec<_> =
                arguments.iter().map(|ty| use_of(&self.scope, &self.item.generics, ty, &mut names)).collect();
            let result = match &result {
                None => quote!(::core::option::Option::None),
                Some(ty) => {
                    let ty = use_of(&self.scope, &self.item.generics, ty, &mut names);
                    quote!(::core::option::Option::Some(#ty))
                }
            };
            // Only lifetimes and `Self` have bounds here: `valid` has refused all others.
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

    /// Writes the checks that no type in a signature contains a trait object which would cross unguarded.
    ///
    /// A plain `&dyn Interface` needs no check. One search looks for objects in all other types at once, which is
    /// cheap. Each type is checked by itself only if that search finds any.
    fn asserts(&self) -> TokenStream {
        let krate = &self.krate;
        let mut known = BTreeSet::new();
        let types: Vec<_> = self
            .methods()
            .flat_map(|method| {
                let arguments = arguments(method).filter(|ty| direct_object(ty).is_none());
                let arguments = arguments.map(|ty| visited(ty, &method.sig).unwrap_or(ty));
                let types = arguments.chain(result(method)).map(|ty| (conditions(&method.attrs), ty));
                types.collect::<Vec<_>>()
            })
            .filter(|(conditions, ty)| is_new(&mut known, &quote!(#(#conditions)* #ty)))
            .collect();
        // A plain `&dyn Interface` needs no check, but the arguments and the result of a lent closure do.
        let lent = self.methods().flat_map(|method| {
            let closures = arguments(method).filter_map(|ty| Some((ty, Closure::of_type(direct_object(ty)?.0)?)));
            closures
                .map(|(ty, closure)| (conditions(&method.attrs), ty, closure.type_ref(&self.scope)))
                .collect::<Vec<_>>()
        });
        let lent = lent.map(|(conditions, ty, edge)| {
            let call = located(quote!(#krate::__private::assert_closure_crosses(#edge, __PLUGBOX_REACHED)), ty);
            quote! { #(#conditions)* const _: () = #call; }
        });
        let edges = types.iter().map(|(conditions, ty)| {
            let edge = type_ref(&self.scope, ty);
            quote! { #(#conditions)* #edge }
        });
        let each = types.iter().map(|(conditions, ty)| {
            let edge = type_ref(&self.scope, ty);
            let call = located(quote!(#krate::__private::assert_crosses(#edge, __PLUGBOX_REACHED)), ty);
            quote! { #(#conditions)* const _: () = if __PLUGBOX_HIDES { #call }; }
        });
        quote! {
            // The compiler computes a static once, but a constant again in each generic context, and the notes are most of
            // an API's compile time.
            static __PLUGBOX_HIDES_OBJECT: bool =
                __PLUGBOX_NOTES.meets_object && #krate::__private::hides_object(&[#(#edges),*], __PLUGBOX_REACHED);
            const __PLUGBOX_HIDES: bool = __PLUGBOX_HIDES_OBJECT;
            #(#each)*
            #(#lent)*
        }
    }
}

/// Returns the name of the constant for a supertrait.
fn supertrait(index: usize, path: &Path) -> Ident {
    let span = path.segments.last().map_or_else(Span::call_site, |last| last.ident.span());
    Ident::new(&format!("__PLUGBOX_SUPERTRAIT_{index}"), Span::call_site().located_at(span))
}

/// Gives the tokens the location of the last name in a path. The compiler reports an error only once if it is at one
/// location.
fn at_name(tokens: TokenStream, path: &Path) -> TokenStream {
    located(tokens, &path.segments.last().map(|last| &last.ident))
}

/// Returns the types in a signature.
fn types_of(method: &TraitItemFn) -> impl Iterator<Item = &Type> {
    arguments(method).chain(result(method))
}

fn result(method: &TraitItemFn) -> Option<&Type> {
    match &method.sig.output {
        ReturnType::Type(_, ty) => Some(ty),
        ReturnType::Default => None,
    }
}

fn arguments(method: &TraitItemFn) -> impl Iterator<Item = &Type> {
    method.sig.inputs.iter().filter_map(|argument| match argument {
        FnArg::Typed(typed) => Some(&*typed.ty),
        FnArg::Receiver(_) => None,
    })
}
