//! The lines of `plugbox check --format json`.

use plugbox_loader::inspect::Verdict;
use plugbox_loader::{Difference, Reason};
use serde::Serialize;

use crate::check::Answer;
use crate::json::File;

/// The verdict on one file.
#[derive(Serialize)]
#[serde(tag = "type", rename = "verdict")]
pub(super) struct Line<'a> {
    #[serde(flatten)]
    file: File<'a>,
    verdict: &'static str,
    fits_as: &'a [&'a str],
    reasons: Vec<ReasonObject<'a>>,
    warnings: &'a [String],
}

#[derive(Serialize)]
struct ReasonObject<'a> {
    code: &'static str,
    #[serde(flatten)]
    difference: DifferenceObject<'a>,
    remedy: &'a str,
    also: Vec<DifferenceObject<'a>>,
}

#[derive(Serialize)]
struct DifferenceObject<'a> {
    at: &'a str,
    host: &'a str,
    plugin: &'a str,
    why: &'static str,
}

impl<'a> From<&'a Answer<'a>> for Line<'a> {
    fn from(Answer { file, verdict, fits_as, warnings, .. }: &'a Answer<'a>) -> Self {
        let name = if *verdict == Verdict::Fits { "fits" } else { "refused" };
        let reasons = verdict.reasons().iter().map(ReasonObject::from).collect();
        Self { file: (*file).into(), verdict: name, fits_as, reasons, warnings }
    }
}

impl<'a> From<&'a Reason> for ReasonObject<'a> {
    fn from(reason: &'a Reason) -> Self {
        let Reason { code, at, host, plugin, why, remedy, also, .. } = reason;
        let difference = DifferenceObject { at, host, plugin, why };
        Self { code: code.as_str(), difference, remedy, also: also.iter().map(DifferenceObject::from).collect() }
    }
}

impl<'a> From<&'a Difference> for DifferenceObject<'a> {
    fn from(Difference { at, host, plugin, why, .. }: &'a Difference) -> Self {
        Self { at, host, plugin, why }
    }
}
