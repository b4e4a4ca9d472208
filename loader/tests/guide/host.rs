//! `docs/host.md`. Most of it needs a folder with plugins, so it is compiled and not run.

mod a_host {
    mod api {
        #[plugbox::interface]
        pub trait Plugin: Send + Sync {
            fn name(&self) -> String;
        }
    }

    use api::Plugin;
    use plugbox_loader::{Loaded, Loader, Trust};

    fn main() -> Result<(), Box<dyn std::error::Error>> {
        // SAFETY: our installer alone writes to this folder (see `Trust::directory`).
        let trust = unsafe { Trust::directory("plugins")? };
        let report = Loader::new(trust).load_dir::<dyn Plugin>("plugins")?;
        for failure in report.failures() {
            eprintln!("{failure}");
        }
        for plugin in report.into_loaded() {
            println!("{} {}", plugin.name(), Loaded::info(&plugin).version);
        }
        Ok(())
    }
}

mod panics {
    use plugbox_loader::Loaded;

    #[plugbox::interface]
    pub trait Plugin {
        fn name(&self) -> String;
    }

    fn example(plugin: Loaded<dyn Plugin>) {
        match Loaded::call(&plugin, |plugin| plugin.name()) {
            Ok(name) => println!("{name}"),
            Err(error) => eprintln!("{error}"),
        }
    }

    struct Rude;

    impl Plugin for Rude {
        fn name(&self) -> String {
            panic!("no manners")
        }
    }

    #[test]
    fn a_panic_is_an_error() {
        example(Loaded::linked("rude", "1.0.0".parse().unwrap(), Box::new(Rude)));
    }
}

mod settings {
    use std::sync::Arc;

    use plugbox_loader::{Loader, Trust};

    #[plugbox::interface]
    pub trait Plugin {
        fn name(&self) -> String;
    }

    #[plugbox::interface]
    pub trait Clock: Send + Sync {
        fn seconds(&self) -> u64;
    }

    struct SystemClock;

    impl Clock for SystemClock {
        fn seconds(&self) -> u64 {
            0
        }
    }

    fn example() -> Result<(), Box<dyn std::error::Error>> {
        // SAFETY: our installer alone writes to this folder (see `Trust::directory`).
        let loader = Loader::new(unsafe { Trust::directory("plugins")? })
            .configure("abbrev", "teh = the")
            .data_dir("/var/lib/editor/plugins")
            .service::<dyn Clock>(Arc::new(SystemClock));
        let abbrev = loader.load_file::<dyn Plugin>("plugins/libabbrev.so")?;
        drop(abbrev);
        Ok(())
    }
}
