//! Records of all kinds.

use std::sync::Arc;

use plugbox::__private::{CONTRACT, Kind};

use super::build::Build;
use super::error::{ManifestError, damaged};
use super::interface::InterfaceRecord;
use super::plugin::PluginRecord;
use super::shape::ShapeRecord;
use super::text::{Parts, cut};

/// A parsed record.
#[derive(Clone)]
pub(crate) enum Record {
    Build(Arc<Build>),
    Interface(Arc<InterfaceRecord>),
    Shape(Arc<ShapeRecord>),
    Plugin(Arc<PluginRecord>),
    /// A record of a different contract, which was not parsed; the value is the contract's number.
    OfContract(u32),
    /// A record of a kind that a later version of plugbox has added within this contract.
    Later,
}

impl Record {
    /// Parses the text of a record.
    pub(crate) fn parse(kind: u32, text: &[u8], parts: &mut Parts) -> Result<Self, ManifestError> {
        let Ok(text) = std::str::from_utf8(text) else { return damaged("a record is not UTF-8") };
        let Some((head, body)) = cut(text, b'\n') else { return damaged("a record has no lines") };
        let Some(contract) = head.strip_prefix("contract ").and_then(|number| number.parse::<u32>().ok()) else {
            return damaged("a record does not state its contract");
        };
        if contract != CONTRACT {
            return Ok(Self::OfContract(contract));
        }
        Ok(match kind {
            kind if kind == Kind::Build as u32 => Self::Build(Build::parse(body, parts)?.into()),
            kind if kind == Kind::Interface as u32 => Self::Interface(InterfaceRecord::parse(body, parts)?.into()),
            kind if kind == Kind::Shape as u32 => Self::Shape(ShapeRecord::parse(body, parts)?.into()),
            kind if kind == Kind::Plugin as u32 => Self::Plugin(PluginRecord::parse(body, parts)?.into()),
            _ => Self::Later,
        })
    }
}
