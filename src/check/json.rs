//! A line of `plugbox check --format json`.

use std::path::Path;

use plugbox_loader::Reason;
use plugbox_loader::verdict::Verdict;
use serde::Serialize;

use crate::json::File;

/// The verdict on one file.
#[derive(Serialize)]
#[serde(tag = "type", rename = "verdict")]
pub(super) struct Line<'a> {
    #[serde(flatten)]
    file: File<'a>,
    verdict: &'static str,
    reasons: Vec<ReasonObject<'a>>,
}

#[derive(Serialize)]
struct ReasonObject<'a> {
    code: &'static str,
    #[serde(flatten)]
    difference: DifferenceObject<'a>,
    why: &'static str,
    remedy: &'a str,
    also: Vec<DifferenceObject<'a>>,
}

#[derive(Serialize)]
struct DifferenceObject<'a> {
    at: &'a str,
    host: &'a str,
    plugin: &'a str,
}

impl<'a> Line<'a> {
    pub(super) fn new(file: &'a Path, verdict: &'a Verdict) -> Self {
        let name = if *verdict == Verdict::Fits { "fits" } else { "refused" };
        let reasons = verdict.reasons().iter().map(ReasonObject::from).collect();
        Self { file: file.into(), verdict: name, reasons }
    }
}

impl<'a> From<&'a Reason> for ReasonObject<'a> {
    fn from(reason: &'a Reason) -> Self {
        let also = reason.also.iter();
        Self {
            code: reason.code.as_str(),
            difference: DifferenceObject { at: &reason.at, host: &reason.host, plugin: &reason.plugin },
            why: reason.code.why(),
            remedy: &reason.remedy,
            also: also.map(|more| DifferenceObject { at: &more.at, host: &more.host, plugin: &more.plugin }).collect(),
        }
    }
}
