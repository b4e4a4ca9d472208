//! `--write`: saving in place.

use std::fs;

use crate::support::Desk;

#[test]
fn a_file_is_saved_in_place() {
    let desk = Desk::with_plugins(&["tidy"]);
    desk.write("a.txt", "one  ");
    let outcome = desk.edit(&["--write", "a.txt"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("", Some(0)));
    assert_eq!(desk.read("a.txt"), "one\n");
    assert_eq!(fs::read_dir(desk.path("")).unwrap().count(), 2, "nothing stays beside the file");
}

#[test]
fn a_file_that_is_as_it_should_be_is_not_touched() {
    let desk = Desk::with_plugins(&["tidy"]);
    desk.write("a.txt", "one\n");
    let before = fs::metadata(desk.path("a.txt")).unwrap().modified().unwrap();
    assert_eq!(desk.edit(&["--write", "a.txt"]).code, Some(0));
    assert_eq!(fs::metadata(desk.path("a.txt")).unwrap().modified().unwrap(), before);
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let desk = Desk::with_plugins(&["tidy"]);
    desk.write("a.sh", "#!/bin/sh");
    fs::set_permissions(desk.path("a.sh"), fs::Permissions::from_mode(0o750)).unwrap();
    symlink("a.sh", desk.path("link")).unwrap();
    assert_eq!(desk.edit(&["--write", "link"]).code, Some(0));
    assert!(fs::symlink_metadata(desk.path("link")).unwrap().is_symlink());
    assert_eq!(fs::metadata(desk.path("a.sh")).unwrap().permissions().mode() & 0o7777, 0o750);
    assert_eq!(desk.read("a.sh"), "#!/bin/sh\n");
}

#[test]
fn bytes_that_are_no_text_stay_as_they_are() {
    let desk = Desk::with_plugins(&["tidy"]);
    desk.write("a.bin", [b'a', b' ', 0xff]);
    let outcome = desk.edit(&["--write", "a.bin"]);
    assert_eq!(outcome.code, Some(1));
    assert_eq!(fs::read(desk.path("a.bin")).unwrap(), [b'a', b' ', 0xff]);
}
