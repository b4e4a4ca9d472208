//! The target features of the crate where a macro expands. A build script does not see flags that only one crate gets.

/// Expands to the enabled target features of the crate where it expands; a disabled feature becomes an empty text.
///
/// The list has only features that a loader can detect in a processor.
#[doc(hidden)]
#[macro_export]
macro_rules! __target_features {
    () => {
        $crate::__target_features!(@list enabled)
    };
    (@list $what:ident) => {
        $crate::__target_features!(
            @$what
            "adx", "aes", "avx", "avx2", "avx512bf16", "avx512bitalg", "avx512bw", "avx512cd", "avx512dq",
            "avx512f", "avx512ifma", "avx512vbmi", "avx512vbmi2", "avx512vl", "avx512vnni",
            "avx512vp2intersect", "avx512vpopcntdq", "bf16", "bmi1", "bmi2", "bti", "cmpxchg16b", "crc",
            "dotprod", "dpb", "dpb2", "f16c", "f32mm", "f64mm", "fcma", "fhm", "flagm", "fma", "fp16",
            "frintts", "gfni", "i8mm", "jsconv", "lse", "lzcnt", "movbe", "mte", "neon", "paca", "pacg",
            "pclmulqdq", "popcnt", "rand", "rcpc", "rcpc2", "rdm", "rdrand", "rdseed", "sb", "sha", "sha2",
            "sha3", "sm4", "ssbs", "sse3", "sse4.1", "sse4.2", "sse4a", "ssse3", "sve", "sve2", "tbm", "tme",
            "vaes", "vpclmulqdq", "xsave", "xsavec", "xsaveopt", "xsaves",
        )
    };
    (@names $($feature:literal),+ $(,)?) => {
        &[$($feature),+]
    };
    (@enabled $($feature:literal),+ $(,)?) => {
        &[$(if ::core::cfg!(target_feature = $feature) { $feature } else { "" }),+]
    };
}

/// The names of all features in the list.
pub const TARGET_FEATURES: &[&str] = __target_features!(@list names);
