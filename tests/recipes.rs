//! The recipes of the guide: types of well-known crates between a host and a plugin, each with its own copy of the crates.

use harness::{Build, Child};

#[test]
fn types_of_well_known_crates_cross() {
    let (host, plugin) = (Build::new("recipes-host").program("recipes-host"), Build::new("recipes").library());
    let said = Child::new(&harness::command(host).arg(plugin).output().unwrap());
    assert!(said.success, "{}", said.stderr);
    let expected = [
        "1970-01-02 00:00:00 UTC",
        "true",
        "1970-01-01 00:00:00 UTC 1970-01-01 00:01:00 UTC",
        "Err(\"no settings\")",
        "null true",
        "Ok(\"[[1,\\\"two\\\"],\\\"default\\\"]\") {\"kept\":null,\"new\":{\"number\":2}}",
        "00000000-0065-7861-6d70-6c652e6f7267 00000000-0065-7861-6d70-6c652e6f7267",
        "https://example.org/a/b?from=plugin https://example.org/c",
        "\"plugin of PUT\" /open b\"text\"",
        "403 Forbidden b\"TEXT\"",
        "{\"x-status\": \"404\"}",
    ];
    assert_eq!(said.stdout.lines().collect::<Vec<_>>(), expected);
}
