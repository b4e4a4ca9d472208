//! The stack of a plugin's panic, as text.
//!
//! The plugin's std has written all frames. They are cut here, because code in the plugin is in every plugin.

use std::fmt::Write;

/// The most bytes of a backtrace that are kept.
const MAX_LEN: usize = 16 * 1024;

/// The part of a backtrace that is shown, by the rule of std's own panic hook: with `full` all frames, and otherwise
/// those of the plugin.
pub(crate) fn shown_backtrace(all: &str) -> String {
    let is_full = std::env::var_os("RUST_BACKTRACE").is_some_and(|style| style == "full");
    bounded(if is_full { all.to_owned() } else { short(all) })
}

/// The frames from the panic to the guard that the host has called, or to the start of the thread.
fn short(all: &str) -> String {
    let frames = frames(all);
    let is_hook = |frame: &&str| !frame.contains("__rust_end_short_backtrace");
    // Without this frame, nothing is left out at the beginning.
    let hook = frames.iter().take_while(|frame| is_hook(frame)).count();
    let frames = frames.get(hook + 1..).unwrap_or(&frames);
    let is_plugins = |frame: &&&str| {
        let name = frame.lines().next().unwrap_or_default();
        !["plugbox::crossing::", "plugbox::host::", "plugbox::export::", "__rust_begin_short_backtrace"]
            .iter()
            .any(|below| name.contains(below))
    };
    frames.iter().take_while(is_plugins).enumerate().fold(String::new(), |mut text, (number, frame)| {
        let _ = writeln!(text, "{number:4}: {frame}");
        text
    })
}

/// The frames of a backtrace without their numbers: the name, and maybe a second line with the place.
///
/// Std has no function for this. In its text, a frame begins with a number and a colon.
fn frames(all: &str) -> Vec<&str> {
    let is_start = |line: &str| line.split_once(": ").is_some_and(|(number, _)| number.trim().parse::<u32>().is_ok());
    let mut starts = Vec::new();
    let mut at = 0;
    for line in all.split_inclusive('\n') {
        if is_start(line) {
            starts.push(at);
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([all.len()]);
    let frame = |(start, end): (&usize, usize)| all[*start..end].split_once(": ").map(|(_, frame)| frame.trim_end());
    starts.iter().zip(ends).filter_map(frame).collect()
}

/// Cuts a text at the end of a line.
fn bounded(mut text: String) -> String {
    if text.len() > MAX_LEN {
        let end = text.as_bytes()[..MAX_LEN].iter().rposition(|byte| *byte == b'\n').unwrap_or_default();
        text.truncate(end);
        text.push_str("\n      (the rest is left out)");
    }
    text.truncate(text.trim_end().len());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &str = "   0: plugbox::host::panic::install_hook::{{closure}}\n             at ./src/host/panic.rs:1:2\n   \
                       1: std::sys::backtrace::__rust_end_short_backtrace\n   2: core::panicking::panic_fmt\n   \
                       3: mine::fails\n             at ./src/lib.rs:7:5\n   \
                       4: api::_::<impl api::Plugin for plugbox::crossing::guard::Guard<T>>::run\n   5: host::main\n";

    #[test]
    fn a_short_backtrace_begins_at_the_panic_and_ends_at_the_guard() {
        let expected = "   0: core::panicking::panic_fmt\n   1: mine::fails\n             at ./src/lib.rs:7:5\n";
        assert_eq!(short(ALL), expected);
        let own_thread = ALL.replace(
            "api::_::<impl api::Plugin for plugbox::crossing::guard::Guard<T>>::run",
            "std::sys::backtrace::__rust_begin_short_backtrace",
        );
        assert_eq!(short(&own_thread), expected);
    }

    #[test]
    fn frames_without_names_are_all_kept() {
        assert_eq!(short("   0: <unknown>\n   1: <unknown>\n"), "   0: <unknown>\n   1: <unknown>\n");
    }

    #[test]
    fn a_long_backtrace_is_cut_at_the_end_of_a_line() {
        let cut = bounded("ä".repeat(100) + &"\n   1: a frame".repeat(2_000));
        assert!(cut.len() <= MAX_LEN + 40 && cut.ends_with("   1: a frame\n      (the rest is left out)"), "{cut}");
        assert_eq!(bounded("   1: a frame\n".to_owned()), "   1: a frame");
    }
}
