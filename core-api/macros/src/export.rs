//! `export!`: the library's allocator, and for each plugin its constructor, entry table and record.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Ident, LitStr, Path, Token, Type};

use crate::attribute::located;
use crate::section;
use crate::valid::Errors;

/// `path of plugbox; plugin, plugin`
struct Export {
    krate: Path,
    plugins: Vec<Plugin>,
}

/// `"name" = path as dyn Interface + dyn Other`
struct Plugin {
    name: Option<LitStr>,
    constructor: Path,
    interfaces: Vec<Type>,
}

impl Parse for Export {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let krate = Path::parse_mod_style(input)?;
        input.parse::<Token![;]>()?;
        let plugins: Vec<Plugin> = Punctuated::<Plugin, Token![,]>::parse_terminated(input)?.into_iter().collect();
        let mut errors = Errors::default();
        if plugins.is_empty() {
            let message = "`export!` needs at least one plugin: `export!(Type as dyn Interface)`";
            errors.add(Error::new(Span::call_site(), message));
        }
        let mut names = BTreeSet::new();
        for plugin in &plugins {
            let name = plugin.name();
            if names.contains(&name) {
                let message = format!("this library already exports a plugin named `{name}`; ");
                match &plugin.name {
                    Some(name) => errors.push(name, message + "give one of them a different name"),
                    None => errors
                        .push(&plugin.constructor, message + "name one of them: `\"name\" = Type as dyn Interface`"),
                }
            }
            names.insert(name);
        }
        errors.into_result()?;
        Ok(Self { krate, plugins })
    }
}

impl Parse for Plugin {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name: Option<LitStr> = input.parse()?;
        if let Some(name) = &name {
            let text = name.value();
            if text.is_empty() || text.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
                return Err(Error::new(name.span(), "a plugin's name must be one word without spaces"));
            }
            input.parse::<Token![=]>()?;
        }
        let constructor = input.call(Path::parse)?;
        if !input.peek(Token![as]) {
            let message = "expected `as dyn Interface` after this: `export!(Shout as dyn Plugin)`";
            return Err(Error::new_spanned(constructor, message));
        }
        input.parse::<Token![as]>()?;
        let interfaces = Punctuated::<Type, Token![+]>::parse_separated_nonempty_with(input, interface)?;
        let interfaces: Vec<Type> = interfaces.into_iter().collect();
        let mut known = BTreeSet::new();
        for interface in &interfaces {
            if !known.insert(quote!(#interface).to_string()) {
                return Err(Error::new_spanned(interface, "the plugin is already exported as this interface"));
            }
        }
        Ok(Self { name, constructor, interfaces })
    }
}

/// Parses one `dyn Interface`. A `+` after it belongs to the list.
fn interface(input: ParseStream<'_>) -> syn::Result<Type> {
    let interface = Type::without_plus(input)?;
    match &interface {
        Type::TraitObject(_) | Type::Group(_) => Ok(interface),
        _ => Err(Error::new_spanned(
            interface,
            "a plugin is exported as trait objects; write `dyn Plugin + dyn Commands`",
        )),
    }
}

impl Plugin {
    /// Whether the path is a function and not a type, according to Rust's naming conventions for the last segment.
    fn is_function(&self) -> bool {
        self.constructor.segments.last().is_some_and(|last| {
            last.ident.unraw().to_string().starts_with(|first: char| first == '_' || first.is_lowercase())
        })
    }

    /// Returns the explicit name, or the name of the plugin's type in kebab-case.
    fn name(&self) -> String {
        if let Some(name) = &self.name {
            return name.value();
        }
        let mut segments: Vec<String> =
            self.constructor.segments.iter().map(|segment| segment.ident.unraw().to_string()).collect();
        if self.is_function() && segments.len() > 1 {
            segments.pop();
        }
        let mut name = String::new();
        for letter in segments.pop().unwrap_or_default().chars() {
            if letter.is_uppercase() && !name.is_empty() {
                name.push('-');
            }
            name.extend(letter.to_lowercase());
        }
        name
    }
}

impl Plugin {
    /// Writes the constructor and the view for one of the interfaces, and the row that contains both.
    fn functions(&self, krate: &Path, interface: &Type, number: usize) -> (TokenStream, TokenStream) {
        let path = &self.constructor;
        // Hygienic, because a constructor may have the same name: `export!(context as dyn Plugin)`.
        let context = Ident::new("context", Span::mixed_site());
        let address = Ident::new("address", Span::mixed_site());
        let (call, object) = if self.is_function() {
            let construct = located(quote!(#krate::__private::construct), path);
            (
                quote!(#construct::<#interface, _>(#path, #context, NAME)),
                located(quote!(#krate::__private::object::<#interface, _, _>(#path, #address)), path),
            )
        } else {
            let construct = located(quote!(#krate::__private::construct_default), path);
            (
                quote!(#construct::<#interface, #path>(#context, NAME)),
                located(quote!(#address.cast::<#krate::__private::Guard<#path>>()), path),
            )
        };
        let construct = format_ident!("__plugbox_construct_{number}");
        let view = format_ident!("__plugbox_view_{number}");
        let functions = quote! {
            /// Constructs the plugin, and returns it as this interface's trait object.
            fn #construct(
                #context: &#krate::__private::RawContext,
            ) -> ::core::result::Result<#krate::__private::Box<#interface>, #krate::__private::Failure> {
                #call
            }

            /// Turns the address of the plugin's guarded object into a pointer to this interface's trait object.
            fn #view(#address: *mut ()) -> *mut (#interface) {
                #object
            }
        };
        (functions, quote!(#krate::__private::Row::new::<#interface>(#construct, #view)))
    }

    /// Writes the proof that all interfaces belong to one object.
    ///
    /// Without the proof, if the object's type or the constructor's kind were inferred, each row could infer a
    /// different one.
    fn proof(&self, krate: &Path) -> Option<TokenStream> {
        let path = &self.constructor;
        let interfaces = &self.interfaces;
        if interfaces.len() < 2 {
            return None;
        }
        let proof = if self.is_function() {
            let one_type = located(quote!(#krate::__private::assert_one_type(#path);), path);
            let one_kind = located(quote!(one_kind(#path);), path);
            quote! {
                fn one_kind<Kind>(_: impl #(#krate::__private::Constructor<#interfaces, Kind>)+*) {}
                #one_type
                #one_kind
            }
        } else {
            located(quote!(let _ = ::core::marker::PhantomData::<#path>;), path)
        };
        Some(quote! {
            const _: () = {
                #[allow(dead_code)]
                fn all_are_one_object() {
                    #proof
                }
            };
        })
    }
}

pub(crate) fn expand(list: TokenStream) -> syn::Result<TokenStream> {
    let Export { krate, plugins } = syn::parse2(list)?;
    let single = plugins.len() == 1;
    let mut number = 0;
    let exports = plugins.iter().enumerate().map(|(index, plugin)| {
        let interfaces = &plugin.interfaces;
        let numbered = interfaces.iter().map(|interface| {
            number += 1;
            plugin.functions(&krate, interface, number - 1)
        });
        let (functions, rows): (Vec<_>, Vec<_>) = numbered.unzip();
        let row_count = rows.len();
        let name = match &plugin.name {
            None if single => quote!(::core::env!("CARGO_PKG_NAME")),
            _ => {
                let name = plugin.name();
                quote!(#name)
            }
        };
        let proof = plugin.proof(&krate);
        let symbol = format!("plugbox_entry_{index}");
        let section = section::attributes();
        quote! {
            const _: () = {
                const NAME: &str = #name;

                #(#functions)*

                #proof

                static ROWS: [#krate::__private::Row; #row_count] = [#(#rows),*];

                /// The table that the loader finds at the entry symbol. The linker keeps what it refers to.
                #[cfg_attr(not(test), unsafe(export_name = #symbol))]
                static ENTRY: #krate::__private::EntryWithRecords = #krate::__private::EntryWithRecords::new(
                    &ROWS,
                    &[
                        #krate::__private::BUILD,
                        #(<#interfaces as #krate::Interface>::RECORDS,)*
                        #[cfg(not(test))]
                        &NOTES.0,
                    ],
                );
                // In the crate's unit tests no other code uses it.
                const _: &#krate::__private::EntryWithRecords = &ENTRY;

                const RECORD: #krate::__private::PluginRecord = #krate::__private::PluginRecord {
                    name: NAME,
                    version: ::core::env!("CARGO_PKG_VERSION"),
                    description: ::core::env!("CARGO_PKG_DESCRIPTION"),
                    authors: ::core::env!("CARGO_PKG_AUTHORS"),
                    license: ::core::env!("CARGO_PKG_LICENSE"),
                    interfaces: &[#((
                        <#interfaces as #krate::Interface>::NAME,
                        <#interfaces as #krate::Interface>::VERSION,
                        <#interfaces as #krate::Interface>::FINGERPRINT,
                    )),*],
                    entry: #symbol,
                    panic: if ::core::cfg!(panic = "abort") { "abort" } else { "unwind" },
                    features: #krate::__target_features!(),
                    in_order: #krate::__layout_in_order!(),
                };
                const LEN: usize = #krate::__private::plugin_record::<0>(&RECORD).1;

                #[cfg(not(test))]
                #section
                static NOTES: #krate::__private::Notes<LEN> = #krate::__private::plugin_record(&RECORD).0;
            };
        }
    });
    Ok(quote! {
        // A crate has one macro of a name, wherever it is defined; so a second `export!` is an error that says why.
        #[doc(hidden)]
        #[macro_export]
        macro_rules! export_is_written_once_with_a_list_of_all_plugins {
            () => {};
        }

        const _: () = {
            /// Forwards every allocation of this library to the host's allocator.
            #[cfg(not(test))]
            #[global_allocator]
            static ALLOCATOR: #krate::__private::HostAllocator = #krate::__private::HostAllocator;

            /// The functions for thread-local keys, which the host serves.
            mod keys {
                #krate::__define_keys!();
            }
        };
        #(#exports)*
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::process::{Command, Stdio};

    /// The lines around the expansion in `ARCHITECTURE.md`. `UPDATE_EXPECT=1` rewrites the expansion.
    const BEGIN: &str = "<!-- expansion -->\n```rust,ignore\n";
    const END: &str = "```\n<!-- end of expansion -->";

    fn formatted(tokens: &str) -> String {
        let mut rustfmt = Command::new("rustfmt")
            .args(["--edition", "2024", "--config", "max_width=120"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        rustfmt.stdin.take().unwrap().write_all(tokens.as_bytes()).unwrap();
        String::from_utf8(rustfmt.wait_with_output().unwrap().stdout).unwrap()
    }

    #[test]
    fn the_expansion_is_the_one_that_the_architecture_shows() {
        let list = "::plugbox; Shout as dyn Plugin".parse().unwrap();
        let expansion = formatted(&super::expand(list).unwrap().to_string());
        assert!(expansion.contains("Result<::plugbox::__private::Box<dyn Plugin>"), "{expansion}");
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ARCHITECTURE.md");
        let Ok(text) = std::fs::read_to_string(path) else {
            // The package is built outside its repository.
            return;
        };
        let (head, rest) = text.split_once(BEGIN).unwrap();
        let (shown, tail) = rest.split_once(END).unwrap();
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(path, format!("{head}{BEGIN}{expansion}{END}{tail}")).unwrap();
        } else {
            assert_eq!(shown, expansion, "`UPDATE_EXPECT=1 cargo test -p plugbox-macros` updates ARCHITECTURE.md");
        }
    }
}
