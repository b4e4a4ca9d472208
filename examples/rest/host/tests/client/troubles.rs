//! Servers that do not answer, or not completely.

use std::net::TcpListener;
use std::thread::sleep;
use std::time::Duration;

use crate::server::{Reply, Server, nobody_listens};
use crate::support::Desk;

#[test]
fn a_server_that_is_not_there_is_an_error() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}/");
    let outcome = Desk::with_plugins(&["timing"]).rest(&["GET", &url]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("", Some(3)));
    assert_eq!(outcome.said("error"), [format!("error: GET {url}: {}", nobody_listens())]);
}

#[test]
fn a_server_that_says_nothing_is_not_waited_for() {
    // It listens, but accepts no connection.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let outcome = Desk::with_plugins(&[]).rest(&["GET", &url, "--timeout", "0.3"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("", Some(3)));
    let expected = format!("error: GET {url}: the response was not complete after 0.3 s; see --timeout");
    assert_eq!(outcome.said("error"), [expected]);
}

#[test]
fn redirects_do_not_get_around_the_timeout() {
    let server = Server::start(|_, _| {
        sleep(Duration::from_millis(100));
        Reply::redirect(302, "/")
    });
    let outcome = Desk::with_plugins(&[]).rest(&["GET", &server.url("/"), "--timeout", "0.3", "--max-redirs", "30"]);
    assert_eq!(outcome.code, Some(3));
    let expected = format!("error: GET {}: the response was not complete after 0.3 s; see --timeout", server.url("/"));
    assert_eq!(outcome.said("error"), [expected]);
}

#[test]
fn a_body_that_stops_coming_is_not_waited_for() {
    let server = Server::always(Reply::new(200).body("begun").then_falls_silent());
    let outcome = Desk::with_plugins(&[]).rest(&["GET", &server.url("/"), "--timeout", "3"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("", Some(3)));
    let url = server.url("/");
    let expected = format!(
        "error: {url}: the body broke off after 5 bytes: the response was not complete after 3 s; see --timeout"
    );
    assert_eq!(outcome.said("error"), [expected]);
}

#[test]
fn a_body_without_end_is_not_kept_in_memory() {
    let server = Server::always(Reply::new(200).body(vec![b'x'; (64 << 20) + 1]));
    let outcome = Desk::with_plugins(&[]).rest(&["GET", &server.url("/")]);
    assert_eq!((outcome.stdout.len(), outcome.code), (0, Some(3)));
    let url = server.url("/");
    let expected = format!("error: {url}: the body is longer than 67108864 bytes; save it with --output FILE");
    assert_eq!(outcome.said("error"), [expected]);
}
