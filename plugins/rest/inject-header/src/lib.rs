//! Adds headers to requests.
//!
//! The configuration has a line `header = Name: value` for each header, or `secret = Name: value` if the value must not
//! be shown or sent to a different server after a redirect. The plugin does not change a header that the request
//! already has.

use plugbox::{Context, Error};
use rest_api::{Console, Header, Plugin, Request, Settings};

struct InjectHeader(Vec<Header>);

impl InjectHeader {
    fn new(context: Context<'_>) -> Result<Self, Error> {
        let settings = Settings::parse(context.config(), &["header", "secret"])?;
        let plain = settings.values("header").map(|text| header(text).map(|(name, value)| Header::new(name, value)));
        let secret =
            settings.values("secret").map(|text| header(text).map(|(name, value)| Header::sensitive(name, value)));
        plain.chain(secret).collect::<Result<_, _>>().map(Self)
    }
}

fn header(text: &str) -> Result<(&str, &str), Error> {
    let (name, value) = text.split_once(':').ok_or_else(|| Error::new("a header must have the form `Name: value`"))?;
    Ok((name.trim(), value.trim()))
}

#[plugbox::async_impl]
impl Plugin for InjectHeader {
    async fn pre_send(&self, request: &mut Request, _console: &mut dyn Console) -> Result<(), Error> {
        let missing = self.0.iter().filter(|header| request.headers.get(&header.name).is_none());
        let missing: Vec<Header> = missing.cloned().collect();
        request.headers.0.extend(missing);
        Ok(())
    }
}

plugbox::export!(InjectHeader::new as dyn Plugin);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_the_request_stay_and_missing_ones_come() {
        let plugin =
            InjectHeader(vec![Header::new("X-One", "1"), Header::new("X-Two", "2"), Header::new("X-Two", "3")]);
        let mut request = Request::new("GET", "http://localhost/");
        request.headers.add(Header::new("x-one", "mine"));
        futures::executor::block_on(plugin.pre_send(&mut request, &mut Vec::new())).unwrap();
        let expected = [Header::new("x-one", "mine"), Header::new("X-Two", "2"), Header::new("X-Two", "3")];
        assert_eq!(request.headers.0, expected);
    }
}
