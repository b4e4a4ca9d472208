//! One refused interface is one error, not one at each place that uses it.

#[plugbox::interface]
pub trait Document {
    fn text(&self) -> String;
    extern "C" fn line(&self) -> u8;
}

#[plugbox::interface]
pub trait Plugin {
    fn edit(&self, document: &dyn Document);
}

#[derive(plugbox::Shape)]
pub struct Edit {
    #[shape(opaqe = "x")]
    pub at: usize,
}

#[plugbox::interface]
pub trait Other {
    fn edit(&self) -> Edit;
}

#[derive(Default)]
struct Mine;

impl Document for Mine {
    fn text(&self) -> String {
        String::new()
    }
    extern "C" fn line(&self) -> u8 {
        0
    }
}

plugbox::export!(Mine as dyn Document);

fn main() {}
