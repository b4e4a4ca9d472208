//! Progress with long files. It is shown on a terminal only.

use std::path::Path;
use std::time::Duration;

use examples_shared::message;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

/// The length of a file that plugins may need some time for, in bytes.
const LONG: usize = 1024 * 1024;
/// The time between two pictures.
const TICK: Duration = Duration::from_millis(100);

/// Shows which plugin works, and for how long. What it shows is removed when it is dropped.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Progress with this file. It is never shown if the file is short, only problems are reported, or standard error is
    /// not a terminal.
    pub(crate) fn with(path: &Path, text: &str, logs: bool) -> Self {
        if text.len() < LONG || logs || message::is_quiet() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{spinner} {prefix}: {msg} ({elapsed})");
        bar.set_style(style.expect("the template is valid"));
        bar.set_prefix(path.display().to_string());
        bar.enable_steady_tick(TICK);
        Self(bar.with_finish(ProgressFinish::AndClear))
    }

    /// This plugin works from now on.
    pub(crate) fn plugin(&self, name: &str) {
        self.0.set_message(name.to_owned());
    }

    /// Says something in between.
    pub(crate) fn aside(&self, say: impl FnOnce()) {
        self.0.suspend(say);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_using_style();
    }
}
