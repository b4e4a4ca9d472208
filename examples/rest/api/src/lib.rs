//! What the REST client and its plugins agree on.
//!
//! A plugin implements [`Plugin`], of which every method has a default. It is exported as [`Show`] too where it changes
//! what the user gets to see: `plugbox::export!(Mine as dyn Plugin + dyn Show)`.
//!
//! # Order
//!
//! Plugins of [`Stage::Prepare`] come before those of [`Stage::Authorize`], and within a stage those with lesser names
//! first. A request goes through them in this order, and its response in the other direction. What a plugin of the last
//! stage puts into a request is shown to no plugin before it, neither then nor later: with the response plugins get the
//! request as the user wrote it.
//!
//! # Failure
//!
//! The client would rather send nothing than something else than was meant, such as a request without its
//! authorization. So where a plugin fails or panics, or cannot be loaded in the first place, the request is not sent;
//! where it fails with a response, the response is not shown. The client then ends with an exit code of its own.
//!
//! # Examples
//!
//! ```
//! use rest_api::{Console, Header, Plugin, Request};
//!
//! /// Asks for another language.
//! #[derive(Default)]
//! struct Language;
//!
//! impl Plugin for Language {
//!     fn pre_send(&self, request: &mut Request, console: &mut dyn Console) -> Result<(), plugbox::Error> {
//!         if request.headers.get("accept-language").is_none() {
//!             request.headers.set(Header::new("Accept-Language", "cy"));
//!             console.say("asks for Welsh");
//!         }
//!         Ok(())
//!     }
//! }
//!
//! // In a plugin's own crate: plugbox::export!(Language as dyn Plugin);
//!
//! let mut request = Request::new("GET", "http://localhost/");
//! let mut said: Vec<String> = Vec::new();
//! Language.pre_send(&mut request, &mut said)?;
//! assert_eq!(request.headers.get("Accept-Language"), Some("cy"));
//! assert_eq!(said, ["asks for Welsh"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod console;
mod headers;
mod message;
mod settings;

use std::time::Duration;

use plugbox::Error;

pub use console::Console;
pub use headers::{HIDDEN, Header, Headers};
pub use message::{Request, Response, Shown};
pub use settings::{Settings, SettingsError};

/// What a plugin of the client may do; all of it is optional.
#[plugbox::interface]
pub trait Plugin: Send + Sync {
    /// Where the plugin stands among the others. The client asks once, before [`on_plugin_load`](Self::on_plugin_load).
    fn stage(&self) -> Stage {
        Stage::Prepare
    }

    /// The plugin is loaded, and nothing was sent yet.
    ///
    /// # Errors
    ///
    /// Why the plugin cannot work. Nothing is sent then.
    fn on_plugin_load(&self, console: &mut dyn Console) -> Result<(), Error> {
        let _ = console;
        Ok(())
    }

    /// A request is about to be sent; the plugin may change it. Each try goes through all plugins again, from the request
    /// that the user wrote on.
    ///
    /// # Errors
    ///
    /// Why the plugin could not do its part. The request is not sent then.
    fn pre_send(&self, request: &mut Request, console: &mut dyn Console) -> Result<(), Error> {
        let _ = (request, console);
        Ok(())
    }

    /// A response has come, after redirects; the plugin may change it, or ask for another try. `request` is what the user
    /// wrote, before any plugin has changed it, with the number of this try.
    ///
    /// Where several plugins ask for another try, the longest delay counts. The client waits and sends again, within
    /// bounds of its own, which it tells where they are met.
    ///
    /// # Errors
    ///
    /// Why the plugin could not do its part. The response is not shown then.
    fn post_receive(
        &self,
        request: &Request,
        response: &mut Response,
        console: &mut dyn Console,
    ) -> Result<Next, Error> {
        let _ = (request, response, console);
        Ok(Next::Finish)
    }

    /// The client is about to end. Every plugin that was told of its loading is told of this, in the opposite order, also
    /// where something went wrong between.
    fn on_plugin_unload(&self, console: &mut dyn Console) {
        let _ = console;
    }
}

/// A further interface, of plugins that change what the user gets to see of requests and responses, and nothing else: what
/// is sent, what other plugins see and what is saved in a file stay as they are.
#[plugbox::interface]
pub trait Show: Send + Sync {
    /// A message is about to be shown. Header values that are sensitive are hidden already.
    ///
    /// # Errors
    ///
    /// Why the plugin could not do its part. The message is not shown then.
    fn pre_show(&self, shown: &mut Shown) -> Result<(), Error>;
}

/// Where a plugin stands among the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, plugbox::Shape)]
pub enum Stage {
    /// Where most plugins stand.
    Prepare,
    /// Next to the server: for what must see the request as it is sent, and what no other plugin must see.
    Authorize,
}

/// What comes after a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, plugbox::Shape)]
pub enum Next {
    /// The response is the user's.
    Finish,
    /// The request is sent once more.
    TryAgain {
        /// How long to wait before.
        after: Duration,
    },
}
