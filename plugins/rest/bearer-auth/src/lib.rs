//! Authorizes requests with a bearer token (RFC 6750).
//!
//! The configuration has a `token`, and may have `host` lines: then the token is sent only to those hosts. The plugin
//! is in the last stage before the server, so no earlier plugin sees the token, and the client never shows it. If a
//! request already has an authorization, the plugin does not change it. A token in plain HTTP can be read on the way,
//! so the plugin refuses to send it, except to this machine or if the configuration says `plain-http = true`. Without a
//! configuration, the plugin does nothing.

use plugbox::{Context, Error};
use rest_api::{Console, Header, Plugin, Request, Settings, Stage};
use url::{Host, Url};

/// Without `Debug`, so that nothing prints the token by accident.
struct BearerAuth(Option<Grant>);

struct Grant {
    token: String,
    /// If empty, the token is for all hosts.
    hosts: Vec<String>,
    plain_http: bool,
}

impl BearerAuth {
    fn new(context: Context<'_>) -> Result<Self, Error> {
        Self::from_config(context.config())
    }

    fn from_config(config: &str) -> Result<Self, Error> {
        if config.is_empty() {
            return Ok(Self(None));
        }
        let settings = Settings::parse(config, &["token", "host", "plain-http"])?;
        let token: Option<String> = settings.value("token", "text")?;
        let token = token.ok_or_else(|| Error::new("the configuration has no `token`"))?;
        if !is_token(&token) {
            return Err(Error::new("the `token` of the configuration must consist of A-Z a-z 0-9 - . _ ~ + / ="));
        }
        let hosts = settings.values("host").map(str::to_owned).collect();
        let plain_http = settings.value("plain-http", "true or false")?.unwrap_or(false);
        Ok(Self(Some(Grant { token, hosts, plain_http })))
    }
}

fn is_token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    !body.is_empty() && body.chars().all(|c| c.is_ascii_alphanumeric() || "-._~+/".contains(c))
}

impl Grant {
    fn is_for(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        self.hosts.is_empty() || self.hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(host))
    }

    /// Whether nobody on the way can read the token (RFC 6750, 5.3), or the user accepts that.
    fn is_safe_with(&self, url: &Url) -> bool {
        self.plain_http || url.scheme() == "https" || is_loopback(url)
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[plugbox::async_impl]
impl Plugin for BearerAuth {
    fn stage(&self) -> Stage {
        Stage::Authorize
    }

    async fn pre_send(&self, request: &mut Request, _console: &mut dyn Console) -> Result<(), Error> {
        let Some(grant) = &self.0 else { return Ok(()) };
        let url = Url::parse(&request.url)?;
        if request.headers.get("Authorization").is_some() {
            log::debug!("the request already has an authorization");
        } else if !grant.is_for(&url) {
            log::debug!("the token is not for {}", url.host_str().unwrap_or_default());
        } else if !grant.is_safe_with(&url) {
            return Err(Error::new("the token would be sent over plain HTTP: use https, or set `plain-http = true`"));
        } else {
            request.headers.set(Header::sensitive("Authorization", format!("Bearer {}", grant.token)));
        }
        Ok(())
    }
}

plugbox::export!(BearerAuth::new as dyn Plugin);

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    fn authorization(config: &str, url: &str) -> Option<String> {
        let mut request = Request::new("GET", url);
        block_on(BearerAuth::from_config(config).unwrap().pre_send(&mut request, &mut Vec::new())).unwrap();
        assert!(!format!("{request:?}").contains("s3cret"));
        request.headers.get("authorization").map(str::to_owned)
    }

    #[test]
    fn the_token_is_for_the_hosts_that_are_named() {
        let here = "https://api.example/x";
        assert_eq!(authorization("token = s3cret==", here).as_deref(), Some("Bearer s3cret=="));
        assert_eq!(authorization("token=s3cret\nhost=API.example", here).as_deref(), Some("Bearer s3cret"));
        assert_eq!(authorization("token=s3cret\nhost=api.example", "https://api.example.evil/"), None);
        assert_eq!(authorization("token=s3cret\nhost=api.example", "https://api.example@evil/"), None);
        assert_eq!(authorization("", here), None);
    }

    #[test]
    fn the_token_does_not_go_over_plain_http_to_another_machine() {
        let send = |config: &str, url: &str| {
            let mut request = Request::new("GET", url);
            let sent = block_on(BearerAuth::from_config(config).unwrap().pre_send(&mut request, &mut Vec::new()));
            sent.map(|()| request.headers.get("Authorization").is_some()).map_err(|error| error.to_string())
        };
        let refused = "the token would be sent over plain HTTP: use https, or set `plain-http = true`".to_owned();
        for url in ["http://api.example/", "http://localhost.example/", "http://10.0.0.1/", "http://[2001:db8::1]/"] {
            assert_eq!(send("token = s3cret", url), Err(refused.clone()), "{url}");
            assert_eq!(send("token = s3cret\nplain-http = true", url), Ok(true), "{url}");
            assert_eq!(send("token = s3cret\nhost = other.example", url), Ok(false), "{url}");
        }
        for url in ["https://api.example/", "http://localhost:80/", "http://127.0.0.2/", "http://[::1]/"] {
            assert_eq!(send("token = s3cret", url), Ok(true), "{url}");
        }
    }

    #[test]
    fn an_authorization_of_the_request_stays() {
        let mut request = Request::new("GET", "http://localhost/");
        request.headers.set(Header::sensitive("authorization", "Basic eDp5"));
        let plugin = BearerAuth::from_config("token = s3cret").unwrap();
        block_on(plugin.pre_send(&mut request, &mut Vec::new())).unwrap();
        assert_eq!(request.headers.0, [Header::sensitive("authorization", "Basic eDp5")]);
    }

    #[test]
    fn a_configuration_without_a_proper_token_is_refused_and_not_quoted() {
        for config in ["# s3cret", "s3cret", "s3cret=", "tokn = s3cret", "token =", "token = s3 cret", "token = ="] {
            let error = BearerAuth::from_config(config).err().unwrap();
            assert!(!format!("{error:#}").contains("s3"), "{config}: {error:#}");
        }
    }
}
