//! Conditions of a method or a type that nothing compares.

#![allow(dead_code)]

#[derive(plugbox::Shape)]
pub struct Text<'a>(pub &'a str);

#[plugbox::interface]
pub trait Plugin {
    fn of_a_type<'a>(&self, text: Text<'a>)
    where
        Text<'a>: 'static;
    fn of_a_trait(&self)
    where
        String: Clone;
    fn of_self(&self)
    where
        Self: Send;

    fn fine<'a, 'b>(&'a self, text: Text<'b>) -> &'a str
    where
        'b: 'a,
        Self: 'a;
}

#[derive(plugbox::Shape)]
pub struct Kept<T>(pub Vec<T>)
where
    Vec<T>: 'static;

#[derive(plugbox::Shape)]
pub struct Fine<'a, T: 'a>(pub &'a T, pub T)
where
    T: Clone + 'static,
    Vec<T>: Clone;

fn main() {}
