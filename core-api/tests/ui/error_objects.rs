//! Errors where they cannot cross.

use std::error::Error;
use std::io;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

#[plugbox::interface]
pub trait Plugin {
    fn counted(&self) -> Rc<dyn Error>;
    fn shared(&self, error: Arc<dyn Error>);
    fn lent(&self) -> &(dyn Error + 'static);
    fn maybe_lent(&self, error: Option<&(dyn Error + 'static)>);
    fn several(&self, errors: &[Box<dyn Error + Send + Sync>]);
    fn locked(&self) -> Mutex<Box<dyn Error + Send>>;
    fn of_std(&self, error: &io::Error);
    fn of_std_shared(&self) -> Arc<io::Error>;
    fn in_struct(&self) -> Failed<'_>;
}

#[derive(plugbox::Shape)]
pub struct Failed<'a> {
    pub error: &'a (dyn Error + 'static),
}

fn main() {}
