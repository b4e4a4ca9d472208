//! C libraries that break the rules of the interface: the message for each, and that the editor continues.

use std::env::consts::DLL_SUFFIX;

use crate::support::Desk;

/// The editor's message for a refused library, without the file's name.
fn refusal(sample: &str) -> String {
    let desk = Desk::with_c_plugins(&[&format!("broken/{sample}.c"), "rot13.c"]);
    desk.write("a.txt", "one");
    let outcome = desk.edit_in_c(&["--run", "rot13:turn", "--print", "a.txt"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("bar", Some(0)), "the others work:\n{}", outcome.stderr);
    let file = format!("{sample}{DLL_SUFFIX}");
    assert_eq!(outcome.row(&file), [&file, "-", "plugin.h", "-", "-", "-", "refused"]);
    match outcome.said("warning")[..] {
        [one] => one.strip_prefix(&format!("warning: plugins/{file}: ")).unwrap().to_owned(),
        _ => panic!("one warning was expected:\n{}", outcome.stderr),
    }
}

#[test]
fn a_struct_of_another_version_is_refused() {
    let expected = "`version` is 2, expected 1; build it with the `plugin.h` of this editor, and set `version` to \
                    PLUGIN_VERSION";
    assert_eq!(refusal("version"), expected);
}

#[test]
fn a_struct_of_a_size_that_cannot_be_is_refused() {
    let expected = |found: usize| {
        format!(
            "`size` is {found}, expected 56 to 4096 and a multiple of the size of a pointer; set it to sizeof(Plugin), \
             and build it with the `plugin.h` of this editor"
        )
    };
    assert_eq!(refusal("size"), expected(8));
    assert_eq!(refusal("half"), expected(119));
    assert_eq!(refusal("large"), expected(4104));
}

#[test]
fn a_pointer_that_leads_to_no_struct_is_refused() {
    let expected = "`plugin_register` returned NULL: the plugin reports that it cannot work";
    assert_eq!(refusal("null"), expected);
    let expected =
        "`plugin_register` returned 0x10, which is not the address of memory; return a pointer to a `static Plugin`";
    assert_eq!(refusal("astray"), expected);
    // The address depends on the linker.
    let behind_the_address = |said: String| {
        let address = said.strip_prefix("`plugin_register` returned 0x").unwrap();
        address.split_once(", ").unwrap().1.to_owned()
    };
    let expected = "which is not aligned; return a pointer to a `static Plugin`";
    assert_eq!(behind_the_address(refusal("crooked")), expected);
    let expected = "where there is less memory than its `size`; return a pointer to a `static Plugin`";
    assert_eq!(behind_the_address(refusal("cut")), expected);
}

#[test]
fn a_callback_without_its_counterpart_is_refused() {
    let expected = "`run` is NULL, but `commands` requires it";
    assert_eq!(refusal("no_run"), expected);
    let expected = "`destroy` is NULL, but `data` requires it";
    assert_eq!(refusal("no_destroy"), expected);
}

#[test]
fn a_callback_that_leads_to_no_code_is_refused() {
    let expected = "`opened` is 0x10, which is not the address of code; initialize the whole struct, and leave \
                    callbacks that you do not need NULL";
    assert_eq!(refusal("no_code"), expected);
}

#[test]
fn a_name_that_is_none_is_refused() {
    assert_eq!(refusal("name_latin1"), "`name` is not UTF-8: byte 3 is 0xe9");
    assert_eq!(refusal("name_astray"), "`name` has 6 bytes at 0x10, which are not in memory");
    let expected = "`name` is \"many words\", expected 1 to 64 ASCII letters, digits, `-` and `_`";
    assert_eq!(refusal("name_spaces"), expected);
    let expected = "`release` is \"one\", expected a version such as `1.2.0`: unexpected character 'o' while parsing \
                    major version number";
    assert_eq!(refusal("release"), expected);
}

#[test]
fn a_plugin_that_inserts_what_is_not_utf_8_is_not_called_again() {
    let desk = Desk::with_c_plugins(&["broken/edit_latin1.c", "rot13.c"]);
    desk.write("a.txt", "one");
    let outcome = desk.edit_in_c(&["--run", "rot13:turn", "--print", "a.txt"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("bar", Some(3)));
    let expected = format!(
        "warning: a.txt: plugin latin1 1.0.0 panicked: plugins/edit_latin1{DLL_SUFFIX}: `before_save`: the text of an \
         edit is not UTF-8: byte 3 is 0xe9; it is not called again"
    );
    assert_eq!(outcome.said("warning"), [expected]);
    assert!(!outcome.stderr.contains("asked again"), "{}", outcome.stderr);
}
