//! Sorts lines, and removes repeated ones: two plugins in one library.

mod scope;
mod sort;
mod unique;

plugbox::export!(sort::Sort as dyn edit_api::Plugin, unique::Unique as dyn edit_api::Plugin);
