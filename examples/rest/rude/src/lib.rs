//! A plugin that misbehaves as its configuration says, such as `panic in pre_send` or `fail in post_receive`. It is for
//! the client's tests.

use std::time::Duration;

use plugbox::{Context, Error};
use rest_api::{Console, Header, Next, Plugin, Request, Response, Show, Shown};

struct Rude(String);

impl Rude {
    fn new(context: Context<'_>) -> Result<Self, Error> {
        let rude = Self(context.config().trim().to_owned());
        rude.act("constructor")?;
        Ok(rude)
    }

    fn act(&self, place: &str) -> Result<(), Error> {
        match self.0.strip_suffix(place) {
            Some("panic in ") => panic!("no manners"),
            Some("fail in ") => Err(Error::new("not in the mood").context("will not")),
            _ => Ok(()),
        }
    }
}

/// All headers, including secrets.
fn told(request: &Request) -> String {
    request.headers.0.iter().map(|header| format!("{}: {} ", header.name, header.value)).collect()
}

impl Plugin for Rude {
    fn on_plugin_load(&self, _console: &mut dyn Console) -> Result<(), Error> {
        self.act("on_plugin_load")
    }

    fn pre_send(&self, request: &mut Request, console: &mut dyn Console) -> Result<(), Error> {
        if self.0 == "tell" {
            console.say(&format!("before: {}", told(request)));
        }
        if self.0 == "garble" {
            request.headers.add(Header::new("no name", ""));
        }
        self.act("pre_send")
    }

    fn post_receive(
        &self,
        request: &Request,
        _response: &mut Response,
        console: &mut dyn Console,
    ) -> Result<Next, Error> {
        if self.0 == "tell" {
            console.say(&format!("after: {}", told(request)));
        }
        self.act("post_receive")?;
        Ok(match self.0.as_str() {
            "insist" => Next::TryAgain { after: Duration::ZERO },
            "dawdle" => Next::TryAgain { after: Duration::from_secs(3600) },
            _ => Next::Finish,
        })
    }

    fn on_plugin_unload(&self, console: &mut dyn Console) {
        console.say("farewell");
        self.act("on_plugin_unload").expect("it only panics here");
    }
}

impl Show for Rude {
    fn pre_show(&self, _shown: &mut Shown) -> Result<(), Error> {
        self.act("pre_show")
    }
}

plugbox::export!(Rude::new as dyn Plugin + dyn Show);
