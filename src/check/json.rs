//! The lines of `plugbox check --format json`.

use std::path::Path;

use plugbox_loader::inspect::Verdict;
use plugbox_loader::{Difference, PassedOver, Reason};
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
    /// The file that the host loads instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    chosen: Option<File<'a>>,
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
        Self { file: (*file).into(), verdict: name, chosen: None, fits_as, reasons, warnings }
    }
}

impl<'a> From<&'a PassedOver> for Line<'a> {
    fn from(PassedOver { path, chosen, reasons, .. }: &'a PassedOver) -> Self {
        let reasons = reasons.iter().map(ReasonObject::from).collect();
        Self {
            file: (&**path).into(),
            verdict: "passed-over",
            chosen: Some((&**chosen).into()),
            fits_as: &[],
            reasons,
            warnings: &[],
        }
    }
}

impl<'a> Line<'a> {
    /// A library without plugbox records.
    pub(super) fn foreign(path: &'a Path) -> Self {
        Self {
            file: path.into(),
            verdict: "not-a-plugin",
            chosen: None,
            fits_as: &[],
            reasons: Vec::new(),
            warnings: &[],
        }
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
