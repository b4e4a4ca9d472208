//! `--output`: bodies that are saved in files.

use std::fs;

use crate::server::{Reply, Server};
use crate::support::Desk;

#[test]
fn a_body_is_saved_as_it_comes() {
    let body: Vec<u8> = (0..3_000_000u32).map(|n| n as u8).collect();
    let server = Server::always(Reply::new(200).header("x-one", "1").body(body.clone()));
    let desk = Desk::with_plugins(&["timing"]);
    let outcome = desk.rest(&["GET", &server.url("/"), "-o", "a.bin", "-i"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(outcome.stdout.contains("x-one: 1\n") && outcome.stdout.len() < 1000, "{}", outcome.stdout);
    assert!(fs::read(desk.path("a.bin")).unwrap() == body);
    assert!(!outcome.stderr.contains('\u{1b}') && !outcome.stderr.contains('\r'), "there is a bar without a terminal");
}

#[test]
fn json_in_a_file_stays_as_it_is() {
    let server = Server::always(Reply::json(r#"{"password":1}"#));
    let desk = Desk::with_plugins(&["redact"]);
    desk.write("redact", "field = password");
    assert_eq!(desk.rest(&["GET", &server.url("/"), "-o", "a.json", "--config=redact=redact"]).code, Some(0));
    assert_eq!(desk.read("a.json"), r#"{"password":1}"#);
}

#[test]
fn a_body_that_breaks_off_is_an_error_and_what_has_come_is_kept() {
    let server = Server::always(Reply::new(200).body("begun").then_breaks_off());
    let desk = Desk::with_plugins(&[]);
    let outcome = desk.rest(&["GET", &server.url("/"), "-o", "a.txt"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("", Some(3)));
    let url = server.url("/");
    let [error] = outcome.said("error").try_into().unwrap();
    assert!(
        error.starts_with(&format!("error: a.txt is incomplete: {url}: the body broke off after 5 bytes: ")),
        "{error}"
    );
    assert_eq!(desk.read("a.txt"), "begun");
    let shown = desk.rest(&["GET", &server.url("/")]);
    assert_eq!((shown.stdout.as_str(), shown.code), ("", Some(3)), "half a body is not shown");
}

#[test]
fn a_file_that_cannot_be_written_is_an_error() {
    let server = Server::always(Reply::new(200).body("hello"));
    let outcome = Desk::with_plugins(&[]).rest(&["GET", &server.url("/"), "-o", "gone/a.txt"]);
    assert_eq!(outcome.code, Some(5));
    assert_eq!(outcome.said("error"), ["error: cannot write gone/a.txt: No such file or directory (os error 2)"]);
}

#[test]
fn a_file_is_not_touched_by_tries_that_are_followed_by_another() {
    let server = Server::start(|_, before| match before {
        0 => Reply::new(503).body("busy, and longer"),
        _ => Reply::new(200).body("hello"),
    });
    let desk = Desk::with_plugins(&["retry"]);
    desk.write("retry", "delay-ms = 1");
    assert_eq!(desk.rest(&["GET", &server.url("/"), "-o", "a.txt", "--config=retry=retry"]).code, Some(0));
    assert_eq!(desk.read("a.txt"), "hello");
}
