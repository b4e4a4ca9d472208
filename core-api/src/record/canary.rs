//! The layout canary: notices a randomized layout, however it was switched on.
//!
//! Whether a type's layout is shuffled is decided by the flags of the crate that *defines* it, and build scripts do not
//! see every flag. So the macros define these sixteen equal fields in each crate that they expand in, and look whether
//! the compiler kept them in order.

/// Offsets of the canary's sixteen fields, in declaration order.
pub struct Canary(pub [usize; 16]);

/// Whether the fields lie in the order in which they were declared, as they do unless a flag shuffles them.
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

/// Defines a canary in the crate where it expands, and says whether its layout is the declared one.
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
