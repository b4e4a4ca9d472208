//! Verdicts on records that are written by hand: the differences between two APIs, their order and their words.

use std::sync::Arc;

use plugbox::__private::{Kind, NOTE_NAME, hash};
use plugbox_loader::inspect::{HostProfile, Image, Manifest, ManifestError, NoteBytes, Requirements, judge};
use plugbox_loader::{Code, Reason};

/// The host's own interface. It provides the host's build, which is that of this test.
#[plugbox::interface]
pub trait Own {
    /// Nothing.
    fn call(&self);
}

/// The lines of an interface `a::Api`, and the types that it reaches.
#[derive(Clone, Copy)]
struct Api<'a> {
    lines: &'a str,
    types: &'a [&'a str],
}

/// The manifest of a library with a plugin. Each text in `below` adds a record of the interface with these lines.
fn read(api: Api<'_>, below: &[&str]) -> Result<Manifest, ManifestError> {
    let mut notes = Vec::new();
    let mut add = |kind: Kind, text: &str| {
        let text = format!("contract 1\n{text}");
        for number in [NOTE_NAME.len(), text.len(), kind as usize] {
            notes.extend(u32::try_from(number).unwrap().to_le_bytes());
        }
        notes.extend(NOTE_NAME);
        notes.extend(text.as_bytes());
        notes.resize(notes.len().next_multiple_of(4), 0);
    };
    let mut canonical = format!("trait a::Api\n{}", api.lines);
    for text in api.types {
        add(Kind::Shape, text);
        canonical += &format!("reaches {}\n", hash(text.as_bytes()));
    }
    let fingerprint = hash(canonical.as_bytes());
    for below in below {
        add(Kind::Interface, &format!("version 1.0.0\nfingerprint {fingerprint}\n{below}{canonical}"));
    }
    add(
        Kind::Plugin,
        &format!("name p\nversion 1.0.0\ninterface a::Api 1.0.0 {fingerprint}\nentry plugbox_entry_0\npanic unwind\n"),
    );
    let mut own = Manifest::read([NoteBytes::new(&notes, 4, true)])?;
    own.builds = HostProfile::of_this_process::<dyn Own>().unwrap().manifest.builds;
    Ok(own)
}

/// The reasons why a host with one API refuses a plugin with the other API.
fn refused(ours: Api<'_>, theirs: Api<'_>) -> Vec<Reason> {
    judged(read(ours, &[""]).unwrap(), read(theirs, &[""]).unwrap())
}

fn judged(mut ours: Manifest, theirs: Manifest) -> Vec<Reason> {
    let process = HostProfile::of_this_process::<dyn Own>().unwrap();
    let library = Image::of_records(process.container.clone(), theirs);
    ours.plugins.clear();
    let host = HostProfile::new(ours, process.container, process.processor);
    let requirements = Requirements::for_interfaces(["a::Api"]);
    judge(&host, Ok(&library), &requirements).reasons().to_vec()
}

/// The places that a refusal names, each with its consequence.
fn named(ours: Api<'_>, theirs: Api<'_>) -> Vec<(String, &'static str)> {
    let reasons = refused(ours, theirs);
    let [reason] = &reasons[..] else { panic!("{reasons:?}") };
    assert_eq!(reason.code, Code::InterfaceChanged, "{reason}");
    let also = reason.also.iter().map(|more| (more.at.clone(), more.why));
    [(reason.at.clone(), reason.why)].into_iter().chain(also).collect()
}

const CALL: &str = "a call would go to the wrong place";
const VALUE: &str = "a value would be read as something else";
const DROP: &str = "a value would be dropped twice or never";
const SEARCH: &str = "a map would be searched with a different order or hash than it was built with";
const MEANING: &str = "the crate's own code may give private fields a different meaning";
const ALIAS: &str = "one side could change a value while the other side reads it";
const BORROW: &str = "a borrow could outlive the borrowed value";
const THREAD: &str = "a value could be used from a thread that must not use it";
const PIN: &str = "a value that must stay in its place could be moved";
const UNWIND: &str = "a value could be used after a panic has left it half changed";

#[test]
fn equal_records_fit() {
    let api = Api { lines: "method fn a(&self, &a::T)\n", types: &["struct a::T\nsize 4\nalign 4\nfield a: u32 @0\n"] };
    assert_eq!(refused(api, api), []);
}

#[test]
fn a_neighbor_that_was_shifted_does_not_hide_the_field_that_changed() {
    let api = |text| Api { lines: "method fn a(&self, &a::Label)\n", types: text };
    let ours = api(&["struct a::Label\nsize 32\nalign 8\nfield id: u64 @24\nfield label: String @0\n"]);
    let theirs = api(&["struct a::Label\nsize 24\nalign 8\nfield id: u64 @16\nfield label: Box<str> @0\n"]);
    assert_eq!(named(ours, theirs), [("a::Label.label".to_owned(), VALUE)]);
    let reason = &refused(ours, theirs)[0];
    assert_eq!((&*reason.host, &*reason.plugin), ("field 2, `String` at offset 0", "field 2, `Box<str>` at offset 0"));
}

#[test]
fn the_innermost_type_is_named_first_and_what_only_follows_last() {
    let inner =
        ["struct a::Inner\nsize 4\nalign 4\nfield a: u32 @0\n", "struct a::Inner\nsize 8\nalign 8\nfield a: u64 @0\n"];
    let middle = [
        "struct a::Middle\nsize 8\nalign 4\nfield b: u32 @4\nfield inner: a::Inner @0\n",
        "struct a::Middle\nsize 16\nalign 8\nfield b: u32 @8\nfield inner: a::Inner @0\n",
    ];
    let outer = [
        "struct a::Outer\nsize 8\nalign 8\nfield all: Box<a::Middle> @0\n",
        "struct a::Outer\nsize 8\nalign 8\nfield all: Option<Box<a::Middle>> @0\n",
    ];
    for order in [[&outer, &middle, &inner], [&inner, &outer, &middle]] {
        let [ours, theirs] = [0, 1].map(|side| order.map(|types| types[side]));
        let api = |types| Api { lines: "method fn a(&self, a::Outer, a::Middle)\n", types };
        let expected = [
            ("a::Inner.a", VALUE),
            ("a::Outer.all", VALUE),
            ("a::Middle.b", VALUE),
            ("a::Middle", VALUE),
            ("a::Middle", VALUE),
        ];
        assert_eq!(named(api(&ours), api(&theirs)), expected.map(|(at, why)| (at.to_owned(), why)));
    }
}

#[test]
fn the_size_of_a_foreign_type_is_a_cause() {
    let api = |types| Api { lines: "method fn a(&self, b::B, a::T)\n", types };
    let ours =
        api(&["foreign b::B\nsize 4\nalign 4\ncrate b 1.0.0\n", "struct a::T\nsize 4\nalign 4\nfield b: u32 @0\n"]);
    let theirs =
        api(&["foreign b::B\nsize 8\nalign 4\ncrate b 1.0.0\n", "struct a::T\nsize 4\nalign 4\nfield b: i32 @0\n"]);
    assert_eq!(named(ours, theirs), [("b::B".to_owned(), VALUE), ("a::T.b".to_owned(), VALUE)]);
}

#[test]
fn where_only_places_have_moved_they_are_said() {
    let api = |types| Api { lines: "method fn a(&self, a::T)\n", types };
    let ours = api(&["struct a::T\nsize 8\nalign 4\nfield a: u32 @0\nfield b: u32 @4\n"]);
    let theirs = api(&["struct a::T\nsize 8\nalign 4\nfield a: u32 @4\nfield b: u32 @0\n"]);
    assert_eq!(named(ours, theirs), [("a::T.a".to_owned(), VALUE), ("a::T.b".to_owned(), VALUE)]);
    let reordered = api(&["struct a::T\nsize 8\nalign 4\nfield b: u32 @4\nfield a: u32 @0\n"]);
    assert_eq!(refused(ours, reordered)[0].plugin, "field 2, `u32` at offset 0");
}

#[test]
fn what_is_said_of_a_type_as_a_whole_is_a_cause() {
    let ty = |head: &str, places: [u32; 2]| {
        let [a, b] = places;
        format!("struct a::T\nsize 8\nalign 4\n{head}field a: u16 @{a}\nfield b: u32 @{b}\n")
    };
    for (ours, theirs, first, why) in [
        ("repr C\n", "", ["repr C", "not present"], VALUE),
        ("", "repr C,align(8)\n", ["not present", "repr C,align(8)"], VALUE),
        ("revision 1.2.3\n", "revision 1.2.4\n", ["revision 1.2.3", "revision 1.2.4"], MEANING),
        ("key 1.2.3\n", "key 1.2.4\n", ["key 1.2.3", "key 1.2.4"], SEARCH),
        ("", "key 1.2.4\n", ["not present", "key 1.2.4"], SEARCH),
        ("", "needs drop\n", ["not present", "needs drop"], DROP),
        ("impl Copy Send Sync\n", "impl Send Sync\n", ["impl Copy Send Sync", "impl Send Sync"], DROP),
        ("impl Send Sync\n", "impl Send\n", ["impl Send Sync", "impl Send"], THREAD),
        ("", "impl Send Sync\n", ["not present", "impl Send Sync"], THREAD),
        ("impl Copy Send\n", "impl Drop Sync\n", ["impl Copy Send", "impl Drop Sync"], DROP),
        ("where 'b: 'a\n", "", ["where 'b: 'a", "not present"], BORROW),
        ("where 'b: 'a\n", "where 'b: 'a\nwhere T: 'static\n", ["not present", "where T: 'static"], BORROW),
    ] {
        let (ours, theirs) = (ty(ours, [0, 4]), ty(theirs, [4, 0]));
        let api = |types| Api { lines: "method fn a(&self, a::T)\n", types };
        let (ours, theirs) = ([&*ours], [&*theirs]);
        let reason = &refused(api(&ours), api(&theirs))[0];
        assert_eq!([&*reason.host, &*reason.plugin], first, "{reason}");
        assert_eq!((&*reason.at, reason.why), ("a::T", why), "{reason}");
        // A different `repr` explains why the fields have moved. The other causes do not.
        assert_eq!(reason.also.is_empty(), why == VALUE, "{reason}");
    }
}

#[test]
fn a_signature_says_what_another_one_would_do() {
    for (ours, theirs, why) in [
        ("method fn a(&self, &'a str)\n", "method fn a(&self, &'b str)\n", BORROW),
        ("method fn a(&self, &'a str)\n", "method fn a(&self, &str)\n", BORROW),
        ("method fn a(&'a self, &'b a::T<'a>)\n", "method fn a(&'a self, &'b a::T)\n", BORROW),
        ("method fn a(&self, Box<dyn a::Peer + 'a>)\n", "method fn a(&self, Box<dyn a::Peer>)\n", BORROW),
        (
            "method fn a(&'a self, &'b mut (dyn a::Peer + 'a), u8)\n",
            "method fn a(&'a self, &'b mut dyn a::Peer, u8)\n",
            BORROW,
        ),
        ("method fn a(&self) where 'b: 'a\n", "method fn a(&self)\n", BORROW),
        (
            "method fn a(&self) where a::T<u8, u8>: Send\n",
            "method fn a(&self) where a::T<u8, u8>: Send + Sync\n",
            THREAD,
        ),
        ("method fn a(&self) where 'b: 'a, a::T: Send\n", "method fn a(&self) where 'b: 'a, a::T: Copy + Send\n", DROP),
        ("method fn a(&self)\n", "method fn a(&mut self)\n", ALIAS),
        ("method fn a(&'a self, &'a mut u8)\n", "method fn a(&'a self, &'a u8)\n", ALIAS),
        ("method fn a(&self, u8)\n", "method fn a(&self, u16)\n", VALUE),
        ("method fn a(&self, &'a str)\n", "method fn a(&self, &'b [u8])\n", VALUE),
        ("method fn a(&self)\nmethod fn b(&self)\n", "method fn b(&self)\nmethod fn a(&self)\n", CALL),
        ("method fn a(&self)\n", "method fn b(&self)\nmethod fn a(&self)\n", CALL),
        ("method fn a(&self)\nmethod fn b(&self)\n", "method fn b(&self)\n", CALL),
        ("super a::Base\n", "", CALL),
        ("super a::Base\nsuper a::Side\n", "super a::Side\nsuper a::Base\n", CALL),
        ("auto Send\n", "auto Send Sync\n", THREAD),
        ("auto Send\n", "auto Send Unpin\n", PIN),
        ("auto UnwindSafe\n", "", UNWIND),
        ("auto 'static\n", "", BORROW),
    ] {
        let api = |lines| Api { lines, types: &[] };
        assert_eq!(named(api(ours), api(theirs))[0].1, why, "{ours} {theirs}");
        assert_eq!(named(api(theirs), api(ours))[0].1, why, "{theirs} {ours}");
    }
}

#[test]
fn a_field_says_what_another_one_would_do() {
    for (ours, theirs, why) in [
        ("field a: &'a str @0\n", "field a: &'b str @0\n", BORROW),
        ("field a: &str where 'a @0\n", "field a: &str where 'b @0\n", BORROW),
        (
            "field 1: a::W<u32> where a::W<u32>: Copy + Send @0\n",
            "field 1: a::W<u32> where a::W<u32>: Copy @0\n",
            THREAD,
        ),
        ("field a: u32 @0\n", "field a: i32 @0\n", VALUE),
        ("field a: u32 @0\n", "", VALUE),
        ("variant A = 0\nholds 0: u8\n", "variant A = 0\nholds 0: i8\n", VALUE),
        ("variant A = 0\n", "variant A = 1\n", VALUE),
    ] {
        let [ours, theirs] = [ours, theirs].map(|lines| format!("struct a::T\nsize 4\nalign 4\n{lines}"));
        let api = |types| Api { lines: "method fn a(&self, a::T)\n", types };
        assert_eq!(named(api(&[&*ours]), api(&[&*theirs]))[0].1, why, "{ours} {theirs}");
    }
}

#[test]
fn a_variant_that_was_added_is_named_and_not_those_behind_it() {
    let api = |types| Api { lines: "method fn a(&self, a::E)\n", types };
    let ours = api(&["enum a::E\nsize 1\nalign 1\nvariant A = 0\nvariant C = 1\n"]);
    let theirs = api(&["enum a::E\nsize 1\nalign 1\nvariant A = 0\nvariant B = 1\nvariant C = 2\n"]);
    assert_eq!(named(ours, theirs), [("a::E::B".to_owned(), VALUE)]);
}

#[test]
fn two_types_of_one_name_are_compared_each_with_its_own() {
    let api = |types| Api { lines: "method fn a(&self, a::T, a::T#2)\n", types };
    const ONE: &str = "struct a::T\nsize 4\nalign 4\nfield a: u32 @0\n";
    let ours = api(&[ONE, "struct a::T#2\nsize 1\nalign 1\nfield b: u8 @0\n"]);
    let theirs = api(&[ONE, "struct a::T#2\nsize 1\nalign 1\nfield b: i8 @0\n"]);
    assert_eq!(named(ours, theirs), [("a::T#2.b".to_owned(), VALUE)]);
}

#[test]
fn each_kind_of_harm_is_said_once() {
    let ours =
        "method fn a(&self, &'a str)\nmethod fn b(&self, &'a str)\nmethod fn c(&self, u8)\nmethod fn d(&self, u8)\n";
    let theirs = ours.replace("&'a str", "&'b str").replace("u8", "u16");
    let api = |lines| Api { lines, types: &[] };
    let reason = refused(api(ours), api(&theirs)).remove(0);
    assert_eq!(reason.also.len(), 3);
    assert!(reason.to_string().contains(&format!("\n  why:    {BORROW}; {VALUE}\n")), "{reason}");
}

#[test]
fn no_more_than_eight_are_named_and_causes_are_among_them() {
    let shifted: Vec<[String; 2]> = (0..20)
        .map(|number| [4, 8].map(|size| format!("struct a::T{number}\nsize {size}\nalign 4\nfield a: a::Inner @0\n")))
        .collect();
    let inner = ["u32", "u64"].map(|ty| format!("struct a::Inner\nsize 4\nalign 4\nfield a: {ty} @0\n"));
    let [ours, theirs] =
        [0, 1].map(|side| shifted.iter().chain([&inner]).map(|types| types[side].as_str()).collect::<Vec<_>>());
    let api = |lines, types| Api { lines, types };
    let named = named(api("method fn a(&self)\n", &ours), api("method fn a(&self)\nmethod fn b(&self)\n", &theirs));
    assert_eq!(named.len(), 8);
    assert_eq!([&named[0].0, &named[1].0], ["a::Inner.a", "a::Api::b"]);
}

// Versions of interfaces below.

const API: Api<'_> = Api { lines: "method fn a(&self, Box<dyn b::Callback>)\n", types: &["trait b::Callback\n"] };

/// The reasons to refuse a plugin, from the lines of both sides about the interfaces below.
fn below(ours: &[&str], theirs: &[&str]) -> Vec<Reason> {
    judged(read(API, ours).unwrap(), read(API, theirs).unwrap())
}

#[test]
fn the_version_of_an_interface_below_is_compared_as_that_of_the_interface_itself() {
    for (ours, theirs, fits) in [
        ("1.0.0", "1.0.0", true),
        ("1.0.0", "1.0.1", true),
        ("1.2.0", "1.0.1", true),
        ("1.0.0", "2.0.0", false),
        ("0.1.0", "0.2.0", false),
        ("0.1.0", "0.1.7", true),
        ("2.0.0-rc.1", "2.0.0-rc.1", true),
    ] {
        for (ours, theirs) in [(ours, theirs), (theirs, ours)] {
            let [host, plugin] = [ours, theirs].map(|version| format!("below b::Callback {version}\n"));
            let reasons = below(&[&host], &[&plugin]);
            assert_eq!(reasons.is_empty(), fits, "{ours} {theirs}: {reasons:?}");
            if let [reason] = &reasons[..] {
                assert_eq!((reason.code, &*reason.at), (Code::VersionNotAccepted, "b::Callback"));
                assert_eq!([&reason.host, &reason.plugin], [&format!("b {ours}"), &format!("b {theirs}")]);
                assert_eq!(reason.remedy, format!("build the plugin against `b` {ours}, like the host's `a` 1.0.0"));
            }
        }
    }
}

#[test]
fn two_versions_of_one_interface_below_are_each_compared_with_their_own() {
    let both = "below b::Callback 1.0.0\nbelow b::Callback 2.0.0\nbelow c::Other 1.0.0\n";
    assert_eq!(below(&[both], &["below b::Callback 1.0.1\nbelow b::Callback 2.3.0\nbelow c::Other 1.0.0\n"]), []);
    let reasons = below(&[both], &["below b::Callback 1.0.0\nbelow b::Callback 3.0.0\nbelow c::Other 2.0.0\n"]);
    let said: Vec<[&str; 3]> = reasons.iter().map(|reason| [&*reason.at, &reason.host, &reason.plugin]).collect();
    assert_eq!(said, [["b::Callback", "b 2.0.0", "b 3.0.0"], ["c::Other", "c 1.0.0", "c 2.0.0"]]);
}

#[test]
fn a_version_that_only_one_side_knows_is_no_equal_one() {
    let known = "below b::Callback 1.0.0\n";
    let unknown = "no record of the version of b";
    for (ours, theirs, said) in [
        (&[known][..], &[""][..], ["b 1.0.0", unknown]),
        (&[""], &[known], [unknown, "b 1.0.0"]),
        // The plugin has no record of the interface, or two records that contradict each other.
        (&[known], &[], ["b 1.0.0", unknown]),
        (&[known], &[known, "below b::Callback 2.0.0\n"], ["b 1.0.0", unknown]),
    ] {
        let reasons = below(ours, theirs);
        let [reason] = &reasons[..] else { panic!("{reasons:?}") };
        assert_eq!((reason.code, [&*reason.host, &*reason.plugin]), (Code::VersionNotAccepted, said));
    }
    assert_eq!(below(&[known], &[known, known]), []);
}

#[test]
fn of_two_records_of_the_host_the_one_that_fits_below_is_compared() {
    let both = ["below b::Callback 1.0.0\n", "below b::Callback 2.0.0\n"];
    for known in [both, [both[1], both[0]]] {
        for theirs in both {
            assert_eq!(below(&known, &[theirs]), [], "{known:?} {theirs}");
        }
    }
}

#[test]
fn a_crate_below_is_told_once_and_the_interface_s_own_is_not_told_again() {
    let all = |b: &str, a: &str| {
        let below = format!("below a::Host {a}\nbelow b::Callback {b}\nbelow b::Other {b}\n");
        let mut manifest = read(API, &[&below]).unwrap();
        for interface in &mut manifest.interfaces {
            Arc::make_mut(interface).version = a.parse().unwrap();
        }
        for exported in manifest.plugins.iter_mut().flat_map(|plugin| &mut Arc::make_mut(plugin).interfaces) {
            exported.version = a.parse().unwrap();
        }
        manifest
    };
    let named = |ours, theirs| judged(ours, theirs).into_iter().map(|reason| reason.at).collect::<Vec<_>>();
    assert_eq!(named(all("1.0.0", "1.0.0"), all("2.0.0", "1.0.0")), ["b::Callback"]);
    assert_eq!(named(all("1.0.0", "1.0.0"), all("1.0.0", "2.0.0")), ["a::Api"]);
    assert_eq!(named(all("1.0.0", "1.0.0"), all("2.0.0", "2.0.0")), ["a::Api", "b::Callback"]);
}

#[test]
fn an_interface_that_changed_says_which_version_below_it_has() {
    let theirs = Api { types: &["trait b::Callback\nmethod fn a(&self)\n"], ..API };
    let [ours, theirs] = [(API, "1.0.0"), (theirs, "2.0.0")]
        .map(|(api, version)| read(api, &[&format!("below b::Callback {version}\nbelow c::C {version}\n")]).unwrap());
    let codes: Vec<_> = judged(ours, theirs).into_iter().map(|reason| (reason.code, reason.at)).collect();
    let version = Code::VersionNotAccepted;
    let expected = [(version, "b::Callback"), (version, "c::C"), (Code::InterfaceChanged, "b::Callback::a")];
    assert_eq!(codes, expected.map(|(code, at)| (code, at.to_owned())));
}

#[test]
fn versions_below_that_cannot_be_read_or_are_too_many_are_damage() {
    let damaged = |below: &str| read(API, &[below]).unwrap_err().to_string();
    assert_eq!(damaged("below b::Callback\n"), "an interface record has an invalid `below` line: `b::Callback`");
    assert!(damaged("below b::Callback 1.x\n").starts_with("an interface record has the invalid version `1.x`: "));
    let many = |most: usize| "below b::Callback 1.0.0\n".repeat(most);
    assert_eq!(read(API, &[&many(1024)]).unwrap().interfaces[0].below.len(), 1024);
    assert_eq!(damaged(&many(1025)), "an interface record has more than 1024 interfaces below it");
    let unlike: String = (0..100).map(|number| format!("below b{number}::T 1.0.0\n")).collect();
    assert_eq!(below(&[&unlike], &[""]).len(), 8);
}
