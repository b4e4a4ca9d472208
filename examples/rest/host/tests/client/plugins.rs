//! Plugins that change requests and responses, and requests whose plugin fails.

use crate::server::{Reply, Server};
use crate::support::{Desk, can_compile};

#[test]
fn the_sample_plugins_are_built_and_work_together() {
    if !can_compile() {
        return;
    }
    let server = Server::always(Reply::json(r#"{"a":1}"#));
    let desk = Desk::with_plugins(&[]);
    let outcome = desk.rest_with_samples(&["GET", &server.url("/")]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("{\n  \"a\": 1\n}\n", Some(0)), "{}", outcome.stderr);
    for plugin in ["bearer-auth", "checksum", "inject-header", "redact", "retry", "timing"] {
        assert_eq!(outcome.row(plugin).last(), Some(&"loaded"), "{plugin} in\n{}", outcome.stderr);
    }
}

#[test]
fn requests_go_through_the_plugins_by_name_and_responses_come_back() {
    let server = Server::always(Reply::new(200));
    let desk = Desk::with_plugins(&["timing", "rest-rude", "inject-header", "bearer-auth"]);
    desk.write("headers", "header = X-One: 1");
    desk.write("token", "token = s3cret");
    desk.write("rude", "tell");
    let configs = ["--config=inject-header=headers", "--config=bearer-auth=token", "--config=rest-rude=rude"];
    let outcome = desk.rest(&[&configs, &["GET", &*server.url("/"), "-HX-Mine: 2"][..]].concat());
    let said = outcome.stderr.lines().filter(|line| line.starts_with("rest-rude") || line.starts_with("timing"));
    let said: Vec<&str> = said.map(|line| line.split(" after ").next().unwrap().trim_end()).collect();
    let expected = [
        // After `inject-header`, before the stage of `bearer-auth`.
        "rest-rude: before: X-Mine: 2 X-One: 1",
        "timing: try 1: 200",
        // The request that the user wrote.
        "rest-rude: after: X-Mine: 2",
        "rest-rude: farewell",
    ];
    assert_eq!(said, expected, "{}", outcome.stderr);
}

#[test]
fn what_plugins_log_is_shown_to_who_asks_for_it() {
    let server = Server::always(Reply::new(200));
    let desk = Desk::with_plugins(&["bearer-auth", "retry"]);
    desk.write("token", "token = s3cret\nhost = elsewhere.example");
    let logged = |verbose: &str| {
        let outcome = desk.rest(&["GET", &server.url("/"), verbose, "--config=bearer-auth=token"]);
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        let lines = outcome.stderr.lines().filter(|line| {
            line.starts_with("DEBUG") && line.contains(" plugin=\"") && !line.starts_with("DEBUG plugbox_loader")
        });
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(logged("-vv").is_empty());
    let expected = [
        r#"DEBUG bearer_auth: the token is not for localhost plugin="bearer-auth""#,
        r#"DEBUG retry: asked attempt=1 status=200 applies=false plugin="retry""#,
    ];
    assert_eq!(logged("-vvv"), expected);
}

#[test]
fn inject_header_adds_headers_and_leaves_those_of_the_user() {
    let server = Server::always(Reply::new(200));
    let desk = Desk::with_plugins(&["inject-header"]);
    desk.write("headers", "header = X-One: one\nheader = X-Two: two\n");
    let arguments = ["GET", &server.url("/"), "-Hx-two: mine", "--config=inject-header=headers"];
    assert_eq!(desk.rest(&arguments).code, Some(0));
    let seen = server.only();
    assert_eq!([seen.header("x-one"), seen.header("x-two")].concat(), ["one", "mine"]);
}

#[test]
fn bearer_auth_authorizes_requests() {
    let server = Server::start(|seen, _| match seen.header("authorization").as_slice() {
        ["Bearer s3cret"] => Reply::new(200),
        _ => Reply::new(401),
    });
    let desk = Desk::with_plugins(&["bearer-auth"]);
    desk.write("token", "token = s3cret");
    assert_eq!(desk.rest(&["GET", &server.url("/"), "--config=bearer-auth=token"]).code, Some(0));
    assert_eq!(desk.rest(&["GET", &server.url("/")]).code, Some(1));
    desk.write("token", "token = s3cret\nhost = elsewhere.example");
    assert_eq!(desk.rest(&["GET", &server.url("/"), "--config=bearer-auth=token"]).code, Some(1));
}

#[test]
fn timing_tells_each_try_on_a_line_of_its_own() {
    let server = Server::start(|_, before| Reply::new(if before < 1 { 503 } else { 200 }));
    let desk = Desk::with_plugins(&["retry", "timing"]);
    desk.write("retry", "delay-ms = 1");
    let outcome = desk.rest(&["GET", &server.url("/"), "--config=retry=retry"]);
    let said = outcome.said("timing: ");
    let beginnings = ["timing: try 1: 503 after ", "timing: try 2: 200 after ", "timing: 2 tries: "];
    assert_eq!(said.len(), 3, "{}", outcome.stderr);
    assert!(said.iter().zip(beginnings).all(|(line, beginning)| line.starts_with(beginning)), "{said:?}");
    assert_eq!(outcome.stdout, "", "messages go to standard error");
}

#[test]
fn retry_sends_again_until_the_server_can_answer() {
    let server = Server::start(|_, before| match before {
        0 | 1 => Reply::new(500).body("broken"),
        _ => Reply::new(200).body("mended"),
    });
    let desk = Desk::with_plugins(&["retry", "inject-header"]);
    desk.write("retry", "delay-ms = 1");
    desk.write("headers", "header = X-One: 1");
    let arguments = ["PUT", &server.url("/"), "-dbody", "--config=retry=retry", "--config=inject-header=headers"];
    let outcome = desk.rest(&arguments);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("mended", Some(0)), "{}", outcome.stderr);
    assert_eq!(outcome.said("retry"), ["retry: status 500: next try in 1 ms", "retry: status 500: next try in 2 ms"]);
    let seen = server.seen();
    assert_eq!(seen.len(), 3);
    for seen in seen {
        assert_eq!((seen.body.as_str(), seen.header("x-one")), ("body", vec!["1"]), "each try is the same request");
    }
}

#[test]
fn retry_gives_up() {
    let server = Server::always(Reply::new(502).body("broken"));
    let desk = Desk::with_plugins(&["retry"]);
    desk.write("retry", "tries = 4\ndelay-ms = 1");
    let outcome = desk.rest(&["GET", &server.url("/"), "--config=retry=retry"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("broken", Some(1)));
    assert_eq!(outcome.said("retry").last(), Some(&"retry: status 502 after 4 tries: giving up"));
    assert_eq!(server.seen().len(), 4);
}

#[test]
fn retry_waits_as_long_as_the_server_says() {
    let server = Server::start(|_, before| match before {
        0 => Reply::new(429).header("retry-after", "1"),
        _ => Reply::new(200),
    });
    let desk = Desk::with_plugins(&["retry"]);
    desk.write("retry", "delay-ms = 1");
    let outcome = desk.rest(&["GET", &server.url("/"), "--config=retry=retry"]);
    assert_eq!((outcome.code, outcome.said("retry")), (Some(0), vec!["retry: status 429: next try in 1000 ms"]));
}

#[test]
fn the_client_bounds_the_tries_whatever_a_plugin_wants() {
    let server = Server::always(Reply::new(200).body("enough"));
    let desk = Desk::with_plugins(&["rest-rude"]);
    desk.write("rude", "insist");
    let outcome = desk.rest(&["GET", &server.url("/"), "--config=rest-rude=rude"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("enough", Some(0)));
    assert_eq!(outcome.said("warning"), ["warning: a plugin requests another try; this client makes at most 10"]);
    assert_eq!(server.seen().len(), 10);
}

#[test]
fn the_client_bounds_the_wait_whatever_a_plugin_wants() {
    for (place, seen, what) in
        [("pre_send", 0, "the request is not sent"), ("post_receive", 1, "the response is not shown")]
    {
        let server = Server::always(Reply::new(200).body("enough"));
        let desk = Desk::with_plugins(&["rest-rude"]);
        desk.write("rude", format!("wait in {place}"));
        let outcome = desk.rest(&["GET", &server.url("/"), "--config=rest-rude=rude", "--max-wait=0.3"]);
        assert_eq!((outcome.stdout.as_str(), outcome.code), ("", Some(4)));
        let expected =
            format!("error: {what}: plugin rest-rude is still waiting in {place} after 0.3 s; see --max-wait");
        assert_eq!(outcome.said("error"), [expected]);
        // The plugin's future is dropped before the plugin is told of the end.
        assert_eq!(outcome.said("rest-rude"), ["rest-rude: waits", "rest-rude: farewell", "rest-rude: dropped: 1"]);
        assert_eq!(server.seen().len(), seen);
    }
}

#[test]
fn redact_hides_fields_and_headers_in_all_that_is_shown() {
    let reply = Reply::json(r#"{"user":{"Password":"s3cret","name":"me"}}"#).header("set-cookie", "s3cret");
    let server = Server::always(reply);
    let desk = Desk::with_plugins(&["redact", "inject-header"]);
    desk.write("redact", "field = password\nheader = Set-Cookie\nheader = X-Key");
    desk.write("headers", "header = X-Key: s3cret");
    let arguments = ["GET", &server.url("/"), "-v", "-i", "--config=redact=redact", "--config=inject-header=headers"];
    let outcome = desk.rest(&arguments);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let body = "{\n  \"user\": {\n    \"Password\": \"[hidden]\",\n    \"name\": \"me\"\n  }\n}\n";
    assert!(outcome.stdout.ends_with(body), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("set-cookie: [hidden]\n"), "{}", outcome.stdout);
    assert_eq!(outcome.said("> X-Key"), ["> X-Key: [hidden]"]);
    assert_eq!(outcome.said("< set-cookie"), ["< set-cookie: [hidden]"]);
    assert!(!outcome.stdout.contains("s3cret") && !outcome.stderr.contains("s3cret"));
    assert_eq!(server.only().header("x-key"), ["s3cret"], "what is sent stays as it is");
}

#[test]
fn redact_shows_nothing_where_it_cannot_tell_what_to_hide() {
    let server = Server::always(Reply::json(r#"{"password":"s3cret""#));
    let desk = Desk::with_plugins(&["redact"]);
    desk.write("redact", "field = password");
    let outcome = desk.rest(&["GET", &server.url("/"), "--config=redact=redact"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("", Some(4)));
    assert!(!outcome.stderr.contains("s3cret"), "{}", outcome.stderr);
}

#[test]
fn nothing_is_sent_where_a_plugin_fails_or_panics_before() {
    for place in ["constructor", "on_plugin_load", "pre_send"] {
        for act in ["fail", "panic"] {
            let server = Server::always(Reply::new(200));
            let desk = Desk::with_plugins(&["rest-rude", "timing"]);
            desk.write("rude", format!("{act} in {place}"));
            let outcome = desk.rest(&["GET", &server.url("/"), "--config=rest-rude=rude"]);
            assert_eq!((outcome.stdout.as_str(), outcome.code), ("", Some(4)), "{act} in {place}");
            assert!(server.seen().is_empty(), "{act} in {place}: {:?}", server.seen());
            let words = if act == "fail" { "not in the mood" } else { "no manners" };
            let told = outcome.stderr.lines().any(|line| line.contains("plugin rest-rude") && line.contains(words));
            assert!(told, "{act} in {place}: {}", outcome.stderr);
        }
    }
}

#[test]
fn nothing_is_shown_where_a_plugin_fails_or_panics_after() {
    for place in ["post_receive", "pre_show"] {
        for act in ["fail", "panic"] {
            let server = Server::always(Reply::new(200).body("hello"));
            let desk = Desk::with_plugins(&["rest-rude"]);
            desk.write("rude", format!("{act} in {place}"));
            let outcome = desk.rest(&["GET", &server.url("/"), "--config=rest-rude=rude"]);
            assert_eq!((outcome.stdout.as_str(), outcome.code), ("", Some(4)), "{act} in {place}");
            assert_eq!(server.seen().len(), 1, "{act} in {place}");
            assert_eq!(outcome.said("error").len(), 1, "{act} in {place}: {}", outcome.stderr);
        }
    }
}

#[test]
fn a_plugin_that_panics_at_the_end_is_told_and_what_was_shown_stays() {
    let server = Server::always(Reply::new(200).body("hello"));
    let desk = Desk::with_plugins(&["rest-rude"]);
    desk.write("rude", "panic in on_plugin_unload");
    let outcome = desk.rest(&["GET", &server.url("/"), "--config=rest-rude=rude"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("hello", Some(4)));
    assert_eq!(
        outcome.said("error: plugin rest-rude 0.1.0 panicked in Plugin::on_plugin_unload").len(),
        1,
        "{}",
        outcome.stderr
    );
}

#[test]
fn plugins_are_told_of_the_end_whatever_happens() {
    let server = Server::always(Reply::redirect(302, "file:///"));
    let desk = Desk::with_plugins(&["rest-rude"]);
    let ends = [("GET", server.url("/"), 3), ("GET", "http://localhost:1/".to_owned(), 3)];
    for (method, url, code) in ends {
        let outcome = desk.rest(&[method, &url]);
        assert_eq!((outcome.code, outcome.said("rest-rude")), (Some(code), vec!["rest-rude: farewell"]));
    }
}

#[test]
fn a_request_that_a_plugin_has_garbled_is_not_sent() {
    let server = Server::always(Reply::new(200));
    let desk = Desk::with_plugins(&["rest-rude"]);
    desk.write("rude", "garble");
    let outcome = desk.rest(&["GET", &server.url("/"), "--config=rest-rude=rude"]);
    assert_eq!(outcome.code, Some(4));
    let expected = "error: the request is not sent: plugin rest-rude made a request that cannot be sent: `no name` \
                    is not a header name: invalid HTTP header name";
    assert_eq!(outcome.said("error"), [expected]);
    assert!(server.seen().is_empty());
}

#[test]
fn nothing_is_sent_where_a_library_is_refused() {
    let server = Server::always(Reply::new(200));
    let outcome = Desk::with_plugins(&["hello", "timing"]).rest(&["GET", &server.url("/")]);
    assert_eq!(outcome.code, Some(4));
    assert_eq!(outcome.row("hello").last(), Some(&"refused: interface-missing"));
    assert_eq!(outcome.row("timing").last(), Some(&"loaded"));
    let expected = "error: not all plugins could be loaded, see above; nothing was sent";
    assert_eq!(outcome.said("error"), [expected]);
    assert!(server.seen().is_empty());
}

#[test]
fn nothing_is_sent_where_a_configuration_is_nobodys_or_empty() {
    let server = Server::always(Reply::new(200));
    let desk = Desk::with_plugins(&["bearer-auth"]);
    desk.write("token", "token = s3cret");
    let outcome = desk.rest(&["GET", &server.url("/"), "--config=baerer-auth=token"]);
    assert_eq!(outcome.code, Some(2));
    assert_eq!(outcome.said("error"), ["error: there is no plugin `baerer-auth` to configure"]);
    desk.write("token", "\n");
    let outcome = desk.rest(&["GET", &server.url("/"), "--config=bearer-auth=token"]);
    assert_eq!(outcome.code, Some(5));
    assert_eq!(outcome.said("error"), ["error: token, the configuration of bearer-auth, is empty"]);
    assert!(server.seen().is_empty());
}
