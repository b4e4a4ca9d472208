//! The verdict: the library may be mapped, or all reasons why it may not.

use crate::errors::Reason;

/// The decision whether a library may be mapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The library may be mapped.
    Fits,
    /// The library may not be mapped, for all of these reasons, in the order of [`Code`](crate::Code).
    Refused(Vec<Reason>),
}

impl Verdict {
    /// The reasons of the refusal; empty if the library fits.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Self::Fits => &[],
            Self::Refused(reasons) => reasons,
        }
    }

    /// Adds further reasons against the library.
    #[must_use]
    pub fn with(self, further: impl IntoIterator<Item = Reason>) -> Self {
        Self::from_reasons(self.into_reasons().into_iter().chain(further).collect())
    }

    pub(crate) fn from_reasons(mut reasons: Vec<Reason>) -> Self {
        reasons.sort_by_key(|reason| reason.code);
        reasons.dedup();
        if reasons.is_empty() { Self::Fits } else { Self::Refused(reasons) }
    }

    pub(crate) fn into_reasons(self) -> Vec<Reason> {
        match self {
            Self::Fits => Vec::new(),
            Self::Refused(reasons) => reasons,
        }
    }
}
