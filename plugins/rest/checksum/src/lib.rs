//! Checks a body while it is saved.
//!
//! The configuration has one line, `sha256 = ...`, with 64 hexadecimal digits. If the body has a different SHA-256, the
//! download fails at its end. Without a configuration, the plugin does nothing.

use std::pin::Pin;
use std::task::{Poll, ready};

use futures_core::Stream;
use plugbox::{Context, Error};
use rest_api::{BodyStream, Plugin, Response, Save, Settings};
use sha2::{Digest, Sha256};

/// The expected SHA-256, in lower case.
struct Checksum(Option<String>);

impl Checksum {
    fn new(context: Context<'_>) -> Result<Self, Error> {
        let settings = Settings::parse(context.config(), &["sha256"])?;
        let expected: Option<String> = settings.value("sha256", "text")?;
        let expected = expected.map(|text| text.to_ascii_lowercase());
        let is_sum = |text: &String| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !expected.iter().all(is_sum) {
            return Err(Error::new("the `sha256` of the configuration must have 64 hexadecimal digits"));
        }
        Ok(Self(expected))
    }
}

impl Plugin for Checksum {}

impl Save for Checksum {
    fn pre_save<'a>(&'a self, _response: &Response, body: BodyStream<'a>) -> BodyStream<'a> {
        match &self.0 {
            Some(expected) => Box::pin(Checked { body, hash: Sha256::new(), expected, has_ended: false }),
            None => body,
        }
    }
}

/// A body that passes through unchanged, and ends with an error if it is not the expected one.
struct Checked<'a> {
    body: BodyStream<'a>,
    hash: Sha256,
    expected: &'a str,
    has_ended: bool,
}

impl Stream for Checked<'_> {
    type Item = Result<Vec<u8>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut std::task::Context<'_>) -> Poll<Option<Self::Item>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        let piece = ready!(self.body.as_mut().poll_next(context));
        if let Some(Ok(bytes)) = &piece {
            self.hash.update(bytes);
            return Poll::Ready(piece);
        }
        self.has_ended = true;
        let found = format!("{:x}", self.hash.finalize_reset());
        if piece.is_none() && found != self.expected {
            let error = format!("the body has the SHA-256 {found}, expected {}", self.expected);
            return Poll::Ready(Some(Err(Error::new(error))));
        }
        Poll::Ready(piece)
    }
}

plugbox::export!(Checksum::new as dyn Plugin + dyn Save);

#[cfg(test)]
mod tests {
    use futures::StreamExt;
    use futures::executor::block_on;
    use futures::stream;
    use plugbox::TestContext;

    use super::*;

    /// The output of `printf hello | sha256sum`.
    const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    fn plugin(config: &str) -> Result<Checksum, Error> {
        Checksum::new(TestContext::new().config(config).context())
    }

    /// The saved pieces, with an error as its text.
    fn saved(config: &str, pieces: &[&str]) -> Vec<String> {
        let body = Box::pin(stream::iter(pieces.iter().map(|piece| Ok(piece.as_bytes().to_vec()))));
        let (plugin, response) = (plugin(config).unwrap(), Response::new(200, "http://localhost/"));
        let text = |piece: Result<Vec<u8>, Error>| match piece {
            Ok(bytes) => String::from_utf8(bytes).unwrap(),
            Err(error) => error.to_string(),
        };
        block_on(plugin.pre_save(&response, body).map(text).collect())
    }

    #[test]
    fn the_expected_body_passes_in_its_pieces() {
        assert_eq!(saved(&format!("sha256 = {HELLO}"), &["he", "llo"]), ["he", "llo"]);
        assert_eq!(saved(&format!("sha256 = {}", HELLO.to_uppercase()), &["hello"]), ["hello"]);
        assert_eq!(saved("", &["anything"]), ["anything"]);
    }

    #[test]
    fn another_body_ends_with_an_error() {
        let expected = format!("the body has the SHA-256 {HELLO}, expected {}", "0".repeat(64));
        assert_eq!(saved(&format!("sha256 = {}", "0".repeat(64)), &["hello"]), ["hello".to_owned(), expected]);
    }

    #[test]
    fn a_configuration_without_a_proper_sum_is_refused() {
        for config in ["sha256 = abc", &format!("sha256 = {}", "g".repeat(64)), "sha512 = abc"] {
            assert!(plugin(config).is_err(), "{config}");
        }
    }
}
