//! `#[shape(foreign)]`: types of crates that do not use plugbox.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{Error, GenericArgument, GenericParam, Generics, Ident, PathArguments, Type, TypePath};

use crate::scope::Scope;

/// The compiler's own crates, whose versions follow from the compiler.
const SYSROOT: [&str; 3] = ["alloc", "core", "std"];

/// The type of a field, defined by a foreign crate.
pub(crate) struct Foreign {
    path: String,
    crates: Vec<Ident>,
}

impl Foreign {
    /// Parses a foreign type. It must be written with its crate, because only the compiler can resolve a shorter name.
    pub(crate) fn new(ty: &Type, others: Vec<Ident>) -> syn::Result<Self> {
        let written = "a foreign type must be written with its crate: `::bytes::Bytes`";
        let Type::Path(whole @ TypePath { qself: None, path, .. }) = ty else {
            return Err(Error::new_spanned(ty, written));
        };
        let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.unraw().to_string()).collect();
        if path.leading_colon.is_none() || names.len() < 2 {
            return Err(Error::new_spanned(ty, written));
        }
        struct Borrowed(bool);
        impl Visit<'_> for Borrowed {
            fn visit_lifetime(&mut self, _: &syn::Lifetime) {
                self.0 = true;
            }
            fn visit_type_reference(&mut self, _: &syn::TypeReference) {
                self.0 = true;
            }
        }
        let mut borrowed = Borrowed(false);
        borrowed.visit_type_path(whole);
        if borrowed.0 {
            return Err(Error::new_spanned(ty, "a foreign type that borrows is not supported; use an owned type"));
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
        let crates = if is_std { others } else { [vec![first], others].concat() };
        Ok(Self { path: names.join("::"), crates })
    }

    /// Writes the node of the type. Its parameters are those of `cut`, which do not lead back to the item.
    pub(crate) fn node(&self, scope: &Scope, ty: &Type, cut: &Type, generics: &Generics) -> TokenStream {
        let (krate, shape) = (&scope.krate, scope.shape());
        let span = ty.span();
        let path = &self.path;
        let params = parameters(cut).into_iter().map(|argument| match argument {
            GenericArgument::Type(Type::Path(path)) if is_number(&path.path, generics) => number(krate, &quote!(#path)),
            GenericArgument::Const(value) => number(krate, &quote!(#value)),
            other => quote_spanned! {span=> <#other as #shape>::TYPE },
        });
        let params: Vec<TokenStream> = params.collect();
        let crates = self.crates.iter().map(resolved);
        quote_spanned! {span=>
            #krate::__private::TypeRef::new(&const { #krate::__private::Type {
                form: #krate::__private::Form::Path,
                definition: #krate::__private::Definition::foreign(#path, 0),
                params: &[#(#params),*],
                size: ::core::mem::size_of::<#ty>(),
                align: ::core::mem::align_of::<#ty>(),
                needs_drop: ::core::mem::needs_drop::<#ty>(),
                facts: #krate::__private::Facts::NONE,
                carries: #krate::__private::Carries::Nothing,
                // The type may be a map with any of them as keys or hashers.
                keys: &[#(#params),*],
                body: #krate::__private::Body::Foreign { crates: &[#(#crates),*] },
            } })
        }
    }
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

/// Writes an expression for the description of a crate that the build script has found.
fn resolved(name: &Ident) -> TokenStream {
    let span = name.span();
    let name = name.unraw().to_string();
    let variable = format!("PLUGBOX_BOUNDARY_{name}");
    if let Some(other) = env::var(&variable).ok().and_then(|said| contradiction(&name, &said)) {
        return Error::new(span, other).into_compile_error();
    }
    let missing = format!(
        "the version of `{name}` is not known; in Cargo.toml, add `plugbox-build` to the build-dependencies; in build.rs, \
         call `plugbox_build::boundary([\"{name}\"]);` once, with every crate that a `#[shape(foreign)]` field names, \
         each of them a dependency of this package"
    );
    quote_spanned! {span=>
        match ::core::option_env!(#variable) {
            ::core::option::Option::Some(text) => text,
            ::core::option::Option::None => ::core::panic!(#missing),
        }
    }
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
    arguments.windows(2).filter(|pair| pair[0] == "--extern").find_map(|pair| {
        let (given, path) = pair[1].split_once('=')?;
        // Options may precede the name, such as `noprelude` for a std that is built from source.
        let mut parts = given.rsplit(':');
        (parts.next() == Some(name) && parts.next() != Some("noprelude")).then(|| PathBuf::from(path))
    })
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
