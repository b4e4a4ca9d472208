//! `#[derive(Shape)]`: the node of a type in the graph of shapes.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Data, DeriveInput, Error, Expr, Field, Fields, GenericParam, Ident, LitInt, LitStr, Path, Type, Visibility,
    parse_quote,
};

use crate::attribute::CratePath;
use crate::lifetimes::erased;

pub(crate) fn expand(item: TokenStream) -> syn::Result<TokenStream> {
    let input: DeriveInput = syn::parse2(item)?;
    let mut options = Options::default();
    for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("shape")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("revision") {
                options.revision = Some(meta.value()?.parse::<LitInt>()?);
            } else if meta.path.is_ident("crate") {
                options.krate = CratePath(Path::parse_mod_style(meta.value()?)?);
            } else {
                return Err(meta.error("a type takes `#[shape(revision = NUMBER)]` and `#[shape(crate = PATH)]`"));
            }
            Ok(())
        })?;
    }
    Derive { krate: options.krate.0, input: &input, revision: options.revision }.expand()
}

#[derive(Default)]
struct Options {
    krate: CratePath,
    revision: Option<LitInt>,
}

/// What `#[shape(...)]` says of a field.
#[derive(Default)]
struct FieldOptions {
    opaque: Option<LitStr>,
    recursive: Vec<Ident>,
}

struct Derive<'a> {
    krate: Path,
    input: &'a DeriveInput,
    revision: Option<LitInt>,
}

impl Derive<'_> {
    fn expand(&self) -> syn::Result<TokenStream> {
        let krate = &self.krate;
        let name = &self.input.ident;
        let (body, markers) = match &self.input.data {
            Data::Struct(data) => {
                let fields = self.fields(&data.fields, true)?;
                let layout = self.layout(&data.fields);
                (quote!(#krate::__private::Body::Struct { layout: #layout, fields: &[#(#fields),*] }), &data.fields)
            }
            Data::Enum(data) => {
                let layout = self.layout(&Fields::Unit);
                let mut variants = Vec::new();
                // A discriminant is the last explicit one and the steps since.
                let mut base = quote!(0);
                let mut step = 0i128;
                for variant in &data.variants {
                    if let Some((_, explicit)) = &variant.discriminant {
                        base = discriminant(explicit);
                        step = 0;
                    }
                    let shown = variant.ident.unraw().to_string();
                    let fields = self.fields(&variant.fields, false)?;
                    variants.push(quote! {
                        #krate::__private::Variant { name: #shown, discriminant: #base + #step, fields: &[#(#fields),*] }
                    });
                    step += 1;
                }
                (quote!(#krate::__private::Body::Enum { layout: #layout, variants: &[#(#variants),*] }), &Fields::Unit)
            }
            Data::Union(data) => {
                return Err(Error::new(data.union_token.span(), "a union says nothing of what it holds; use an enum"));
            }
        };
        let _ = markers;
        let shown = name.unraw().to_string();
        let parameters = self.parameters();
        let (_, type_generics, where_clause) = self.input.generics.split_for_impl();
        let mut generics = self.input.generics.clone();
        for parameter in generics.type_params_mut() {
            parameter.bounds.push(parse_quote!(#krate::Shape));
        }
        let (impl_generics, ..) = generics.split_for_impl();
        let this = self.this();
        let node = quote! {
            #krate::__private::Type {
                form: #krate::__private::Form::Path,
                path: ::core::concat!(::core::module_path!(), "::", #shown),
                params: &[#(#parameters),*],
                size: ::core::mem::size_of::<#this>(),
                align: ::core::mem::align_of::<#this>(),
                body: #body,
            }
        };
        let (statics, edge) = if self.is_generic() {
            (self.markers()?, quote!(&const { #node }))
        } else {
            // A static may be referred to before it is evaluated, so types may contain themselves and each other.
            (quote!(static __PLUGBOX_NODE: #krate::__private::Type = #node;), quote!(&__PLUGBOX_NODE))
        };
        Ok(quote! {
            const _: () = {
                #statics

                #[automatically_derived]
                // SAFETY: the node is written from the definition of this very type.
                unsafe impl #impl_generics #krate::Shape for #name #type_generics #where_clause {
                    const TYPE: #krate::__private::TypeRef = #krate::__private::TypeRef::new(#edge);
                }
            };
        })
    }

    /// Whether the type has parameters that a static cannot have.
    fn is_generic(&self) -> bool {
        self.input.generics.params.iter().any(|parameter| !matches!(parameter, GenericParam::Lifetime(_)))
    }

    /// The type itself, as it can be named where its node stands.
    fn this(&self) -> TokenStream {
        let name = &self.input.ident;
        if self.is_generic() {
            return quote!(Self);
        }
        let lifetimes = self.input.generics.lifetimes().map(|_| quote!('static));
        quote!(#name<#(#lifetimes),*>)
    }

    fn parameters(&self) -> Vec<TokenStream> {
        let krate = &self.krate;
        self.input
            .generics
            .params
            .iter()
            .filter_map(|parameter| match parameter {
                GenericParam::Lifetime(_) => None,
                GenericParam::Type(parameter) => {
                    let name = &parameter.ident;
                    Some(quote!(<#name as #krate::Shape>::TYPE))
                }
                GenericParam::Const(parameter) => {
                    let name = &parameter.ident;
                    Some(quote! {
                        #krate::__private::TypeRef::new(&const { #krate::__private::Type {
                            form: #krate::__private::Form::Number(#name as i128),
                            path: "", params: &[], size: 0, align: 1,
                            body: #krate::__private::Body::Std,
                        } })
                    })
                }
            })
            .collect()
    }

    fn layout(&self, fields: &Fields) -> TokenStream {
        let krate = &self.krate;
        let public = fields.iter().all(|field| matches!(field.vis, Visibility::Public(_)));
        let revision = match &self.revision {
            Some(number) => quote!(Number(#number)),
            None if public => quote!(Public),
            None => quote!(Version),
        };
        let representations = self.input.attrs.iter().filter(|attribute| attribute.path().is_ident("repr"));
        let repr = representations
            .filter_map(|attribute| {
                attribute.meta.require_list().ok().map(|list| list.tokens.to_string().replace(' ', ""))
            })
            .collect::<Vec<_>>()
            .join(",");
        quote! {
            #krate::__private::Layout {
                repr: #repr,
                revision: #krate::__private::Revision::#revision,
                version: ::core::env!("CARGO_PKG_VERSION"),
                in_order: #krate::__layout_in_order!(),
            }
        }
    }

    fn fields(&self, fields: &Fields, offsets: bool) -> syn::Result<Vec<TokenStream>> {
        let krate = &self.krate;
        let this = self.this();
        let mut nodes = Vec::new();
        for (index, field) in fields.iter().enumerate() {
            let options = field_options(field)?;
            let (name, member) = match &field.ident {
                Some(name) => (name.unraw().to_string(), name.to_token_stream()),
                None => (index.to_string(), syn::Index::from(index).to_token_stream()),
            };
            let offset = if offsets {
                quote!(::core::option::Option::Some(::core::mem::offset_of!(#this, #member)))
            } else {
                quote!(::core::option::Option::None)
            };
            let edge = self.edge(field, &options);
            nodes.push(quote! { #krate::__private::Field { name: #name, ty: #edge, offset: #offset } });
        }
        Ok(nodes)
    }

    fn edge(&self, field: &Field, options: &FieldOptions) -> TokenStream {
        let krate = &self.krate;
        let span = field.ty.span();
        let mut ty = if self.is_generic() { field.ty.clone() } else { erased(&field.ty) };
        if let Some(name) = &options.opaque {
            return quote_spanned! {span=>
                #krate::__private::TypeRef::new(&const { #krate::__private::Type {
                    form: #krate::__private::Form::Opaque,
                    path: #name,
                    params: &[],
                    size: ::core::mem::size_of::<#ty>(),
                    align: ::core::mem::align_of::<#ty>(),
                    body: #krate::__private::Body::Std,
                } })
            };
        }
        if self.is_generic() {
            let mut cut: Vec<&Ident> = vec![&self.input.ident];
            cut.extend(&options.recursive);
            Cut(&cut).visit_type_mut(&mut ty);
        }
        quote_spanned! {span=> <#ty as #krate::Shape>::TYPE }
    }

    /// In a generic type, what stands for the type itself inside its fields: its name with its arguments. A constant
    /// cannot contain itself, and a static cannot be generic.
    fn markers(&self) -> syn::Result<TokenStream> {
        let krate = &self.krate;
        let mut names = vec![self.input.ident.clone()];
        let all = match &self.input.data {
            Data::Struct(data) => data.fields.iter().collect::<Vec<_>>(),
            Data::Enum(data) => data.variants.iter().flat_map(|variant| &variant.fields).collect(),
            Data::Union(_) => Vec::new(),
        };
        for field in all {
            names.extend(field_options(field)?.recursive);
        }
        names.sort();
        names.dedup();
        let markers = names.into_iter().map(|name| {
            let marker = marker(&name);
            let shown = name.unraw().to_string();
            quote! {
                #[allow(dead_code)]
                struct #marker<A>(::core::marker::PhantomData<A>);
                // SAFETY: it is never a value: it only stands for a name in the text of a field's type.
                unsafe impl<A: #krate::Shape> #krate::Shape for #marker<A> {
                    const TYPE: #krate::__private::TypeRef = #krate::__private::TypeRef::new(&const {
                        #krate::__private::Type {
                            form: #krate::__private::Form::Path,
                            path: ::core::concat!(::core::module_path!(), "::", #shown),
                            params: &[<A as #krate::Shape>::TYPE],
                            size: 0,
                            align: 1,
                            body: #krate::__private::Body::Std,
                        }
                    });
                }
            }
        });
        Ok(markers.collect())
    }
}

fn marker(name: &Ident) -> Ident {
    format_ident!("__Plugbox{}", name.unraw())
}

/// Replaces types of some names by their markers, which carry the arguments as a tuple.
struct Cut<'a>(&'a [&'a Ident]);

impl VisitMut for Cut<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        visit_mut::visit_type_mut(self, ty);
        let Type::Path(path) = ty else { return };
        let Some(last) = path.path.segments.last() else { return };
        let own = last.ident == "Self" && path.path.segments.len() == 1;
        if !own && !self.0.contains(&&last.ident) {
            return;
        }
        let marker = marker(if own { self.0[0] } else { &last.ident });
        let arguments = match &last.arguments {
            syn::PathArguments::AngleBracketed(arguments) => arguments
                .args
                .iter()
                .filter_map(|argument| match argument {
                    syn::GenericArgument::Type(ty) => Some(ty.to_token_stream()),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        };
        *ty = parse_quote!(#marker<(#(#arguments,)*)>);
    }
}

fn field_options(field: &Field) -> syn::Result<FieldOptions> {
    let mut options = FieldOptions::default();
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("shape")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("opaque") {
                options.opaque = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("recursive") {
                options.recursive.push(meta.value()?.parse()?);
            } else {
                return Err(
                    meta.error("a field takes `#[shape(opaque = \"NAME VERSION\")]` and `#[shape(recursive = TYPE)]`")
                );
            }
            Ok(())
        })?;
    }
    Ok(options)
}

fn discriminant(explicit: &Expr) -> TokenStream {
    quote_spanned!(explicit.span()=> ((#explicit) as i128))
}
