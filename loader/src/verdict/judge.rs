//! The verdict: a pure function of the host's profile and a library's bytes.
//!
//! The verdict collects all reasons, and does not stop at the first one. The compiler's identity and the API's semver
//! version come first.

use super::boundary;
use super::changes::MAX_DIFFERENCES;
use super::compiler::judge_build;
use super::flags::{judge_features, judge_flags, judge_panic};
use super::interface::judge_plugins;
use super::profile::HostProfile;
use super::requirements::Requirements;
use super::verdict::Verdict;
use crate::errors::{Code, Reason};
use crate::manifest::Manifest;
use crate::read::{Container, Image, ReadError};

/// Judges a library from the result of reading it.
///
/// # Examples
///
/// ```
/// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
/// use plugbox_loader::inspect::{self, Requirements, HostProfile, judge};
/// let host = HostProfile::of_this_process::<dyn Plugin>()?;
/// let read = inspect::image(std::path::Path::new("Cargo.toml"));
/// let verdict = judge(&host, read.as_ref(), &Requirements::default());
/// assert_eq!(verdict.reasons()[0].code.as_str(), "not-a-library");
/// # Ok::<(), plugbox_loader::HostError>(())
/// ```
#[must_use]
pub fn judge(host: &HostProfile, read: Result<&Image, &ReadError>, requirements: &Requirements) -> Verdict {
    let library = match read {
        Ok(image) => image,
        Err(error) => return Verdict::from_reasons(vec![unreadable(error)]),
    };
    if !library.shared {
        return Verdict::from_reasons(vec![not_a_library(
            "an executable, but a plugin is built with `crate-type = [\"cdylib\"]`",
        )]);
    }
    let mut reasons = Vec::new();
    if let Err(what) = &library.whole {
        reasons.push(not_whole(what));
    }
    if library.container != host.container {
        reasons.push(other_target(&host.container, &library.container));
    }
    match &library.manifest {
        Err(damaged) => reasons.push(
            Reason::new(Code::NotWhole, "readable records", damaged.to_string(), "copy or build the library again")
                .at("the manifest"),
        ),
        // The records may be in the missing part of the file.
        Ok(manifest) if manifest.is_empty() && library.whole.is_err() => {}
        Ok(manifest) => judge_manifest(host, library.program, manifest, requirements, &mut reasons),
    }
    Verdict::from_reasons(reasons)
}

fn unreadable(error: &ReadError) -> Reason {
    match error {
        ReadError::NotWhole(what) => not_whole(what),
        other => not_a_library(&other.to_string()),
    }
}

fn not_a_library(what: &str) -> Reason {
    Reason::new(Code::NotALibrary, "a shared library", what, POINT)
}

/// The fix for a file that is something else.
const POINT: &str = "point to the library that cargo built, such as target/release/libname.so";

fn not_whole(what: &str) -> Reason {
    let remedy = "copy or build the library again, and load it when that has finished";
    Reason::new(Code::NotWhole, "a complete file", what, remedy)
}

fn other_target(host: &Container, library: &Container) -> Reason {
    Reason::new(Code::OtherTarget, host.to_string(), library.to_string(), "build the plugin for the host's target")
}

fn judge_manifest(
    host: &HostProfile,
    program: bool,
    library: &Manifest,
    requirements: &Requirements,
    reasons: &mut Vec<Reason>,
) {
    let ours = plugbox::__private::CONTRACT;
    for theirs in &library.foreign_contracts {
        reasons.push(Reason::new(
            Code::ContractDiffers,
            format!("contract {ours}"),
            format!("contract {theirs}"),
            "build plugin and host with the same version of plugbox",
        ));
    }
    if !library.plugins.is_empty() && library.builds.is_empty() {
        reasons.push(
            Reason::new(
                Code::NotWhole,
                "a record of the build",
                "records of plugins, but none of the build",
                "build the library again, without tools that remove or rewrite notes",
            )
            .at("the manifest"),
        );
    }
    if library.plugins.is_empty() && library.foreign_contracts.is_empty() {
        let export = "write `plugbox::export!(Type as dyn Interface);` in the plugin's crate";
        let expected = "a library with the records of a plugin";
        reasons.push(if program {
            let (code, found) = match library.is_empty() {
                true => (Code::NoManifest, "a program without plugbox records"),
                false => (Code::NoPlugin, "a program: a host, or a program that links an API"),
            };
            Reason::new(code, expected, found, POINT)
        } else if library.is_empty() {
            let remedy = format!(
                "{export}; if that line is there, a tool has removed the notes: old versions of patchelf move them out of their \
                 segment"
            );
            Reason::new(Code::NoManifest, expected, "no plugbox records", remedy)
        } else {
            Reason::new(Code::NoPlugin, expected, "plugbox records, but none of a plugin", export)
        });
    }
    // An image that links several versions of plugbox has several builds. In the host, one compiler built all of them.
    if let Some(ours) = host.manifest.builds.first() {
        library.builds.iter().for_each(|theirs| judge_build(ours, theirs, reasons));
    }
    judge_features(host, library, reasons);
    judge_flags(&host.manifest, library, reasons);
    if !requirements.allow_panic_abort {
        judge_panic(&host.manifest, library, reasons);
    }
    judge_plugins(host, library, requirements, reasons);
    // An unknown crate is a reason even if the records are equal: two unknown crates may differ.
    let foreign = library.shapes.iter().filter(|shape| shape.is_foreign());
    for unknown in foreign.flat_map(|shape| boundary::unknown(shape)).take(MAX_DIFFERENCES) {
        let told = |reason: &Reason| reason.code == unknown.code && reason.plugin == unknown.plugin;
        if !reasons.iter().any(told) {
            reasons.push(unknown);
        }
    }
}
