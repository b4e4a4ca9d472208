//! Only the server receives the token of `bearer-auth`.

use crate::server::{Reply, Server};
use crate::support::{Desk, Outcome};

/// A desk with a token, and with a plugin that prints everything that it sees.
fn desk() -> Desk {
    let desk = Desk::with_plugins(&["bearer-auth", "inject-header", "redact", "rest-rude", "retry", "timing"]);
    desk.write("token", "token = s3cret");
    desk.write("rude", "tell");
    desk.write("retry", "delay-ms = 1");
    desk
}

fn rest(desk: &Desk, arguments: &[&str]) -> Outcome {
    let configs = ["-vvvv", "--config=bearer-auth=token", "--config=rest-rude=rude", "--config=retry=retry"];
    let outcome = desk.rest(&[&configs, arguments].concat());
    for text in [&outcome.stdout, &outcome.stderr] {
        assert!(!text.contains("s3cret"), "{text}");
    }
    outcome
}

#[test]
fn the_token_is_shown_to_no_one_when_all_goes_well() {
    let (desk, server) = (desk(), Server::start(|_, before| Reply::new(if before == 0 { 503 } else { 200 })));
    let outcome = rest(&desk, &["GET", &server.url("/"), "-i"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(server.seen().iter().all(|seen| seen.header("authorization") == ["Bearer s3cret"]));
    assert_eq!(outcome.said("> Authorization"), ["> Authorization: [hidden]"; 2]);
    assert_eq!((outcome.said("rest-rude: before").len(), outcome.said("rest-rude: after").len()), (2, 2));
}

#[test]
fn the_token_is_shown_to_no_one_when_something_goes_wrong() {
    let desk = desk();
    let refused = rest(&desk, &["GET", "http://localhost:1/"]);
    assert_eq!(refused.code, Some(3));
    let server = Server::always(Reply::new(401).body("no"));
    assert_eq!(rest(&desk, &["GET", &server.url("/")]).code, Some(1));
    let silent = Server::always(Reply::new(200).then_falls_silent());
    assert_eq!(rest(&desk, &["GET", &silent.url("/"), "--timeout=0.3"]).code, Some(3));
    desk.write("rude", "panic in post_receive");
    assert_eq!(rest(&desk, &["GET", &server.url("/")]).code, Some(4));
    for config in ["s3cret", "s3cret=", "token = s3cret!", "token = s3cret\ntoken = s3cret"] {
        desk.write("token", config);
        assert_eq!(rest(&desk, &["GET", &server.url("/")]).code, Some(4), "{config}");
    }
}

#[test]
fn an_authorization_of_the_users_is_hidden_too() {
    let (desk, server) = (desk(), Server::always(Reply::new(200)));
    // Plugins do see it.
    desk.write("rude", "say nothing");
    let outcome = rest(&desk, &["GET", &server.url("/"), "-Hauthorization: Basic s3cret"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert_eq!(server.only().header("authorization"), ["Basic s3cret"]);
}
