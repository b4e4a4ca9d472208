//! What only Linux counts, or has.

pub(crate) fn mappings() -> Option<usize> {
    None
}

pub(crate) fn most_mappings() -> Option<usize> {
    None
}

pub(crate) fn glibc() -> Option<String> {
    None
}
