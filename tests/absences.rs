//! Rules about code that must not exist. Each test searches all sources.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use harness::repository;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            sources(&path, found);
        } else if path.extension().is_some_and(|suffix| suffix == "rs") {
            found.push(path);
        }
    }
}

/// The files in these folders whose code, without comments, contains a text.
fn naming(folders: &[&str], text: &str) -> Vec<String> {
    naming_in(folders, text, |source| source)
}

/// The part of a source before its unit tests, which are at the end.
fn without_tests(source: &str) -> &str {
    source.split_once("#[cfg(test)]\nmod tests {").map_or(source, |(code, _)| code)
}

/// The files in these folders of which a part, without comments, contains a text.
fn naming_in(folders: &[&str], text: &str, part: fn(&str) -> &str) -> Vec<String> {
    let mut files = Vec::new();
    folders.iter().for_each(|folder| sources(&repository().join(folder), &mut files));
    let names = files.iter().filter(|file| {
        let source = fs::read_to_string(file).unwrap();
        part(&source).lines().any(|line| !line.trim_start().starts_with("//") && line.contains(text))
    });
    let mut names: Vec<String> =
        names.map(|file| file.strip_prefix(repository()).unwrap().display().to_string()).collect();
    names.sort();
    names
}

#[test]
fn only_the_ports_name_libloading() {
    let expected = ["loader/src/sys/unix/library.rs", "loader/src/sys/windows/library.rs"];
    assert_eq!(naming(&["loader/src", "core-api/src", "src"], "libloading"), expected);
}

/// What depends on the system, outside of `loader/src/sys`, and why.
const SYSTEMS: [(&str, &str); 5] = [
    ("core-api/src/host/mod.rs", "chooses whether `export!` defines functions for keys"),
    ("core-api/src/record/build.rs", "each object format has its own section for records"),
    ("core-api/macros/src/section.rs", "each object format has its own section for records"),
    ("loader/src/read/container.rs", "says what the object format of this process is"),
    ("core-api/build/src/workspace.rs", "a build script that asks Linux which cargo started it"),
];

#[test]
fn what_a_port_has_to_write_is_in_one_folder() {
    let texts = [
        "std::os::",
        "libc::",
        "rustix::",
        "windows_sys::",
        "cfg(unix)",
        "cfg(windows)",
        "cfg(not(unix))",
        "cfg(not(windows))",
        "cfg!(unix)",
        "cfg!(windows)",
        "target_os",
        "target_vendor",
        "target_env",
        "target_family",
    ];
    let mut named = Vec::new();
    for text in texts {
        let folders = ["loader/src", "src", "core-api/src", "core-api/macros/src", "core-api/build/src"];
        let files = naming_in(&folders, text, without_tests);
        let is_known =
            |file: &str| file.starts_with("loader/src/sys/") || SYSTEMS.iter().any(|(known, _)| *known == file);
        let elsewhere: Vec<&String> = files.iter().filter(|file| !is_known(file)).collect();
        assert_eq!(elsewhere, [""; 0], "{text}");
        named.extend(files);
    }
    for (known, reason) in SYSTEMS {
        assert!(named.iter().any(|file| file == known), "{known} needs no exception any more: {reason}");
    }
}

#[test]
fn the_verdict_does_no_input_and_output_and_knows_no_globals() {
    let mut files = Vec::new();
    ["verdict", "compare"].iter().for_each(|room| sources(&repository().join("loader/src").join(room), &mut files));
    // These two files read the process and the processor, before the verdict.
    files.retain(|file| !file.ends_with("profile.rs") && !file.ends_with("processor.rs"));
    assert!(files.len() > 10, "{files:?}");
    for file in files {
        let source = fs::read_to_string(&file).unwrap();
        let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
        // `'static` as a lifetime is not a global.
        let code = code.map(|line| line.replace("'static ", "")).collect::<Vec<_>>();
        for text in ["std::fs", "std::env", "static ", "File", "thread_local", "println"] {
            assert!(!code.iter().any(|line| line.contains(text)), "{} has `{text}`", file.display());
        }
    }
}

#[test]
fn unsafe_code_lives_in_few_named_modules() {
    let expected = [
        "core-api/src/abi/probe.rs",
        "core-api/src/abi/text.rs",
        "core-api/src/crossing/closures.rs",
        "core-api/src/crossing/crossing.rs",
        "core-api/src/crossing/error_proxy.rs",
        "core-api/src/crossing/errors.rs",
        "core-api/src/crossing/guard.rs",
        "core-api/src/crossing/lend.rs",
        "core-api/src/crossing/lending.rs",
        "core-api/src/crossing/ownership.rs",
        "core-api/src/crossing/places.rs",
        "core-api/src/crossing/polled.rs",
        "core-api/src/crossing/proxy.rs",
        "core-api/src/crossing/waker.rs",
        "core-api/src/export/context.rs",
        "core-api/src/export/test_context.rs",
        "core-api/src/host/allocator.rs",
        "core-api/src/host/bind.rs",
        "core-api/src/host/keys.rs",
        "core-api/src/host/link.rs",
        "core-api/src/host/panic.rs",
        "core-api/src/record/bytes.rs",
        "core-api/src/record/writer.rs",
        "core-api/src/shape/node.rs",
        "loader/src/bind/handshake.rs",
        "loader/src/bind/keys.rs",
        "loader/src/bind/panics.rs",
        "loader/src/bind/slots.rs",
        "loader/src/bind/table.rs",
        "loader/src/bind/values.rs",
        "loader/src/live/notes.rs",
        "loader/src/loaded/loaded.rs",
        "loader/src/loader/construct.rs",
        "loader/src/loader/pipeline.rs",
        "loader/src/loader/tests.rs",
        "loader/src/map/entry.rs",
        "loader/src/map/map.rs",
        "loader/src/sys/image.rs",
        "loader/src/sys/linux/barrier.rs",
        "loader/src/sys/linux/image.rs",
        "loader/src/sys/linux/keys.rs",
        "loader/src/sys/linux/lease.rs",
        "loader/src/sys/linux/libc.rs",
        "loader/src/sys/linux/process.rs",
        "loader/src/sys/macos/access_list.rs",
        "loader/src/sys/macos/image.rs",
        "loader/src/sys/macos/process.rs",
        "loader/src/sys/unix/keys.rs",
        "loader/src/sys/unix/library.rs",
        "loader/src/sys/unix/process.rs",
        "loader/src/sys/windows/barrier.rs",
        "loader/src/sys/windows/file.rs",
        "loader/src/sys/windows/folder.rs",
        "loader/src/sys/windows/image.rs",
        "loader/src/sys/windows/keys.rs",
        "loader/src/sys/windows/library.rs",
        "loader/src/sys/windows/limits.rs",
        "loader/src/sys/windows/path.rs",
        "loader/src/sys/windows/process.rs",
        "loader/src/sys/windows/security.rs",
        // The host that `plugbox new` makes.
        "src/new/template/host/main.rs",
    ];
    assert_eq!(naming(&["loader/src", "core-api/src", "src"], "unsafe {"), expected);
    let expected = [
        "core-api/src/abi/contract.rs",
        "core-api/src/crossing/anyhow.rs",
        "core-api/src/crossing/error_proxy.rs",
        "core-api/src/crossing/errors.rs",
        "core-api/src/crossing/future.rs",
        "core-api/src/crossing/lending.rs",
        "core-api/src/crossing/ownership.rs",
        "core-api/src/crossing/proxy.rs",
        "core-api/src/host/allocator.rs",
        "core-api/src/host/panic.rs",
        "core-api/src/shape/named.rs",
        "core-api/src/shape/node.rs",
        "core-api/src/shape/proof.rs",
        "core-api/src/shape/std_types.rs",
        "core-api/src/supertrait.rs",
    ];
    assert_eq!(naming(&["loader/src", "core-api/src", "src"], "unsafe impl"), expected);
}

/// The rooms of a crate, in the order of their declarations in its root, with the lines of each room that import
/// another.
fn imports(crate_folder: &str) -> Vec<(String, Vec<(PathBuf, String)>)> {
    let source = repository().join(crate_folder).join("src");
    let root = fs::read_to_string(source.join("lib.rs")).unwrap();
    let declared = root.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
    let rooms = declared.map(|room| {
        let (mut files, file) = (Vec::new(), source.join(format!("{room}.rs")));
        if file.is_file() {
            files.push(file)
        } else {
            sources(&source.join(room), &mut files)
        }
        let lines = files.into_iter().flat_map(|file| {
            let text = fs::read_to_string(&file).unwrap();
            let lines: Vec<String> = text.lines().filter(|line| line.contains("crate::")).map(str::to_owned).collect();
            lines.into_iter().map(move |line| (file.clone(), line))
        });
        (room.to_owned(), lines.filter(|(_, line)| !line.trim_start().starts_with("//")).collect())
    });
    rooms.collect()
}

#[test]
fn rooms_import_only_from_those_below_them_and_nothing_through_the_root() {
    for crate_folder in ["loader", "core-api"] {
        let rooms = imports(crate_folder);
        assert!(rooms.len() > 8, "{crate_folder}: {rooms:?}");
        let map = fs::read_to_string(repository().join("ARCHITECTURE.md")).unwrap();
        let is_file = |room: &str| repository().join(crate_folder).join(format!("src/{room}.rs")).is_file();
        let row = |room: &str| if is_file(room) { format!("`{room}.rs`") } else { format!("| `{room}/` |") };
        let is_named = |room: &str| map.contains(&row(room));
        assert!(rooms.iter().all(|(room, _)| is_named(room)), "a room is missing in the code map of ARCHITECTURE.md");
        for (place, (room, lines)) in rooms.iter().enumerate() {
            for (file, line) in lines {
                let targets =
                    line.split("crate::").skip(1).filter(|_| !line.contains("$crate::") && !line.contains("crate::__"));
                for target in targets.map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap())
                {
                    let below = rooms.iter().position(|(name, _)| name == target);
                    assert!(
                        below.is_some_and(|below| below > place),
                        "{}: {room} imports `{target}`, which is not a room below it: {line}",
                        file.display()
                    );
                }
            }
        }
    }
}

/// Fails if some files of a folder import each other in a circle: `through` is written before the name of a file.
fn no_circle(folder: &Path, through: &str) {
    let mut files = Vec::new();
    sources(folder, &mut files);
    files.retain(|file| !["lib.rs", "mod.rs", "tests.rs"].iter().any(|name| file.ends_with(name)));
    let name = |file: &Path| file.file_stem().unwrap().to_str().unwrap().to_owned();
    let mut left: Vec<(String, Vec<String>)> = Vec::new();
    for file in &files {
        let source = fs::read_to_string(file).unwrap();
        let code = source.split("#[cfg(test)]").next().unwrap();
        let code: String = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let uses = code.split(through).skip(1).filter_map(|rest| rest.split(';').next());
        // Of `super::{a::X, b}` all words count, of `crate::a::{X, Y}` the first.
        let words = uses.flat_map(|list| {
            let words = list.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
            words.take(if list.starts_with('{') { usize::MAX } else { 1 })
        });
        let words: Vec<String> = words.map(str::to_owned).collect();
        let imported =
            files.iter().map(|file| name(file)).filter(|other| words.contains(other) && *other != name(file));
        left.push((name(file), imported.collect()));
    }
    // The files that import none of the rest are at the bottom.
    while !left.is_empty() {
        let names: Vec<String> = left.iter().map(|(name, _)| name.clone()).collect();
        left.retain(|(_, imported)| imported.iter().any(|other| names.contains(other)));
        assert!(left.len() < names.len(), "{}: a circle among {names:?}", folder.display());
    }
}

#[test]
fn files_of_a_room_import_each_other_in_no_circle() {
    for room in
        ["loader/src", "core-api/src"].iter().flat_map(|source| fs::read_dir(repository().join(source)).unwrap())
    {
        let room = room.unwrap().path();
        if room.is_dir() {
            no_circle(&room, "super::");
        }
    }
    for source in ["core-api/macros/src", "core-api/build/src"] {
        no_circle(&repository().join(source), "crate::");
    }
}

#[test]
fn libraries_do_not_print() {
    for call in ["println!", "eprintln!", "print!(", "dbg!("] {
        assert_eq!(naming_in(&["loader/src", "core-api/src"], call, without_tests), [""; 0], "{call}");
    }
}

#[test]
fn the_hosts_profile_never_asks_for_the_executables_path() {
    // A test asks where cargo has put it.
    assert_eq!(naming(&["loader/src", "core-api/src"], "current_exe"), ["loader/src/testing.rs"]);
}

#[test]
fn nothing_in_the_plugins_tree_depends_on_the_loader() {
    let tree = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(repository())
        .args(["tree", "-p", "plugbox", "--edges", "normal,build", "--prefix", "none", "--offline"])
        .output()
        .unwrap();
    let text = String::from_utf8(tree.stdout).unwrap();
    assert!(text.contains("plugbox-macros"), "{text}");
    for name in ["plugbox-loader", "libloading", "object"] {
        assert!(!text.contains(name), "{text}");
    }
}
