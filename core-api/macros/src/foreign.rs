//! `#[shape(foreign)]`: types of crates that know nothing of shapes.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{Error, GenericArgument, GenericParam, Generics, Ident, PathArguments, Type, TypePath};

/// The crates of the compiler: their versions are its own.
const SYSROOT: [&str; 3] = ["alloc", "core", "std"];

/// A field's type that a foreign crate defines.
pub(crate) struct Foreign {
    path: String,
    crates: Vec<Ident>,
}

impl Foreign {
    /// The type is written with its crate: what a shorter name means, only the compiler knows.
    pub(crate) fn new(ty: &Type, others: Vec<Ident>) -> syn::Result<Self> {
        let written = "a foreign type is written with its crate: `::bytes::Bytes`";
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
            return Err(Error::new_spanned(ty, "a foreign type that borrows cannot cross; hand on one that owns"));
        }
        let last = path.segments.len() - 1;
        if path.segments.iter().take(last).any(|segment| !segment.arguments.is_none()) {
            return Err(Error::new_spanned(ty, "only the type itself has parameters here"));
        }
        let first = path.segments[0].ident.clone();
        // A dependency may have been given such a name.
        let is_std = SYSROOT.contains(&&*names[0]) && given(&names[0]).is_none();
        let crates = if is_std { others } else { [vec![first], others].concat() };
        Ok(Self { path: names.join("::"), crates })
    }

    /// The node of the type; its parameters are `cut`'s, in which nothing leads back to the item.
    pub(crate) fn node(&self, krate: &syn::Path, ty: &Type, cut: &Type, generics: &Generics) -> TokenStream {
        let span = ty.span();
        let path = &self.path;
        let params = parameters(cut).into_iter().map(|argument| match argument {
            GenericArgument::Type(Type::Path(path)) if is_number(&path.path, generics) => number(krate, &quote!(#path)),
            GenericArgument::Const(value) => number(krate, &quote!(#value)),
            other => quote_spanned! {span=> <#other as #krate::Shape>::TYPE },
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
                // It may be a map of them, or hold what their implementations name.
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

/// Those of its parameters that are types.
pub(crate) fn foreign_arguments<'a>(ty: &'a Type, generics: &Generics) -> Vec<&'a Type> {
    let types = parameters(ty).into_iter().filter_map(|argument| match argument {
        GenericArgument::Type(Type::Path(path)) if is_number(&path.path, generics) => None,
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.collect()
}

/// Whether what looks like a type is a const parameter of the item.
fn is_number(path: &syn::Path, generics: &Generics) -> bool {
    let constant =
        |parameter: &GenericParam| matches!(parameter, GenericParam::Const(known) if path.is_ident(&known.ident));
    generics.params.iter().any(constant)
}

/// The node of a const argument.
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

/// What the build script has found out of a crate, as an expression.
fn resolved(name: &Ident) -> TokenStream {
    let span = name.span();
    let name = name.unraw().to_string();
    let variable = format!("PLUGBOX_BOUNDARY_{name}");
    if let Some(other) = env::var(&variable).ok().and_then(|said| contradiction(&name, &said)) {
        return Error::new(span, other).into_compile_error();
    }
    let missing = format!(
        "which `{name}` this is has to be known. In Cargo.toml, among the build-dependencies: plugbox-build; in build.rs: \
         `plugbox_build::boundary([\"{name}\"]);`, with every crate that is named so, each a dependency of this package"
    );
    quote_spanned! {span=>
        match ::core::option_env!(#variable) {
            ::core::option::Option::Some(text) => text,
            ::core::option::Option::None => ::core::panic!(#missing),
        }
    }
}

/// What is wrong, where the build script has seen another version than the one that this crate is compiled with: cargo
/// takes what it said for another workspace, if both build into one target folder.
fn contradiction(name: &str, said: &str) -> Option<String> {
    let seen = said.split(' ').nth(1)?;
    let linked = version(&source(name)?)?;
    (seen != linked && seen != "unknown").then(|| {
        format!(
            "the build script saw `{name}` {seen}, and this is compiled with {linked}: it ran for another workspace that \
             builds into the same target folder. Give each workspace a target folder of its own; for now, \
             `cargo clean -p {}`",
            env::var("CARGO_PKG_NAME").unwrap_or_default()
        )
    })
}

/// The library of a crate that the compiler was given by this name.
fn given(name: &str) -> Option<PathBuf> {
    let arguments: Vec<String> = env::args_os().filter_map(|argument| argument.into_string().ok()).collect();
    arguments.windows(2).filter(|pair| pair[0] == "--extern").find_map(|pair| {
        let (given, path) = pair[1].split_once('=')?;
        // Options may stand before the name: of a std that is built anew, `noprelude`.
        let mut parts = given.rsplit(':');
        (parts.next() == Some(name) && parts.next() != Some("noprelude")).then(|| PathBuf::from(path))
    })
}

/// The root file of a crate that the compiler was given: from the list of source files that lies beside it.
fn source(name: &str) -> Option<PathBuf> {
    let library = given(name)?;
    let stem = library.file_stem()?.to_str()?.strip_prefix("lib")?;
    let list = fs::read_to_string(library.with_file_name(stem).with_extension("d")).ok()?;
    let (_, sources) = list.lines().next()?.split_once(": ")?;
    // Blanks in names are escaped, so that `\ ` is inside of one.
    let end =
        sources.match_indices(' ').find(|(at, _)| !sources[..*at].ends_with('\\')).map_or(sources.len(), |(at, _)| at);
    Some(PathBuf::from(sources[..end].replace("\\ ", " ")))
}

/// The version of the package to which a source file belongs, where its manifest has it.
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
