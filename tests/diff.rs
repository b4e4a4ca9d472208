//! `plugbox diff`, with libraries and hosts that cargo built: it names every difference, and reports no false ones.

#[path = "command/hello.rs"]
mod hello;
#[path = "command/run.rs"]
mod run;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use harness::{Build, patched, scratch, second_compilers, shown};
use plugbox_loader::inspect::{self, Change, Image, ImageDifference};
use serde_json::Value;

use crate::hello::{hello, other_compiler};
use crate::run::{Ended, plugbox};

/// A file that is not a library.
const TEXT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");

fn diff(a: &Path, b: &Path) -> Ended {
    plugbox(["diff".as_ref(), "--format=json".as_ref(), a, b])
}

/// The only line of the output: part, place, change, and the values of A and B. Fingerprints are shortened. The exit
/// code must say whether there is a difference.
fn differences(a: &Path, b: &Path) -> Vec<[String; 5]> {
    let ended = diff(a, b);
    let [line] = &ended.json()[..] else { panic!("one line: {}{}", ended.stdout, ended.stderr) };
    assert_eq!((&line["type"], &line["a"]["file"], &line["b"]["file"]), (&"diff".into(), &text(a), &text(b)));
    let found = line["differences"].as_array().unwrap().iter();
    let found: Vec<[String; 5]> = found
        .map(|one| ["part", "at", "change", "a", "b"].map(|key| without_fingerprints(one[key].as_str().unwrap())))
        .collect();
    ended.exits(if found.is_empty() { 0 } else { 1 });
    found
}

fn text(path: &Path) -> Value {
    path.to_str().unwrap().into()
}

fn without_fingerprints(text: &str) -> String {
    let is_digit = |letter: char| letter.is_ascii_hexdigit();
    let words = text.split_inclusive(|letter| !is_digit(letter));
    let cut = words.map(|word| {
        if word.trim_end_matches(|letter| !is_digit(letter)).len() == 32 {
            format!("#{}", &word[32..])
        } else {
            word.to_owned()
        }
    });
    cut.collect()
}

/// The changes from the unmodified fixture to this one: the interfaces whose fingerprint changed, and all other lines
/// about interfaces and types.
fn drift(feature: &str) -> (Vec<String>, Vec<String>) {
    let found = differences(&Build::plugin().library(), &Build::plugin().feature(feature).library());
    let (mut interfaces, mut rest) = (Vec::new(), Vec::new());
    for [part, at, change, a, b] in found {
        match at.strip_suffix(", fingerprint") {
            Some(interface) => interfaces.push(interface.to_owned()),
            // The plugin's list of exported interfaces changes, too, because it contains fingerprints.
            None if part == "plugin" => assert_eq!((&*at, &*change), ("fixture-plugin, exported as", "changed")),
            None => rest.push(format!("{part} {at} {change}: {a} | {b}")),
        }
    }
    (interfaces, rest)
}

#[test]
fn a_file_and_its_copy_are_the_same() {
    let copy = scratch("copy").join("other.so");
    fs::copy(&hello().plugin, &copy).unwrap();
    assert!(differences(&hello().plugin, &copy).is_empty());
    let ended = plugbox(["diff".as_ref(), hello().plugin.as_os_str(), copy.as_os_str()]);
    let said = format!("{} and {}: no difference\n", hello().plugin.display(), copy.display());
    assert_eq!(ended.exits(0).stdout, said);
}

#[test]
fn one_source_built_in_two_folders_and_profiles_is_the_same() {
    let plugin = Build::plugin().library();
    assert!(differences(&plugin, &Build::plugin().folder("elsewhere").library()).is_empty());
    assert!(differences(&plugin, &Build::plugin().optimized("3").library()).is_empty());
    assert!(differences(&plugin, &Build::plugin().feature("cosmetic").library()).is_empty());
}

#[test]
fn a_field_that_was_added_is_named_with_the_offsets_and_the_size_that_follow() {
    let (interfaces, rest) = drift("drift-field");
    assert_eq!(interfaces, ["fixture_api::Plugin"]);
    assert_eq!(
        rest,
        [
            "type fixture_api::Change.version added:  | field 1, `u64` at offset 24",
            "type fixture_api::Change.at moved: offset 24 | offset 32",
            "type fixture_api::Change changed: size 32 | size 40"
        ]
    );
}

#[test]
fn methods_that_changed_places_are_named() {
    let (interfaces, rest) = drift("drift-order");
    assert_eq!(interfaces, ["fixture_api::Plugin"]);
    assert_eq!(
        rest,
        [
            "interface fixture_api::Plugin::first moved: method 2, `fn first(&'a self) -> u32` | method 3, `fn first(&'a self) -> u32`",
            "interface fixture_api::Plugin::second moved: method 3, `fn second(&'a self) -> u32` | method 2, `fn second(&'a self) -> u32`"
        ]
    );
}

#[test]
fn a_method_that_was_added_is_named_and_not_those_behind_it() {
    let (interfaces, rest) = drift("drift-default");
    assert_eq!(interfaces, ["fixture_api::Plugin"]);
    assert_eq!(rest, ["interface fixture_api::Plugin::added added:  | method 4, `fn added(&'a self) -> u32`"]);
    let (interfaces, rest) = drift("drift-commands");
    assert_eq!(interfaces, ["fixture_api::Commands"]);
    assert_eq!(rest, ["interface fixture_api::Commands::help added:  | method 1, `fn help(&'a self) -> String`"]);
}

#[test]
fn fields_that_changed_places_deep_inside_another_crate_are_named() {
    let (interfaces, rest) = drift("drift-deep");
    assert_eq!(interfaces, ["fixture_api::Plugin"]);
    assert_eq!(
        rest,
        [
            "type fixture_deep::Leaf.weight moved: offset 0 | offset 4",
            "type fixture_deep::Leaf.count moved: offset 4 | offset 0"
        ]
    );
}

#[test]
fn another_version_of_the_api_is_named_at_each_interface_and_at_the_plugin() {
    let found = differences(&Build::plugin().library(), &Build::plugin().api_version("1.2.5").library());
    let (plugin, interfaces) = found.split_last().unwrap();
    // Interfaces of that crate that other interfaces reach have the new version, too.
    let (below, interfaces): (Vec<_>, Vec<_>) = interfaces.iter().partition(|[_, at, ..]| at.ends_with(", below"));
    for [_, at, change, a, b] in below {
        assert_eq!((&**change, a.replace("1.2.4", "1.2.5")), ("changed", b.clone()), "{at}");
    }
    for [part, at, change, a, b] in &interfaces {
        assert_eq!([&**part, &**change, &**a, &**b], ["interface", "changed", "1.2.4", "1.2.5"], "{at}");
        assert!(at.starts_with("fixture_api::") && at.ends_with(", version"), "{at}");
    }
    assert_eq!(interfaces.len(), 5);
    let exported = |version| {
        ["Plugin", "Commands"].map(|name| format!("fixture_api::{name} {version} (fingerprint #)")).join(", ")
    };
    let expected = ["plugin", "fixture-plugin, exported as", "changed", &exported("1.2.4"), &exported("1.2.5")];
    assert_eq!(plugin, &expected);
}

/// A real manifest, with an additional later version of its first interface.
fn two_versions(library: &Path) -> Image {
    let mut image = inspect::image(library).unwrap();
    let interfaces = &mut image.manifest.as_mut().unwrap().interfaces;
    let place = interfaces.iter().position(|interface| interface.name == "fixture_api::Plugin").unwrap();
    let mut later = interfaces[place].clone();
    Arc::make_mut(&mut later).version.major += 1;
    interfaces.insert(place + 1, later);
    image
}

fn images_differ(a: &Image, b: &Image) -> Vec<ImageDifference> {
    let [a, b] = [a, b].map(|image| (&image.container, image.manifest.as_ref().unwrap()));
    plugbox_loader::inspect::differences(a, b)
}

#[test]
fn of_two_versions_of_an_interface_only_the_one_that_is_missing_is_named() {
    let both = two_versions(&Build::plugin().library());
    for version in ["1.2.4", "2.2.4"] {
        let mut one = both.clone();
        let interfaces = &mut one.manifest.as_mut().unwrap().interfaces;
        interfaces
            .retain(|interface| interface.name != "fixture_api::Plugin" || interface.version.to_string() != version);
        let found = images_differ(&both, &one);
        let [difference] = &found[..] else { panic!("{found:?}") };
        let said = (&*difference.at, difference.change, &*difference.a, &*difference.b);
        assert_eq!(said, ("fixture_api::Plugin", Change::Removed, version, ""));
    }
}

#[test]
fn of_two_versions_of_an_interface_each_is_compared_with_its_own_and_a_type_of_both_is_named_once() {
    let changed = Build::plugin().feature("drift-field").library();
    let found = images_differ(&two_versions(&Build::plugin().library()), &two_versions(&changed));
    assert!(found.iter().all(|difference| !difference.at.ends_with(", version")), "{found:?}");
    assert_eq!(
        found.iter().filter(|difference| difference.at == "fixture_api::Change.version").count(),
        1,
        "{found:?}"
    );
}

#[test]
fn a_type_that_only_one_side_reaches_is_named_with_its_interface() {
    let image = inspect::image(&Build::plugin().library()).unwrap();
    let mut other = image.clone();
    let manifest = other.manifest.as_mut().unwrap();
    let leaf = manifest.shapes.iter().find(|shape| shape.name == "fixture_deep::Leaf").map(|shape| shape.id);
    manifest
        .interfaces
        .iter_mut()
        .for_each(|interface| Arc::make_mut(interface).reaches.retain(|id| Some(*id) != leaf));
    let found = images_differ(&image, &other);
    let [difference] = &found[..] else { panic!("{found:?}") };
    let said = (&*difference.at, difference.change, &*difference.a, &*difference.b);
    assert_eq!(said, ("fixture_deep::Leaf", Change::Removed, "reached from fixture_api::Plugin", ""));
}

#[test]
fn another_plugin_is_named_with_its_version() {
    let plugin = Build::plugin().library();
    let found = differences(&plugin, &patched(&plugin, b"\nversion 0.7.1\n", b"\nversion 0.7.2\n"));
    assert_eq!(found, [["plugin", "fixture-plugin, version", "changed", "0.7.1", "0.7.2"]]);
    let found = differences(&plugin, &patched(&plugin, b"\nname fixture-plugin\n", b"\nname fixture-second\n"));
    assert_eq!(
        found,
        [["plugin", "fixture-plugin", "removed", "0.7.1", ""], ["plugin", "fixture-second", "added", "", "0.7.1"]]
    );
}

#[test]
fn a_difference_in_how_it_was_built_is_named() {
    let plugin = Build::plugin().library();
    let found = differences(&plugin, &Build::plugin().flag("-Ctarget-feature=+avx2").library());
    assert!(found.iter().all(|[_, at, change, a, _]| at.ends_with("features") && change == "added" && a.is_empty()));
    let [features] = found.iter().filter(|[part, ..]| part == "build").collect::<Vec<_>>()[..] else { panic!() };
    assert!(features[4].split(", ").any(|feature| feature == "avx2"), "{features:?}");

    let found = differences(&plugin, &Build::plugin().config("profile.dev.panic=\"abort\"").library());
    let abort = |part, at| [part, at, "changed", "unwind", "abort"];
    assert_eq!(found.last().unwrap(), &abort("plugin", "fixture-plugin, panic"));
}

#[test]
fn another_compiler_is_named() {
    let found = differences(&hello().plugin, &other_compiler(&hello().plugin));
    let [[part, at, change, a, b]] = &found[..] else { panic!("{found:?}") };
    assert_eq!([part, at, change], ["build", "release", "changed"]);
    assert_eq!(a.replacen('1', "9", 1), *b);
}

#[test]
fn another_real_compiler_is_named() {
    let plugin = Build::plugin().library();
    let compilers = second_compilers();
    if compilers.is_empty() {
        eprintln!("SKIPPED: there is no second compiler");
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI has a second compiler");
    }
    for rustc in compilers {
        let found = differences(&plugin, &Build::plugin().rustc(&rustc).library());
        for property in ["rustc", "release", "commit", "date"] {
            assert!(found.iter().any(|[part, at, ..]| part == "build" && at == property), "{property}: {found:?}");
        }
    }
}

#[test]
fn files_for_other_targets_are_compared_too() {
    let plugin = Build::plugin().library();
    let mut bytes = fs::read(patched(&plugin, b"\ntarget x86_64-", b"\ntarget mips64-")).unwrap();
    // The machine in the ELF header: MIPS.
    bytes[18] = 8;
    let other = scratch("other").join("libother.so");
    fs::write(&other, bytes).unwrap();
    let found = differences(&plugin, &other);
    assert_eq!(
        found,
        [
            [
                "container",
                "container",
                "changed",
                "elf, x86_64, 64-bit, little-endian",
                "elf, mips64, 64-bit, little-endian"
            ],
            ["build", "target", "changed", "x86_64-unknown-linux-gnu", "mips64-unknown-linux-gnu"],
        ]
    );
}

#[test]
fn a_library_and_its_host_differ_in_that_the_host_exports_no_plugin() {
    let plugin = ["plugin", "hello", "removed", "0.3.0", ""];
    assert_eq!(differences(&hello().plugin, &hello().host), [plugin]);
    let found = differences(&hello().plugin, &other_compiler(&hello().host));
    assert_eq!((&*found[0][0], &*found[0][1], found[1].each_ref().map(|text| &**text)), ("build", "release", plugin));
}

#[test]
fn what_was_added_one_way_was_removed_the_other_way() {
    let (a, b) = (Build::plugin().library(), Build::plugin().feature("drift-field").library());
    let sorted = |mut found: Vec<[String; 5]>| {
        found.sort();
        found
    };
    let turned = differences(&b, &a).into_iter().map(|[part, at, change, b, a]| {
        let change = match &*change {
            "added" => "removed".to_owned(),
            "removed" => "added".to_owned(),
            _ => change,
        };
        [part, at, change, a, b]
    });
    assert_eq!(sorted(differences(&a, &b)), sorted(turned.collect()));
}

#[test]
fn records_of_another_contract_are_a_difference_and_two_of_them_are_trouble() {
    let other = |name: &str| {
        let library = patched(&hello().plugin, b"contract 1\n", b"contract 2\n");
        let renamed = scratch("contract").join(name);
        fs::rename(library, &renamed).unwrap();
        renamed
    };
    let (one, two) = (other("one.so"), other("two.so"));
    assert_eq!(differences(&hello().plugin, &one), [["contract", "contract", "changed", "1", "2"]]);
    let ended = diff(&one, &two);
    assert_eq!(ended.exits(2).stdout, "");
    assert!(ended.stderr.contains("a contract that this command cannot read"), "{}", ended.stderr);
}

#[test]
fn what_cannot_be_read_in_full_is_trouble() {
    let plugin = &hello().plugin;
    let cut = scratch("cut").join("libcut.so");
    fs::write(&cut, &fs::read(plugin).unwrap()[..100_000]).unwrap();
    let damaged = patched(plugin, b"\nrelease 1.", b"\nreleas\xff 1.");
    let cases: [(PathBuf, &str); 5] = [
        ("missing.so".into(), "the file cannot be read: "),
        (TEXT.into(), "the file is a text, not an object file"),
        (cut, "it is not whole: a segment of "),
        (damaged, "its records cannot be read: a record is not UTF-8"),
        (hello().macros.clone(), "it has no plugbox records to compare"),
    ];
    for (file, says) in cases {
        for (a, b) in [(&file, plugin), (plugin, &file)] {
            let ended = diff(a, b);
            assert_eq!(ended.exits(2).stdout, "");
            assert!(ended.stderr.contains(&format!("error: {}: {says}", file.display())), "{}", ended.stderr);
        }
    }
    // If both files are bad, both are named.
    assert_eq!(diff(Path::new("one.so"), Path::new("two.so")).exits(2).stderr.lines().count(), 2);
}

#[test]
fn people_see_both_sides_under_each_other_as_in_the_guide() {
    let (a, b) = (Build::plugin().feature("drift-field").library(), Build::plugin().library());
    let ended = plugbox(["diff".as_ref(), a.as_os_str(), b.as_os_str()]);
    let names = [(&a, "old/libplugin.so"), (&b, "new/libplugin.so")].map(|(path, name)| (path.to_str().unwrap(), name));
    let names = names.into_iter().chain([("fixture_api", "api"), ("fixture-plugin", "plugin")]);
    let said = names.fold(ended.exits(1).stdout.clone(), |said, (from, to)| said.replace(from, to));
    assert_eq!(without_fingerprints(&said).replace('#', "[...]"), shown("growing.md", "diff"));
    let colored = plugbox(["diff".as_ref(), "--color=always".as_ref(), a.as_os_str(), b.as_os_str()]);
    assert!(colored.exits(1).stdout.contains("\u{1b}[31m- field 1, `u64` at offset 24\u{1b}[0m"));
}
