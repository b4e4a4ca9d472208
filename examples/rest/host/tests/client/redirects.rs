//! Redirects.

use crate::server::{Reply, Server};
use crate::support::Desk;

#[test]
fn redirects_are_followed() {
    let server = Server::start(|seen, _| match seen.path.as_str() {
        "/a/b" => Reply::redirect(302, "../c"),
        "/c" => Reply::redirect(301, "/d?e"),
        _ => Reply::new(200).body("there"),
    });
    let outcome = Desk::with_plugins(&[]).rest(&["GET", &server.url("/a/b"), "-v"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("there", Some(0)), "{}", outcome.stderr);
    let sent = ["/a/b", "/c", "/d?e"].map(|path| format!("> GET {}", server.url(path)));
    assert_eq!(outcome.said("> GET"), sent, "each request is shown");
    assert_eq!(outcome.said("< 30"), ["< 302 Found", "< 301 Moved Permanently"]);
}

#[test]
fn a_307_sends_the_body_on_and_a_303_asks_for_the_result() {
    for (status, expected) in [(307, ("POST", "body")), (303, ("GET", ""))] {
        let server = Server::start(move |_, before| match before {
            0 => Reply::redirect(status, "/there"),
            _ => Reply::new(200),
        });
        let outcome = Desk::with_plugins(&[]).rest(&["POST", &server.url("/"), "-dbody"]);
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        let there = &server.seen()[1];
        assert_eq!((there.method.as_str(), there.body.as_str()), expected);
        assert_eq!(there.header("content-length").is_empty(), status == 303);
    }
}

#[test]
fn secrets_are_not_sent_on_to_another_server() {
    let other = Server::always(Reply::new(200));
    let to = other.url("/");
    let server = Server::start(move |seen, _| match seen.path.as_str() {
        "/" => Reply::redirect(302, "/again"),
        _ => Reply::redirect(302, &*to),
    });
    let desk = Desk::with_plugins(&["bearer-auth", "inject-header"]);
    desk.write("token", "token = s3cret");
    desk.write("headers", "secret = X-Key: s3cret\nheader = X-One: 1");
    let arguments = ["GET", &server.url("/"), "--config=bearer-auth=token", "--config=inject-header=headers"];
    let outcome = desk.rest(&[&arguments[..], &["-HCookie: s3cret"]].concat());
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    for seen in server.seen() {
        let secrets = [seen.header("authorization"), seen.header("x-key"), seen.header("cookie")].concat();
        assert_eq!(secrets, ["Bearer s3cret", "s3cret", "s3cret"], "they stay with their server");
    }
    let there = other.only();
    assert!(!format!("{there:?}").contains("s3cret"), "{there:?}");
    assert_eq!(there.header("x-one"), ["1"]);
}

#[test]
fn redirects_without_end_are_an_error() {
    let server = Server::always(Reply::redirect(302, "/"));
    let outcome = Desk::with_plugins(&[]).rest(&["GET", &server.url("/"), "--max-redirs", "3"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("", Some(3)));
    let expected = format!("error: {}: more than 3 redirects; see --max-redirs", server.url("/"));
    assert_eq!(outcome.said("error"), [expected]);
    assert_eq!(server.seen().len(), 4);
}

#[test]
fn with_no_redirects_the_first_is_shown() {
    let server = Server::always(Reply::redirect(302, "/").body("moved"));
    let outcome = Desk::with_plugins(&[]).rest(&["GET", &server.url("/"), "--max-redirs=0"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("moved", Some(0)));
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn a_redirect_leads_to_nothing_but_http() {
    let server = Server::always(Reply::redirect(302, "file:///etc/passwd"));
    let outcome = Desk::with_plugins(&[]).rest(&["GET", &server.url("/")]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("", Some(3)));
    let url = server.url("/");
    let expected = format!(
        "error: {url} redirects to a URL that this client does not support: the URL has the scheme `file`, expected \
         http or https"
    );
    assert_eq!(outcome.said("error"), [expected]);
}
