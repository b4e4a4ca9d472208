//! Methods, headers and bodies, and the shown parts of the response.

use std::io::Read;
use std::process::Stdio;

use crate::server::{Reply, Server};
use crate::support::{Desk, output};

#[test]
fn a_get_shows_the_body() {
    let server = Server::always(Reply::new(200).body("hello\n"));
    let outcome = Desk::with_plugins(&[]).rest(&["GET", &server.url("/a?b=c#d")]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("hello\n", Some(0)), "{}", outcome.stderr);
    let seen = server.only();
    assert_eq!((seen.method.as_str(), seen.path.as_str(), seen.body.as_str()), ("GET", "/a?b=c", ""));
    assert_eq!(seen.header("user-agent"), ["rest/0.1.0"]);
    assert!(seen.header("content-length").is_empty() && seen.header("transfer-encoding").is_empty());
}

#[test]
fn every_method_is_sent_with_headers_and_a_body() {
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "PROPFIND"] {
        let server = Server::always(Reply::new(204));
        let desk = Desk::with_plugins(&[]);
        let outcome = desk.rest(&["-HX-One: 1", "-HX-One: 2", "-d", "{\"a\": 1}", method, &server.url("/")]);
        assert_eq!((outcome.stdout.as_str(), outcome.code), ("", Some(0)), "{method}: {}", outcome.stderr);
        let seen = server.only();
        assert_eq!((seen.method.as_str(), seen.body.as_str()), (method, "{\"a\": 1}"));
        assert_eq!(seen.header("x-one"), ["1", "2"], "{method}");
        assert_eq!(seen.header("content-type"), ["application/json"], "{method}");
        assert_eq!(seen.header("content-length"), ["8"], "{method}");
    }
}

#[test]
fn a_post_without_a_body_says_that_it_is_empty() {
    let server = Server::always(Reply::new(200));
    assert_eq!(Desk::with_plugins(&[]).rest(&["post", &server.url("/")]).code, Some(0));
    let seen = server.only();
    assert_eq!((seen.method.as_str(), seen.header("content-length")), ("POST", vec!["0"]));
}

#[test]
fn a_body_comes_from_a_file() {
    let server = Server::always(Reply::new(200));
    let desk = Desk::with_plugins(&[]);
    desk.write("body.txt", "a=1\n");
    assert_eq!(desk.rest(&["PUT", &server.url("/"), "-d@body.txt"]).code, Some(0));
    assert_eq!(server.only().body, "a=1\n");
    let outcome = desk.rest(&["PUT", &server.url("/"), "-d@gone.txt"]);
    assert_eq!(outcome.code, Some(5));
    assert_eq!(outcome.said("error"), [format!("error: cannot read gone.txt: {}", desk.cannot_read("gone.txt"))]);
}

#[test]
fn json_is_shown_in_lines_and_in_its_order() {
    let server = Server::always(Reply::json(r#"{"z":1.10,"a":[1,{}]}"#));
    let desk = Desk::with_plugins(&[]);
    let lines = "{\n  \"z\": 1.10,\n  \"a\": [\n    1,\n    {}\n  ]\n}\n";
    assert_eq!(desk.rest(&["GET", &server.url("/")]).stdout, lines);
    assert_eq!(desk.rest(&["GET", &server.url("/"), "--raw"]).stdout, r#"{"z":1.10,"a":[1,{}]}"#);
}

#[test]
fn a_compressed_body_is_shown_as_what_it_was() {
    // The output of `gzip` for `{"a":1}` and a line break.
    let compressed = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\x4a\x54\xb2\x32\xac\xe5\x02\x00\x46\xa3\xe8\x74\x08\x00\x00\x00";
    let reply = Reply::json("").header("content-encoding", "gzip").body(compressed.as_slice());
    let server = Server::always(reply);
    let outcome = Desk::with_plugins(&[]).rest(&["GET", &server.url("/"), "--raw"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("{\"a\":1}\n", Some(0)), "{}", outcome.stderr);
    assert_eq!(server.only().header("accept-encoding"), ["gzip"]);
}

#[test]
fn a_head_shows_headers_and_waits_for_no_body() {
    let server = Server::always(Reply::new(200).header("content-length", "1000"));
    let outcome = Desk::with_plugins(&[]).rest(&["HEAD", &server.url("/"), "--include", "--timeout", "60"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(outcome.stdout.starts_with("200 OK\n"), "{}", outcome.stdout);
    assert!(outcome.stdout.lines().any(|line| line == "content-length: 1000"), "{}", outcome.stdout);
}

#[test]
fn include_shows_the_headers_of_the_response() {
    let server = Server::always(Reply::new(201).header("x-one", "1").body("made"));
    let outcome = Desk::with_plugins(&[]).rest(&["POST", &server.url("/"), "-i"]);
    let (head, body) = outcome.stdout.split_once("\n\n").unwrap();
    assert_eq!((head.lines().next(), body), (Some("201 Created"), "made"));
    assert!(head.lines().any(|line| line == "x-one: 1"), "{head}");
}

#[test]
fn a_status_of_400_and_above_is_an_exit_code_and_its_body_is_shown() {
    for (status, words) in [(400, "400 Bad Request"), (503, "503 Service Unavailable"), (599, "599")] {
        let server = Server::always(Reply::new(status).body("no"));
        let outcome = Desk::with_plugins(&[]).rest(&["GET", &server.url("/")]);
        assert_eq!((outcome.stdout.as_str(), outcome.code), ("no", Some(1)));
        assert_eq!(outcome.said("error"), [format!("error: the server has answered {words}")]);
    }
}

#[test]
fn arguments_that_make_no_sense_are_refused_and_nothing_is_sent() {
    let server = Server::always(Reply::new(200));
    let url = server.url("/");
    let desk = Desk::with_plugins(&[]);
    let with_user = url.replace("http://", "http://me:s3cret@");
    let wrong: [&[&str]; 6] = [
        &["GET"],
        &["GET", "localhost"],
        &["GET", &with_user],
        &["GET", &url, "-Hs3cret"],
        &["GET", &url, "--timeout=0"],
        &["GET", &url, "--config=retry"],
    ];
    for arguments in wrong {
        let outcome = desk.rest(arguments);
        assert_eq!((outcome.stdout.as_str(), outcome.code), ("", Some(2)), "{arguments:?}: {}", outcome.stderr);
        assert!(!outcome.stderr.contains("s3cret"), "{}", outcome.stderr);
    }
    assert!(server.seen().is_empty());
}

#[test]
fn a_reader_that_has_gone_is_no_error() {
    let server = Server::always(Reply::new(200).body(vec![b'x'; 1 << 20]));
    let desk = Desk::with_plugins(&[]);
    let mut client = desk.rest_command(&["GET", &server.url("/"), "--plugins", "plugins"]);
    let mut client = client.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A pipe holds less than the body.
    client.stdout.take().unwrap().read_exact(&mut [0; 10]).unwrap();
    let output = client.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(!String::from_utf8(output.stderr).unwrap().contains("error"));
}

#[test]
fn bytes_that_are_no_text_come_through() {
    let server = Server::always(Reply::new(200).body(vec![0xff, 0, 0xfe]));
    let desk = Desk::with_plugins(&[]);
    let output = output(&mut desk.rest_command(&["GET", &server.url("/"), "--plugins", "plugins"]));
    assert_eq!((output.stdout.as_slice(), output.status.code()), ([0xff, 0, 0xfe].as_slice(), Some(0)));
}

#[test]
fn quiet_says_nothing_but_problems() {
    let server = Server::always(Reply::json("{}"));
    let desk = Desk::with_plugins(&["timing"]);
    let loud = desk.rest(&["GET", &server.url("/")]);
    assert!(loud.stderr.contains("verdict") && !loud.said("timing: ").is_empty(), "{}", loud.stderr);
    let quiet = desk.rest(&["GET", &server.url("/"), "--quiet"]);
    assert_eq!((&quiet.stdout, &*quiet.stderr, quiet.code), (&loud.stdout, "", loud.code));
    let server = Server::always(Reply::new(404));
    let failed = desk.rest(&["GET", &server.url("/"), "-q"]);
    assert_eq!(failed.stderr, "error: the server has answered 404 Not Found\n");
    assert_eq!(desk.rest(&["GET", &server.url("/"), "-q", "-v"]).code, Some(2));
}
