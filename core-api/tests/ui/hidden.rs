//! What a signature or a field does not show.

#![allow(dead_code)]

#[plugbox::interface]
pub trait Plugin {
    #[track_caller]
    fn tracked(&self);
    fn conditional<'b, #[cfg(all())] 'a: 'b, #[cfg(any())] 'a>(&self, one: &'a str, other: &'b str) -> &'b str;
}

pub trait Leads {
    type To;
}

#[derive(plugbox::Shape)]
pub struct Start<'a>(pub &'a str);

impl<'a> Leads for Start<'a> {
    type To = &'a str;
}

impl Leads for u8 {
    type To = String;
}

#[derive(plugbox::Shape)]
pub struct Projected<T: Leads>
where
    T::To: plugbox::Shape,
{
    pub there: T::To,
}

#[plugbox::interface]
pub trait Fine {
    fn there(&self, projected: Projected<u8>);
}

#[plugbox::interface]
pub trait Borrows {
    fn there(&self, projected: Projected<Start<'_>>);
}

fn main() {}
