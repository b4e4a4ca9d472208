//! The layout canary: detects a randomized layout, whichever flag enabled it.
//!
//! The flags of the crate that *defines* a type decide whether its layout is randomized, and build scripts do not see
//! every flag. So the macros define a struct with sixteen equal fields in each crate where they expand, and check
//! whether the compiler kept the fields in order.

/// The offsets of the canary's sixteen fields, in declaration order.
pub struct Canary(pub [usize; 16]);

/// Whether the fields are in their declared order, as they are unless a flag randomizes layouts.
pub const fn in_order(canary: &Canary) -> bool {
    let mut field = 1;
    while field < canary.0.len() {
        if canary.0[field - 1] >= canary.0[field] {
            return false;
        }
        field += 1;
    }
    true
}

/// Defines a canary in the crate where it expands, and evaluates to whether the fields are in their declared order.
#[doc(hidden)]
#[macro_export]
macro_rules! __layout_in_order {
    () => {{
        struct Sixteen {
            a: u32,
            b: u32,
            c: u32,
            d: u32,
            e: u32,
            f: u32,
            g: u32,
            h: u32,
            i: u32,
            j: u32,
            k: u32,
            l: u32,
            m: u32,
            n: u32,
            o: u32,
            p: u32,
        }
        $crate::__private::in_order(&$crate::__private::Canary([
            ::core::mem::offset_of!(Sixteen, a),
            ::core::mem::offset_of!(Sixteen, b),
            ::core::mem::offset_of!(Sixteen, c),
            ::core::mem::offset_of!(Sixteen, d),
            ::core::mem::offset_of!(Sixteen, e),
            ::core::mem::offset_of!(Sixteen, f),
            ::core::mem::offset_of!(Sixteen, g),
            ::core::mem::offset_of!(Sixteen, h),
            ::core::mem::offset_of!(Sixteen, i),
            ::core::mem::offset_of!(Sixteen, j),
            ::core::mem::offset_of!(Sixteen, k),
            ::core::mem::offset_of!(Sixteen, l),
            ::core::mem::offset_of!(Sixteen, m),
            ::core::mem::offset_of!(Sixteen, n),
            ::core::mem::offset_of!(Sixteen, o),
            ::core::mem::offset_of!(Sixteen, p),
        ]))
    }};
}
