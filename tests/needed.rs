//! Libraries that a plugin needs: the system's loader runs their initializers without a verdict, so the host must allow
//! them.

#[path = "command/run.rs"]
mod run;

use std::fs;
use std::os::unix::fs::{PermissionsExt, lchown, symlink};
use std::path::{Path, PathBuf};

use fixture_api::Plugin;
use harness::{Build, codes, in_child, load, loader, scratch};
use plugbox_loader::{Code, LoadError, Loader, Pins, Trust, inspect};

/// Writes a C library of this name to the folder. Its initializer creates a marker file.
fn c_library(folder: &Path, name: &str, needs: &[&str]) {
    c_library_with(folder, name, needs, &["-Wl,-rpath,$ORIGIN".to_owned(), format!("-L{}", folder.display())]);
}

fn c_library_with(folder: &Path, name: &str, needs: &[&str], flags: &[String]) {
    let unique = scratch("c");
    let (source, built) = (unique.join("c.c"), unique.join("built"));
    let text = r#"
        #include <fcntl.h>
        #include <stdlib.h>
        __attribute__((constructor)) static void start(void) {
            if (getenv("NEEDED_MARK")) open(getenv("NEEDED_MARK"), O_CREAT | O_WRONLY, 0600);
        }
    "#;
    fs::write(&source, text).unwrap();
    let mut cc = harness::c_compiler();
    cc.args(["-shared", "-fPIC", "-Wl,--no-as-needed", "-o"]).arg(&built).arg(&source);
    cc.arg(format!("-Wl,-soname,lib{name}.so")).args(flags);
    assert!(cc.args(needs.iter().map(|name| format!("-l{name}"))).status().unwrap().success());
    // A different test may be linking with the previous file.
    fs::rename(built, folder.join(format!("lib{name}.so"))).unwrap();
}

/// A separate folder with the fixture, a library that the fixture needs, and a second library that the first one needs.
fn installed() -> PathBuf {
    // All tests share one folder, because its path is in the flags of the build.
    let folder = folder();
    c_library(&folder, "plugbox-inner", &[]);
    c_library(&folder, "plugbox-outer", &["plugbox-inner"]);
    let built = Build::plugin()
        .last_crate_flag("-Clink-arg=-Wl,--no-as-needed,-rpath,$ORIGIN")
        .last_crate_flag(&format!("-Clink-arg=-L{}", folder.display()))
        .last_crate_flag("-Clink-arg=-lplugbox-outer")
        .library();
    let installed = scratch("installed");
    for name in ["libplugbox-inner.so", "libplugbox-outer.so"] {
        fs::copy(folder.join(name), installed.join(name)).unwrap();
    }
    let library = installed.join("libplugin.so");
    fs::copy(built, &library).unwrap();
    library
}

fn folder() -> PathBuf {
    let folder = harness::target_dir().join("scratch/needed");
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn what_a_plugin_needs_is_refused_unless_the_host_allows_it() {
    let library = installed();
    let mark = scratch("mark").join("ran");
    let variables = [("NEEDED_MARK", mark.to_str().unwrap())];
    let test = "what_a_plugin_needs_is_refused_unless_the_host_allows_it";
    let allow = std::env::var_os("ALLOW").is_some();
    let Some(child) = in_child(test, &variables, || {
        if allow {
            let loader = loader(&library).allow_library("libplugbox-outer.so").allow_library("libplugbox-inner.so");
            assert_eq!(loader.load_file::<dyn Plugin>(&library).unwrap().split("a b"), ["a", "b"]);
            return;
        }
        let error = load(&library).unwrap_err();
        assert_eq!(codes(&error), [Code::NotTrusted], "{error}");
        assert!(error.to_string().contains("allow_library(\"libplugbox-outer.so\")"), "{error}");
        // The needed library needs a second library, which is reported, too.
        let error =
            loader(&library).allow_library("libplugbox-outer.so").load_file::<dyn Plugin>(&library).unwrap_err();
        assert!(error.to_string().contains("needs libplugbox-inner.so"), "{error}");
    }) else {
        return;
    };
    child.must_succeed();
    assert!(!mark.exists(), "an initializer of a library that the host did not allow has run");
    // The control: the initializer runs if the host allows the library.
    let Some(child) = in_child(test, &[variables[0], ("ALLOW", "1")], || ()) else { return };
    child.must_succeed();
    assert!(mark.exists(), "the libraries prove nothing: their initializers never run");
}

#[test]
fn what_lies_beside_a_plugin_is_copied_with_it() {
    let library = installed();
    let test = "what_lies_beside_a_plugin_is_copied_with_it";
    let child = in_child(test, &[], || {
        let loader = loader(&library).allow_library("libplugbox-outer.so").allow_library("libplugbox-inner.so");
        let plugin = loader.load_file::<dyn Plugin>(&library).unwrap();
        for entry in fs::read_dir(library.parent().unwrap()).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
        assert_eq!(plugin.split("still here"), ["still", "here"]);
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        let folder_of = |name: &str| {
            let path = maps.lines().filter_map(|line| line.split_whitespace().nth(5)).find(|path| path.ends_with(name));
            Path::new(path.unwrap()).parent().unwrap().to_owned()
        };
        assert_ne!(folder_of("libplugin.so"), library.parent().unwrap());
        for name in ["libplugbox-outer.so", "libplugbox-inner.so"] {
            assert_eq!(folder_of(name), folder_of("libplugin.so"));
        }
    });
    child.into_iter().for_each(|child| child.must_succeed());
}

#[test]
fn what_lies_beside_a_plugin_in_memory_is_an_error_that_names_the_way_out() {
    let library = installed();
    let test = "what_lies_beside_a_plugin_in_memory_is_an_error_that_names_the_way_out";
    let nowhere = ["XDG_RUNTIME_DIR", "TMPDIR", "XDG_CACHE_HOME"].map(|name| (name, "/nowhere"));
    let child = in_child(test, &nowhere, || {
        let loader = loader(&library).allow_library("libplugbox-outer.so").allow_library("libplugbox-inner.so");
        let error = loader.load_file::<dyn Plugin>(&library).unwrap_err();
        assert!(matches!(error, LoadError::NoPlace { .. }), "{error}");
        for part in ["libplugbox-outer.so", "is in memory", "Loader::stage_in"] {
            assert!(error.to_string().contains(part), "{part}: {error}");
        }
        let folder = scratch("needed-copies");
        assert_eq!(loader.stage_in(folder).load_file::<dyn Plugin>(&library).unwrap().split("a b"), ["a", "b"]);
    });
    child.into_iter().for_each(|child| child.must_succeed());
}

/// A host that enforces pins asks for one of each library that it allows, so the command writes and checks them.
#[test]
fn what_a_plugin_needs_is_pinned_with_it() {
    let library = installed();
    let (folder, lock) = (library.parent().unwrap(), library.with_file_name("plugbox.lock"));
    let check_in = |path: &Path, arguments: &[&str]| {
        let mut command = run::command(["check", "--host"]);
        command.arg(std::env::current_exe().unwrap()).args(arguments).arg(path);
        run::Ended::of(command.args(["--allow-library=libplugbox-outer.so", "--allow-library=libplugbox-inner.so"]))
    };
    let check = |arguments: &[&str]| check_in(&library, arguments);
    let load = || {
        // SAFETY: the test built all libraries in this folder.
        let trust = unsafe { Trust::directory(folder) }.unwrap().allow_group_writable();
        let loader = Loader::new(trust.pinned_by(&lock).unwrap().enforce_pins());
        let loader = loader.allow_library("libplugbox-outer.so").allow_library("libplugbox-inner.so");
        loader.load_file::<dyn Plugin>(&library)
    };
    check(&["--write-lock"]).exits(0);
    let names = ["libplugbox-inner.so", "libplugbox-outer.so", "libplugin.so"];
    assert_eq!(Pins::read(&lock).unwrap().names().collect::<Vec<_>>(), names);
    check(&["--lock"]).exits(0);
    // The same lock for the folder as a whole.
    let of_file = fs::read(&lock).unwrap();
    check_in(folder, &["--write-lock"]).exits(0);
    assert_eq!(fs::read(&lock).unwrap(), of_file);
    check_in(folder, &["--lock"]).exits(0);
    let test = "what_a_plugin_needs_is_pinned_with_it";
    let Some(child) = in_child(test, &[], || assert!(load().is_ok())) else { return };
    child.must_succeed();
    // Both have other bytes, and then one has no pin. The command has the loader's words.
    for name in &names[..2] {
        let file = folder.join(name);
        fs::write(&file, [fs::read(&file).unwrap(), vec![0]].concat()).unwrap();
    }
    for (text, count) in [(None, 2), (Some("libplugbox-outer.so"), 1)] {
        if let Some(name) = text {
            check(&["--write-lock"]).exits(0);
            let pins = fs::read_to_string(&lock).unwrap();
            fs::write(&lock, pins.lines().filter(|line| !line.ends_with(name)).collect::<Vec<_>>().join("\n")).unwrap();
        }
        let error = load().unwrap_err();
        assert_eq!(codes(&error), vec![Code::NotTrusted; count], "{error}");
        let at = format!("libplugbox-outer.so in {}", lock.canonicalize().unwrap().display());
        assert!(error.reasons().iter().any(|reason| reason.at == at), "{error}");
        assert_eq!(check(&["--lock"]).exits(1).stdout, format!("{error}\n"));
        let of_folder = check_in(folder, &["--lock"]).exits(1).stdout.clone();
        assert!(of_folder.contains(&format!("{error}\n")), "{of_folder}\n{error}");
        assert_eq!(check(&["--lock", "--format=json"]).json()[0]["fits_as"], serde_json::json!([]));
    }
}

/// The plugin is pinned, because not every host that uses the lock enforces pins.
#[test]
fn a_needed_library_that_a_lock_cannot_pin_is_told() {
    let folder = scratch("needed-elsewhere").canonicalize().unwrap();
    c_library(&folder, "plugbox-inner", &[]);
    let flags = ["-Wl,-rpath,$ORIGIN".to_owned(), format!("{}", folder.join("libplugbox-inner.so").display())];
    let library = plugin_with("unpinned", &flags);
    symlink(folder.join("libplugbox-inner.so"), library.with_file_name("libplugbox-inner.so")).unwrap();
    let host = std::env::current_exe().unwrap();
    let arguments = ["check", "--write-lock", "--allow-library=libplugbox-inner.so", "--host"].map(AsRef::as_ref);
    let ended = run::plugbox(arguments.into_iter().chain([host.as_os_str(), library.as_os_str()]));
    let said = format!("warning: {}: it needs a library without a pin: ", library.display());
    assert!(ended.exits(0).stderr.starts_with(&said), "{}", ended.stderr);
    let pins = Pins::read(&library.with_file_name("plugbox.lock")).unwrap();
    assert_eq!(pins.names().collect::<Vec<_>>(), ["libplugin.so"]);
}

/// The plugin is in `plugins`, the library that it needs in `lib`, and the one that this needs in `lib/deep`.
#[test]
fn what_lies_in_folders_near_a_plugin_is_copied_with_it() {
    let test = "what_lies_in_folders_near_a_plugin_is_copied_with_it";
    let folder = harness::target_dir().join("scratch/needed-near");
    fs::create_dir_all(folder.join("lib/deep")).unwrap();
    let paths = |path: &str, links: &str| [format!("-Wl,-rpath,{path}"), format!("-L{}", folder.join(links).display())];
    c_library_with(&folder.join("lib/deep"), "plugbox-deep", &[], &[]);
    c_library_with(
        &folder.join("lib"),
        "plugbox-near",
        &["plugbox-deep"],
        &paths("/nowhere:${ORIGIN}/deep", "lib/deep"),
    );
    let built = Build::plugin()
        .last_crate_flag("-Clink-arg=-Wl,--no-as-needed,-rpath,$ORIGIN:$ORIGIN/../lib/.")
        .last_crate_flag(&format!("-Clink-arg=-L{}", folder.join("lib").display()))
        .last_crate_flag(&format!("-Clink-arg=-Wl,-rpath-link,{}", folder.join("lib/deep").display()))
        .last_crate_flag("-Clink-arg=-lplugbox-near")
        .library();
    let installed = scratch("near");
    harness::copy_tree(&folder.join("lib"), &installed.join("lib"));
    fs::create_dir(installed.join("plugins")).unwrap();
    let library = installed.join("plugins/libplugin.so");
    fs::copy(built, &library).unwrap();
    let child = in_child(test, &[], || {
        // SAFETY: the test built all libraries in this folder.
        let trust = || unsafe { plugbox_loader::Trust::directory(&installed) }.unwrap().allow_group_writable();
        let allowing = |trust, names: &[&str]| {
            names.iter().fold(plugbox_loader::Loader::new(trust), |loader, name| loader.allow_library(*name))
        };
        // Only the folder of the plugins is trusted.
        let error = allowing(
            // SAFETY: as above.
            unsafe { plugbox_loader::Trust::directory(installed.join("plugins")) }.unwrap().allow_group_writable(),
            &["libplugbox-near.so", "libplugbox-deep.so"],
        );
        let error = error.load_file::<dyn Plugin>(&library).unwrap_err();
        assert_eq!(codes(&error), [Code::NotTrusted, Code::NotTrusted], "{error}");
        // The needed library needs another one.
        let error = allowing(trust(), &["libplugbox-near.so"]).load_file::<dyn Plugin>(&library).unwrap_err();
        assert!(error.to_string().contains("needs libplugbox-deep.so"), "{error}");
        let loader = allowing(trust(), &["libplugbox-near.so", "libplugbox-deep.so"]);
        let plugin = loader.load_file::<dyn Plugin>(&library).unwrap();
        fs::remove_dir_all(&installed).unwrap();
        assert_eq!(plugin.split("still here"), ["still", "here"]);
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        for name in ["/libplugin.so", "/lib/libplugbox-near.so", "/lib/deep/libplugbox-deep.so"] {
            let mut paths = maps.lines().filter_map(|line| line.split_whitespace().nth(5));
            let path = paths.find(|path| path.ends_with(name)).unwrap_or_else(|| panic!("{name}: {maps}"));
            assert!(path.contains("/plugbox-"), "{path} is no copy");
        }
    });
    child.into_iter().for_each(|child| child.must_succeed());
}

/// The copy's folder has as many folders above it as the plugin asks for, and nothing is written further up.
#[test]
fn what_a_needed_library_finds_further_up_than_the_plugin_looks_is_not_copied() {
    let folder = harness::target_dir().join("scratch/needed-up");
    let (lib, further) = (folder.join("app/lib"), folder.join("further"));
    [&lib, &further].into_iter().for_each(|folder| fs::create_dir_all(folder).unwrap());
    c_library_with(&further, "plugbox-further", &[], &[]);
    let paths = ["-Wl,-rpath,$ORIGIN/../../further".to_owned(), format!("-L{}", further.display())];
    c_library_with(&lib, "plugbox-low", &["plugbox-further"], &paths);
    let installed = |name, run_path: &str| {
        let mut flags = vec![format!("-Wl,-rpath,{run_path}"), format!("-Wl,-rpath-link,{}", further.display())];
        flags.extend([format!("-L{}", lib.display()), "-lplugbox-low".to_owned()]);
        let built = plugin_with(name, &flags);
        let installed = built.parent().unwrap().to_owned();
        harness::copy_tree(&folder, &installed);
        let library = installed.join("app/plugins/libplugin.so");
        fs::create_dir(library.parent().unwrap()).unwrap();
        fs::rename(built, &library).unwrap();
        (installed, library)
    };
    let (near, far) = (installed("up", "$ORIGIN/../lib"), installed("up", "$ORIGIN/../lib:$ORIGIN/../../further"));
    let child = in_child("what_a_needed_library_finds_further_up_than_the_plugin_looks_is_not_copied", &[], || {
        let load = |(folder, library): &(PathBuf, PathBuf)| {
            let loader = trusting(folder, &["libplugbox-low.so", "libplugbox-further.so"]);
            loader.load_file::<dyn Plugin>(library)
        };
        let error = load(&near).unwrap_err();
        let said = error.to_string();
        assert!(matches!(error, LoadError::NoPlace { .. }) && said.contains("libplugbox-further.so"), "{said}");
        assert!(said.contains("further up"), "{said}");
        // The control: the plugin looks there, too.
        assert_eq!(load(&far).unwrap().split("a b"), ["a", "b"]);
    });
    child.into_iter().for_each(|child| child.must_succeed());
}

#[test]
fn what_a_plugin_needs_may_need_the_plugin() {
    let folder = harness::target_dir().join("scratch/needed-back");
    let stub = folder.join("stub");
    fs::create_dir_all(&stub).unwrap();
    c_library_with(&stub, "plugin", &[], &[]);
    let paths = ["-Wl,-rpath,$ORIGIN".to_owned(), format!("-L{}", stub.display())];
    c_library_with(&folder, "plugbox-back", &["plugin"], &paths);
    let flags = ["-Wl,-rpath,$ORIGIN", &format!("-L{}", folder.display()), "-lplugbox-back"].map(str::to_owned);
    let library = plugin_with("back", &flags);
    fs::copy(folder.join("libplugbox-back.so"), library.with_file_name("libplugbox-back.so")).unwrap();
    let child = in_child("what_a_plugin_needs_may_need_the_plugin", &[], || {
        let load = |names: &[&str]| trusting(library.parent().unwrap(), names).load_file::<dyn Plugin>(&library);
        let error = load(&["libplugbox-back.so"]).unwrap_err();
        assert_eq!(codes(&error), [Code::NotTrusted], "{error}");
        assert!(error.to_string().contains("needs libplugin.so"), "{error}");
        let plugin = load(&["libplugbox-back.so", "libplugin.so"]).unwrap();
        assert_eq!(plugin.split("a b"), ["a", "b"]);
        // The system has not mapped the original beside the copy.
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        assert!(!maps.contains(library.to_str().unwrap()), "{maps}");
    });
    child.into_iter().for_each(|child| child.must_succeed());
}

/// An empty entry, and one that is relative, lead to the working directory, and not to the folder of the library.
#[test]
fn what_is_searched_in_the_working_directory_is_judged_there() {
    let test = "what_is_searched_in_the_working_directory_is_judged_there";
    let folder = harness::target_dir().join("scratch/needed-working");
    fs::create_dir_all(&folder).unwrap();
    c_library_with(&folder, "plugbox-far", &[], &[]);
    for run_path in ["/nowhere:", "below"] {
        let built = Build::plugin()
            .last_crate_flag(&format!("-Clink-arg=-Wl,--no-as-needed,-rpath,{run_path}"))
            .last_crate_flag(&format!("-Clink-arg=-L{}", folder.display()))
            .last_crate_flag("-Clink-arg=-lplugbox-far")
            .library();
        let (plugins, working) = (scratch("plugins"), scratch("working"));
        let library = plugins.join("libplugin.so");
        fs::copy(built, &library).unwrap();
        // The one beside the plugin is no library, and the one in the working directory lies outside the trusted folder.
        for place in [&plugins, &working] {
            fs::create_dir(place.join("below")).unwrap();
        }
        for inside in ["", "below"] {
            fs::write(plugins.join(inside).join("libplugbox-far.so"), "").unwrap();
            fs::copy(folder.join("libplugbox-far.so"), working.join(inside).join("libplugbox-far.so")).unwrap();
        }
        let mark = scratch("mark").join("ran");
        let variables = [
            ("PLUGIN", library.to_str().unwrap()),
            ("WORKING", working.to_str().unwrap()),
            ("NEEDED_MARK", mark.to_str().unwrap()),
        ];
        let child = in_child(test, &variables, || {
            let library = PathBuf::from(std::env::var_os("PLUGIN").unwrap());
            std::env::set_current_dir(std::env::var_os("WORKING").unwrap()).unwrap();
            let error =
                loader(&library).allow_library("libplugbox-far.so").load_file::<dyn Plugin>(&library).unwrap_err();
            assert_eq!(codes(&error), [Code::NotTrusted], "{error}");
            // SAFETY: the test built the libraries in both folders.
            let trust = unsafe { plugbox_loader::Trust::directory("/") }.unwrap().allow_group_writable();
            let loader = plugbox_loader::Loader::new(trust).allow_library("libplugbox-far.so");
            assert_eq!(loader.load_file::<dyn Plugin>(&library).unwrap().split("a b"), ["a", "b"]);
        });
        let Some(child) = child else { return };
        child.must_succeed();
        assert!(mark.exists(), "it was searched elsewhere");
    }
}

/// A library is needed by a path, if it was linked by its path and has no name of its own (no `DT_SONAME`).
#[test]
fn what_is_needed_by_a_path_is_judged_there_and_copied_if_the_path_is_relative_to_the_plugin() {
    let test = "what_is_needed_by_a_path_is_judged_there_and_copied_if_the_path_is_relative_to_the_plugin";
    let folder = harness::target_dir().join("scratch/needed-path");
    fs::create_dir_all(&folder).unwrap();
    let [absolute, relative] =
        ["plugbox-absolute", "plugbox-relative"].map(|name| folder.join(format!("lib{name}.so")));
    let name_of = |name: &str| [format!("-Wl,-soname,{name}")];
    c_library_with(&folder, "plugbox-absolute", &[], &name_of(absolute.to_str().unwrap()));
    c_library_with(&folder, "plugbox-relative", &[], &name_of("$ORIGIN/../lib/libplugbox-relative.so"));
    let linked = |library: &Path| {
        let flags = format!("-Clink-arg=-Wl,--no-as-needed,{}", library.display());
        Build::plugin().last_crate_flag(&flags).library()
    };
    let libraries = [linked(&absolute), linked(&relative)];
    let installed = scratch("by-path");
    for place in ["plugins", "lib"] {
        fs::create_dir(installed.join(place)).unwrap();
    }
    fs::copy(&relative, installed.join("lib/libplugbox-relative.so")).unwrap();
    let names = [absolute.to_str().unwrap(), "$ORIGIN/../lib/libplugbox-relative.so"];
    let child = in_child(test, &[], || {
        for (built, name) in libraries.iter().zip(names) {
            let library = installed.join("plugins/libplugin.so");
            fs::copy(built, &library).unwrap();
            let load = |trusted: &Path| {
                // SAFETY: the test built all libraries in this folder.
                let trust = unsafe { plugbox_loader::Trust::directory(trusted) }.unwrap().allow_group_writable();
                plugbox_loader::Loader::new(trust).allow_library(name).load_file::<dyn Plugin>(&library)
            };
            // It lies outside the trusted folder.
            let error = load(&installed.join("plugins")).unwrap_err();
            assert_eq!(codes(&error), [Code::NotTrusted], "{error}");
            assert_eq!(load(Path::new("/")).unwrap().split("a b"), ["a", "b"]);
        }
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        let path = |end: &str| maps.split_whitespace().find(|path| path.ends_with(end)).expect(end).to_owned();
        assert!(path("/lib/libplugbox-relative.so").contains("/plugbox-"), "{maps}");
        assert_eq!(path("libplugbox-absolute.so"), absolute.to_str().unwrap());
    });
    child.into_iter().for_each(|child| child.must_succeed());
}

/// A loader that trusts everything that only this user can change, and allows these libraries.
fn trusting(directory: impl AsRef<Path>, allowed: &[&str]) -> Loader {
    // SAFETY: the test built all libraries in this folder.
    let trust = unsafe { Trust::directory(directory) }.unwrap().allow_group_writable();
    allowed.iter().fold(Loader::new(trust), |loader, name| loader.allow_library(*name))
}

/// The fixture, linked with further flags, in a folder of its own.
fn plugin_with(name: &str, flags: &[String]) -> PathBuf {
    let build = Build::plugin().last_crate_flag("-Clink-arg=-Wl,--no-as-needed");
    let build = flags.iter().fold(build, |build, flag| build.last_crate_flag(&format!("-Clink-arg={flag}")));
    let library = scratch(name).join("libplugin.so");
    fs::copy(build.library(), &library).unwrap();
    library
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// The system's loader follows the path again, after the verdict.
#[test]
fn links_on_the_way_to_a_needed_library_count_like_folders() {
    let folder = harness::target_dir().join("scratch/needed-linked");
    let (real, ways) = (folder.join("real"), folder.join("ways"));
    let (way, needed) = (ways.join("way"), ways.join("way/libplugbox-linked.so"));
    [&real, &ways].into_iter().for_each(|folder| fs::create_dir_all(folder).unwrap());
    c_library_with(&real, "plugbox-linked", &[], &[format!("-Wl,-soname,{}", needed.display())]);
    let linked = real.join("libplugbox-linked.so");
    let absolute = plugin_with("linked", &[linked.display().to_string()]);
    // The other one finds the same library by a link beside it.
    c_library_with(&real, "plugbox-beside", &[], &[]);
    let flags = ["-Wl,-rpath,$ORIGIN".to_owned(), real.join("libplugbox-beside.so").display().to_string()];
    let relative = plugin_with("beside", &flags);
    symlink(&way, relative.with_file_name("to")).unwrap();
    symlink("to/libplugbox-beside.so", relative.with_file_name("libplugbox-beside.so")).unwrap();
    let allowed = [needed.to_str().unwrap(), "libplugbox-beside.so"];
    let load = |library: &Path| trusting("/", &allowed).without_staging().load_file::<dyn Plugin>(library);
    let refused = |at: &Path| {
        for library in [&absolute, &relative] {
            let error = load(library).unwrap_err();
            assert_eq!(codes(&error)[0], Code::NotTrusted, "{error}");
            assert!(error.to_string().contains(&format!("not-trusted at {}\n", at.display())), "{error}");
        }
    };
    let anew = || {
        mode(&ways, 0o755);
        let _ = fs::remove_file(&way);
        let _ = fs::remove_dir_all(&way);
    };
    // A link to the folder, which anybody may replace, or in a folder in which everybody replaces only what is his own.
    anew();
    symlink(&real, &way).unwrap();
    mode(&ways, 0o777);
    refused(&ways);
    mode(&ways, 0o1777);
    if rustix::process::geteuid().is_root() {
        lchown(&way, Some(1234), None).unwrap();
        refused(&way);
        lchown(&way, Some(0), None).unwrap();
    }
    // A link to the file.
    anew();
    fs::create_dir(&way).unwrap();
    for name in ["libplugbox-linked.so", "libplugbox-beside.so"] {
        symlink(real.join(name), way.join(name)).unwrap();
    }
    mode(&way, 0o777);
    refused(&way);
    // The control: nobody else can replace a link.
    mode(&way, 0o755);
    let test = "links_on_the_way_to_a_needed_library_count_like_folders";
    let variables = [("ABSOLUTE", absolute.to_str().unwrap()), ("RELATIVE", relative.to_str().unwrap())];
    let child = in_child(test, &variables, || {
        for library in [&absolute, &relative] {
            assert_eq!(load(library).unwrap().split("a b"), ["a", "b"]);
        }
    });
    child.into_iter().for_each(|child| child.must_succeed());
}

/// A run path is searched for libraries of the platform, too, if the process has not loaded them.
#[test]
fn a_library_with_the_name_of_one_of_the_system_is_judged_where_it_lies() {
    let folder = harness::target_dir().join("scratch/needed-platform");
    fs::create_dir_all(&folder).unwrap();
    c_library_with(&folder, "util", &[], &["-Wl,-soname,libutil.so.1".to_owned()]);
    fs::copy(folder.join("libutil.so"), folder.join("libutil.so.1")).unwrap();
    let linked = folder.join("libutil.so").display().to_string();
    let absolute = plugin_with("platform", &[format!("-Wl,-rpath,{}", folder.display()), linked.clone()]);
    let beside = plugin_with("beside", &["-Wl,-rpath,$ORIGIN".to_owned(), linked]);
    fs::copy(folder.join("libutil.so"), beside.with_file_name("libutil.so.1")).unwrap();
    mode(&folder, 0o777);
    let error = loader(&absolute).load_file::<dyn Plugin>(&absolute).unwrap_err();
    mode(&folder, 0o755);
    assert_eq!(codes(&error), [Code::NotTrusted], "{error}");
    assert!(error.to_string().contains(&format!("not-trusted at {}\n", folder.display())), "{error}");
    // It need not lie in the trusted folder. One beside the plugin is not copied, because nobody has allowed it, and the
    // system uses its own.
    let test = "a_library_with_the_name_of_one_of_the_system_is_judged_where_it_lies";
    for (library, is_mapped) in [(absolute, true), (beside, false)] {
        let mark = scratch("mark").join("ran");
        let variables = [("NEEDED_MARK", mark.to_str().unwrap()), ("PLUGIN", library.to_str().unwrap())];
        let child = in_child(test, &variables, || {
            let library = PathBuf::from(std::env::var_os("PLUGIN").unwrap());
            assert_eq!(loader(&library).load_file::<dyn Plugin>(&library).unwrap().split("a b"), ["a", "b"]);
        });
        let Some(child) = child else { return };
        child.must_succeed();
        assert_eq!(mark.exists(), is_mapped);
    }
}

/// One name, two run paths, two files.
#[test]
fn a_name_is_judged_for_each_library_that_needs_it() {
    let folder = harness::target_dir().join("scratch/needed-twice");
    // An earlier run has left a link.
    let _ = fs::remove_file(folder.join("ways/one"));
    for (place, name) in [("ways/one", "plugbox-one"), ("two", "plugbox-two")] {
        fs::create_dir_all(folder.join(place)).unwrap();
        c_library_with(&folder.join(place), "plugbox-same", &[], &[]);
        let paths =
            [format!("-Wl,-rpath,{0}", folder.join(place).display()), format!("-L{}", folder.join(place).display())];
        c_library_with(&folder, name, &["plugbox-same"], &paths);
    }
    let mut flags = vec!["-Wl,-rpath,$ORIGIN".to_owned(), format!("-L{}", folder.display())];
    flags.extend(["-Wl,--allow-shlib-undefined", "-lplugbox-one", "-lplugbox-two"].map(str::to_owned));
    flags.push(format!("-Wl,-rpath-link,{}", folder.join("two").display()));
    let library = plugin_with("twice", &flags);
    for name in ["libplugbox-one.so", "libplugbox-two.so"] {
        fs::copy(folder.join(name), library.with_file_name(name)).unwrap();
    }
    let allowed = ["libplugbox-one.so", "libplugbox-two.so", "libplugbox-same.so"];
    let (ways, one, two) = (folder.join("ways"), folder.join("ways/one"), folder.join("two"));
    [&ways, &one, &two].into_iter().for_each(|folder| mode(folder, 0o755));
    let load = || trusting("/", &allowed).load_file::<dyn Plugin>(&library);
    for folder in [&one, &two] {
        mode(folder, 0o777);
        let error = load().unwrap_err();
        mode(folder, 0o755);
        assert_eq!(codes(&error), [Code::NotTrusted], "{error}");
        assert!(error.to_string().contains(&format!("not-trusted at {}\n", folder.display())), "{error}");
    }
    // One file, two ways, of which somebody may turn the second one.
    fs::remove_dir_all(&one).unwrap();
    symlink(&two, &one).unwrap();
    mode(&ways, 0o777);
    let error = load().unwrap_err();
    mode(&ways, 0o755);
    assert_eq!(codes(&error), [Code::NotTrusted], "{error}");
    assert!(error.to_string().contains(&format!("not-trusted at {}\n", ways.display())), "{error}");
    let child = in_child("a_name_is_judged_for_each_library_that_needs_it", &[], || {
        assert_eq!(load().unwrap().split("a b"), ["a", "b"]);
    });
    child.into_iter().for_each(|child| child.must_succeed());
}

/// What is not copied finds what lies beside it by `$ORIGIN`, and what is copied may be found by two paths.
#[test]
fn libraries_that_need_each_other_in_folders_near_each_other_are_found() {
    let folder = harness::target_dir().join("scratch/needed-nets");
    let (far, sub) = (folder.join("far"), folder.join("sub"));
    [&far, &sub].into_iter().for_each(|folder| fs::create_dir_all(folder).unwrap());
    let paths = |path: &str, links: &Path| [format!("-Wl,-rpath,{path}"), format!("-L{}", links.display())];
    c_library_with(&far, "plugbox-far-inner", &[], &[]);
    c_library_with(&far, "plugbox-far-outer", &["plugbox-far-inner"], &paths("$ORIGIN/../far", &far));
    c_library_with(&far, "plugbox-far-inner", &["plugbox-far-outer"], &paths("$ORIGIN/../far", &far));
    c_library_with(&folder, "plugbox-net", &[], &[]);
    c_library_with(&sub, "plugbox-sub", &["plugbox-net"], &paths("$ORIGIN/..", &folder));
    let mut flags = vec![format!("-Wl,-rpath,$ORIGIN:$ORIGIN/left/../sub:{}", far.display())];
    flags.extend([&far, &sub, &folder].map(|folder| format!("-L{}", folder.display())));
    flags.extend(["-lplugbox-net", "-lplugbox-sub", "-lplugbox-far-outer"].map(str::to_owned));
    let library = plugin_with("nets", &flags);
    // The system enters a folder that the path leaves by `..`.
    fs::create_dir(library.with_file_name("left")).unwrap();
    harness::copy_tree(&sub, &library.with_file_name("sub"));
    fs::copy(folder.join("libplugbox-net.so"), library.with_file_name("libplugbox-net.so")).unwrap();
    let names = ["net", "sub", "far-outer", "far-inner"].map(|name| format!("libplugbox-{name}.so"));
    let child = in_child("libraries_that_need_each_other_in_folders_near_each_other_are_found", &[], || {
        let loader = trusting("/", &names.each_ref().map(String::as_str));
        assert_eq!(loader.load_file::<dyn Plugin>(&library).unwrap().split("a b"), ["a", "b"]);
    });
    child.into_iter().for_each(|child| child.must_succeed());
}

/// The system would map what somebody writes there between the verdict and the load.
#[test]
fn nobody_else_may_add_a_library_to_a_folder_that_is_searched_first() {
    let folder = harness::target_dir().join("scratch/needed-first");
    let (open, good) = (folder.join("open"), folder.join("good"));
    [&open, &good].into_iter().for_each(|folder| fs::create_dir_all(folder).unwrap());
    c_library_with(&good, "plugbox-first", &[], &[]);
    // The way may begin with a link.
    let link = folder.join("link");
    let _ = fs::remove_file(&link);
    symlink(open.join("none"), &link).unwrap();
    let searched = [link, good.clone()].map(|folder| folder.display().to_string()).join(":");
    // And somebody could make a link of a folder that the path leaves by `..`.
    fs::create_dir_all(open.join("left")).unwrap();
    let left = open.join("left/../../good").display().to_string();
    let linked = good.join("libplugbox-first.so").display().to_string();
    let [added, left] =
        [searched, left].map(|path| plugin_with("first", &[format!("-Wl,-rpath,{path}"), linked.clone()]));
    let load = |library: &Path| trusting("/", &["libplugbox-first.so"]).load_file::<dyn Plugin>(library);
    let refused = |library: &Path, open_to_others: u32| {
        mode(&open, open_to_others);
        let error = load(library).unwrap_err();
        assert_eq!(codes(&error), [Code::NotTrusted], "{error}");
        assert!(error.to_string().contains(&format!("not-trusted at {}\n", open.display())), "{error}");
        assert!(error.to_string().contains(&format!("mode {open_to_others:04o}")), "{error}");
        error.to_string()
    };
    refused(&left, 0o777);
    // In a folder with the sticky bit, others may add files, too.
    for open_to_others in [0o777, 0o1777] {
        let said = refused(&added, open_to_others);
        assert!(said.contains("out of the run path by which libplugbox-first.so is searched"), "{said}");
    }
    mode(&open, 0o755);
    let test = "nobody_else_may_add_a_library_to_a_folder_that_is_searched_first";
    let child = in_child(test, &[("ADDED", added.to_str().unwrap()), ("LEFT", left.to_str().unwrap())], || {
        for library in ["ADDED", "LEFT"].map(|name| PathBuf::from(std::env::var_os(name).unwrap())) {
            assert_eq!(load(&library).unwrap().split("a b"), ["a", "b"]);
        }
    });
    child.into_iter().for_each(|child| child.must_succeed());
}

/// To the system, `$ORIGIN` in a name is the folder of whoever asks.
#[test]
fn what_the_host_has_loaded_by_a_name_that_is_relative_to_itself_is_not_what_the_plugin_needs() {
    let test = "what_the_host_has_loaded_by_a_name_that_is_relative_to_itself_is_not_what_the_plugin_needs";
    let folder = harness::target_dir().join("scratch/needed-origin");
    fs::create_dir_all(&folder).unwrap();
    c_library_with(&folder, "plugbox-origin", &[], &["-Wl,-soname,$ORIGIN/libplugbox-origin.so".to_owned()]);
    let needed = folder.join("libplugbox-origin.so");
    let flags = format!("-Clink-arg=-Wl,--no-as-needed,{}", needed.display());
    let built = Build::plugin().last_crate_flag(&flags).library();
    let child = in_child(test, &[], || {
        let library = scratch("origin").join("libplugin.so");
        fs::copy(&built, &library).unwrap();
        fs::copy(&needed, library.with_file_name("libplugbox-origin.so")).unwrap();
        let hosts = std::env::current_exe().unwrap().with_file_name("libplugbox-origin.so");
        fs::copy(&needed, &hosts).unwrap();
        // SAFETY: the initializer does nothing in this process.
        std::mem::forget(unsafe { libloading::Library::new(&hosts) }.unwrap());
        fs::remove_file(hosts).unwrap();
        for loader in [loader(&library), loader(&library).without_staging()] {
            let error = loader.load_file::<dyn Plugin>(&library).unwrap_err();
            assert_eq!(codes(&error), [Code::NotTrusted], "{error}");
        }
        let allowed = loader(&library).allow_library("$ORIGIN/libplugbox-origin.so");
        assert_eq!(allowed.load_file::<dyn Plugin>(&library).unwrap().split("a b"), ["a", "b"]);
    });
    child.into_iter().for_each(|child| child.must_succeed());
}

#[test]
fn what_the_process_has_loaded_already_may_be_needed() {
    let library = installed();
    let child = in_child("what_the_process_has_loaded_already_may_be_needed", &[], || {
        for name in ["libplugbox-inner.so", "libplugbox-outer.so"] {
            // SAFETY: the initializer does nothing in this process.
            std::mem::forget(unsafe { libloading::Library::new(folder().join(name)) }.unwrap());
        }
        assert_eq!(load(&library).unwrap().split("a b"), ["a", "b"]);
    });
    child.into_iter().for_each(|child| child.must_succeed());
}

#[test]
fn what_is_needed_is_read_from_the_file() {
    let names = inspect::linkage(&installed()).unwrap().needed;
    assert!(names.contains(&"libplugbox-outer.so".to_owned()) && names.contains(&"libc.so.6".to_owned()), "{names:?}");
    assert!(!names.contains(&"libplugbox-inner.so".to_owned()), "{names:?}");
    // The places are those of DT_RUNPATH, or of DT_RPATH, which older linkers write.
    for (tags, name) in [("enable", "plugbox-runpath"), ("disable", "plugbox-rpath")] {
        let flag = format!("-Wl,--{tags}-new-dtags,-rpath,$ORIGIN/a:/b");
        c_library_with(&folder(), name, &[], &[flag]);
        let places = inspect::linkage(&folder().join(format!("lib{name}.so"))).unwrap().run_path;
        assert_eq!(places, ["$ORIGIN/a", "/b"], "{tags}");
    }
    // A filter has libraries that the system maps with it.
    for (flag, name) in [("--auxiliary", "plugbox-auxiliary"), ("--filter", "plugbox-filter")] {
        c_library_with(&folder(), name, &[], &[format!("-Wl,{flag},libplugbox-filtered.so")]);
        let names = inspect::linkage(&folder().join(format!("lib{name}.so"))).unwrap().needed;
        assert!(names.contains(&"libplugbox-filtered.so".to_owned()), "{flag}: {names:?}");
    }
}
