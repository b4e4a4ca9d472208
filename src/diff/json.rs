//! The line of `plugbox diff --format json`.

use plugbox_loader::inspect::ImageDifference;
use serde::Serialize;

use crate::diff::Comparison;
use crate::json::File;

/// The differences between two files.
#[derive(Serialize)]
#[serde(tag = "type", rename = "diff")]
pub(super) struct Line<'a> {
    a: File<'a>,
    b: File<'a>,
    differences: Vec<DifferenceObject<'a>>,
}

#[derive(Serialize)]
struct DifferenceObject<'a> {
    part: &'static str,
    at: &'a str,
    change: &'static str,
    a: &'a str,
    b: &'a str,
}

impl<'a> From<&'a Comparison<'a>> for Line<'a> {
    fn from(comparison: &'a Comparison<'a>) -> Self {
        let differences = comparison.differences.iter().map(DifferenceObject::from).collect();
        Self { a: comparison.a.into(), b: comparison.b.into(), differences }
    }
}

impl<'a> From<&'a ImageDifference> for DifferenceObject<'a> {
    fn from(difference: &'a ImageDifference) -> Self {
        Self {
            part: difference.part.as_str(),
            at: &difference.at,
            change: difference.change.as_str(),
            a: &difference.a,
            b: &difference.b,
        }
    }
}
