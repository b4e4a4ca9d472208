//! `--output`: bodies that are saved in files.

use std::fs;

use sha2::{Digest, Sha256};

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
        error.starts_with(&format!("error: a.txt is incomplete or wrong: {url}: the body broke off after 5 bytes: ")),
        "{error}"
    );
    assert_eq!(desk.read("a.txt"), "begun");
    let shown = desk.rest(&["GET", &server.url("/")]);
    assert_eq!((shown.stdout.as_str(), shown.code), ("", Some(3)), "half a body is not shown");
}

#[test]
fn a_file_that_cannot_be_written_is_an_error() {
    let server = Server::always(Reply::new(200).body("hello"));
    let desk = Desk::with_plugins(&[]);
    let outcome = desk.rest(&["GET", &server.url("/"), "-o", "gone/a.txt"]);
    assert_eq!(outcome.code, Some(5));
    assert_eq!(outcome.said("error"), [format!("error: cannot write gone/a.txt: {}", desk.cannot_read("gone/a.txt"))]);
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

/// The output of `printf hello | sha256sum`.
const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

#[test]
fn a_saved_body_goes_through_a_plugin_piece_by_piece() {
    let server = Server::always(Reply::new(200).body("hello"));
    let desk = Desk::with_plugins(&["checksum", "timing"]);
    desk.write("sum", format!("sha256 = {HELLO}"));
    let arguments = ["GET", &server.url("/"), "-o", "a.txt", "--config=checksum=sum"];
    let outcome = desk.rest(&arguments);
    assert_eq!((outcome.code, &*desk.read("a.txt")), (Some(0), "hello"), "{}", outcome.stderr);
    let expected = "0".repeat(64);
    desk.write("sum", format!("sha256 = {expected}"));
    let outcome = desk.rest(&arguments);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("", Some(4)));
    let error = format!(
        "error: a.txt is incomplete or wrong: plugin checksum failed in pre_save: the body has the SHA-256 {HELLO}, \
         expected {expected}"
    );
    assert_eq!(outcome.said("error"), [error]);
}

#[test]
fn a_large_body_through_plugins_is_the_same() {
    let body: Vec<u8> = (0..3_000_000u32).map(|n| n as u8).collect();
    let server = Server::always(Reply::new(200).body(body.clone()));
    let desk = Desk::with_plugins(&["checksum", "rest-rude"]);
    desk.write("rude", "say nothing");
    let sum: String = Sha256::digest(&body).iter().map(|byte| format!("{byte:02x}")).collect();
    desk.write("sum", format!("sha256 = {sum}"));
    let configs = ["--config=checksum=sum", "--config=rest-rude=rude"];
    let outcome = desk.rest(&[&configs, &["GET", &*server.url("/"), "-o", "a.bin"][..]].concat());
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(fs::read(desk.path("a.bin")).unwrap() == body);
    assert_eq!(outcome.said("rest-rude"), ["rest-rude: farewell", "rest-rude: dropped: 1"], "the stream has ended");
}

#[test]
fn a_plugin_that_fails_or_panics_in_a_download_is_named() {
    let server = Server::always(Reply::new(200).body("hello"));
    let desk = Desk::with_plugins(&["checksum", "rest-rude"]);
    for (act, expected) in [
        ("fail", "plugin rest-rude failed in pre_save: will not: not in the mood"),
        ("panic", "plugin rest-rude 0.1.0 panicked in Stream::poll_next at "),
    ] {
        desk.write("rude", format!("{act} in pre_save"));
        desk.write("sum", format!("sha256 = {HELLO}"));
        // `checksum` passes on what `rest-rude` yields, and is not named.
        let configs = ["--config=checksum=sum", "--config=rest-rude=rude"];
        let outcome = desk.rest(&[&configs, &["GET", &*server.url("/"), "-o", "a.txt"][..]].concat());
        assert_eq!((outcome.stdout.as_str(), outcome.code), ("", Some(4)), "{act}");
        let [error] = outcome.said("error").try_into().unwrap();
        assert!(error.starts_with(&format!("error: a.txt is incomplete or wrong: {expected}")), "{error}");
    }
}

#[test]
fn a_plugin_cannot_hide_that_a_body_has_broken_off() {
    let server = Server::always(Reply::new(200).body("begun").then_breaks_off());
    let desk = Desk::with_plugins(&["rest-rude"]);
    for config in ["hush", "pass it on"] {
        desk.write("rude", config);
        let outcome = desk.rest(&["GET", &server.url("/"), "-o", "a.txt", "--config=rest-rude=rude"]);
        assert_eq!((outcome.code, &*desk.read("a.txt")), (Some(3), "begun"), "{config}");
        let expected = format!("{}: the body broke off after 5 bytes: ", server.url("/"));
        let [error] = outcome.said("error").try_into().unwrap();
        assert!(error.starts_with(&format!("error: a.txt is incomplete or wrong: {expected}")), "{error}");
    }
}

#[test]
fn the_timeout_of_a_download_drops_the_streams_of_plugins() {
    let begun = Server::always(Reply::new(200).body("begun").then_falls_silent());
    let whole = Server::always(Reply::new(200).body("hello"));
    let late = "the response was not complete after 1 s; see --timeout";
    let broken = format!("{}: the body broke off after 5 bytes: {late}", begun.url("/"));
    let desk = Desk::with_plugins(&["rest-rude"]);
    // Who waits is the server, or the plugin.
    for (server, config, saved, error) in
        [(&begun, "pass it on", "begun", &*broken), (&whole, "wait in pre_save", "", late)]
    {
        desk.write("rude", config);
        let arguments = ["GET", &server.url("/"), "-o", "a.txt", "--config=rest-rude=rude", "--timeout=1"];
        let outcome = desk.rest(&arguments);
        assert_eq!((outcome.code, &*desk.read("a.txt")), (Some(3), saved), "{}", outcome.stderr);
        assert_eq!(outcome.said("error"), [format!("error: a.txt is incomplete or wrong: {error}")]);
        assert_eq!(outcome.said("rest-rude"), ["rest-rude: farewell", "rest-rude: dropped: 1"]);
    }
}
