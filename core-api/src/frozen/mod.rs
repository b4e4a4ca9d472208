//! Frozen interfaces: the comparison of two canonical texts, and the API author's test.

mod golden;
mod canonical;

pub use canonical::{Change, Difference, Harm, differences, kind};
pub use golden::{assert_frozen, class};
