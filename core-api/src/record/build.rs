//! The `build` record: the compiler and the flags that built this image.

use super::writer::{Kind, Notes, Writer};
use crate::abi::CONTRACT;

const TEXT: &str = include_str!(concat!(env!("OUT_DIR"), "/build.txt"));
const PANIC: &str = if cfg!(panic = "abort") { "abort" } else { "unwind" };
const LIBC: &str = if cfg!(target_feature = "crt-static") { "static-libc" } else { "dynamic-libc" };

const fn write<const N: usize>() -> Writer<N> {
    let mut note = Writer::new();
    let start = note.begin(Kind::Build, CONTRACT);
    note.line("plugbox", env!("CARGO_PKG_VERSION"));
    note.text(TEXT);
    note.line("panic", PANIC);
    note.line("libc", LIBC);
    note.layout(crate::__layout_in_order!());
    note.end(start);
    note
}

const LEN: usize = write::<0>().len();

#[used]
#[cfg_attr(target_vendor = "apple", unsafe(link_section = "__TEXT,__plugbox"))]
#[cfg_attr(windows, unsafe(link_section = ".plugbox"))]
#[cfg_attr(not(any(target_vendor = "apple", windows)), unsafe(link_section = ".note.plugbox"))]
static RECORD: Notes<LEN> = write::<LEN>().into_notes();

/// The bytes of the `build` record of the image into which this code is linked.
pub const BUILD: &[u8] = &RECORD.0;
