//! Two plugins in one library, exported with a macro. The APIs of many hosts have such a macro.

pub trait Plugin {
    fn name(&self) -> String;
}

macro_rules! register {
    ($plugin:expr) => {
        #[unsafe(no_mangle)]
        pub fn plugin_register() -> Box<dyn Plugin> {
            Box::new($plugin)
        }
    };
}

pub struct Castor;

impl Plugin for Castor {
    fn name(&self) -> String {
        "Castor".to_owned()
    }
}

pub struct Pollux;

impl Plugin for Pollux {
    fn name(&self) -> String {
        "Pollux".to_owned()
    }
}

register!(Castor);
register!(Pollux);
