//! Lifetimes: each place of a lifetime, elided or written, gets a canonical name.
//!
//! The output is a claim about the author's tokens, which the compiler checks: see `Shape::Lifetimes` in `plugbox`.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{
    AssocType, GenericArgument, GenericParam, Generics, Ident, Lifetime, Path, PathArguments, Signature, Token,
    TraitBound, Type, TypeParamBound, TypeReference, WherePredicate, punctuated::Punctuated,
};

use crate::scope::Scope;

/// Returns the type with every lifetime replaced by `'static`, so it may appear in a static.
pub(crate) fn erased(ty: &Type) -> Type {
    let mut ty = ty.clone();
    Replace(|lifetime: Option<&Lifetime>, span| Some(Lifetime::new("'static", lifetime.map_or(span, Lifetime::span))))
        .visit_type_mut(&mut ty);
    ty
}

/// Returns the type with a lifetime from `next` at each place where none is written.
pub(crate) fn written(ty: &Type, mut next: impl FnMut() -> Lifetime) -> Type {
    let mut ty = ty.clone();
    Replace(|lifetime: Option<&Lifetime>, _| match lifetime {
        Some(lifetime) if lifetime.ident != "_" => None,
        _ => Some(next()),
    })
    .visit_type_mut(&mut ty);
    ty
}

/// Returns the type with the lifetimes that `name` returns for those that are written, or for `None`; it keeps the
/// others.
pub(crate) fn renamed(ty: &Type, mut name: impl FnMut(Option<&Lifetime>) -> Option<Lifetime>) -> Type {
    let mut ty = ty.clone();
    Replace(|lifetime: Option<&Lifetime>, _| name(lifetime)).visit_type_mut(&mut ty);
    ty
}

/// Whether a bound has arguments in parentheses.
pub(crate) fn is_closure(bound: &TraitBound) -> bool {
    bound.path.segments.last().is_some_and(|last| matches!(last.arguments, PathArguments::Parenthesized(_)))
}

/// Replaces the lifetimes at their places. The lifetimes inside a closure or a function
/// pointer are its own. A trait object without a lifetime stays as it is.
struct Replace<F>(F);

impl<F: FnMut(Option<&Lifetime>, Span) -> Option<Lifetime>> VisitMut for Replace<F> {
    fn visit_type_fn_ptr_mut(&mut self, _: &mut syn::TypeFnPtr) {}

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if let Some(other) = (self.0)(Some(lifetime), lifetime.span()) {
            *lifetime = other;
        }
    }

    fn visit_trait_bound_mut(&mut self, bound: &mut TraitBound) {
        if !is_closure(bound) {
            visit_mut::visit_trait_bound_mut(self, bound);
        }
    }

    fn visit_type_reference_mut(&mut self, reference: &mut syn::TypeReference) {
        let span = reference.and_token.spans[0];
        if let Some(other) = (self.0)(reference.lifetime.as_ref(), span) {
            reference.lifetime = Some(other);
        }
        visit_mut::visit_type_mut(self, &mut reference.elem);
    }
}

/// The contents of a place for a lifetime.
#[derive(Clone)]
pub(crate) enum Place {
    /// This lifetime.
    Written(Lifetime),
    /// The default for a trait object behind a reference: the reference's lifetime, or `'static` if the trait is
    /// `'static`.
    Default,
    /// The lifetimes in a generic argument of the item.
    Inside(Box<Type>),
    /// The lifetimes in a projection from a type parameter. There must be none, because no place in the tokens shows
    /// them.
    Projected(Box<Type>),
}

/// The places for lifetimes in a type without elided ones: the type's own places, then those of its generic arguments.
pub(crate) struct Places {
    borrows: Vec<Place>,
    /// The bounds of trait objects.
    objects: Vec<Place>,
}

impl Places {
    pub(crate) fn of(ty: &Type, generics: &Generics) -> Self {
        let mut walk = Walk { generics, found: Self { borrows: Vec::new(), objects: Vec::new() } };
        walk.at(ty, &Place::Written(forever()));
        walk.found
    }

    /// Returns the lifetimes that are written.
    pub(crate) fn written(&self) -> impl Iterator<Item = &Lifetime> {
        self.borrows.iter().chain(&self.objects).filter_map(|place| match place {
            Place::Written(lifetime) => Some(lifetime),
            Place::Default | Place::Inside(_) | Place::Projected(_) => None,
        })
    }

    pub(crate) fn are_none(&self) -> bool {
        self.borrows.is_empty() && self.objects.is_empty()
    }

    /// Whether an alias may hide further bounds of trait objects, which are `'static`. The lists of generic arguments have
    /// no end that the compiler knows.
    fn hides_objects(&self) -> bool {
        self.objects.iter().all(|place| matches!(place, Place::Written(_) | Place::Default))
    }

    /// Writes the claims of the tokens, as arguments of `Shape::__are`.
    pub(crate) fn claims(&self, scope: &Scope) -> TokenStream {
        let krate = &scope.krate;
        let borrows = list(scope, &self.borrows, &quote!(Lifetimes), quote!(()));
        let objects = list(scope, &self.objects, &quote!(Objects), quote!(()));
        let objects = match &self.objects[..] {
            [] => quote!(#krate::__private::Hidden),
            _ if self.hides_objects() => quote!(#krate::__private::WrittenFirst<#objects>),
            _ => quote!(#krate::__private::Written<#objects>),
        };
        quote!(#borrows, #objects)
    }

    /// Writes the places with canonical names, as fields of a `Use`.
    pub(crate) fn named(&self, scope: &Scope, mut name: impl FnMut(&Lifetime) -> String) -> TokenStream {
        let (krate, shape) = (&scope.krate, scope.shape());
        let mut named = |places: &[Place], hides: bool| {
            let each = places.iter().map(|place| match place {
                Place::Written(lifetime) => {
                    let name = name(lifetime);
                    quote!(#krate::__private::Lifetime::Named(#name))
                }
                Place::Default => quote!(#krate::__private::Lifetime::Default),
                Place::Inside(ty) => quote!(#krate::__private::Lifetime::Inside(<#ty as #shape>::TYPE)),
                Place::Projected(ty) => quote!(#krate::__private::Lifetime::Projected(<#ty as #shape>::TYPE)),
            });
            let rest = hides.then(|| quote!(#krate::__private::Lifetime::Static));
            quote!(&[#(#each,)* #rest])
        };
        let lifetimes = named(&self.borrows, false);
        let objects = named(&self.objects, self.hides_objects());
        quote!(lifetimes: #lifetimes, objects: #objects)
    }
}

/// Writes a list of lifetimes before `rest`, as a type. `of` names the associated list of generic arguments.
pub(crate) fn list(scope: &Scope, places: &[Place], of: &TokenStream, rest: TokenStream) -> TokenStream {
    let (krate, shape) = (&scope.krate, scope.shape());
    places.iter().rev().fold(rest, |rest, place| match place {
        Place::Written(lifetime) => quote!((#krate::__private::Token<#lifetime>, #rest)),
        Place::Default => quote!((#krate::__private::Token<'_>, #rest)),
        Place::Inside(ty) | Place::Projected(ty) => quote!(<#ty as #shape>::#of<#rest>),
    })
}

fn forever() -> Lifetime {
    Lifetime::new("'static", Span::call_site())
}

struct Walk<'a> {
    generics: &'a Generics,
    found: Places,
}

impl Walk<'_> {
    /// Collects the places in a type. `default` is for a trait object without a written lifetime.
    fn at(&mut self, ty: &Type, default: &Place) {
        let outside = Place::Written(forever());
        match ty {
            Type::Paren(inner) => self.at(&inner.elem, default),
            Type::Group(inner) => self.at(&inner.elem, default),
            Type::Reference(reference) => {
                self.found.borrows.push(Place::Written(reference.lifetime.clone().unwrap_or_else(forever)));
                self.at(&reference.elem, &Place::Default);
            }
            Type::TraitObject(object) => {
                let written = object.bounds.iter().find_map(|bound| match bound {
                    TypeParamBound::Lifetime(lifetime) => Some(Place::Written(lifetime.clone())),
                    _ => None,
                });
                self.found.objects.push(written.unwrap_or_else(|| default.clone()));
                object.bounds.iter().filter_map(binding).for_each(|binding| self.at(&binding.ty, &outside));
            }
            Type::Tuple(tuple) => tuple.elems.iter().for_each(|element| self.at(element, &outside)),
            Type::Array(array) => self.at(&array.elem, &outside),
            Type::Slice(slice) => self.at(&slice.elem, &outside),
            Type::Path(path) if path.qself.is_none() && !self.is_argument(&path.path) => {
                // An alias for a future of which the lifetime is the bound, such as `BoxFuture<'a, T>`. Its name is only a
                // hint: the compiler checks this claim like any other.
                let is_future =
                    path.path.segments.last().is_some_and(|last| {
                        ["Future", "Stream"].iter().any(|end| last.ident.to_string().ends_with(end))
                    });
                for segment in &path.path.segments {
                    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { continue };
                    for argument in &arguments.args {
                        match argument {
                            GenericArgument::Lifetime(lifetime) => {
                                let places = if is_future { &mut self.found.objects } else { &mut self.found.borrows };
                                places.push(Place::Written(lifetime.clone()));
                            }
                            GenericArgument::Type(ty) => self.at(ty, &outside),
                            _ => {}
                        }
                    }
                }
            }
            Type::Path(path) if self.mentions_argument(path) => {
                let bare = path.qself.is_none() && path.path.get_ident().is_some();
                let place = if bare { Place::Inside } else { Place::Projected };
                self.found.borrows.push(place(Box::new(ty.clone())));
                self.found.objects.push(place(Box::new(ty.clone())));
            }
            _ => {}
        }
    }

    /// Whether a path is a type parameter of the item, or begins with one.
    fn is_argument(&self, path: &Path) -> bool {
        path.leading_colon.is_none()
            && path
                .segments
                .first()
                .is_some_and(|first| self.generics.type_params().any(|known| known.ident == first.ident))
    }

    fn mentions_argument(&self, path: &syn::TypePath) -> bool {
        self.is_argument(&path.path) || mentions(&path.to_token_stream(), &idents(self.generics))
    }
}

/// Returns the associated type that a bound sets, as `Future<Output = T>` does. No interface has one, so the trait is one
/// of std's, or has no shape.
pub(crate) fn binding(bound: &TypeParamBound) -> Option<&AssocType> {
    let TypeParamBound::Trait(bound) = bound else { return None };
    match bound.path.segments.last().map(|last| &last.arguments) {
        Some(PathArguments::AngleBracketed(arguments)) => arguments.args.iter().find_map(|argument| match argument {
            GenericArgument::AssocType(binding) => Some(binding),
            _ => None,
        }),
        _ => None,
    }
}

/// Returns the names of the type and const parameters.
pub(crate) fn idents(generics: &Generics) -> Vec<Ident> {
    let named = generics.params.iter().filter_map(|parameter| match parameter {
        GenericParam::Type(parameter) => Some(parameter.ident.clone()),
        GenericParam::Const(parameter) => Some(parameter.ident.clone()),
        GenericParam::Lifetime(_) => None,
    });
    named.collect()
}

/// Whether the tokens contain one of these words.
pub(crate) fn mentions(tokens: &TokenStream, words: &[Ident]) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        proc_macro2::TokenTree::Ident(ident) => words.contains(&ident),
        proc_macro2::TokenTree::Group(group) => mentions(&group.stream(), words),
        _ => false,
    })
}

/// Whether a type depends on the type and const parameters of its item.
pub(crate) fn depends(ty: &Type, generics: &Generics) -> bool {
    let mut words = idents(generics);
    if !words.is_empty() {
        words.push(Ident::new("Self", Span::call_site()));
    }
    mentions(&ty.to_token_stream(), &words)
}

/// Canonical names of lifetimes: `'a` for the first one, whatever its own name is.
#[derive(Default)]
pub(crate) struct Names(Vec<Ident>);

impl Names {
    /// Names the lifetime parameters of an item, in order.
    pub(crate) fn of(generics: &Generics) -> Self {
        Self(generics.lifetimes().map(|parameter| parameter.lifetime.ident.unraw()).collect())
    }

    pub(crate) fn of_lifetime(&mut self, lifetime: &Lifetime) -> String {
        if lifetime.ident == "static" {
            return "'static".to_owned();
        }
        let ident = lifetime.ident.unraw();
        let known = self.0.iter().position(|known| *known == ident);
        let number = known.unwrap_or_else(|| {
            self.0.push(ident);
            self.0.len() - 1
        });
        let letter = char::from(b'a' + (number % 26) as u8);
        if number < 26 { format!("'{letter}") } else { format!("'{letter}{}", number / 26) }
    }
}

/// The subject of a lifetime bound.
pub(crate) enum Bounded<'a> {
    /// A lifetime: `'b: 'a`
    Lifetime(&'a Lifetime),
    /// A type parameter or `Self`: `T: 'a`
    Name(&'a Ident),
    /// Any other type.
    Type(&'a Type),
}

/// Returns all lifetime bounds of an item, from its parameters and its `where` clause.
pub(crate) fn bounds(generics: &Generics) -> Vec<(Bounded<'_>, &Lifetime)> {
    let mut found = Vec::new();
    for parameter in &generics.params {
        match parameter {
            GenericParam::Lifetime(parameter) => {
                found.extend(parameter.bounds.iter().map(|bound| (Bounded::Lifetime(&parameter.lifetime), bound)));
            }
            GenericParam::Type(parameter) => {
                found.extend(among(&parameter.bounds).map(|bound| (Bounded::Name(&parameter.ident), bound)));
            }
            GenericParam::Const(_) => {}
        }
    }
    for predicate in generics.where_clause.iter().flat_map(|clause| &clause.predicates) {
        match predicate {
            WherePredicate::Lifetime(predicate) => {
                found.extend(predicate.bounds.iter().map(|bound| (Bounded::Lifetime(&predicate.lifetime), bound)));
            }
            WherePredicate::Type(predicate) => found.extend(among(&predicate.bounds).map(|bound| {
                let name = match &predicate.bounded_ty {
                    Type::Path(ty) => ty.path.get_ident(),
                    _ => None,
                };
                (name.map_or(Bounded::Type(&predicate.bounded_ty), Bounded::Name), bound)
            })),
            _ => {}
        }
    }
    found
}

/// Returns a lifetime and all those that it outlives, according to the bounds of a method and to its arguments: behind a
/// `&'r`, every lifetime outlives `'r`.
pub(crate) fn outlived_by(lifetime: &Lifetime, signature: &Signature) -> Vec<Ident> {
    let mut longer: Vec<(Ident, Ident)> = bounds(&signature.generics)
        .into_iter()
        .filter_map(|(bounded, bound)| match bounded {
            Bounded::Lifetime(bounded) => Some((bounded.ident.clone(), bound.ident.clone())),
            _ => None,
        })
        .collect();
    let mut behind = Behind(&mut longer);
    signature.inputs.iter().for_each(|argument| behind.visit_fn_arg(argument));
    let mut outlived = vec![lifetime.ident.clone()];
    let mut next = 0;
    while let Some(this) = outlived.get(next).cloned() {
        for (_, shorter) in longer.iter().filter(|(long, _)| *long == this) {
            if !outlived.contains(shorter) {
                outlived.push(shorter.clone());
            }
        }
        next += 1;
    }
    outlived
}

/// Collects the lifetimes behind each reference that has a name for its own, with that one.
struct Behind<'a>(&'a mut Vec<(Ident, Ident)>);

impl Visit<'_> for Behind<'_> {
    fn visit_type_reference(&mut self, reference: &TypeReference) {
        if let Some(own) = &reference.lifetime {
            self.0.extend(found(&reference.elem).into_iter().map(|inner| (inner.ident.clone(), own.ident.clone())));
        }
        visit::visit_type_reference(self, reference);
    }
}

/// Returns the lifetimes among bounds.
fn among(bounds: &Punctuated<TypeParamBound, Token![+]>) -> impl Iterator<Item = &Lifetime> {
    bounds.iter().filter_map(|bound| match bound {
        TypeParamBound::Lifetime(lifetime) => Some(lifetime),
        _ => None,
    })
}

/// Returns all lifetime bounds as Rust writes them, with canonical names and in canonical order.
///
/// It skips bounds on types that are not a plain name, which are refused elsewhere.
pub(crate) fn bound_texts(
    generics: &Generics,
    names: &mut Names,
    parameter: impl Fn(&Ident) -> String,
) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    for (bounded, bound) in bounds(generics) {
        let subject = match bounded {
            Bounded::Lifetime(lifetime) => names.of_lifetime(lifetime),
            Bounded::Name(ident) => parameter(ident),
            Bounded::Type(_) => continue,
        };
        texts.insert(format!("{subject}: {}", names.of_lifetime(bound)));
    }
    texts
}

/// Returns the lifetimes that are written in a type, in order.
pub(crate) fn found(ty: &Type) -> Vec<&Lifetime> {
    let mut found = Found(Vec::new());
    found.visit_type(ty);
    found.0
}

/// Returns the lifetimes that are written in the arguments and the result of a closure, without those of the closures
/// inside it.
pub(crate) fn inside(arguments: &PathArguments) -> Vec<&Lifetime> {
    let mut found = Found(Vec::new());
    found.visit_path_arguments(arguments);
    found.0
}

struct Found<'a>(Vec<&'a Lifetime>);

impl<'a> Visit<'a> for Found<'a> {
    fn visit_lifetime(&mut self, lifetime: &'a Lifetime) {
        if lifetime.ident != "_" {
            self.0.push(lifetime);
        }
    }

    fn visit_trait_bound(&mut self, bound: &'a TraitBound) {
        if !is_closure(bound) {
            visit::visit_trait_bound(self, bound);
        }
    }
}
