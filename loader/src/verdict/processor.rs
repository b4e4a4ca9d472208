//! The processor: which target features it lacks.

/// The processor that a library is to run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Processor {
    /// The one that this process runs on.
    Running,
    /// Another one, of which nothing is known.
    Unknown,
}

macro_rules! lacks {
    ($feature:ident, $detected:ident: $($known:tt),+ $(,)?) => {
        match $feature {
            $($known => !std::arch::$detected!($known),)+
            // What every processor of this kind has, or what std cannot ask for.
            _ => false,
        }
    };
}

impl Processor {
    /// Whether it is known to lack a target feature. It is asked at the first feature that not every processor of its kind
    /// has: in a virtual machine that takes longer than all the rest of a verdict.
    #[must_use]
    pub fn lacks(self, feature: &str) -> bool {
        self == Self::Running && running_lacks(feature)
    }
}

#[cfg(target_arch = "x86_64")]
fn running_lacks(feature: &str) -> bool {
    lacks!(feature, is_x86_feature_detected:
        "adx", "aes", "avx", "avx2", "avx512bf16", "avx512bitalg", "avx512bw", "avx512cd", "avx512dq", "avx512f",
        "avx512ifma", "avx512vbmi", "avx512vbmi2", "avx512vl", "avx512vnni", "avx512vp2intersect", "avx512vpopcntdq",
        "bmi1", "bmi2", "cmpxchg16b", "f16c", "fma", "gfni", "lzcnt", "movbe", "pclmulqdq", "popcnt", "rdrand",
        "rdseed", "sha", "sse3", "sse4.1", "sse4.2", "sse4a", "ssse3", "tbm", "vaes", "vpclmulqdq", "xsave", "xsavec",
        "xsaveopt", "xsaves",
    )
}

#[cfg(target_arch = "aarch64")]
fn running_lacks(feature: &str) -> bool {
    lacks!(feature, is_aarch64_feature_detected:
        "aes", "bf16", "bti", "crc", "dotprod", "dpb", "dpb2", "f32mm", "f64mm", "fcma", "fhm", "flagm", "fp16",
        "frintts", "i8mm", "jsconv", "lse", "mte", "neon", "paca", "pacg", "rand", "rcpc", "rcpc2", "rdm", "sb", "sha2",
        "sha3", "sm4", "ssbs", "sve", "sve2", "tme",
    )
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn running_lacks(_feature: &str) -> bool {
    false
}
