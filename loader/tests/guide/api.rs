//! `docs/api.md`.

mod a_trait_and_its_types {
    /// What a plugin can do.
    #[plugbox::interface]
    pub trait Plugin: Send + Sync {
        /// Is told of a change, and may answer with changes of its own.
        fn edited(&mut self, edit: &Edit, document: &dyn Document) -> Vec<Edit>;

        /// A word for the status line.
        fn status(&self) -> Option<String> {
            None
        }
    }

    /// What a plugin may ask of the document.
    #[plugbox::interface]
    pub trait Document {
        /// The whole text.
        fn text(&self) -> &str;
    }

    /// A change to a text.
    #[derive(Debug, Clone, plugbox::Shape)]
    pub struct Edit {
        /// Where, in bytes.
        pub at: usize,
        /// How many bytes go.
        pub removed: usize,
        /// What comes.
        pub inserted: String,
    }
}

mod services {
    use std::sync::Arc;

    #[plugbox::interface]
    pub trait Clock: Send + Sync {
        fn seconds(&self) -> u64;
    }

    struct Stamp {
        clock: Option<Arc<dyn Clock>>,
    }

    impl Stamp {
        fn new(context: plugbox::Context) -> Self {
            Self { clock: context.service::<dyn Clock>() }
        }
    }
}

mod errors {
    #[plugbox::interface]
    pub trait Commands {
        /// Runs a command, and returns the number of changed lines.
        fn run(&mut self, command: &str) -> Result<usize, plugbox::Error>;
    }

    // In the plugin:
    struct Goto;

    impl Commands for Goto {
        fn run(&mut self, command: &str) -> Result<usize, plugbox::Error> {
            let Some(line) = command.strip_prefix("goto ") else {
                return Err(plugbox::Error::new(format!("there is no command {command}")));
            };
            let _: usize = line.parse().map_err(|error| plugbox::Error::from(error).context("no such line"))?;
            // This error has no `?`, because other threads may not use it.
            save().map_err(|error| plugbox::Error::of(&*error))?;
            Ok(0)
        }
    }

    fn save() -> Result<(), Box<dyn std::error::Error>> {
        Err("the disk is full".into())
    }

    #[test]
    fn errors_keep_their_text_and_their_sources() {
        let said = |command| format!("{:#}", Goto.run(command).unwrap_err());
        assert_eq!(said("undo"), "there is no command undo");
        assert_eq!(said("goto seven"), "no such line: invalid digit found in string");
        assert_eq!(said("goto 7"), "the disk is full");
        let error = anyhow::anyhow!("no such file").context("cannot save");
        assert_eq!(format!("{:#}", plugbox::Error::from(error)), "cannot save: no such file");
    }
}
