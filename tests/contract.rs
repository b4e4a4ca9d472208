//! One kept library of each contract: the current host loads it, or refuses it by name, in all later versions.

use std::path::PathBuf;
use std::process::Command;

use contract_api::{Kept, Other};
use harness::{TARGET, repository};
use plugbox_loader::{Code, LoadError, Loaded, Loader, Trust};

/// The kept libraries, with the numbers of their contracts.
fn kept() -> Vec<(u32, PathBuf)> {
    let files = std::fs::read_dir(repository().join("tests/contract")).unwrap();
    let libraries = files.filter_map(|file| {
        let path = file.unwrap().path();
        let number = path.file_name()?.to_str()?.strip_prefix("contract-")?.strip_suffix(".so")?.parse().ok()?;
        Some((number, path))
    });
    libraries.collect()
}

/// Whether the compiler of this test also built the library.
fn same_compiler(library: &std::path::Path) -> bool {
    let its = std::fs::read_to_string(library.with_extension("rustc")).unwrap();
    let ours = Command::new("rustc").arg("-vV").output().unwrap();
    let ours = String::from_utf8(ours.stdout).unwrap();
    TARGET == "x86_64-unknown-linux-gnu" && its.lines().all(|line| ours.contains(line))
}

struct Seven;

impl Other for Seven {
    fn answer(&self) -> u64 {
        7
    }
}

#[test]
fn a_library_of_the_present_contract_loads_and_works_and_every_other_is_refused_by_name() {
    let kept = kept();
    assert!(kept.iter().any(|(number, _)| *number == plugbox::__private::CONTRACT), "{kept:?}");
    for (number, library) in kept {
        // SAFETY: this project built the library.
        let loader =
            Loader::new(unsafe { Trust::directory(library.parent().unwrap()) }.unwrap().allow_group_writable());
        let loaded = loader.configure("kept", "as bytes").load_file::<dyn Kept>(&library);
        if number == plugbox::__private::CONTRACT && same_compiler(&library) {
            let plugin = loaded.unwrap();
            assert_eq!(plugin.config(), "as bytes");
            assert_eq!(plugin.split("a b"), ["a", "b"]);
            assert_eq!(plugin.ask(Box::new(Seven)).answer(), 14);
            assert_eq!(Loaded::call(&plugin, |plugin| plugin.fail()).unwrap_err().panic().message, "kept");
            continue;
        }
        let error = loaded.unwrap_err();
        assert!(matches!(error, LoadError::Refused(_)), "{error}");
        let by_name =
            if number == plugbox::__private::CONTRACT { Code::CompilerDiffers } else { Code::ContractDiffers };
        let codes: Vec<Code> = error.reasons().iter().map(|reason| reason.code).collect();
        assert!(codes.contains(&by_name) || codes.contains(&Code::OtherTarget), "{error}");
        let whole = [Code::NotALibrary, Code::NotWhole, Code::NoManifest];
        assert!(!codes.iter().any(|code| whole.contains(code)), "{error}");
    }
}
