//! Types of crates that do not use plugbox: `#[shape(foreign)]`, and the entries of a list `foreign(..)`.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Error, GenericArgument, GenericParam, Generics, Ident, PathArguments, Type, TypePath};

use crate::attribute::located;
use crate::scope::Scope;
use crate::valid::Errors;

/// The compiler's own crates, whose versions follow from the compiler.
const SYSROOT: [&str; 3] = ["alloc", "core", "std"];

/// A type that a foreign crate defines.
pub(crate) struct Foreign {
    pub(crate) ty: Type,
    path: String,
    /// All crates that decide its contents.
    crates: Vec<Ident>,
    /// The crates that the author has named besides the type's own.
    pub(crate) others: Vec<Ident>,
    /// Whether the compiler's own crates define it.
    is_std: bool,
}

impl Foreign {
    /// Parses the type of a field, which must own all that it contains.
    pub(crate) fn of_field(ty: &Type, others: Vec<Ident>) -> syn::Result<Self> {
        let foreign = Self::new(ty, others)?;
        if borrows(ty) {
            return Err(Error::new_spanned(
                ty,
                format!(
                    "a foreign type that borrows is not supported here; name it once for the whole type: \
                     `#[shape(foreign({}))]` beside the derive, and remove this attribute",
                    shown(ty)
                ),
            ));
        }
        Ok(foreign)
    }

    /// Parses a foreign type. It must be written with its crate, because only the compiler can resolve a shorter name.
    pub(crate) fn new(ty: &Type, others: Vec<Ident>) -> syn::Result<Self> {
        // A type that the caller of a macro has passed.
        if let Type::Group(inner) = ty {
            return Self::new(&inner.elem, others);
        }
        let Type::Path(TypePath { qself: None, path, .. }) = ty else {
            return Err(Error::new_spanned(ty, not_itself(ty)));
        };
        let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.unraw().to_string()).collect();
        if path.leading_colon.is_none() || names.len() < 2 {
            return Err(Error::new_spanned(ty, not_itself(ty)));
        }
        let last = path.segments.len() - 1;
        if path.segments.iter().take(last).any(|segment| !segment.arguments.is_none()) {
            return Err(Error::new_spanned(
                ty,
                "parameters of a module are not supported here; only the type may have some",
            ));
        }
        let first = path.segments[0].ident.clone();
        // A dependency may have been renamed to such a name.
        let is_std = SYSROOT.contains(&&*names[0]) && given(&names[0]).is_none();
        let crates = if is_std { others.clone() } else { [vec![first], others.clone()].concat() };
        Ok(Self { ty: ty.clone(), path: names.join("::"), crates, others, is_std })
    }

    /// Writes the check that the name stands for a type of its crate, which has a size.
    pub(crate) fn assert(&self, scope: &Scope, ty: &Type) -> TokenStream {
        let krate = &scope.krate;
        let asked = quote!(<#krate::__private::Opaque<#ty>>);
        // Some of std's own aliases are allowed.
        let is_container = if self.is_std { quote!(false) } else { quote!(#asked::IS_CONTAINER) };
        let assert = quote!(#krate::__private::assert_opaque(#asked::HAS_SIZE, #is_container));
        let assert = located(assert, &self.ty);
        quote! {{
            #[allow(unused_imports)]
            use #krate::__private::Otherwise as _;
            #assert
        }}
    }

    /// Writes the node of the type. Its parameters are those of `cut`, which do not lead back to the item.
    pub(crate) fn node(&self, scope: &Scope, ty: &Type, cut: &Type, generics: &Generics) -> TokenStream {
        let krate = &scope.krate;
        let span = ty.span();
        let definition = self.definition(scope);
        let params = self.params(scope, cut, generics);
        let crates = self.crates.iter().map(resolved);
        let names = self.crates.iter().map(own_name);
        let asked = quote!(<#krate::__private::Opaque<#ty>>);
        quote_spanned! {span=>
            #krate::__private::TypeRef::new(&const {
                #[allow(unused_imports)]
                use #krate::__private::Otherwise as _;
                #krate::__private::Type {
                    form: #krate::__private::Form::Path,
                    definition: #definition,
                    params: &[#(#params),*],
                    size: #asked::SIZE,
                    align: #asked::ALIGN,
                    needs_drop: #asked::NEEDS_DROP,
                    facts: #krate::__private::Facts::NONE,
                    carries: #krate::__private::Carries::Nothing,
                    // The type may be a map with any of them as keys or hashers.
                    keys: &[#(#params),*],
                    body: #krate::__private::Body::Foreign {
                        crates: &[#(#crates),*],
                        names: &[#(#names),*],
                        full_name: ::core::any::type_name::<#ty>,
                    },
                }
            })
        }
    }

    /// Returns the last name in its path.
    pub(crate) fn ident(&self) -> Option<&Ident> {
        let Type::Path(path) = &self.ty else { return None };
        path.path.segments.last().map(|last| &last.ident)
    }

    /// Returns the number of its own lifetimes.
    pub(crate) fn lifetimes(&self) -> usize {
        parameters(&self.ty).iter().filter(|argument| matches!(argument, GenericArgument::Lifetime(_))).count()
    }

    /// Writes the definition of the type.
    pub(crate) fn definition(&self, scope: &Scope) -> TokenStream {
        let (krate, path) = (&scope.krate, &self.path);
        let lifetimes = self.lifetimes();
        quote!(#krate::__private::Definition::foreign(#path, #lifetimes))
    }

    /// Writes the nodes of the parameters of `ty`, which is this type.
    pub(crate) fn params(&self, scope: &Scope, ty: &Type, generics: &Generics) -> Vec<TokenStream> {
        let krate = &scope.krate;
        let types = parameters(ty).into_iter().filter(|argument| !matches!(argument, GenericArgument::Lifetime(_)));
        let params = types.map(|argument| match argument {
            GenericArgument::Type(Type::Path(path)) if is_number(&path.path, generics) => number(krate, &quote!(#path)),
            GenericArgument::Const(value) => number(krate, &quote!(#value)),
            other => scope.shape_of(&other, "TYPE"),
        });
        params.collect()
    }
}

/// Changes the path of a foreign type so that it starts at an explicit `extern crate`, and returns that item's name.
///
/// In the author's crate root, a different item may have the name with which the path begins.
pub(crate) fn from_its_crate(ty: &mut Type) -> Option<ExternCrate> {
    let Type::Path(path) = ty else { return None };
    let name = path.path.segments[0].ident.clone();
    let alias = format_ident!("__plugbox_{}", name.unraw());
    path.path.leading_colon = None;
    path.path.segments[0].ident = alias.clone();
    Some(ExternCrate { name, alias })
}

/// An explicit `extern crate` of a foreign crate.
pub(crate) struct ExternCrate {
    name: Ident,
    pub(crate) alias: Ident,
}

impl ToTokens for ExternCrate {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { name, alias } = self;
        tokens.extend(quote! {
            #[allow(unused_extern_crates)]
            extern crate #name as #alias;
        });
    }
}

/// Returns the error for a type that is not a path which begins with a crate.
fn not_itself(ty: &Type) -> String {
    struct Inside(Option<Type>);
    impl<'a> Visit<'a> for Inside {
        fn visit_type_path(&mut self, path: &'a TypePath) {
            if path.path.leading_colon.is_some() && self.0.is_none() {
                self.0 = Some(Type::Path(path.clone()));
            }
            visit::visit_type_path(self, path);
        }
    }
    if matches!(ty, Type::TraitObject(_)) {
        return "an object of a foreign trait would cross unguarded; write an interface of your own with the methods that \
                you need, and implement it for the foreign objects"
            .to_owned();
    }
    let mut inside = Inside(None);
    inside.visit_type(ty);
    match (inside.0, ty) {
        (Some(inside), _) => format!(
            "the foreign type is inside this type; name it by itself, once for the trait or the type that uses it, in \
             `#[plugbox::interface(foreign({0}))]` or, beside the derive, in `#[shape(foreign({0}))]`",
            shown(&inside)
        ),
        (None, Type::Path(path)) if path.path.segments.len() > 1 => {
            format!("a foreign type must be written with its crate, after `::`: `::{}`", shown(ty))
        }
        _ => "a foreign type must be written with its crate: `::bytes::Bytes`".to_owned(),
    }
}

/// Returns a type as people write it.
fn shown(ty: &Type) -> String {
    let text = ty.to_token_stream().to_string();
    let tight =
        text.replace(" :: ", "::").replace(":: ", "::").replace(" < ", "<").replace(" <", "<").replace("< ", "<");
    tight.replace(" >", ">").replace(" ,", ",").replace("& ", "&")
}

fn borrows(ty: &Type) -> bool {
    struct Found(bool);
    impl Visit<'_> for Found {
        fn visit_lifetime(&mut self, _: &syn::Lifetime) {
            self.0 = true;
        }
        fn visit_type_reference(&mut self, _: &syn::TypeReference) {
            self.0 = true;
        }
    }
    let mut found = Found(false);
    found.visit_type(ty);
    found.0
}

fn parameters(ty: &Type) -> Vec<&GenericArgument> {
    let Type::Path(path) = ty else { return Vec::new() };
    match path.path.segments.last().map(|segment| &segment.arguments) {
        Some(PathArguments::AngleBracketed(arguments)) => arguments.args.iter().collect(),
        _ => Vec::new(),
    }
}

/// Returns the parameters of a foreign type that are types.
pub(crate) fn foreign_arguments<'a>(ty: &'a Type, generics: &Generics) -> Vec<&'a Type> {
    let types = parameters(ty).into_iter().filter_map(|argument| match argument {
        GenericArgument::Type(Type::Path(path)) if is_number(&path.path, generics) => None,
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.collect()
}

/// Whether a path that looks like a type is a const parameter of the item.
fn is_number(path: &syn::Path, generics: &Generics) -> bool {
    let constant =
        |parameter: &GenericParam| matches!(parameter, GenericParam::Const(known) if path.is_ident(&known.ident));
    generics.params.iter().any(constant)
}

/// Writes the node of a const argument.
pub(crate) fn number(krate: &syn::Path, value: &TokenStream) -> TokenStream {
    quote! {
        #krate::__private::TypeRef::new(&const { #krate::__private::Type {
            form: #krate::__private::Form::Number(#value as i128),
            definition: #krate::__private::Definition::foreign("", 0),
            params: &[], size: 0, align: 1,
            needs_drop: false,
            facts: #krate::__private::Facts::NONE,
            carries: #krate::__private::Carries::Nothing,
            keys: &[],
            body: #krate::__private::Body::Std,
        } })
    }
}

/// The beginning of the names of the variables that the build script sets.
const VARIABLE: &str = "PLUGBOX_BOUNDARY_";

/// Writes an expression for the description of a crate that the build script has found.
fn resolved(name: &Ident) -> TokenStream {
    let span = name.span();
    let variable = format!("{VARIABLE}{}", name.unraw());
    // `check` has refused the item if there is none. The compiler is asked, so cargo knows of the variable.
    quote_spanned!(span=> ::core::env!(#variable))
}

/// Refuses an item with types of crates that the build script has not described: one error for all of them.
pub(crate) fn check<'a>(types: impl Iterator<Item = &'a Foreign>, errors: &mut Errors) {
    let mut crates: Vec<&Ident> = types.flat_map(|foreign| &foreign.crates).collect();
    crates.sort();
    crates.dedup();
    let mut missing = Vec::new();
    for name in crates {
        match env::var(format!("{VARIABLE}{}", name.unraw())) {
            Ok(said) => {
                if let Some(other) = contradiction(&name.unraw().to_string(), &said) {
                    errors.push(name, other);
                }
            }
            Err(_) => missing.push(name),
        }
    }
    if let Some(first) = missing.first() {
        errors.push(first, unknown(&missing));
    }
}

/// Returns the error for crates that the build script has not described, with the line that it needs.
fn unknown(missing: &[&Ident]) -> String {
    let names: BTreeSet<String> = missing.iter().map(|name| name.unraw().to_string()).collect();
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let known: BTreeSet<String> =
        env::vars_os().filter_map(|(name, _)| Some(name.to_str()?.strip_prefix(VARIABLE)?.to_owned())).collect();
    let all: Vec<String> = known.union(&names).map(|name| format!("\"{name}\"")).collect();
    let cargo = if known.is_empty() { "in Cargo.toml, add `plugbox-build` to the build-dependencies; " } else { "" };
    format!(
        "the {} of {} {} not known; {cargo}in build.rs, write `plugbox_build::boundary([{}]);` once, with all crates whose \
         types are foreign, each of them a dependency of this package",
        if names.len() == 1 { "version" } else { "versions" },
        quoted.join(", "),
        if names.len() == 1 { "is" } else { "are" },
        all.join(", ")
    )
}

/// Returns the name of a crate in its own code, whatever this package calls it.
fn own_name(name: &Ident) -> String {
    let name = name.unraw().to_string();
    let library = given(&name).and_then(|path| Some(path.file_stem()?.to_str()?.strip_prefix("lib")?.to_owned()));
    // Cargo appends a hash. A crate's name has no hyphen.
    library.and_then(|stem| Some(stem.split('-').next()?.to_owned())).unwrap_or(name)
}

/// Returns an error if the build script has seen a different version than the one with which this crate is compiled.
///
/// If two workspaces build into one target folder, cargo reuses the build script's output of one for the other.
fn contradiction(name: &str, said: &str) -> Option<String> {
    let seen = said.split(' ').nth(1)?;
    let linked = version(&source(name)?)?;
    (seen != linked && seen != "unknown").then(|| {
        format!(
            "the build script saw `{name}` {seen}, but this crate is compiled with {linked}, because the script ran for \
             a different workspace with the same target folder; give each workspace its own target folder, and run \
             `cargo clean -p {}` once",
            env::var("CARGO_PKG_NAME").unwrap_or_default()
        )
    })
}

/// Returns the library that the compiler was given for a crate with this name.
fn given(name: &str) -> Option<PathBuf> {
    let arguments: Vec<String> = env::args_os().filter_map(|argument| argument.into_string().ok()).collect();
    arguments.windows(2).filter(|pair| pair[0] == "--extern").find_map(|pair| library(&pair[1], name))
}

/// Returns the library in the value of an option `--extern`, if it is for a crate with this name and not a std that is
/// built from source.
fn library(given: &str, name: &str) -> Option<PathBuf> {
    let (given, path) = given.split_once('=')?;
    let (options, given) = given.rsplit_once(':').unwrap_or(("", given));
    let is_std = options.split(',').any(|option| option == "noprelude");
    (given == name && !is_std).then(|| PathBuf::from(path))
}

/// Returns the root source file of a crate that the compiler was given, from the list of source files beside its
/// library.
fn source(name: &str) -> Option<PathBuf> {
    let library = given(name)?;
    let stem = library.file_stem()?.to_str()?.strip_prefix("lib")?;
    let list = fs::read_to_string(library.with_file_name(stem).with_extension("d")).ok()?;
    let (_, sources) = list.lines().next()?.split_once(": ")?;
    // Spaces in names are escaped: `\ ` is inside a name.
    let end =
        sources.match_indices(' ').find(|(at, _)| !sources[..*at].ends_with('\\')).map_or(sources.len(), |(at, _)| at);
    Some(PathBuf::from(sources[..end].replace("\\ ", " ")))
}

/// Returns the version of the package to which a source file belongs, if its manifest contains the version.
fn version(source: &Path) -> Option<String> {
    let manifest = source.ancestors().map(|folder| folder.join("Cargo.toml")).find(|manifest| manifest.is_file())?;
    let manifest = fs::read_to_string(manifest).ok()?;
    let package = manifest.lines().skip_while(|line| line.trim() != "[package]").skip(1);
    let mut package = package.take_while(|line| !line.trim_start().starts_with('['));
    package.find_map(|line| {
        let value = line.trim().strip_prefix("version")?.trim_start().strip_prefix('=')?.trim();
        Some(value.strip_prefix('"')?.split('"').next()?.to_owned())
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_std_that_is_built_from_source_is_no_dependency() {
        let library = |given| super::library(given, "std").map(|path| path.to_string_lossy().into_owned());
        for given in ["std=std.rlib", "priv:std=std.rlib"] {
            assert_eq!(library(given).as_deref(), Some("std.rlib"), "{given}");
        }
        for given in ["std", "my_std=std.rlib", "noprelude:std=std.rlib", "nounused,noprelude:std=std.rlib"] {
            assert_eq!(library(given), None, "{given}");
        }
    }
}
