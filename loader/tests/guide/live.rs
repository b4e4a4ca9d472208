//! `docs/live.md`.

mod calls {
    use plugbox_loader::{CallError, Live};

    #[plugbox::interface]
    pub trait Plugin: Send + Sync {
        fn name(&self) -> String;
    }

    #[plugbox::interface]
    pub trait Counter: Send {
        fn add(&mut self) -> u64;
    }

    fn example(shout: &Live<dyn Plugin>, count: &Live<dyn Counter>) -> Result<(), CallError> {
        println!("{}", shout.pin().name());
        println!("{}", shout.call(|plugin| plugin.name())?);
        println!("{}", count.lock().add());
        println!("{}", count.call_mut(|counter| counter.add())?);
        Ok(())
    }
}

mod state {
    use std::sync::atomic::{AtomicU64, Ordering};

    use plugbox::{Error, State};

    #[plugbox::interface]
    pub trait Plugin: Send + Sync {
        fn visit(&self) -> u64;
    }

    #[derive(Default)]
    struct Count(AtomicU64);

    impl Plugin for Count {
        fn visit(&self) -> u64 {
            self.0.fetch_add(1, Ordering::Relaxed) + 1
        }
    }

    impl State for Count {
        fn schema(&self) -> u32 {
            2
        }

        fn save(&self) -> Result<Vec<u8>, Error> {
            Ok(self.0.load(Ordering::Relaxed).to_le_bytes().to_vec())
        }

        fn restore(&mut self, schema: u32, bytes: &[u8]) -> Result<(), Error> {
            let count = match schema {
                // The first version had 32 bits.
                1 => u32::from_le_bytes(bytes.try_into()?).into(),
                2 => u64::from_le_bytes(bytes.try_into()?),
                _ => return Err(Error::new(format!("the state has schema {schema}, and this version knows 1 and 2"))),
            };
            self.0 = count.into();
            Ok(())
        }
    }

    // In the plugin's own crate: plugbox::export!(Count as dyn Plugin + dyn State);

    #[test]
    fn it_takes_its_own_state_and_that_of_the_first_version() {
        let mut count = Count::default();
        count.restore(1, &7_u32.to_le_bytes()).unwrap();
        assert_eq!(count.visit(), 8);
        let mut next = Count::default();
        next.restore(count.schema(), &count.save().unwrap()).unwrap();
        assert_eq!(next.visit(), 9);
        assert!(next.restore(3, &[]).is_err() && next.restore(2, &[1]).is_err());
    }
}

mod host {
    use std::time::Duration;

    use plugbox_loader::{Live, LiveDir, LiveEvent, Loader, OpenError, Probation, ReloadError};

    #[plugbox::interface]
    pub trait Plugin: Send + Sync {
        fn name(&self) -> String;
    }

    fn settings(loader: &Loader) -> Result<Live<dyn Plugin>, OpenError> {
        let live = loader
            .live::<dyn Plugin>("plugins/libshout.so")
            .quiet(Duration::from_millis(200))
            .health(|plugin| if plugin.name().is_empty() { Err("it has no name".to_owned()) } else { Ok(()) })
            .probation(Probation::new(100, Duration::from_secs(10)))
            .deadline(Duration::from_secs(2))
            .watch()?;
        Ok(live)
    }

    fn events(live: &Live<dyn Plugin>) {
        for event in live.events() {
            match event {
                LiveEvent::Refused { error } => eprintln!("the old one serves: {error}"),
                LiveEvent::WatchFailed { error } => eprintln!("{error}"),
                other => println!("{other}"),
            }
        }
    }

    fn own_loop(loader: &Loader) -> Result<(), ReloadError> {
        let live = loader.live::<dyn Plugin>("plugins/libshout.so").open()?;
        loop {
            if let Err(error) = live.poll() {
                eprintln!("the old one serves: {error}");
            }
            println!("{}", live.pin().name());
        }
    }

    fn folder(loader: &Loader) -> Result<LiveDir<dyn Plugin>, OpenError> {
        let plugins = loader.live_dir::<dyn Plugin>("plugins").watch()?;
        for plugin in plugins.plugins() {
            println!("{}", plugin.pin().name());
        }
        Ok(plugins)
    }
}
