//! Attribute macros as other crates have them: they change the trait that they stand at, or a method of it.

extern crate proc_macro;

use proc_macro::{Group, TokenStream, TokenTree};

/// Adds a method before all others of a trait.
#[proc_macro_attribute]
pub fn adds(_: TokenStream, item: TokenStream) -> TokenStream {
    inside(item, |body| format!("/// Added.\nfn added(&self) -> u32 {{ 0 }} {body}"))
}

/// Is called like another crate's macro, and adds a method.
#[proc_macro_attribute]
pub fn async_trait(arguments: TokenStream, item: TokenStream) -> TokenStream {
    adds(arguments, item)
}

/// Changes the two first methods of a trait over.
#[proc_macro_attribute]
pub fn swaps(_: TokenStream, item: TokenStream) -> TokenStream {
    inside(item, |body| body.replace("first", "__other").replace("second", "first").replace("__other", "second"))
}

/// Makes a result another: of a method.
#[proc_macro_attribute]
pub fn widens(_: TokenStream, item: TokenStream) -> TokenStream {
    item.to_string().replace("u32", "u64").parse().expect("it was a method before")
}

/// Gives numbers a sign.
#[proc_macro_attribute]
pub fn signs(_: TokenStream, item: TokenStream) -> TokenStream {
    item.to_string().replace("u32", "i32").parse().expect("it was an item before")
}

/// Gives what holds nothing something to hold.
#[proc_macro_attribute]
pub fn holds(_: TokenStream, item: TokenStream) -> TokenStream {
    let text = item.to_string().replace("Nothing;", "Nothing { pub held: u32 }").replace("Highest,", "Highest(u32),");
    text.parse().expect("it was an item before")
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

/// The item with another text between its last braces.
fn inside(item: TokenStream, change: impl Fn(String) -> String) -> TokenStream {
    let mut tokens: Vec<TokenTree> = item.into_iter().collect();
    let Some(TokenTree::Group(body)) = tokens.pop() else { panic!("an item with braces") };
    let text = change(body.stream().to_string());
    let changed = text.parse().expect("what was changed can be parsed");
    tokens.push(Group::new(body.delimiter(), changed).into());
    tokens.into_iter().collect()
}
