//! Header fields.

use std::fmt;

/// What stands in the place of a sensitive value.
pub const HIDDEN: &str = "[hidden]";

/// A header field.
#[derive(Clone, PartialEq, Eq, plugbox::Shape)]
pub struct Header {
    /// The name; its case does not count.
    pub name: String,
    /// The value; what is no UTF-8 in it was replaced.
    pub value: String,
    /// Whether the value is a secret: it is not shown, and not sent on to another server on a redirect.
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
    /// Leaves the value out where it is a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = if self.sensitive { HIDDEN } else { &self.value };
        write!(f, "{}: {value}", self.name)
    }
}

/// Header fields in their order; several may have one name.
#[derive(Debug, Default, Clone, PartialEq, Eq, plugbox::Shape)]
pub struct Headers(pub Vec<Header>);

impl Headers {
    /// The value of the first header of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| &*header.value)
    }

    /// Sets a header, in the place of all that have its name.
    pub fn set(&mut self, header: Header) {
        self.remove(&header.name);
        self.0.push(header);
    }

    /// Adds a header to those that have its name.
    pub fn add(&mut self, header: Header) {
        self.0.push(header);
    }

    /// Removes all headers of this name.
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
