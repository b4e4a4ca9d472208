//! Attribute macros such as other crates have. They change the annotated trait, type or method.

extern crate proc_macro;

use proc_macro::{Group, TokenStream, TokenTree};

/// Adds a method before the other methods of a trait.
#[proc_macro_attribute]
pub fn adds(_: TokenStream, item: TokenStream) -> TokenStream {
    inside(item, |body| format!("/// Added.\nfn added(&self) -> u32 {{ 0 }} {body}"))
}

/// Adds a method, under the name of a well-known macro.
#[proc_macro_attribute]
pub fn async_trait(arguments: TokenStream, item: TokenStream) -> TokenStream {
    adds(arguments, item)
}

/// Swaps the first two methods of a trait.
#[proc_macro_attribute]
pub fn swaps(_: TokenStream, item: TokenStream) -> TokenStream {
    inside(item, |body| body.replace("first", "__other").replace("second", "first").replace("__other", "second"))
}

/// Changes the result of a method.
#[proc_macro_attribute]
pub fn widens(_: TokenStream, item: TokenStream) -> TokenStream {
    item.to_string().replace("u32", "u64").parse().expect("the changed method can be parsed")
}

/// Makes integers signed.
#[proc_macro_attribute]
pub fn signs(_: TokenStream, item: TokenStream) -> TokenStream {
    item.to_string().replace("u32", "i32").parse().expect("the changed item can be parsed")
}

/// Adds a field to a type without fields.
#[proc_macro_attribute]
pub fn holds(_: TokenStream, item: TokenStream) -> TokenStream {
    let text = item.to_string().replace("Nothing;", "Nothing { pub held: u32 }").replace("Highest,", "Highest(u32),");
    text.parse().expect("the changed item can be parsed")
}

/// Removes a method.
#[proc_macro_attribute]
pub fn removes(_: TokenStream, _: TokenStream) -> TokenStream {
    TokenStream::new()
}

/// Changes nothing.
#[proc_macro_attribute]
pub fn keeps(_: TokenStream, item: TokenStream) -> TokenStream {
    item
}

/// Replaces the contents of the item's last braces.
fn inside(item: TokenStream, change: impl Fn(String) -> String) -> TokenStream {
    let mut tokens: Vec<TokenTree> = item.into_iter().collect();
    let Some(TokenTree::Group(body)) = tokens.pop() else { panic!("an item with braces") };
    let text = change(body.stream().to_string());
    let changed = text.parse().expect("the changed body can be parsed");
    tokens.push(Group::new(body.delimiter(), changed).into());
    tokens.into_iter().collect()
}
