//! The processor, and the target features that it lacks.

use std::collections::BTreeSet;

/// The processor on which libraries will run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Processor {
    /// The target features that the processor lacks; `None` if they are not known.
    lacks: Option<BTreeSet<&'static str>>,
}

#[cfg(target_arch = "aarch64")]
use std::arch::is_aarch64_feature_detected as is_detected;
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
use std::arch::is_x86_feature_detected as is_detected;

/// The features of plugins' records, and whether this processor has each of them.
macro_rules! detected {
    ($($feature:tt),+) => {
        &[$(($feature, || is_detected!($feature))),+]
    };
}

/// A feature, and how to detect it.
type Detected = (&'static str, fn() -> bool);

/// The features that can be detected on this kind of processor.
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
const ASKED: &[Detected] = plugbox::__target_features!(x86 detected);
#[cfg(target_arch = "aarch64")]
const ASKED: &[Detected] = plugbox::__target_features!(aarch64 detected);
#[cfg(not(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64")))]
const ASKED: &[Detected] = &[];

impl Processor {
    /// The processor on which this process runs. In a virtual machine, the first call takes longer than the rest of a
    /// verdict.
    #[must_use]
    pub fn running() -> Self {
        let lacking = ASKED.iter().filter(|(_, has)| !has()).map(|(feature, _)| *feature);
        Self { lacks: Some(lacking.collect()) }
    }

    /// An unknown processor, which is not known to lack any target feature.
    #[must_use]
    pub const fn unknown() -> Self {
        Self { lacks: None }
    }

    pub(crate) fn is_unknown(&self) -> bool {
        self.lacks.is_none()
    }

    /// Whether the processor is known to lack a target feature.
    #[must_use]
    pub fn lacks(&self, feature: &str) -> bool {
        self.lacks.as_ref().is_some_and(|lacks| lacks.contains(feature))
    }

    /// Whether processors of this kind differ in a target feature, so that the answer depends on the running processor.
    pub(crate) fn may_lack(feature: &str) -> bool {
        ASKED.iter().any(|(asked, _)| *asked == feature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_processor_lacks_what_it_was_asked_for_and_does_not_have() {
        let running = Processor::running();
        assert!(!running.is_unknown() && Processor::unknown().is_unknown());
        let lacks = Processor { lacks: Some(["avx512f"].into()) };
        assert!(lacks.lacks("avx512f") && !lacks.lacks("sse3") && !Processor::unknown().lacks("avx512f"));
        assert!(!running.lacks("sse2") && !running.lacks("of another kind"));
    }
}
