//! Frozen interfaces: the comparison of two canonical texts, and the API author's test.
//!
//! Every function here is `#[inline]`, so it is compiled where it is called: in tests, and not once more for each plugin.

mod golden;
mod reexport;
mod canonical;

pub use canonical::{Change, Difference, Harm, differences, kind};
pub use golden::{assert_frozen, class};
