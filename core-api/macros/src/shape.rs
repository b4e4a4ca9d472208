//! `#[derive(Shape)]`: the node of a type in the graph of shapes.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Data, DeriveInput, Error, Expr, Field, Fields, GenericParam, Generics, Ident, LitInt, Member, Path,
    Type, TypeParamBound, Visibility, parse_quote,
};

use crate::attribute::CratePath;
use crate::foreign::{Foreign, number};
use crate::lifetimes::{erased, in_field};
use crate::valid::Errors;

pub(crate) fn expand(item: TokenStream) -> syn::Result<TokenStream> {
    let input: DeriveInput = syn::parse2(item)?;
    let mut errors = Errors::default();
    let options = type_options(&input, &mut errors);
    check(&input, &mut errors);
    let derive = Derive { krate: options.krate.0, input: &input, revision: options.revision };
    match errors.into_result() {
        Ok(()) => derive.expand(),
        // The type has a shape anyway, so that the user sees these errors and not their consequences.
        Err(error) => Ok([error.into_compile_error(), derive.refused()].into_iter().collect()),
    }
}

#[derive(Default)]
struct Options {
    krate: CratePath,
    revision: Option<u64>,
}

/// What `#[shape(...)]` says of a type.
fn type_options(input: &DeriveInput, errors: &mut Errors) -> Options {
    let mut options = Options::default();
    for attribute in shape_attributes(&input.attrs) {
        let outcome = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("revision") {
                let number = value(&meta)
                    .and_then(|value| value.parse::<LitInt>())
                    .and_then(|number| number.base10_parse::<u64>())
                    .map_err(|error| Error::new(error.span(), "a revision is a number: `#[shape(revision = 1)]`"))?;
                if options.revision.replace(number).is_some() {
                    return Err(meta.error("a type has one revision"));
                }
            } else if meta.path.is_ident("crate") {
                options.krate = CratePath(Path::parse_mod_style(meta.value()?)?);
            } else {
                return Err(meta.error("a type takes `#[shape(revision = NUMBER)]` and `#[shape(crate = PATH)]`"));
            }
            Ok(())
        });
        errors.extend(outcome);
    }
    options
}

/// What `#[shape(...)]` says of a field.
#[derive(Default)]
struct FieldOptions {
    foreign: Option<Foreign>,
    recursive: Vec<Ident>,
}

fn field_options(field: &Field) -> syn::Result<FieldOptions> {
    let mut options = FieldOptions::default();
    for attribute in shape_attributes(&field.attrs) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("foreign") {
                let mut others = Vec::new();
                if meta.input.peek(syn::token::Paren) {
                    meta.parse_nested_meta(|krate| {
                        others.push(krate.path.require_ident()?.clone());
                        Ok(())
                    })?;
                }
                let foreign = Foreign::new(&field.ty, others)?;
                if options.foreign.replace(foreign).is_some() {
                    return Err(meta.error("a field has one foreign type; what else is inside: `#[shape(foreign(bytes, itoa))]`"));
                }
            } else if meta.path.is_ident("recursive") {
                options.recursive.push(meta.value()?.parse()?);
            } else {
                return Err(
                    meta.error("a field takes `#[shape(foreign)]`, `#[shape(foreign(CRATE, ...))]` and `#[shape(recursive = TYPE)]`")
                );
            }
            Ok(())
        })?;
    }
    Ok(options)
}

fn shape_attributes(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("shape"))
}

/// What stands behind the `=`; an error is that of the option's name, because behind it there may be nothing.
fn value<'a>(meta: &ParseNestedMeta<'a>) -> syn::Result<ParseStream<'a>> {
    meta.value().map_err(|error| meta.error(error))
}

fn check(input: &DeriveInput, errors: &mut Errors) {
    let fields: Vec<&Field> = match &input.data {
        Data::Struct(data) => data.fields.iter().collect(),
        Data::Enum(data) => {
            for attribute in data.variants.iter().flat_map(|variant| shape_attributes(&variant.attrs)) {
                errors.push(attribute, "a variant takes no `#[shape(...)]`; its fields do");
            }
            data.variants.iter().flat_map(|variant| &variant.fields).collect()
        }
        Data::Union(data) => {
            errors.push(data.union_token, "a union says nothing of what it holds; use an enum");
            Vec::new()
        }
    };
    for field in fields {
        errors.extend(field_options(field).map(drop));
    }
}

struct Derive<'a> {
    krate: Path,
    input: &'a DeriveInput,
    revision: Option<u64>,
}

impl Derive<'_> {
    fn expand(&self) -> syn::Result<TokenStream> {
        let krate = &self.krate;
        let name = &self.input.ident;
        let body = match &self.input.data {
            Data::Struct(data) => {
                let fields = self.fields(&data.fields, true)?;
                let layout = self.layout(&data.fields);
                quote!(#krate::__private::Body::Struct { layout: #layout, fields: &[#(#fields),*] })
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
                quote!(#krate::__private::Body::Enum { layout: #layout, variants: &[#(#variants),*] })
            }
            // `check` has refused it.
            Data::Union(_) => return Ok(self.refused()),
        };
        let shown = name.unraw().to_string();
        let parameters = self.parameters();
        let (_, type_generics, where_clause) = self.input.generics.split_for_impl();
        let mut generics = self.input.generics.clone();
        for parameter in generics.type_params_mut() {
            parameter.bounds.push(parse_quote!(#krate::Shape));
        }
        let (impl_generics, ..) = generics.split_for_impl();
        let this = self.this();
        let carries = if self.is_packed() { quote!(Nothing) } else { quote!(All) };
        let cross = self.cross()?;
        let node = quote! {
            #krate::__private::Type {
                form: #krate::__private::Form::Path,
                path: ::core::concat!(::core::module_path!(), "::", #shown),
                params: &[#(#parameters),*],
                size: ::core::mem::size_of::<#this>(),
                align: ::core::mem::align_of::<#this>(),
                carries: #krate::__private::Carries::#carries,
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
            // A discriminant is cast whatever its type is.
            #[allow(clippy::unnecessary_cast)]
            const _: () = {
                #statics

                #[automatically_derived]
                // SAFETY: the node is written from the definition of this very type.
                unsafe impl #impl_generics #krate::Shape for #name #type_generics #where_clause {
                    const TYPE: #krate::__private::TypeRef = #krate::__private::TypeRef::new(#edge);

                    #cross
                }
            };
        })
    }

    /// Whether fields of the type can be borrowed.
    fn is_packed(&self) -> bool {
        let mut packed = false;
        for attribute in self.input.attrs.iter().filter(|attribute| attribute.path().is_ident("repr")) {
            // The compiler itself refuses what is no list.
            let _ = attribute.parse_nested_meta(|meta| {
                packed |= meta.path.is_ident("packed");
                if meta.input.peek(syn::token::Paren) {
                    meta.input.parse::<proc_macro2::Group>()?;
                }
                Ok(())
            });
        }
        packed
    }

    /// Takes the objects in each field across; nothing where no field can hold any.
    fn cross(&self) -> syn::Result<TokenStream> {
        let krate = &self.krate;
        let way = Ident::new("way", Span::mixed_site());
        let body = match &self.input.data {
            _ if self.is_packed() => return Ok(TokenStream::new()),
            Data::Struct(data) => {
                let fields = visited(&data.fields)?;
                let each = fields.iter().map(|(member, _, ty)| {
                    let cross = quote_spanned! {ty.span()=> <#ty as #krate::Shape>::__cross };
                    quote! { #cross(&mut self.#member, #way); }
                });
                quote! { #(#each)* }
            }
            Data::Enum(data) => {
                let mut arms = Vec::new();
                for variant in &data.variants {
                    let name = &variant.ident;
                    let fields = visited(&variant.fields)?;
                    let bound = |index| Ident::new(&format!("field_{index}"), Span::mixed_site());
                    let patterns = fields.iter().map(|(member, index, _)| {
                        let bound = bound(*index);
                        quote!(#member: #bound)
                    });
                    let each = fields.iter().map(|(_, index, ty)| {
                        let bound = bound(*index);
                        let cross = quote_spanned! {ty.span()=> <#ty as #krate::Shape>::__cross };
                        quote! { #cross(#bound, #way); }
                    });
                    arms.push(quote! { Self::#name { #(#patterns,)* .. } => { #(#each)* } });
                }
                if data.variants.iter().all(|variant| matches!(variant.fields, Fields::Unit)) {
                    return Ok(TokenStream::new());
                }
                quote! { match self { #(#arms)* } }
            }
            Data::Union(_) => return Ok(TokenStream::new()),
        };
        Ok(quote! {
            #[allow(deprecated, unused_variables)]
            fn __cross(&mut self, #way: #krate::__private::Way) {
                #body
            }
        })
    }

    /// A shape that says nothing, for a type with errors.
    fn refused(&self) -> TokenStream {
        let krate = &self.krate;
        let name = &self.input.ident;
        let (impl_generics, type_generics, where_clause) = self.input.generics.split_for_impl();
        quote! {
            #[automatically_derived]
            // SAFETY: nothing is compiled that could use it.
            unsafe impl #impl_generics #krate::Shape for #name #type_generics #where_clause {
                const TYPE: #krate::__private::TypeRef = <() as #krate::Shape>::TYPE;
            }
        }
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
                    Some(number(krate, &quote!(#name)))
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
                place: (::core::line!(), ::core::column!()),
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
            let borrows = in_field(&field.ty, &self.input.generics);
            nodes.push(quote! {
                #krate::__private::Field { name: #name, ty: #edge, offset: #offset, borrows: #borrows }
            });
        }
        Ok(nodes)
    }

    fn edge(&self, field: &Field, options: &FieldOptions) -> TokenStream {
        let krate = &self.krate;
        let span = field.ty.span();
        let mut ty = field.ty.clone();
        if !self.is_generic() {
            // A static knows no `Self`.
            Named(&self.this()).visit_type_mut(&mut ty);
            ty = erased(&ty);
        }
        let whole = ty.clone();
        if self.is_generic() {
            Cut { own: &self.input.ident, generics: &self.input.generics, recursive: &options.recursive }
                .visit_type_mut(&mut ty);
        }
        if let Some(foreign) = &options.foreign {
            return foreign.node(krate, &whole, &ty, &self.input.generics);
        }
        quote_spanned! {span=> <#ty as #krate::Shape>::TYPE }
    }

    /// In a generic type, what stands for the type itself inside its fields: its name with its arguments. A constant
    /// cannot contain itself, and a static cannot be generic. The same for other types that lead back to it.
    fn markers(&self) -> syn::Result<TokenStream> {
        let all = match &self.input.data {
            Data::Struct(data) => data.fields.iter().collect::<Vec<_>>(),
            Data::Enum(data) => data.variants.iter().flat_map(|variant| &variant.fields).collect(),
            Data::Union(_) => Vec::new(),
        };
        let mut others = Vec::new();
        for field in all {
            others.extend(field_options(field)?.recursive);
        }
        others.sort();
        others.dedup();
        let others = others.iter().filter(|name| **name != self.input.ident).map(|name| {
            let krate = &self.krate;
            let arguments = quote!(<A as #krate::Shape>::TYPE.get().params);
            self.marker(name, &parse_quote!(<A>), &arguments)
        });
        let parameters = self.parameters();
        let own = self.marker(&self.input.ident, &bare(&self.input.generics), &quote!(&[#(#parameters),*]));
        Ok(others.chain([own]).collect())
    }

    /// A type that is never a value, and whose shape is a name with arguments.
    fn marker(&self, name: &Ident, generics: &Generics, arguments: &TokenStream) -> TokenStream {
        let krate = &self.krate;
        let marker = marker(name);
        let shown = name.unraw().to_string();
        let types = generics.type_params().map(|parameter| &parameter.ident);
        let lifetimes = generics.lifetimes().map(|parameter| &parameter.lifetime);
        let mut shaped = generics.clone();
        for parameter in shaped.type_params_mut() {
            parameter.bounds.push(parse_quote!(#krate::Shape));
        }
        let (impl_generics, type_generics, _) = shaped.split_for_impl();
        quote! {
            #[allow(dead_code)]
            struct #marker #generics(
                #(::core::marker::PhantomData<&#lifetimes ()>,)*
                #(::core::marker::PhantomData<#types>,)*
            );
            // SAFETY: it is never a value: it only stands for a name in the text of a field's type.
            unsafe impl #impl_generics #krate::Shape for #marker #type_generics {
                const TYPE: #krate::__private::TypeRef = #krate::__private::TypeRef::new(&const {
                    #krate::__private::Type {
                        form: #krate::__private::Form::Path,
                        path: ::core::concat!(::core::module_path!(), "::", #shown),
                        params: #arguments,
                        size: 0,
                        align: 1,
                        carries: #krate::__private::Carries::All,
                        body: #krate::__private::Body::Elsewhere,
                    }
                });
            }
        }
    }
}

/// The fields whose types are no foreign ones: how they are named, their indices and types.
fn visited(fields: &Fields) -> syn::Result<Vec<(Member, usize, &Type)>> {
    let mut visited = Vec::new();
    for (index, (field, member)) in fields.iter().zip(fields.members()).enumerate() {
        if field_options(field)?.foreign.is_none() {
            visited.push((member, index, &field.ty));
        }
    }
    Ok(visited)
}

/// The same parameters, without the bounds that a marker cannot keep.
fn bare(generics: &Generics) -> Generics {
    let mut generics = generics.clone();
    generics.where_clause = None;
    for parameter in &mut generics.params {
        match parameter {
            GenericParam::Lifetime(parameter) => {
                parameter.colon_token = None;
                parameter.bounds.clear();
            }
            GenericParam::Type(parameter) => {
                let relaxed = parameter
                    .bounds
                    .iter()
                    .filter(|bound| matches!(bound, TypeParamBound::Trait(bound) if bound.maybe.is_some()));
                parameter.bounds = relaxed.cloned().collect();
            }
            GenericParam::Const(_) => {}
        }
    }
    generics
}

fn marker(name: &Ident) -> Ident {
    format_ident!("__Plugbox{}", name.unraw())
}

/// Replaces the type itself, and those types that lead back to it, by their markers.
struct Cut<'a> {
    own: &'a Ident,
    generics: &'a Generics,
    recursive: &'a [Ident],
}

impl VisitMut for Cut<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        visit_mut::visit_type_mut(self, ty);
        let Type::Path(path) = ty else { return };
        let bare_name = path.qself.is_none() && path.path.leading_colon.is_none() && path.path.segments.len() == 1;
        let Some(last) = path.path.segments.last_mut() else { return };
        if bare_name && last.ident == "Self" {
            let (marker, (_, arguments, _)) = (marker(self.own), self.generics.split_for_impl());
            *ty = parse_quote!(#marker #arguments);
        } else if bare_name && last.ident == *self.own {
            // A longer path may lead to another type of this name.
            last.ident = marker(self.own);
        } else if self.recursive.contains(&last.ident) {
            let marker = marker(&last.ident);
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
}

/// Replaces `Self` by the type.
struct Named<'a>(&'a TokenStream);

impl VisitMut for Named<'_> {
    fn visit_path_mut(&mut self, path: &mut Path) {
        visit_mut::visit_path_mut(self, path);
        if path.leading_colon.is_none() && path.segments.first().is_some_and(|first| first.ident == "Self") {
            let this = self.0;
            let rest = path.segments.iter().skip(1);
            *path = parse_quote!(#this #(:: #rest)*);
        }
    }
}

fn discriminant(explicit: &Expr) -> TokenStream {
    // Not located where the user wrote it: no lint may speak of a cast that the user did not write.
    quote!(((#explicit) as i128))
}
