//! The target features of the crate where a macro expands. A build script does not see flags that only one crate gets.

/// Expands to the enabled target features of the crate where it expands; a disabled feature becomes an empty text.
///
/// The lists have only features that a loader can detect in a processor. With the name of a kind of processors and that
/// of a macro, it expands to a call of that macro with the list: the loader detects what plugins record.
#[doc(hidden)]
#[macro_export]
macro_rules! __target_features {
    () => {{
        const X86: &[&str] = $crate::__target_features!(x86 $crate::__enabled);
        const AARCH64: &[&str] = $crate::__target_features!(aarch64 $crate::__enabled);
        if ::core::cfg!(any(target_arch = "x86", target_arch = "x86_64")) {
            X86
        } else if ::core::cfg!(target_arch = "aarch64") {
            AARCH64
        } else {
            &[]
        }
    }};
    (x86 $($then:tt)+) => {
        $($then)+!(
            "adx", "aes", "avx", "avx2", "avx512bf16", "avx512bitalg", "avx512bw", "avx512cd", "avx512dq", "avx512f",
            "avx512ifma", "avx512vbmi", "avx512vbmi2", "avx512vl", "avx512vnni", "avx512vp2intersect",
            "avx512vpopcntdq", "bmi1", "bmi2", "cmpxchg16b", "f16c", "fma", "gfni", "lzcnt", "movbe", "pclmulqdq",
            "popcnt", "rdrand", "rdseed", "sha", "sse3", "sse4.1", "sse4.2", "sse4a", "ssse3", "tbm", "vaes",
            "vpclmulqdq", "xsave", "xsavec", "xsaveopt", "xsaves"
        )
    };
    (aarch64 $($then:tt)+) => {
        $($then)+!(
            "aes", "bf16", "bti", "crc", "dotprod", "dpb", "dpb2", "f32mm", "f64mm", "fcma", "fhm", "flagm", "fp16",
            "frintts", "i8mm", "jsconv", "lse", "mte", "neon", "paca", "pacg", "rand", "rcpc", "rcpc2", "rdm", "sb",
            "sha2", "sha3", "sm4", "ssbs", "sve", "sve2", "tme"
        )
    };
}

/// Expands to the features of a list that are enabled in the crate where it expands.
#[doc(hidden)]
#[macro_export]
macro_rules! __enabled {
    ($($feature:literal),+) => {
        &[$(if ::core::cfg!(target_feature = $feature) { $feature } else { "" }),+]
    };
}
