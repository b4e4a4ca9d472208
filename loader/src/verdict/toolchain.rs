//! The command that builds with a given compiler.

use crate::manifest::Build;

/// The command that builds with a given compiler. rustup names a nightly by its release day, which is the day after the
/// commit's date.
pub(super) fn with_compiler(build: &Build) -> String {
    let toolchain = match build.release.split_once('-') {
        None => build.release.clone(),
        Some((_, "nightly")) => next_day(&build.date).map_or("nightly".to_owned(), |day| format!("nightly-{day}")),
        Some((_, _)) => "beta".to_owned(),
    };
    format!("rustup run {toolchain} cargo build --release")
}

/// The day after a date such as `2026-05-19`.
fn next_day(date: &str) -> Option<String> {
    let mut parts = date.splitn(3, '-').map(str::parse::<u32>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let (year, month, day) = match (month, day) {
        (12, 31) => (year + 1, 1, 1),
        (_, last) if last == days => (year, month + 1, 1),
        _ => (year, month, day + 1),
    };
    Some(format!("{year}-{month:02}-{day:02}"))
}
