//! Header fields.

use std::fmt;

/// The replacement for a sensitive value.
pub const HIDDEN: &str = "[hidden]";

/// A header field.
#[derive(Clone, PartialEq, Eq, plugbox::Shape)]
pub struct Header {
    /// The name. Upper and lower case are the same.
    pub name: String,
    /// The value. Bytes that are not UTF-8 have been replaced.
    pub value: String,
    /// Whether the value is a secret. A secret is not shown, and a redirect does not send it to a different server.
    pub sensitive: bool,
}

impl Header {
    /// A header that may be shown.
    #[must_use]
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), sensitive: false }
    }

    /// A header whose value is a secret.
    #[must_use]
    pub fn sensitive(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { sensitive: true, ..Self::new(name, value) }
    }
}

impl fmt::Debug for Header {
    /// Hides the value if it is a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = if self.sensitive { HIDDEN } else { &self.value };
        write!(f, "{}: {value}", self.name)
    }
}

/// Header fields, in order. Several fields may have the same name.
#[derive(Debug, Default, Clone, PartialEq, Eq, plugbox::Shape)]
pub struct Headers(pub Vec<Header>);

impl Headers {
    /// The value of the first header with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| &*header.value)
    }

    /// Sets a header, replacing all headers with its name.
    pub fn set(&mut self, header: Header) {
        self.remove(&header.name);
        self.0.push(header);
    }

    /// Adds a header, and keeps other headers with its name.
    pub fn add(&mut self, header: Header) {
        self.0.push(header);
    }

    /// Removes all headers with this name.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|header| !header.name.eq_ignore_ascii_case(name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_case() {
        let mut headers = Headers::default();
        headers.add(Header::new("X-One", "1"));
        headers.add(Header::new("x-one", "2"));
        assert_eq!(headers.get("X-ONE"), Some("1"));
        headers.set(Header::new("X-ONE", "3"));
        assert_eq!(headers.0, [Header::new("X-ONE", "3")]);
        headers.remove("x-One");
        assert_eq!(headers.get("X-One"), None);
    }

    #[test]
    fn a_sensitive_value_is_not_in_debug() {
        let headers = Headers(vec![Header::new("Accept", "*/*"), Header::sensitive("Authorization", "Bearer s3cret")]);
        assert_eq!(format!("{headers:?}"), "Headers([Accept: */*, Authorization: [hidden]])");
    }
}
