//! `#[derive(Shape)]`: the node of a type in the graph of shapes.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::parse::ParseStream;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Data, DataEnum, DeriveInput, Error, Expr, Field, Fields, GenericParam, Generics, Ident, LitInt, Member,
    Path, Type, TypeParamBound, Visibility, WherePredicate, parse_quote,
};

use crate::attribute::{CratePath, is_inert_at_type};
use crate::closure::has_closure;
use crate::closures::Closures;
use crate::definition::definition;
use crate::facts;
use crate::foreign::{self, Foreign, number};
use crate::lifetimes::{Bounded, Names, Place, Places, bound_texts, bounds, depends, erased, idents, list, mentions};
use crate::listed::Listed;
use crate::scope::Scope;
use crate::valid::{Errors, FUNCTION, check_closure, check_closure_reference};

pub(crate) fn expand(item: TokenStream) -> syn::Result<TokenStream> {
    let input: DeriveInput = syn::parse2(item)?;
    let mut errors = Errors::default();
    let options = type_options(&input, &mut errors);
    check(&input, &options, &mut errors);
    let derive = Derive { krate: options.krate.0, input: &input, revision: options.revision, listed: options.foreign };
    match errors.into_result() {
        Ok(()) => derive.expand(),
        // The type gets a shape anyway, so the user sees these errors and not their consequences.
        Err(error) => Ok([error.into_compile_error(), derive.refused()].into_iter().collect()),
    }
}

#[derive(Default)]
struct Options {
    krate: CratePath,
    revision: Option<u64>,
    /// The attributes that the author declares to belong to other derives.
    inert: Vec<String>,
    foreign: Listed,
}

/// Parses the `#[shape(...)]` attributes of a type.
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
                    return Err(meta.error("a second revision is not supported; remove one"));
                }
            } else if meta.path.is_ident("inert") {
                meta.parse_nested_meta(|other| {
                    options.inert.push(written(&other.path));
                    Ok(())
                })?;
            } else if meta.path.is_ident("foreign") {
                if !meta.input.peek(syn::token::Paren) {
                    return Err(meta.error("name the foreign types here: `#[shape(foreign(::bytes::Bytes))]`"));
                }
                options.foreign.add(meta.input)?;
            } else if meta.path.is_ident("crate") {
                options.krate = CratePath(Path::parse_mod_style(meta.value()?)?);
            } else {
                return Err(meta.error("a type takes `#[shape(revision = NUMBER)]`, `#[shape(foreign(TYPE))]`, `#[shape(inert(ATTRIBUTE))]` and `#[shape(crate = PATH)]`"));
            }
            Ok(())
        });
        errors.extend(outcome);
    }
    options
}

/// The `#[shape(...)]` attributes of a field.
#[derive(Default)]
pub(crate) struct FieldOptions {
    pub(crate) foreign: Option<Foreign>,
    recursive: Vec<Ident>,
}

pub(crate) fn field_options(field: &Field) -> syn::Result<FieldOptions> {
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
                let foreign = Foreign::of_field(&field.ty, others)?;
                if options.foreign.replace(foreign).is_some() {
                    return Err(meta.error("a second `foreign` is not supported; name further crates in the first: `#[shape(foreign(bytes, itoa))]`"));
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

fn written(path: &Path) -> String {
    path.to_token_stream().to_string().replace(' ', "")
}

fn shape_attributes(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("shape"))
}

/// Returns the input after the `=`. Errors point at the option's name, because there may be no tokens after it.
fn value<'a>(meta: &ParseNestedMeta<'a>) -> syn::Result<ParseStream<'a>> {
    meta.value().map_err(|error| meta.error(error))
}

fn check(input: &DeriveInput, options: &Options, errors: &mut Errors) {
    let fields = all_fields(input);
    match &input.data {
        Data::Struct(_) => {}
        Data::Enum(data) => {
            for attribute in data.variants.iter().flat_map(|variant| shape_attributes(&variant.attrs)) {
                errors.push(attribute, "`#[shape(...)]` on a variant is not supported; put it on a field");
            }
            // The compiler does not reveal the order of variants, or the offsets of their fields. So a proof could not
            // detect that a macro has changed them.
            for attribute in input.attrs.iter().filter(|attribute| !is_inert_at_type(attribute)) {
                let name = written(attribute.path());
                if !options.inert.contains(&name) {
                    errors.push(
                        attribute,
                        format!(
                            "this attribute could change the enum after `Shape` has read it; put it above the derive, \
                             or, if it belongs to a different derive, declare that: `#[shape(inert({name}))]`"
                        ),
                    );
                }
            }
        }
        Data::Union(data) => {
            errors.push(data.union_token, "a union is not supported, because its contents are unknown; use an enum");
        }
    }
    if let (Some(last), false) = (fields.last(), is_transparent(input)) {
        if is_unsized(&last.ty) {
            errors.push(
                &last.ty,
                "a type without a size needs `#[repr(transparent)]` and no other field; or write `Box<_>` here",
            );
        }
    }
    if let Some(last) = fields.last().filter(|last| is_relaxed_parameter(&last.ty, &input.generics)) {
        errors
            .push(&last.ty, "this parameter may be a type without a size; write `Box<_>` here, or remove the `?Sized`");
    }
    let is_generic = input.generics.params.iter().any(|parameter| !matches!(parameter, GenericParam::Lifetime(_)));
    let mut foreign = Vec::new();
    for field in fields {
        if is_generic {
            options.foreign.check_field(field, &input.generics, errors);
        }
        let outcome = field_options(field).map(|options| {
            foreign.extend(options.foreign);
            for name in &options.recursive {
                if !is_generic {
                    errors.push(name, "only a generic type needs `recursive`; remove this");
                } else if !mentions(&field.ty.to_token_stream(), std::slice::from_ref(name)) {
                    errors.push(name, format!("the field's type does not mention `{name}`"));
                }
            }
        });
        errors.extend(outcome);
    }
    foreign::check(options.foreign.types().chain(&foreign), errors);
    check_closures(input, is_generic, errors);
    for (bounded, _) in bounds(&input.generics) {
        if let Bounded::Type(ty) = bounded {
            errors.push(ty, "a lifetime bound on this type is not compared; write bounds on its parameters");
        }
    }
}

/// Checks the closures and function pointers in the fields.
fn check_closures(input: &DeriveInput, is_generic: bool, errors: &mut Errors) {
    struct Check<'e>(&'e mut Errors);
    impl<'a> Visit<'a> for Check<'_> {
        fn visit_type_fn_ptr(&mut self, ty: &'a syn::TypeFnPtr) {
            self.0.push(ty, FUNCTION);
        }

        fn visit_type_reference(&mut self, reference: &'a syn::TypeReference) {
            check_closure_reference(reference, self.0);
            visit::visit_type_reference(self, reference);
        }

        fn visit_type_trait_object(&mut self, object: &'a syn::TypeTraitObject) {
            check_closure(object, self.0);
            visit::visit_type_trait_object(self, object);
        }
    }
    let mut words = idents(&input.generics);
    words.extend([Ident::new("Self", Span::call_site()), input.ident.clone()]);
    for field in all_fields(input) {
        if field_options(field).is_ok_and(|options| options.foreign.is_some()) {
            continue;
        }
        Check(errors).visit_type(&field.ty);
        if is_generic && has_closure(&field.ty) && mentions(&field.ty.to_token_stream(), &words) {
            errors.push(
                &field.ty,
                "in a generic type, a field with a closure cannot mention a type parameter or `Self`; write a concrete type, \
                 move the closure into a field without the parameter, or use an interface with one method",
            );
        }
    }
}

pub(crate) struct Derive<'a> {
    pub(crate) krate: Path,
    pub(crate) input: &'a DeriveInput,
    revision: Option<u64>,
    listed: Listed,
}

impl Derive<'_> {
    fn expand(&self) -> syn::Result<TokenStream> {
        let krate = &self.krate;
        let scope = self.scope();
        let shape = scope.shape();
        let parameter = Scope::parameter();
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
                for (variant, number) in data.variants.iter().zip(self.counted(data)) {
                    let shown = variant.ident.unraw().to_string();
                    let fields = self.fields(&variant.fields, false)?;
                    variants.push(quote! {
                        #krate::__private::Variant { name: #shown, discriminant: #number, fields: &[#(#fields),*] }
                    });
                }
                quote!(#krate::__private::Body::Enum { layout: #layout, variants: &[#(#variants),*] })
            }
            // `check` has refused unions.
            Data::Union(_) => return Ok(self.refused()),
        };
        let lifetimes: Vec<_> = self.input.generics.lifetimes().map(|parameter| &parameter.lifetime).collect();
        let definition = definition(krate, name, lifetimes.len());
        let parameters = self.parameters();
        let (_, type_generics, _) = self.input.generics.split_for_impl();
        let shaped = self.shaped();
        let (impl_generics, _, where_clause) = shaped.split_for_impl();
        let this = self.this();
        let carries = if self.is_packed() { quote!(Nothing) } else { quote!(All) };
        let facts =
            if self.is_generic() { quote!(#krate::__private::Facts::NONE) } else { facts::of_values(krate, &this) };
        // A type with private fields may be a collection with its arguments as keys.
        let keys = match &self.input.data {
            Data::Struct(data) if !is_public(&data.fields) => quote!(<#this as #shape>::PARAMS),
            _ => quote!(&[]),
        };
        let (size, align) = if self.may_be_unsized() {
            // These are 0 and 1 for a type without a size.
            let of = |what: TokenStream| {
                quote! {{
                    #[allow(unused_imports)]
                    use #krate::__private::WithoutSize as _;
                    <#krate::__private::Probe<#this>>::#what
                }}
            };
            (of(quote!(SIZE)), of(quote!(ALIGN)))
        } else {
            (quote!(::core::mem::size_of::<#this>()), quote!(::core::mem::align_of::<#this>()))
        };
        let cross = self.cross()?;
        let closures = self.closures()?;
        let scopes = (!closures.is_empty() || !self.listed.is_empty()).then(Scope::items);
        let own_scope = if self.listed.is_empty() { Scope::everywhere(krate) } else { Scope::of_the_item(krate, 0) };
        let closures = closures.shapes(&own_scope);
        let proofs = self.proofs()?;
        let shapes = self.listed.shapes(krate);
        let node = quote! {
            #krate::__private::Type {
                form: #krate::__private::Form::Path,
                definition: __PLUGBOX_DEFINITION,
                params: <#this as #shape>::PARAMS,
                size: #size,
                align: #align,
                needs_drop: ::core::mem::needs_drop::<#this>(),
                facts: #facts,
                carries: #krate::__private::Carries::#carries,
                keys: #keys,
                body: #body,
            }
        };
        let (statics, edge) = if self.is_generic() {
            (TokenStream::new(), quote!(&const { #node }))
        } else {
            // A static may be referenced before it is evaluated, so types may contain themselves and each other.
            (quote!(static __PLUGBOX_NODE: #krate::__private::Type = #node;), quote!(&__PLUGBOX_NODE))
        };
        let own = lifetimes.iter().map(|lifetime| Place::Written((*lifetime).clone()));
        let arguments = self.input.generics.type_params().map(|parameter| {
            let ident = &parameter.ident;
            Place::Inside(Box::new(parse_quote!(#ident)))
        });
        // The type's own lifetimes, then those of its arguments, then the rest, whose name is hygienic.
        let rest = Ident::new("__PlugboxRest", Span::mixed_site());
        let arguments: Vec<Place> = arguments.collect();
        let all: Vec<Place> = own.chain(arguments.iter().cloned()).collect();
        let all = list(&scope, &all, &quote!(Lifetimes), rest.to_token_stream());
        let objects = list(&scope, &arguments, &quote!(Objects), rest.to_token_stream());
        Ok(quote! {
            // Discriminants are cast even if they already have the target type.
            #[allow(deprecated, clippy::unnecessary_cast)]
            const _: () = {
                const __PLUGBOX_DEFINITION: #krate::__private::Definition = #definition;
                #statics
                #scopes
                #closures

                #shapes

                #[automatically_derived]
                // SAFETY: the macro wrote the node from the definition of this type. The proofs below confirm that no
                // attribute has changed its fields or variants since, and confirm the macro's conclusions from names.
                // `check` has refused attributes that could change the order of an enum's variants.
                unsafe impl #impl_generics #krate::Shape<#parameter> for #name #type_generics #where_clause {
                    const TYPE: #krate::__private::TypeRef = #krate::__private::TypeRef::new(#edge);
                    const DEFINITION: #krate::__private::Definition = __PLUGBOX_DEFINITION;
                    const PARAMS: &'static [#krate::__private::TypeRef] = &[#(#parameters),*];
                    type Lifetimes<#rest> = #all;
                    type Objects<#rest> = #objects;
                    type Target = Self;

                    #cross
                }

                #proofs
            };
        })
    }

    /// Writes the discriminants of all variants: each is the last explicit one plus the number of steps since.
    fn counted(&self, data: &DataEnum) -> Vec<TokenStream> {
        let mut base = quote!(0);
        let mut step = 0i128;
        let each = data.variants.iter().map(|variant| {
            if let Some((_, explicit)) = &variant.discriminant {
                base = discriminant(explicit);
                step = 0;
            }
            step += 1;
            let before = step - 1;
            quote!(#base + #before)
        });
        each.collect()
    }

    /// Returns the scope of the parameters: the arguments of a generic type have a shape where its user says so.
    fn scope(&self) -> Scope {
        if self.is_generic() { Scope::of_the_user(&self.krate) } else { Scope::everywhere(&self.krate) }
    }

    /// Returns the scope of a field with this type. The type has a shape where the user of the item says so, if it depends
    /// on the item's parameters; otherwise where the item itself says so.
    pub(crate) fn scope_of(&self, field: &Field, ty: &Type) -> Scope {
        let mut ty = ty.clone();
        Own(&self.this()).visit_type_mut(&mut ty);
        let scope = if self.listed.is_empty() || depends(&field.ty, &self.input.generics) {
            self.scope()
        } else {
            Scope::of_the_item(&self.krate, 0)
        };
        scope.around(&ty)
    }

    /// Returns the item's generics with a parameter for the scope, and with the bound `Shape` on each type parameter.
    pub(crate) fn shaped(&self) -> Generics {
        let shape = self.scope().shape();
        let mut generics = self.input.generics.clone();
        for parameter in generics.type_params_mut() {
            parameter.bounds.push(parse_quote!(#shape));
        }
        // Bounds of projections from the parameters.
        for predicate in generics.where_clause.iter_mut().flat_map(|clause| &mut clause.predicates) {
            if let WherePredicate::Type(predicate) = predicate {
                if predicate.bounds.iter().any(is_shape) {
                    predicate.bounds.push(parse_quote!(#shape));
                }
            }
        }
        let parameter = Scope::parameter();
        generics.params.push(parse_quote!(#parameter));
        generics
    }

    /// Whether the type may be one without a size: it is nothing but a field, which may be a `str` or a slice.
    fn may_be_unsized(&self) -> bool {
        is_transparent(self.input)
    }

    /// Returns the closures in the fields.
    fn closures(&self) -> syn::Result<Closures> {
        let mut closures = Closures::default();
        let this = self.this();
        for field in all_fields(self.input) {
            if field_options(field)?.foreign.is_none() {
                let mut ty = field.ty.clone();
                Own(&this).visit_type_mut(&mut ty);
                closures.add(&ty, &[]);
            }
        }
        Ok(closures)
    }

    /// Whether the type is packed, so its fields cannot be borrowed.
    fn is_packed(&self) -> bool {
        representation(&self.input.attrs).contains("packed")
    }

    /// Writes the method that takes the objects in each field across; nothing if no field can contain any.
    fn cross(&self) -> syn::Result<TokenStream> {
        let krate = &self.krate;
        let direction = Ident::new("direction", Span::mixed_site());
        let body = match &self.input.data {
            _ if self.is_packed() => return Ok(TokenStream::new()),
            Data::Struct(data) => {
                let fields = visited(&data.fields)?;
                let each = fields.iter().map(|(member, _, field)| {
                    let cross = self.scope_of(field, &field.ty).shape_of(&field.ty, "__cross");
                    quote! { #cross(&mut self.#member, #direction); }
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
                    let each = fields.iter().map(|(_, index, field)| {
                        let bound = bound(*index);
                        let cross = self.scope_of(field, &field.ty).shape_of(&field.ty, "__cross");
                        quote! { #cross(#bound, #direction); }
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
            fn __cross(&mut self, #direction: #krate::__private::Direction) {
                #body
            }
        })
    }

    /// Writes an empty shape for a type with errors.
    fn refused(&self) -> TokenStream {
        let krate = &self.krate;
        let name = &self.input.ident;
        let (_, type_generics, where_clause) = self.input.generics.split_for_impl();
        let parameter = Scope::parameter();
        let mut generics = self.input.generics.clone();
        generics.params.push(parse_quote!(#parameter));
        let (impl_generics, ..) = generics.split_for_impl();
        quote! {
            #[automatically_derived]
            // SAFETY: the same output contains a compile error, so no code runs that could use this shape.
            unsafe impl #impl_generics #krate::Shape<#parameter> for #name #type_generics #where_clause {
                const TYPE: #krate::__private::TypeRef = <() as #krate::Shape>::TYPE;
                const DEFINITION: #krate::__private::Definition = <() as #krate::Shape>::DEFINITION;
                const PARAMS: &'static [#krate::__private::TypeRef] = &[];
                type Lifetimes<__PlugboxRest> = __PlugboxRest;
                type Objects<__PlugboxRest> = __PlugboxRest;
                type Target = Self;
            }
        }
    }

    /// Whether the type has type or const parameters, so a static cannot contain its node.
    fn is_generic(&self) -> bool {
        self.input.generics.params.iter().any(|parameter| !matches!(parameter, GenericParam::Lifetime(_)))
    }

    /// Writes the type itself, as it can be named where its node is.
    fn this(&self) -> TokenStream {
        let name = &self.input.ident;
        if self.is_generic() {
            return quote!(Self);
        }
        let lifetimes = self.input.generics.lifetimes().map(|_| quote!('static));
        quote!(#name<#(#lifetimes),*>)
    }

    fn parameters(&self) -> Vec<TokenStream> {
        let (krate, shape) = (&self.krate, self.scope().shape());
        self.input
            .generics
            .params
            .iter()
            .filter_map(|parameter| match parameter {
                GenericParam::Lifetime(_) => None,
                GenericParam::Type(parameter) => {
                    let name = &parameter.ident;
                    Some(quote!(<#name as #shape>::TYPE))
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
        let public = is_public(fields);
        let revision = match &self.revision {
            Some(number) => quote!(Number(#number)),
            None if public => quote!(Public),
            None => quote!(Version),
        };
        let repr = representation(&self.input.attrs);
        let bounds = self.bounds();
        quote! {
            #krate::__private::Layout {
                repr: #repr,
                revision: #krate::__private::Revision::#revision,
                version: ::core::env!("CARGO_PKG_VERSION"),
                bounds: &[#(#bounds),*],
                in_order: #krate::__layout_in_order!(),
            }
        }
    }

    /// Returns the lifetime bounds, with canonical names and in canonical order.
    fn bounds(&self) -> BTreeSet<String> {
        let generics = &self.input.generics;
        let parameters: Vec<&Ident> = generics.type_params().map(|parameter| &parameter.ident).collect();
        // The conventional names: `T`, `U`, `V`, `W`, then `T4`.
        let parameter = |ident: &Ident| match parameters.iter().position(|known| *known == ident) {
            Some(number @ 0..4) => ["T", "U", "V", "W"][number].to_owned(),
            number => format!("T{}", number.unwrap_or_default()),
        };
        bound_texts(generics, &mut Names::of(generics), parameter)
    }

    fn fields(&self, fields: &Fields, is_struct: bool) -> syn::Result<Vec<TokenStream>> {
        let krate = &self.krate;
        let this = self.this();
        let mut nodes = Vec::new();
        for (index, field) in fields.iter().enumerate() {
            let options = field_options(field)?;
            let scope = self.scope_of(field, &field.ty);
            let private = is_struct && !matches!(field.vis, Visibility::Public(_));
            let (name, member) = match &field.ident {
                // The name of a private field has no meaning outside its crate.
                Some(name) if private => (index.to_string(), name.to_token_stream()),
                Some(name) => (name.unraw().to_string(), name.to_token_stream()),
                None => (index.to_string(), syn::Index::from(index).to_token_stream()),
            };
            let offset = if is_struct && self.may_be_unsized() {
                quote!(::core::option::Option::Some(0))
            } else if is_struct {
                quote!(::core::option::Option::Some(::core::mem::offset_of!(#this, #member)))
            } else {
                quote!(::core::option::Option::None)
            };
            let edge = self.edge(field, &options);
            let mut names = Names::of(&self.input.generics);
            let mut written = field.ty.clone();
            Own(&self.own()).visit_type_mut(&mut written);
            let lifetimes =
                Places::of(&written, &self.input.generics).named(&scope, |lifetime| names.of_lifetime(lifetime));
            let ty = match options.foreign {
                None => match self.asked(field, &options.recursive) {
                    Some(target) => {
                        let facts = facts::of_values(krate, &target);
                        let target = scope.shape_of(&target, "TYPE");
                        quote!(ty: #edge, #lifetimes, target: #target, facts: #facts)
                    }
                    None => quote! {
                        ty: #edge, #lifetimes, target: #edge, facts: #krate::__private::Facts::NONE,
                    },
                },
                // The version of its crate is compared instead.
                Some(_) => quote! {
                    ty: #edge, lifetimes: &[], objects: &[], target: #edge, facts: #krate::__private::Facts::NONE,
                },
            };
            nodes.push(quote! {
                #krate::__private::Field { name: #name, ty: #krate::__private::Use { #ty }, offset: #offset }
            });
        }
        Ok(nodes)
    }

    /// Writes the type with its parameters, as it can be named beside its definition.
    pub(crate) fn own(&self) -> TokenStream {
        let name = &self.input.ident;
        let (_, type_generics, _) = self.input.generics.split_for_impl();
        quote!(#name #type_generics)
    }

    /// Returns the type about which the compiler is asked for a field.
    ///
    /// It is `None` for a type that depends on a parameter, for which the compiler would give the same answer whatever
    /// the parameter is.
    fn asked(&self, field: &Field, recursive: &[Ident]) -> Option<TokenStream> {
        let mut words = idents(&self.input.generics);
        if self.is_generic() {
            words.push(Ident::new("Self", Span::call_site()));
            words.push(self.input.ident.clone());
            // A type that is only named has no node here.
            words.extend(recursive.iter().cloned());
        }
        if mentions(&field.ty.to_token_stream(), &words) {
            return None;
        }
        let mut ty = field.ty.clone();
        Own(&self.this()).visit_type_mut(&mut ty);
        let ty = erased(&ty);
        Some(self.scope_of(field, &field.ty).shape_of(&ty, "Target"))
    }

    fn edge(&self, field: &Field, options: &FieldOptions) -> TokenStream {
        let krate = &self.krate;
        let scope = self.scope_of(field, &field.ty);
        let mut ty = field.ty.clone();
        if self.is_generic() {
            Own(&self.own()).visit_type_mut(&mut ty);
        } else {
            // In a static, `Self` and lifetime parameters are not available.
            Own(&self.this()).visit_type_mut(&mut ty);
            ty = erased(&ty);
        }
        let whole = ty.clone();
        if self.is_generic() {
            let own = (!idents(&self.input.generics).contains(&self.input.ident)).then_some(&self.input.ident);
            Cut { krate, own, recursive: &options.recursive }.visit_type_mut(&mut ty);
        }
        if let Some(foreign) = &options.foreign {
            let (assert, node) =
                (foreign.assert(&scope, &whole), foreign.node(&scope, &whole, &ty, &self.input.generics));
            return quote!({ #assert; #node });
        }
        scope.shape_of(&ty, "TYPE")
    }
}

/// Whether a type is nothing but its only field, according to its `repr`.
fn is_transparent(input: &DeriveInput) -> bool {
    matches!(&input.data, Data::Struct(data) if data.fields.len() == 1)
        && representation(&input.attrs).split(',').any(|argument| argument == "transparent")
}

/// Whether a type is a parameter with the bound `?Sized`.
fn is_relaxed_parameter(ty: &Type, generics: &Generics) -> bool {
    let Type::Path(path) = ty else { return false };
    let Some(name) = path.path.get_ident() else { return false };
    let is_relaxed = |bound: &TypeParamBound| matches!(bound, TypeParamBound::Trait(bound) if bound.maybe.is_some());
    let predicates = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    let in_where = predicates.into_iter().any(|predicate| match predicate {
        WherePredicate::Type(predicate) => {
            matches!(&predicate.bounded_ty, Type::Path(path) if path.path.is_ident(name))
                && predicate.bounds.iter().any(is_relaxed)
        }
        _ => false,
    });
    in_where || generics.type_params().any(|known| known.ident == *name && known.bounds.iter().any(is_relaxed))
}

/// Whether a type is written as one without a size.
fn is_unsized(ty: &Type) -> bool {
    const UNSIZED: [&str; 4] = ["CStr", "OsStr", "Path", "str"];
    match ty {
        Type::Slice(_) | Type::TraitObject(_) => true,
        Type::Path(path) => path.path.segments.last().is_some_and(|last| UNSIZED.iter().any(|name| last.ident == name)),
        _ => false,
    }
}

fn all_fields(input: &DeriveInput) -> Vec<&Field> {
    match &input.data {
        Data::Struct(data) => data.fields.iter().collect(),
        Data::Enum(data) => data.variants.iter().flat_map(|variant| &variant.fields).collect(),
        Data::Union(_) => Vec::new(),
    }
}

/// Whether a bound of the author may be `Shape`. If it is not, one more bound does no harm.
fn is_shape(bound: &TypeParamBound) -> bool {
    match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().is_some_and(|last| last.ident == "Shape"),
        _ => false,
    }
}

fn is_public(fields: &Fields) -> bool {
    fields.iter().all(|field| matches!(field.vis, Visibility::Public(_)))
}

/// Returns the arguments of `repr`, in canonical order and spelling.
fn representation(attributes: &[Attribute]) -> String {
    let mut arguments = BTreeSet::new();
    let is_repr = |attribute: &&Attribute| attribute.path().get_ident().is_some_and(|name| name.unraw() == "repr");
    for attribute in attributes.iter().filter(is_repr) {
        // The compiler itself refuses an invalid `repr`.
        let _ = attribute.parse_nested_meta(|meta| {
            let name = meta.path.require_ident()?.unraw().to_string();
            let number = if meta.input.peek(syn::token::Paren) {
                let content;
                syn::parenthesized!(content in meta.input);
                Some(content.parse::<LitInt>()?.base10_digits().to_owned())
            } else {
                None
            };
            match number {
                _ if name == "Rust" => {}
                Some(number) if name != "packed" || number != "1" => {
                    arguments.insert(format!("{name}({number})"));
                }
                _ => {
                    arguments.insert(name);
                }
            }
            Ok(())
        });
    }
    arguments.into_iter().collect::<Vec<_>>().join(",")
}

/// Returns the fields that are not marked as foreign, each with its name and index.
fn visited(fields: &Fields) -> syn::Result<Vec<(Member, usize, &Field)>> {
    let mut visited = Vec::new();
    for (index, (field, member)) in fields.iter().zip(fields.members()).enumerate() {
        if field_options(field)?.foreign.is_none() {
            visited.push((member, index, field));
        }
    }
    Ok(visited)
}

/// Replaces the type itself and the types that lead back to it by their names, in the fields of a generic type.
///
/// It is needed because a constant cannot contain itself, and a static cannot be generic.
struct Cut<'a> {
    krate: &'a Path,
    /// The type's own name, unless it is also the name of a parameter.
    own: Option<&'a Ident>,
    recursive: &'a [Ident],
}

impl VisitMut for Cut<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        visit_mut::visit_type_mut(self, ty);
        let Type::Path(path) = ty else { return };
        let bare_name = path.qself.is_none() && path.path.leading_colon.is_none() && path.path.segments.len() == 1;
        let Some(last) = path.path.segments.last() else { return };
        // A longer path may lead to a different type with this name.
        let own = bare_name && self.own.is_some_and(|own| last.ident == *own);
        if own || self.recursive.contains(&last.ident) {
            let krate = self.krate;
            *ty = parse_quote!(#krate::__private::Named<#path>);
        }
    }
}

/// Replaces `Self` with the type.
pub(crate) struct Own<'a>(pub(crate) &'a TokenStream);

impl VisitMut for Own<'_> {
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
    // Not located at the user's expression, so no lint there complains about a cast that the user did not write.
    quote!(((#explicit) as i128))
}
