//! Checks that `plugin.h` is what cbindgen generates from `src/abi.rs`. `UPDATE_EXPECT=1` writes it.

use std::path::Path;

use cbindgen::{Builder, Config};
use expect_test::expect_file;

#[test]
fn the_header_says_what_the_bridge_reads() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = Config::from_file(package.join("cbindgen.toml")).unwrap();
    let bindings = Builder::new().with_src(package.join("src/abi.rs")).with_config(config).generate().unwrap();
    let mut header = Vec::new();
    bindings.write(&mut header);
    expect_file!["../../include/plugin.h"].assert_eq(std::str::from_utf8(&header).unwrap());
}
