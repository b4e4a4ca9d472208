//! Plugins that wait, and requests that run at the same time.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::server::{Reply, Server, nobody_listens};
use crate::support::{Desk, Outcome};

/// Runs the client on a single thread, so that one that is blocked blocks everything.
fn on_one_thread(desk: &Desk, arguments: &[&str]) -> Outcome {
    let mut command = desk.rest_command(&[arguments, &["--plugins=plugins", "--max-wait=30"]].concat());
    command.env("TOKIO_WORKER_THREADS", "1");
    Outcome::of(command)
}

/// The paths of the requests, in the order in which they came.
fn paths(server: &Server) -> Vec<String> {
    server.seen().into_iter().map(|seen| seen.path).collect()
}

#[test]
fn two_requests_are_in_one_plugin_at_the_same_time() {
    let server = Server::start(|seen, _| Reply::new(200).body(seen.path.clone()));
    let desk = Desk::with_plugins(&["rest-rude"]);
    // Each request waits in the plugin for the other one.
    desk.write("rude", "meet");
    let outcome = on_one_thread(&desk, &["GET", &server.url("/a"), &server.url("/b"), "--config=rest-rude=rude"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("/a/b", Some(0)), "{}", outcome.stderr);
    let alone = desk.rest(&["GET", &server.url("/c"), "--config=rest-rude=rude", "--max-wait=0.3"]);
    assert_eq!(alone.code, Some(4), "a request does not meet itself");
}

#[test]
fn a_plugin_that_waits_does_not_hold_up_another() {
    let server = Server::always(Reply::new(200));
    let desk = Desk::with_plugins(&["rest-rude", "timing"]);
    // The first request waits in the plugin until the second one has come back through both plugins.
    desk.write("rude", "hold");
    let outcome = on_one_thread(&desk, &["GET", &server.url("/held"), &server.url("/free"), "--config=rest-rude=rude"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert_eq!(paths(&server), ["/free", "/held"]);
    assert_eq!(outcome.said("timing: try 1").len(), 2);
}

#[test]
fn retry_waits_without_a_thread() {
    // The first request for it, whichever path is asked for first.
    let is_busy = AtomicBool::new(true);
    let server = Server::start(move |seen, _| match seen.path.as_str() {
        "/busy" if is_busy.swap(false, Ordering::Relaxed) => Reply::new(503).header("retry-after", "1"),
        "/3" | "/busy" => Reply::new(200).body(seen.path.clone()),
        "/2" => Reply::redirect(302, "/3"),
        "/1" => Reply::redirect(302, "/2"),
        _ => Reply::redirect(302, "/1"),
    });
    let desk = Desk::with_plugins(&["retry"]);
    let outcome = on_one_thread(&desk, &["GET", &server.url("/busy"), &server.url("/free")]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("/busy/3", Some(0)), "{}", outcome.stderr);
    let paths = paths(&server);
    assert_eq!(paths.len(), 6);
    assert_eq!(paths.last().unwrap(), "/busy", "the other request has gone its whole way during the wait: {paths:?}");
}

#[test]
fn a_panic_after_an_await_is_named_and_ends_only_what_needs_the_plugin() {
    let server = Server::always(Reply::new(200));
    let desk = Desk::with_plugins(&["rest-rude", "timing"]);
    desk.write("rude", "panic in pre_send");
    let outcome = desk.rest(&["GET", &server.url("/a"), &server.url("/b"), "--config=rest-rude=rude"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("", Some(4)));
    let errors = outcome.said("error: the request is not sent: ");
    assert_eq!(errors.len(), 2, "{}", outcome.stderr);
    let is_named = |error: &&str| error.contains("plugin rest-rude 0.1.0 panicked in Future::poll at ");
    assert!(errors.iter().all(|error| is_named(error) && error.contains("no manners")), "{errors:?}");
    assert!(server.seen().is_empty());
    assert!(outcome.said("rest-rude").is_empty(), "a plugin that has panicked is not called again");
}

#[test]
fn one_request_that_fails_leaves_the_others() {
    let server = Server::start(|seen, _| match seen.path.as_str() {
        "/gone" => Reply::new(404).body("none\n"),
        _ => Reply::new(200).body("hello\n"),
    });
    let nobody = "http://localhost:1/";
    let desk = Desk::with_plugins(&[]);
    let outcome = desk.rest(&["GET", &server.url("/gone"), nobody, &server.url("/")]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("none\nhello\n", Some(3)), "{}", outcome.stderr);
    let expected = [
        "error: the server has answered 404 Not Found".to_owned(),
        format!("error: GET {nobody}: {}", nobody_listens()),
    ];
    assert_eq!(outcome.said("error"), expected);
    let outcome = desk.rest(&["GET", &server.url("/"), &server.url("/"), "-oa.txt"]);
    assert_eq!(outcome.code, Some(2));
    assert_eq!(outcome.said("error"), ["error: --output saves the body of one URL, and there are 2"]);
}
