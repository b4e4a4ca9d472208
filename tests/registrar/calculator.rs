//! A calculator: functions by name, wherever they come from.

use std::collections::BTreeMap;
use std::fmt;

use calculator_api::{Arity, Function, Plugin, Registrar};
use plugbox_loader::{Loaded, PluginPanic};

/// The functions of all plugins.
#[derive(Default)]
pub(crate) struct Calculator {
    functions: BTreeMap<String, Box<dyn Function>>,
}

/// Why there is no result.
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
    /// Takes all that a plugin brings along. The functions keep the plugin's library; the plugin itself may go.
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
    /// There is no such function, it takes another number of arguments, it has no result for these, or it panicked.
    pub(crate) fn call(&self, name: &str, arguments: &[f64]) -> Result<f64, CalculatorError> {
        let function = self.functions.get(name).ok_or_else(|| CalculatorError::NoSuchFunction(name.to_owned()))?;
        let (takes, given) = (function.arity(), arguments.len());
        if !matches!(takes, Arity::Exactly(count) if count == given)
            && !matches!(takes, Arity::AtLeast(least) if least <= given)
        {
            return Err(CalculatorError::Arity { function: name.to_owned(), takes, given });
        }
        // A function is an object of the plugin's: its panic arrives as one.
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
