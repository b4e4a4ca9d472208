//! TLS: which authorities are trusted.

use crate::server::{Reply, Server};
use crate::support::Desk;

#[test]
fn an_unknown_authority_is_not_trusted() {
    let (server, _) = Server::over_tls(|_, _| Reply::new(200));
    let outcome = Desk::with_plugins(&[]).rest(&["GET", &server.url("/")]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("", Some(3)));
    let [error] = outcome.said("error").try_into().unwrap();
    let url = server.url("/");
    let expected = format!("error: GET {url}: the server's certificate is from an unknown authority; see --cacert: ");
    assert!(error.starts_with(&expected), "{error}");
    assert!(server.seen().is_empty(), "something was sent");
}

#[test]
fn an_authority_in_a_file_is_trusted() {
    let (server, authority) = Server::over_tls(|_, _| Reply::new(200).body("hello"));
    let desk = Desk::with_plugins(&[]);
    desk.write("ca.pem", authority);
    let outcome = desk.rest(&["GET", &server.url("/"), "--cacert", "ca.pem"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("hello", Some(0)), "{}", outcome.stderr);
}

#[test]
fn a_certificate_for_another_name_is_not_trusted() {
    let (server, authority) = Server::over_tls(|_, _| Reply::new(200));
    let desk = Desk::with_plugins(&[]);
    desk.write("ca.pem", authority);
    let outcome = desk.rest(&["GET", &server.url("/").replace("localhost", "127.0.0.1"), "--cacert=ca.pem"]);
    assert_eq!(outcome.code, Some(3));
    assert!(outcome.said("error")[0].contains("certificate not valid for name"), "{}", outcome.stderr);
    assert!(server.seen().is_empty());
}

#[test]
fn a_file_without_certificates_is_an_error() {
    let (server, _) = Server::over_tls(|_, _| Reply::new(200));
    let desk = Desk::with_plugins(&[]);
    desk.write("ca.pem", "nothing");
    let outcome = desk.rest(&["GET", &server.url("/"), "--cacert=ca.pem"]);
    assert_eq!((outcome.code, outcome.said("error")), (Some(5), vec!["error: ca.pem contains no certificate"]));
}

#[test]
fn a_redirect_goes_from_http_to_https() {
    let (secure, authority) = Server::over_tls(|_, _| Reply::new(200).body("safe"));
    let server = Server::always(Reply::redirect(308, secure.url("/")));
    let desk = Desk::with_plugins(&[]);
    desk.write("ca.pem", authority);
    let outcome = desk.rest(&["GET", &server.url("/"), "--cacert", "ca.pem"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("safe", Some(0)), "{}", outcome.stderr);
}
