//! The comparison of compilers and targets.

use super::toolchain::with_compiler;
use crate::errors::{Code, Reason};
use crate::manifest::Build;

pub(super) fn judge_build(ours: &Build, theirs: &Build, reasons: &mut Vec<Reason>) {
    if !same_compiler(ours, theirs) {
        let remedy = format!("build the plugin with the host's compiler: {}", with_compiler(ours));
        reasons.push(Reason::new(Code::CompilerDiffers, compiler(ours), compiler(theirs), remedy));
    }
    if ours.target != theirs.target {
        let remedy = format!("cargo build --release --target {}", ours.target);
        reasons.push(Reason::new(Code::TargetDiffers, &ours.target, &theirs.target, remedy));
    }
}

/// Whether two builds used the same compiler. Release and commit decide, and not the name that a distribution gives to
/// its build. Two unknown commits prove nothing, so then everything that the compilers report about themselves must be
/// equal.
fn same_compiler(a: &Build, b: &Build) -> bool {
    if a.release != b.release || a.commit != b.commit {
        return false;
    }
    let whole = |build: &Build| (build.rustc.clone(), build.date.clone(), build.llvm.clone(), build.builder.clone());
    a.commit != "unknown" || whole(a) == whole(b)
}

fn compiler(build: &Build) -> String {
    if build.commit == "unknown" {
        return format!("{}, commit unknown, {}, LLVM {}", build.rustc, build.builder, build.llvm);
    }
    let commit: String = build.commit.chars().take(9).collect();
    let suffix = build.rustc.split_once(") ").map(|(_, suffix)| format!(" {suffix}")).unwrap_or_default();
    format!("rustc {} ({commit} {}){suffix}", build.release, build.date)
}
