//! A plugin that is exported as several interfaces is one object, whose type nobody has to infer.

use plugbox::Context;

#[plugbox::interface]
pub trait First {
    fn first(&self) -> String;
}

#[plugbox::interface]
pub trait Second {
    fn second(&self) -> String;
}

#[derive(Default)]
pub struct Shout<T>(T);

impl First for Shout<u8> {
    fn first(&self) -> String {
        String::new()
    }
}

impl Second for Shout<String> {
    fn second(&self) -> String {
        String::new()
    }
}

fn make<T: Default>(_: Context<'_>) -> Shout<T> {
    Shout(T::default())
}

pub struct Both;

impl First for Result<Both, String> {
    fn first(&self) -> String {
        String::new()
    }
}

impl Second for Both {
    fn second(&self) -> String {
        String::new()
    }
}

fn both(_: Context<'_>) -> Result<Both, String> {
    Ok(Both)
}

plugbox::export!(
    "types" = Shout<_> as dyn First + dyn Second,
    "functions" = make as dyn First + dyn Second,
    "kinds" = both as dyn First + dyn Second,
);

fn main() {}
