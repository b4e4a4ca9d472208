//! What `export!` exports.

#[plugbox::interface]
pub trait Plugin {
    fn get(&self) -> u8;
}

pub trait Unmarked {}

#[derive(Default)]
struct NoPlugin;

struct NoDefault;

impl Plugin for NoDefault {
    fn get(&self) -> u8 {
        0
    }
}

impl Unmarked for NoPlugin {}

fn of_nothing() -> NoDefault {
    NoDefault
}

fn of_number(_: u8) -> NoDefault {
    NoDefault
}

fn to_number(_: plugbox::Context<'_>) -> u8 {
    0
}

fn to_results(_: plugbox::Context<'_>) -> Result<NoDefault, u8> {
    Err(0)
}

plugbox::export!(
    NoPlugin as dyn Plugin,
    NoDefault as dyn Plugin,
    "unmarked" = NoPlugin as dyn Unmarked,
    of_nothing as dyn Plugin,
    of_number as dyn Plugin,
    to_number as dyn Plugin,
    to_results as dyn Plugin,
);

fn main() {}
