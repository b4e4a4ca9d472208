//! The verdict: whether a library may be mapped, and every reason why not.

use crate::errors::Reason;

/// The answer of the gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The library may be mapped.
    Fits,
    /// It may not: every reason, in the order of [`Code`](crate::Code).
    Refused(Vec<Reason>),
}

impl Verdict {
    /// The reasons; none where it fits.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Self::Fits => &[],
            Self::Refused(reasons) => reasons,
        }
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
