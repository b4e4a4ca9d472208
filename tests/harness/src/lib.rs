//! Shared by the tests: fixtures, which are real libraries; hosts for them; and processes that may end abnormally.

mod build;
mod child;
mod compilers;
mod cross;
mod fixtures;
mod folders;
mod host;
mod lock;
mod log;
mod page;
mod request;
mod run;
mod target;

pub use build::Build;
pub use child::{Child, in_child, passed_alone};
pub use compilers::second_compilers;
pub use cross::{Cross, Linked};
pub use folders::{
    Outside, build_outside, build_packages, build_programs, copy_tree, lean, outside, repository, scratch, target_dir,
};
pub use host::{Answering, codes, lacking_feature, load, loader, masked, patched, refused};
pub use log::{hears, logged};
pub use page::{shown, shows};
pub use request::build_fixtures_while;
pub use target::{TARGET, as_on_linux, c_compiler, command, compiler, has_linker, is_emulated, library_name};
