//! The comparison of flags, target features and panic strategies.

use std::collections::BTreeSet;

use super::profile::HostProfile;
use crate::errors::{Code, Reason, SHARED_STD};
use crate::manifest::Manifest;

pub(super) fn judge_features(host: &HostProfile, library: &Manifest, reasons: &mut Vec<Reason>) {
    let mut lacking: Vec<&str> = library.features().filter(|feature| host.processor.lacks(feature)).collect();
    if !lacking.is_empty() {
        lacking.sort_unstable();
        lacking.dedup();
        let lacking = lacking.join(", ");
        reasons.push(Reason::new(
            Code::CpuLacks,
            format!("a processor without {lacking}"),
            format!("built to use {lacking}"),
            "build the plugin without `-C target-cpu=native` and without these target features",
        ));
    }
}

pub(super) fn judge_flags(host: &Manifest, library: &Manifest, reasons: &mut Vec<Reason>) {
    let randomized = |manifest: &Manifest| {
        manifest.is_randomized()
            || manifest.builds.iter().flat_map(|build| &build.flags).any(|flag| flag == "randomize-layout")
    };
    fn others(manifest: &Manifest) -> BTreeSet<&str> {
        let flags = manifest.builds.iter().flat_map(|build| &build.flags).map(String::as_str);
        flags.filter(|flag| *flag == "soft-float" || flag.starts_with("sanitizer=")).collect()
    }
    // A shared std has its own allocator, so the host cannot free its memory. All libraries also share its panic hook.
    let shared_std = |manifest: &Manifest| {
        manifest.builds.iter().flat_map(|build| &build.flags).any(|flag| flag == "prefer-dynamic")
    };
    let say = |manifest: &Manifest| {
        let mut said: Vec<&str> = others(manifest).into_iter().collect();
        if shared_std(manifest) {
            said.insert(0, SHARED_STD);
        }
        if randomized(manifest) {
            said.insert(0, "randomized layouts");
        }
        if said.is_empty() { "none of these flags".to_owned() } else { said.join(", ") }
    };
    // Randomized layouts refuse even if both sides have them: without a seed, the order depends on the crate's
    // metadata.
    if randomized(host) || randomized(library) || shared_std(library) || others(host) != others(library) {
        reasons.push(Reason::new(
            Code::FlagsDiffer,
            say(host),
            say(library),
            "build both sides without `-Z randomize-layout` and with the same sanitizer and float flags, and build the \
             plugin without `-C prefer-dynamic`",
        ));
    }
}

pub(super) fn judge_panic(host: &Manifest, library: &Manifest, reasons: &mut Vec<Reason>) {
    fn strategies(manifest: &Manifest) -> impl Iterator<Item = &str> {
        let builds = manifest.builds.iter().map(|build| build.panic.as_str());
        builds.chain(manifest.plugins.iter().map(|plugin| plugin.panic.as_str()))
    }
    if strategies(host).chain(strategies(library)).any(|strategy| strategy != "unwind") {
        let [ours, theirs] = [host, library].map(|side| {
            let all: BTreeSet<&str> = strategies(side).collect();
            if all.is_empty() { "unwind".to_owned() } else { all.into_iter().collect::<Vec<_>>().join(" and ") }
        });
        reasons.push(Reason::new(
            Code::PanicDiffers,
            format!("panic = \"{ours}\""),
            format!("panic = \"{theirs}\""),
            "remove `panic = \"abort\"` from the profile in Cargo.toml, or call `Loader::allow_panic_abort` in the \
             host",
        ));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::manifest::Build;

    fn of_builds(builds: &[&[&str]]) -> Manifest {
        let builds = builds.iter().map(|flags| {
            let flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
            Arc::new(Build { flags, ..Build::default() })
        });
        Manifest { builds: builds.collect(), ..Manifest::default() }
    }

    #[test]
    fn flags_are_compared_as_sets_however_many_builds_have_them() {
        let host = of_builds(&[&["sanitizer=address", "soft-float"]]);
        let refused = |builds: &[&[&str]]| {
            let mut reasons = Vec::new();
            judge_flags(&host, &of_builds(builds), &mut reasons);
            !reasons.is_empty()
        };
        assert!(!refused(&[&["sanitizer=address", "soft-float"], &["sanitizer=address"]]));
        assert!(!refused(&[&["soft-float"], &["sanitizer=address"]]));
        assert!(refused(&[&["sanitizer=address"], &["sanitizer=address"]]));
        assert!(refused(&[&["sanitizer=thread", "soft-float"]]), "another sanitizer");
    }
}
