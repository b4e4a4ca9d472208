//! Runs the client in a test's own folder.

#[path = "../../../../shared/testing/desk.rs"]
mod desk;

use std::process::Command;

pub(crate) use desk::{Desk, Outcome, can_compile, output};

/// The packages whose libraries tests install.
const PACKAGES: &[&str] =
    &["bearer-auth", "checksum", "hello", "inject-header", "redact", "rest-rude", "retry", "timing"];

impl Desk {
    /// Runs the client with the plugins in the desk's folder.
    pub(crate) fn rest(&self, arguments: &[&str]) -> Outcome {
        self.rest_with_samples(&[arguments, &["--plugins", "plugins"]].concat())
    }

    /// Runs the client with the sample plugins that it builds itself.
    pub(crate) fn rest_with_samples(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(self.rest_command(arguments))
    }

    /// A command that runs the client.
    pub(crate) fn rest_command(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_rest"), arguments);
        // The client must reach the test's server directly, whatever proxies this machine has set.
        for proxy in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
            command.env_remove(proxy);
        }
        command
    }
}
