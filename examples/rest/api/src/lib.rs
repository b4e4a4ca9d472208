//! The API between the REST client and its plugins.
//!
//! A plugin implements [`Plugin`], whose methods all have defaults. A plugin that changes what the user sees is also
//! exported as [`Show`]: `plugbox::export!(Mine as dyn Plugin + dyn Show)`; one that sees a body while it is saved, as
//! [`Save`].
//!
//! # Waiting
//!
//! [`pre_send`](Plugin::pre_send) and [`post_receive`](Plugin::post_receive) may wait: write `#[plugbox::async_impl]` on the
//! implementation. Meanwhile the client works on other requests, so a plugin is called for several requests at a time.
//! A plugin must not block its thread. To let time pass, it uses the client's [`Timer`].
//!
//! If the client gives up a request, it drops what the plugins' methods have returned: they stop at their `await`.
//!
//! # Order
//!
//! Plugins in [`Stage::Prepare`] come before plugins in [`Stage::Authorize`]; within a stage they are sorted by name. A
//! request passes through them in this order, and its response in the opposite order. Plugins before the last stage
//! never see anything that the last stage adds to a request: together with the response, plugins receive the request
//! as the user wrote it.
//!
//! # Failure
//!
//! If a plugin cannot be loaded, fails or panics, the client does not send the request, because it might send something
//! that the user did not intend, such as a request without its authorization. If a plugin fails with a response, the
//! client does not show the response. The client then exits with a specific exit code.
//!
//! # Examples
//!
//! ```
//! use rest_api::{Console, Header, Plugin, Request};
//!
//! /// Asks for a different language.
//! #[derive(Default)]
//! struct Language;
//!
//! #[plugbox::async_impl]
//! impl Plugin for Language {
//!     async fn pre_send(&self, request: &mut Request, console: &mut dyn Console) -> Result<(), plugbox::Error> {
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
//! futures::executor::block_on(Language.pre_send(&mut request, &mut said))?;
//! assert_eq!(request.headers.get("Accept-Language"), Some("cy"));
//! assert_eq!(said, ["asks for Welsh"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod console;
mod headers;
mod message;
mod settings;
mod timer;

use std::pin::Pin;

use futures_core::Stream;
use plugbox::Error;

/// For implementations in crates without `plugbox`.
pub use async_trait::async_trait;
pub use console::Console;
pub use headers::{HIDDEN, Header, Headers};
pub use message::{Request, Response, Shown};
pub use settings::{Settings, SettingsError};
pub use timer::Timer;

/// A plugin of the client. All methods are optional.
#[plugbox::interface]
pub trait Plugin: Send + Sync {
    /// The plugin's stage. The client calls this once, before [`on_plugin_load`](Self::on_plugin_load).
    fn stage(&self) -> Stage {
        Stage::Prepare
    }

    /// The plugin was loaded. Nothing has been sent yet.
    ///
    /// # Errors
    ///
    /// Why the plugin cannot work. The client then sends nothing.
    fn on_plugin_load(&self, console: &mut dyn Console) -> Result<(), Error> {
        let _ = console;
        Ok(())
    }

    /// A request is about to be sent; the plugin may change it. Each try passes through all plugins again, and starts
    /// with the request that the user wrote.
    ///
    /// # Errors
    ///
    /// Why the plugin failed. The client then does not send the request.
    async fn pre_send(&self, request: &mut Request, console: &mut dyn Console) -> Result<(), Error> {
        let _ = (request, console);
        Ok(())
    }

    /// A response has arrived, after redirects; the plugin may change it, or request another try. `request` is the
    /// request that the user wrote, without the changes of plugins, but with the number of this try.
    ///
    /// A plugin that requests another try waits first, if there is a reason to wait. The client limits the number of
    /// tries and the time that a plugin may take.
    ///
    /// # Errors
    ///
    /// Why the plugin failed. The client then does not show the response.
    async fn post_receive(
        &self,
        request: &Request,
        response: &mut Response,
        console: &mut dyn Console,
    ) -> Result<Next, Error> {
        let _ = (request, response, console);
        Ok(Next::Finish)
    }

    /// The client is about to end. It calls this for every plugin whose [`on_plugin_load`](Self::on_plugin_load) it has
    /// called, in the opposite order, even after a failure.
    fn on_plugin_unload(&self, console: &mut dyn Console) {
        let _ = console;
    }
}

/// An additional interface, for plugins that change what the user sees of requests and responses. It does not affect
/// what is sent, what other plugins see, or what is saved in a file.
#[plugbox::interface]
pub trait Show: Send + Sync {
    /// A message is about to be shown. Sensitive header values are already hidden.
    ///
    /// # Errors
    ///
    /// Why the plugin failed. The client then does not show the message.
    fn pre_show(&self, shown: &mut Shown) -> Result<(), Error>;
}

/// An additional interface, for plugins that see a body while it is saved in a file.
#[plugbox::interface]
pub trait Save: Send + Sync {
    /// The body of this response is about to be saved. The plugin returns what is saved instead: a stream that reads
    /// `body`. The client polls it for each piece, so the body is never in memory as a whole.
    ///
    /// An error of `body` is passed on. If the plugin yields one of its own, the client reports it, and stops.
    fn pre_save<'a>(&'a self, response: &Response, body: BodyStream<'a>) -> BodyStream<'a>;
}

/// A body, piece by piece. After an error there are no more pieces.
pub type BodyStream<'a> = Pin<Box<dyn Stream<Item = Result<Vec<u8>, Error>> + Send + 'a>>;

/// The position of a plugin among the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, plugbox::Shape)]
pub enum Stage {
    /// The stage of most plugins.
    Prepare,
    /// The last stage before the server: for plugins that must see the request as it is sent, or that add secrets that
    /// no other plugin may see.
    Authorize,
}

/// The client's next step after a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, plugbox::Shape)]
pub enum Next {
    /// The response is final.
    Finish,
    /// The request is sent again.
    TryAgain,
}
