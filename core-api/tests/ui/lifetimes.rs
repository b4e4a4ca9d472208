//! An alias that hides a lifetime, or changes two over, and lifetimes that are nowhere written.

#![allow(dead_code)]

type Name = &'static str;
type Pair<'a> = Both<'a, 'static>;
type Swapped<'a, 'b> = Both<'b, 'a>;
type Flipped<A, B> = Result<B, A>;
type Renamed<'a, 'b> = Both<'a, 'b>;

#[derive(plugbox::Shape)]
pub struct Both<'a, 'b> {
    pub one: &'a str,
    pub other: &'b str,
}

#[derive(plugbox::Shape)]
pub struct Fields<'a, 'b, T> {
    pub hidden: Option<Name>,
    pub swapped: Swapped<'a, 'b>,
    pub flipped: Flipped<&'a str, T>,
    pub fine: Renamed<'a, 'b>,
    pub fine_too: Vec<(&'a str, T)>,
}

#[plugbox::interface]
pub trait Plugin {
    fn hidden(&self, name: Name);
    fn hidden_result(&self) -> Vec<Name>;
    fn half(&self, pair: Pair<'_>);
    fn swapped<'a, 'b>(&self, both: Swapped<'a, 'b>) -> &'a str;
    fn flipped<'a, 'b>(&self, both: Flipped<&'a str, &'b str>) -> &'a str;
    fn elided(&self, both: Both);
    fn half_elided(&self, fields: Fields<'_, '_, Both>);

    fn fine<'a, 'b>(&self, both: Renamed<'a, 'b>, flipped: Flipped<&'a str, u8>, written: Both<'_, '_>) -> &'a str;
}

fn main() {}
