//! A handle has no methods of its own, so it hides no method of a plugin.

use plugbox_loader::{LiveLock, LivePin, Loaded, Origin};

macro_rules! names {
    ($($name:ident)+) => {
        /// An interface with methods named like the handle's functions, and like functions that a handle might have.
        #[plugbox::interface]
        trait Names {
            $(fn $name(&self) -> String;)+
        }

        struct Plugin;

        impl Names for Plugin {
            $(fn $name(&self) -> String { stringify!($name).to_owned() })+
        }

        /// Compiles only if each name is the plugin's method.
        #[allow(dead_code)]
        fn pinned_and_locked(pin: &LivePin<'_, dyn Names>, lock: &mut LiveLock<'_, dyn Names>) -> Vec<String> {
            vec![$(pin.$name(), lock.$name()),+]
        }

        #[test]
        fn a_plugins_method_of_each_name_is_what_is_called() {
            let plugin = Loaded::<dyn Names>::linked("names", semver::Version::new(1, 0, 0), Box::new(Plugin));
            $(assert_eq!(plugin.$name(), stringify!($name));)+
            assert_eq!(Loaded::info(&plugin).origin, Origin::Linked);
        }
    };
}

names! {
    info get get_mut call call_mut poison clear_poison adapted refuse_if_poisoned caught has_raised linked
    generation origin name version path reload pin lock rollback
}

#[test]
fn no_function_of_the_handle_takes_self() {
    let source = include_str!("../src/loaded/loaded.rs");
    let inherent = source.split("impl<I: ?Sized> Loaded<I> {").nth(1).unwrap().split("\n}\n").next().unwrap();
    assert!(inherent.matches("fn ").count() > 8, "{inherent}");
    let code = inherent.lines().filter(|line| !line.trim_start().starts_with("//"));
    assert_eq!(code.filter(|line| line.contains("self")).collect::<Vec<_>>(), [""; 0]);
}
