//! `docs/crossing.md`.

#[plugbox::interface]
pub trait Plugin {
    fn twice(&self, callback: Box<dyn Fn(&str) -> String>) -> Box<dyn Fn(&str) -> String>;
    fn visit(&self, lines: &[&str], each: &mut dyn FnMut(&str));
}

struct Twice;

impl Plugin for Twice {
    fn twice(&self, callback: Box<dyn Fn(&str) -> String>) -> Box<dyn Fn(&str) -> String> {
        Box::new(move |text| callback(&callback(text)))
    }

    fn visit(&self, lines: &[&str], each: &mut dyn FnMut(&str)) {
        lines.iter().for_each(|line| each(line));
    }
}

#[test]
fn closures_cross() {
    let plugin: &dyn Plugin = &Twice;

    let twice = plugin.twice(Box::new(|text| format!("{text}!")));
    assert_eq!(twice("a"), "a!!");
    let mut longest = 0;
    plugin.visit(&["one", "three"], &mut |line| longest = longest.max(line.len()));
    assert_eq!(longest, 5);
}

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
pub trait Command: std::fmt::Debug + std::fmt::Display + Send {
    fn run(&mut self);
}

#[derive(plugbox::Shape)]
#[repr(transparent)]
pub struct Key(str);

#[test]
fn a_closure_is_an_object_of_an_interface() {
    let callback: Box<dyn Callback> = Box::new(|text: &str| format!("{text}!"));
    assert_eq!(callback.call("a"), "a!");
}
