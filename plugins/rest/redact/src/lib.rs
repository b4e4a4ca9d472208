//! Hides values in shown messages.
//!
//! The configuration has `field` lines, each with the name of a JSON field whose values are hidden anywhere in a body,
//! and `header` lines, each with the name of a header. Upper and lower case are the same. Sent messages and saved files
//! do not change.

use plugbox::{Context, Error};
use rest_api::{HIDDEN, Plugin, Settings, Show, Shown};
use serde_json::Value;

struct Redact {
    fields: Vec<String>,
    headers: Vec<String>,
}

impl Redact {
    fn new(context: Context<'_>) -> Result<Self, Error> {
        let settings = Settings::parse(context.config(), &["field", "header"])?;
        let names = |name| settings.values(name).map(str::to_owned).collect();
        Ok(Self { fields: names("field"), headers: names("header") })
    }

    /// Hides the fields in a value, at any depth. Returns whether it found any.
    fn hide(&self, value: &mut Value) -> bool {
        match value {
            Value::Array(items) => items.iter_mut().fold(false, |hidden, item| self.hide(item) | hidden),
            Value::Object(fields) => fields.iter_mut().fold(false, |hidden, (name, value)| {
                if has(&self.fields, name) {
                    *value = HIDDEN.into();
                    return true;
                }
                self.hide(value) | hidden
            }),
            _ => false,
        }
    }
}

fn has(names: &[String], name: &str) -> bool {
    names.iter().any(|hidden| hidden.eq_ignore_ascii_case(name))
}

fn is_json(shown: &Shown) -> bool {
    let kind = shown.headers.get("Content-Type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || kind.ends_with("+json")
}

impl Plugin for Redact {}

impl Show for Redact {
    fn pre_show(&self, shown: &mut Shown) -> Result<(), Error> {
        if !self.fields.is_empty() && !shown.body.is_empty() {
            match serde_json::from_slice(&shown.body) {
                Ok(mut value) => {
                    if self.hide(&mut value) {
                        shown.body = value.to_string().into_bytes();
                    }
                }
                // It may contain a value that must be hidden.
                Err(error) if is_json(shown) => {
                    return Err(Error::from(error).context("the body is declared as JSON but is not valid JSON"));
                }
                Err(_) => {}
            }
        }
        for header in shown.headers.0.iter_mut().filter(|header| has(&self.headers, &header.name)) {
            header.value = HIDDEN.to_owned();
        }
        Ok(())
    }
}

plugbox::export!(Redact::new as dyn Plugin + dyn Show);

#[cfg(test)]
mod tests {
    use super::*;
    use rest_api::{Header, Headers};

    fn redact() -> Redact {
        Redact { fields: vec!["password".to_owned()], headers: vec!["set-cookie".to_owned()] }
    }

    fn body(text: &str) -> Result<String, Error> {
        let mut shown = Shown { body: text.into(), ..Shown::default() };
        redact().pre_show(&mut shown)?;
        Ok(String::from_utf8(shown.body)?)
    }

    #[test]
    fn fields_are_hidden_wherever_they_are_and_the_others_keep_their_order() {
        let text = r#"{"z":[{"Password":{"a":1}},{"password":[2]}],"a":"password"}"#;
        let hidden = r#"{"z":[{"Password":"[hidden]"},{"password":"[hidden]"}],"a":"password"}"#;
        assert_eq!(body(text).unwrap(), hidden);
    }

    #[test]
    fn a_body_without_them_stays_byte_by_byte() {
        assert_eq!(body("{ \"a\" : 1.10 }").unwrap(), "{ \"a\" : 1.10 }");
        assert_eq!(body("no JSON").unwrap(), "no JSON");
    }

    #[test]
    fn json_that_cannot_be_read_is_not_let_through() {
        let headers = Headers(vec![Header::new("content-type", "application/problem+json; charset=utf-8")]);
        let mut shown = Shown { headers, body: br#"{"password":"s3cret""#.to_vec() };
        let error = redact().pre_show(&mut shown).unwrap_err();
        assert_eq!(error.to_string(), "the body is declared as JSON but is not valid JSON");
    }

    #[test]
    fn headers_are_hidden_whatever_their_case() {
        let headers = Headers(vec![Header::new("Set-Cookie", "a=b"), Header::new("Server", "x")]);
        let mut shown = Shown { headers, body: Vec::new() };
        redact().pre_show(&mut shown).unwrap();
        assert_eq!(shown.headers.0, [Header::new("Set-Cookie", HIDDEN), Header::new("Server", "x")]);
    }
}
