//! The processor, and the target features that it lacks.

use std::collections::BTreeSet;

/// The processor on which libraries will run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Processor {
    /// The target features that the processor lacks; `None` if they are not known.
    lacks: Option<BTreeSet<&'static str>>,
}

macro_rules! processors {
    ($($arch:literal, $list:ident, $detected:ident: $($feature:tt),+;)+) => {
        $(
            #[cfg(any(test, target_arch = $arch))]
            const $list: &[&str] = &[$($feature),+];

            #[cfg(target_arch = $arch)]
            impl Processor {
                /// The features that can be detected on this kind of processor.
                const ASKED: &[&str] = $list;

                /// The processor on which this process runs. In a virtual machine, the first call takes longer than the
                /// rest of a verdict.
                #[must_use]
                pub fn running() -> Self {
                    let found = [$(($feature, std::arch::$detected!($feature))),+];
                    let lacking = found.into_iter().filter(|(_, has)| !has).map(|(feature, _)| feature);
                    Self { lacks: Some(lacking.collect()) }
                }
            }
        )+
    };
}

processors! {
    "x86_64", X86_64, is_x86_feature_detected:
        "adx", "aes", "avx", "avx2", "avx512bf16", "avx512bitalg", "avx512bw", "avx512cd", "avx512dq", "avx512f",
        "avx512ifma", "avx512vbmi", "avx512vbmi2", "avx512vl", "avx512vnni", "avx512vp2intersect", "avx512vpopcntdq",
        "bmi1", "bmi2", "cmpxchg16b", "f16c", "fma", "gfni", "lzcnt", "movbe", "pclmulqdq", "popcnt", "rdrand",
        "rdseed", "sha", "sse3", "sse4.1", "sse4.2", "sse4a", "ssse3", "tbm", "vaes", "vpclmulqdq", "xsave", "xsavec",
        "xsaveopt", "xsaves";
    "aarch64", AARCH64, is_aarch64_feature_detected:
        "aes", "bf16", "bti", "crc", "dotprod", "dpb", "dpb2", "f32mm", "f64mm", "fcma", "fhm", "flagm", "fp16",
        "frintts", "i8mm", "jsconv", "lse", "mte", "neon", "paca", "pacg", "rand", "rcpc", "rcpc2", "rdm", "sb", "sha2",
        "sha3", "sm4", "ssbs", "sve", "sve2", "tme";
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
impl Processor {
    const ASKED: &[&str] = &[];

    /// The processor on which this process runs. No feature can be detected on this kind of processor.
    #[must_use]
    pub fn running() -> Self {
        Self { lacks: Some(BTreeSet::new()) }
    }
}

impl Processor {
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
        Self::ASKED.contains(&feature)
    }
}

#[cfg(test)]
mod tests {
    use plugbox::__private::TARGET_FEATURES;

    use super::*;

    #[test]
    fn the_features_that_are_asked_for_are_those_that_plugins_record() {
        let asked: BTreeSet<&str> = X86_64.iter().chain(AARCH64).copied().collect();
        assert_eq!(asked, TARGET_FEATURES.iter().copied().collect());
    }

    #[test]
    fn a_processor_lacks_what_it_was_asked_for_and_does_not_have() {
        let running = Processor::running();
        assert!(!running.is_unknown() && Processor::unknown().is_unknown());
        let lacks = Processor { lacks: Some(["avx512f"].into()) };
        assert!(lacks.lacks("avx512f") && !lacks.lacks("sse3") && !Processor::unknown().lacks("avx512f"));
        assert!(!running.lacks("sse2") && !running.lacks("of another kind"));
    }
}
