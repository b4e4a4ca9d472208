//! Two plugins of the same name, in two libraries that the host loads by path: the loader keeps them apart.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use fixture_api::Plugin;
use harness::{Answering, Build, loader, passed_alone, scratch};
use plugbox_loader::{CallError, Loaded, PluginPanic};

/// The fixture, and a different author's plugin of the same name.
fn namesakes() -> [PathBuf; 2] {
    let namesake = Build::plugin().folder("namesake");
    let namesake = namesake.edit("plugin/Cargo.toml", "[\"Ada\", \"Grace\"]", "[\"Eve\"]");
    let namesake = namesake.edit("plugin/src/lib.rs", "format!(\"fixture({})\"", "format!(\"namesake({})\"");
    [Build::plugin().library(), namesake.library()]
}

fn loaded() -> [Loaded<dyn Plugin>; 2] {
    namesakes().map(|library| {
        let loader = loader(&library).configure("fixture-plugin", "of that name");
        loader.load_file::<dyn Plugin>(&library).unwrap()
    })
}

#[test]
fn each_is_itself() {
    let [one, other] = loaded();
    assert_eq!((&*Loaded::info(&one).name, &*Loaded::info(&other).name), ("fixture-plugin", "fixture-plugin"));
    assert_eq!([&one, &other].map(|plugin| Loaded::info(plugin).authors.join(", ")), ["Ada, Grace", "Eve"]);
    assert_eq!([&one, &other].map(|plugin| Loaded::info(plugin).origin.path().unwrap().to_owned()), namesakes());
    assert_ne!(Loaded::info(&one).origin.generation(), Loaded::info(&other).origin.generation());
    // The host's configuration of a plugin depends on the plugin's name only.
    assert_eq!([one.name(), other.name()], ["fixture(of that name)", "namesake(of that name)"]);
}

#[test]
fn a_panic_is_of_the_one_that_panicked() {
    if passed_alone("a_panic_is_of_the_one_that_panicked") {
        return;
    }
    let plugins = loaded();
    for (one, other) in [(&plugins[0], &plugins[1]), (&plugins[1], &plugins[0])] {
        // Also when the panic passes through the other plugin.
        let host = Answering::new(0, |question: &str| match question {
            "caught" => "pass on".to_owned(),
            _ => other.fail("text").to_string(),
        });
        let payload = catch_unwind(AssertUnwindSafe(|| Loaded::call(one, |one| one.ask(&host)))).unwrap_err();
        let panic = payload.downcast::<PluginPanic>().unwrap();
        assert_eq!(panic.origin, Loaded::info(other).origin, "{panic}");
        assert_eq!((Loaded::poison(one), Loaded::poison(other)), (None, None));
    }
    let [one, other] = plugins;
    let Err(CallError::Panicked(panic)) = Loaded::call(&other, |other| other.fail("text")) else { panic!("it panics") };
    assert_eq!(panic.origin, Loaded::info(&other).origin, "{panic}");
    assert_eq!(Loaded::call(&one, |one| one.second()), Ok(2), "only the other one is poisoned");
}

#[test]
fn they_share_the_folder_of_their_name() {
    let root = scratch("data");
    let folders = namesakes().map(|library| {
        let loader = loader(&library).configure("fixture-plugin", "data").data_dir(&root);
        loader.load_file::<dyn Plugin>(&library).unwrap().name()
    });
    let folder = root.join("fixture-plugin").display().to_string();
    assert_eq!(folders, [format!("fixture({folder})"), format!("namesake({folder})")]);
}
