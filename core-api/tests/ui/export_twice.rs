//! A library has one list of its plugins.

#[plugbox::interface]
pub trait Plugin {
    fn go(&self);
}

#[derive(Default)]
struct Mine;

impl Plugin for Mine {
    fn go(&self) {}
}

plugbox::export!(Mine as dyn Plugin);

mod other {
    #[derive(Default)]
    struct Other;

    impl super::Plugin for Other {
        fn go(&self) {}
    }

    plugbox::export!(Other as dyn super::Plugin);
}

fn main() {}
