//! The registrar pattern: a plugin registers many functions, and the host calls them by name.

#[path = "registrar/calculator.rs"]
mod calculator;

use std::fmt::Write;

use calculator::Calculator;
use calculator_api::Plugin;
use harness::{Build, loader, passed_alone, shows};
use plugbox_loader::Loaded;

fn plugin() -> Loaded<dyn Plugin> {
    let library = Build::new("calculator").library();
    loader(&library).load_file::<dyn Plugin>(&library).unwrap()
}

fn calculator() -> Calculator {
    let mut calculator = Calculator::default();
    calculator.extend(&plugin());
    calculator
}

/// The output of the guide's session.
fn session() -> String {
    let calculator = calculator();
    let mut said = format!("functions: {}\n", calculator.names().join(", "));
    let calls: [(&str, &[f64]); 9] = [
        ("sqrt", &[2.0]),
        ("pow", &[2.0, 10.0]),
        ("sum", &[1.0, 2.0, 3.5]),
        ("sum", &[]),
        ("sqrt", &[]),
        ("max", &[]),
        ("divide", &[1.0, 0.0]),
        ("log", &[1.0]),
        ("broken", &[]),
    ];
    for (name, arguments) in calls {
        let shown = arguments.iter().map(f64::to_string).collect::<Vec<_>>().join(", ");
        match calculator.call(name, arguments) {
            Ok(result) => writeln!(said, "{name}({shown}) = {result}").unwrap(),
            Err(error) => writeln!(said, "{name}({shown}): {error}").unwrap(),
        }
    }
    said
}

#[test]
fn functions_are_called_by_name_and_every_mistake_is_an_error() {
    if passed_alone("functions_are_called_by_name_and_every_mistake_is_an_error") {
        return;
    }
    shows("docs/registrar.md", |_| session());
}

#[test]
fn a_function_of_one_name_replaces_the_one_before_which_comes_back() {
    let mut calculator = calculator();
    struct Zero;
    impl calculator_api::Function for Zero {
        fn arity(&self) -> calculator_api::Arity {
            calculator_api::Arity::Exactly(0)
        }
        fn call(&self, _: &[f64]) -> Result<f64, plugbox::Error> {
            Ok(0.0)
        }
    }
    let before = calculator_api::Registrar::add(&mut calculator, "sqrt", Box::new(Zero)).unwrap();
    assert_eq!(before.call(&[9.0]).unwrap(), 3.0);
    assert_eq!(calculator.call("sqrt", &[]).unwrap(), 0.0);
}
