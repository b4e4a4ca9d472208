//! A calculator that calls functions by name. Any plugin can add functions.

use std::collections::BTreeMap;
use std::fmt;

use calculator_api::{Arity, Function, Plugin, Registrar};
use plugbox_loader::{Loaded, PluginPanic};

/// The functions of all plugins.
#[derive(Default)]
pub(crate) struct Calculator {
    functions: BTreeMap<String, Box<dyn Function>>,
}

/// The reason why there is no result.
#[derive(Debug)]
pub(crate) enum CalculatorError {
    NoSuchFunction(String),
    Arity { function: String, takes: Arity, given: usize },
    Function(plugbox::Error),
    Panic(Box<PluginPanic>),
}

impl Registrar for Calculator {
    fn add(&mut self, name: &str, function: Box<dyn Function>) -> Option<Box<dyn Function>> {
        self.functions.insert(name.to_owned(), function)
    }
}

impl Calculator {
    /// Adds all functions of a plugin. The functions keep the plugin's library, so the plugin itself may be dropped.
    pub(crate) fn extend(&mut self, plugin: &Loaded<dyn Plugin>) {
        plugin.register(self);
    }

    /// The names of all functions.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.functions.keys().map(String::as_str).collect()
    }

    /// Calls a function by its name.
    ///
    /// # Errors
    ///
    /// If there is no such function, or it takes a different number of arguments, has no result, or panics.
    pub(crate) fn call(&self, name: &str, arguments: &[f64]) -> Result<f64, CalculatorError> {
        let function = self.functions.get(name).ok_or_else(|| CalculatorError::NoSuchFunction(name.to_owned()))?;
        let (takes, given) = (function.arity(), arguments.len());
        if !matches!(takes, Arity::Exactly(count) if count == given)
            && !matches!(takes, Arity::AtLeast(least) if least <= given)
        {
            return Err(CalculatorError::Arity { function: name.to_owned(), takes, given });
        }
        // A function is an object of the plugin, so its panic arrives as a `PluginPanic`.
        let called = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| function.call(arguments)));
        match called.map_err(|payload| payload.downcast::<PluginPanic>()) {
            Ok(result) => result.map_err(CalculatorError::Function),
            Err(Ok(panic)) => Err(CalculatorError::Panic(panic)),
            Err(Err(own)) => std::panic::resume_unwind(own),
        }
    }
}

impl fmt::Display for CalculatorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchFunction(name) => write!(f, "there is no function `{name}`"),
            Self::Arity { function, takes, given } => {
                let (how, count) = match takes {
                    Arity::Exactly(count) => ("", count),
                    Arity::AtLeast(least) => ("at least ", least),
                };
                let arguments = if *count == 1 { "argument" } else { "arguments" };
                write!(f, "`{function}` takes {how}{count} {arguments}, and was given {given}")
            }
            Self::Function(error) => error.fmt(f),
            Self::Panic(panic) => {
                write!(f, "{} in {}: {}", panic.plugin, panic.method.as_deref().unwrap_or_default(), panic.message)
            }
        }
    }
}

impl std::error::Error for CalculatorError {}
