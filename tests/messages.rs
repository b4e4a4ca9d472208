//! Collects all refusals in `tests/messages.txt`, which reads as prose. `UPDATE_EXPECT=1` writes this file.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use boundary_api::Transform;
use expect_test::expect_file;
use fixture_api::{Nobody, Plugin};
use harness::{Build, load, loader, masked, patched, refused, scratch};
use plugbox_loader::Code;

fn written(bytes: &[u8]) -> PathBuf {
    let path = scratch("written").join("libfixture_plugin.so");
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn every_message_reads_as_it_should() {
    let library = Build::plugin().library();
    let bytes = fs::read(&library).unwrap();
    let drifted = |feature: &str| Build::plugin().feature(feature).library();
    let mut other_machine = bytes.clone();
    other_machine[18] = 243;
    let four_ways = patched(
        &Build::plugin().feature("drift-field").api_version("2.0.0").config("profile.dev.panic=\"abort\"").library(),
        b"\nrelease 1.",
        b"\nrelease 0.",
    );
    let plain = [
        ("a text", written(b"#!/bin/sh\n")),
        ("the beginning of a library", written(&bytes[..3000])),
        ("a library that is still being copied", written(&bytes[..20_000])),
        ("a library for another machine", written(&other_machine)),
        ("somebody else's library", Build::new("fixture-foreign").library()),
        ("a library that exports no plugin", Build::new("fixture-cdylib-host").library()),
        (
            "a damaged record",
            patched(&library, b"\ninterface fixture_api::Plugin 1.2.4", b"\ninterface fixture_api::Plugin 1.2.x"),
        ),
        ("an edited record", patched(&library, b"method fn first(&'a self)", b"method fn frist(&'a self)")),
        ("another contract", patched(&library, b"contract 1\n", b"contract 7\n")),
        ("another compiler", patched(&library, b"\nrelease 1.", b"\nrelease 0.")),
        ("another target", patched(&library, b"-gnu\nfeatures", b"-gnx\nfeatures")),
        ("panics that abort", Build::plugin().config("profile.dev.panic=\"abort\"").library()),
        (
            "shuffled layouts",
            Build::plugin().last_crate_flag("-Zrandomize-layout").env("RUSTC_BOOTSTRAP", "1").library(),
        ),
        ("a later C library", patched(&library, b"GLIBC_2.34\0", b"GLIBC_2.99\0")),
        ("an executable stack", Build::plugin().last_crate_flag("-Clink-arg=-Wl,-z,execstack").library()),
        ("another version of the API", Build::plugin().api_version("2.0.0").library()),
        ("a field that was added", drifted("drift-field")),
        ("methods that changed places", drifted("drift-order")),
        ("a default method that was added", drifted("drift-default")),
        ("fields that changed places deep inside", drifted("drift-deep")),
        ("wrong in four ways", four_ways),
        ("an initializer that allocates", drifted("early-allocation")),
        ("another build of std", drifted("other-probe")),
        ("a constructor that fails", drifted("constructor-fails")),
    ];
    let mut all = String::new();
    for (title, library) in plain {
        writeln!(all, "# {title}\n{}\n", masked(&refused(&library), &library)).unwrap();
    }

    let error = loader(&library).load_file::<dyn Nobody>(&library).unwrap_err();
    writeln!(all, "# a plugin for another interface\n{}\n", masked(&error, &library)).unwrap();
    let narrow = loader(&library).require_versions("^1.3".parse().unwrap());
    let error = narrow.load_file::<dyn Plugin>(&library).unwrap_err();
    writeln!(all, "# a version that the host does not take\n{}\n", masked(&error, &library)).unwrap();
    for (title, library) in [
        ("another version of a foreign crate", Build::other_bytes().library()),
        ("a foreign crate that nobody knows", Build::new("boundary").env("PLUGBOX_WORKSPACE", "/nowhere").library()),
    ] {
        let error = loader(&library).load_file::<dyn Transform>(&library).unwrap_err();
        writeln!(all, "# {title}\n{}\n", masked(&error, &library)).unwrap();
    }
    let elsewhere = scratch("elsewhere").join("libany.so");
    let error = loader(&elsewhere).load_file::<dyn Plugin>(&library).unwrap_err();
    let untrusted = masked(&error, &library).replace(elsewhere.parent().unwrap().to_str().unwrap(), "elsewhere");
    writeln!(all, "# a library outside the trusted folder\n{untrusted}\n").unwrap();
    let missing = library.with_file_name("libmissing.so");
    writeln!(all, "# a file that is not there\n{}\n", masked(&load(&missing).unwrap_err(), &missing)).unwrap();
    let twins = Build::new("fixture-twins").library();
    writeln!(all, "# several plugins where one was asked for\n{}", masked(&load(&twins).unwrap_err(), &twins)).unwrap();

    for code in Code::ALL {
        // The message of `cpu-lacks` depends on the processor.
        assert!(code == Code::CpuLacks || all.contains(code.as_str()), "no message has the code {code}");
    }
    expect_file!["messages.txt"].assert_eq(&all);
}
