//! `docs/crossing.md`.

#[plugbox::interface]
pub trait Callback: Send + Sync {
    fn call(&self, text: &str) -> String;
}

impl<F: Fn(&str) -> String + Send + Sync> Callback for F {
    fn call(&self, text: &str) -> String {
        self(text)
    }
}

#[plugbox::interface]
pub trait Plugin {
    fn twice(&self, callback: Box<dyn Callback>) -> Box<dyn Callback>;
}

#[plugbox::interface]
pub trait Command: std::fmt::Debug + std::fmt::Display + Send {
    fn run(&mut self);
}

#[derive(plugbox::Shape)]
#[repr(transparent)]
pub struct Key(str);

struct Twice;

impl Plugin for Twice {
    fn twice(&self, callback: Box<dyn Callback>) -> Box<dyn Callback> {
        Box::new(move |text: &str| callback.call(&callback.call(text)))
    }
}

#[test]
fn a_closure_crosses_as_an_interface() {
    let plugin: &dyn Plugin = &Twice;

    let twice = plugin.twice(Box::new(|text: &str| format!("{text}!")));
    assert_eq!(twice.call("a"), "a!!");
}
