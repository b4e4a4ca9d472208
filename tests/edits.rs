//! The matrix of edits. Each test case edits an API, builds a plugin with the edit, and judges the plugin with a host
//! that was built without the edit. If the edit could harm the host, the plugin must be refused, for the right reason
//! and at the right place, or it must not compile. Otherwise the plugin must fit. The edits are in
//! `tests/edits/*/*.txt`.

#[path = "edits/compiler.rs"]
mod compiler;
#[path = "edits/edit.rs"]
mod edit;
#[path = "edits/source.rs"]
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use compiler::Compiler;
use edit::{APIS, Edit, Right, Seen};
use expect_test::expect_file;
use harness::{Child, repository};
use plugbox_loader::Reason;
use plugbox_loader::inspect::{self, HostProfile, Requirements, Verdict, judge};
use source::Source;

/// The maximum number of edits in one plugin. A refusal lists eight differences for one interface, and some edits make
/// two.
const TOGETHER: usize = 4;
/// The maximum number of edits in one plugin if no edit changes anything that crosses the boundary.
const QUIET: usize = 16;

/// The result for a plugin.
enum Found {
    Judged(Verdict),
    Error(String),
}

struct Matrix {
    compiler: Compiler,
    bases: BTreeMap<&'static str, Source>,
}

impl Matrix {
    /// Judges a plugin that was built from the sources `plugin` with a host that was built from the sources `host`.
    fn found(&self, host: &Source, plugin: &Source) -> Found {
        let libraries = self.compiler.plugin(host).and_then(|host| Ok((host, self.compiler.plugin(plugin)?)));
        let (host, plugin) = match libraries {
            Ok(libraries) => libraries,
            Err(said) => return Found::Error(said),
        };
        let host = HostProfile::of_image(inspect::image(&host).expect("the host can be read"))
            .expect("the library is a host, too");
        // The requirements of a loader whose host loads `dyn Plugin`.
        let requirements = Requirements::for_interfaces(["api::Plugin"]);
        Found::Judged(judge(&host, inspect::image(&plugin).as_ref(), &requirements))
    }

    /// Checks the result of an edit, and describes each error.
    fn wrong(&self, edit: &Edit) -> Result<(), String> {
        let (host, plugin) = edit.sides(&self.bases[edit.api])?;
        let found = self.found(&host, &plugin);
        // If the edited API is not valid Rust, the compiler's refusal proves nothing.
        let rust = match &found {
            Found::Error(_) => self.compiler.is_rust(&plugin).map(drop),
            Found::Judged(_) => Ok(()),
        };
        let rust = rust.map_err(|said| format!("the edited API is not valid Rust: {}", errors(&said)));
        let answer = answered(edit, &found);
        let shown = match (&edit.call, found) {
            (Some((call, expected)), Found::Judged(_)) => self.shown(&host, &plugin, call, expected),
            _ => Ok(()),
        };
        let wrong: Vec<String> = [answer, rust, shown].into_iter().filter_map(Result::err).collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
    }

    /// Returns the edits with a wrong result, with descriptions of the errors. If a group of edits does not have the
    /// right result, the halves are tried, down to single edits.
    fn all_wrong<'a>(&self, edits: &[&'a Edit]) -> Vec<(&'a Edit, String)> {
        if let [edit] = edits {
            return self.wrong(edit).err().map(|found| (*edit, found)).into_iter().collect();
        }
        if self.are_right(edits) {
            return Vec::new();
        }
        let (some, rest) = edits.split_at(edits.len() / 2);
        [self.all_wrong(some), self.all_wrong(rest)].concat()
    }

    /// Whether edits that were made together all have the right result: the refusal reports one difference for each
    /// edit that should be refused, and no other differences.
    fn are_right(&self, edits: &[&Edit]) -> bool {
        let base = &self.bases[edits[0].api];
        let Some(source) = made(base, edits) else { return false };
        match self.found(base, &source) {
            Found::Judged(Verdict::Fits) => edits.iter().all(|edit| edit.right == Right::Fits),
            Found::Judged(Verdict::Refused(reasons)) => {
                let is_theirs =
                    |at: &str| edits.iter().any(|edit| edit.places().any(|place| owner(place) == owner(at)));
                let mut also = reasons.iter().flat_map(|reason| &reason.also);
                edits.iter().all(|edit| is_told(edit, &reasons)) && also.all(|other| is_theirs(&other.at))
            }
            Found::Error(_) => false,
        }
    }

    /// Checks that the call shows the harm of the edited plugin to a host without a gate, and no harm with the host's
    /// own plugin.
    fn shown(&self, host: &Source, plugin: &Source, call: &str, expected: &[Seen]) -> Result<(), String> {
        let program =
            self.compiler.host(host).map_err(|said| format!("the host does not compile: {}", errors(&said)))?;
        let (control, plugin) = (self.compiler.plugin(host)?, self.compiler.plugin(plugin)?);
        let control = seen(&program, &control, call)?;
        if control.0 != Seen::Right {
            return Err(format!("the call proves nothing: it shows {control:?} without the edit"));
        }
        let found = seen(&program, &plugin, call)?;
        if expected.contains(&found.0) { Ok(()) } else { Err(format!("the call shows {found:?}")) }
    }
}

/// Checks the verdict on a plugin or the compiler's message against the expected answer.
fn answered(edit: &Edit, found: &Found) -> Result<(), String> {
    match (&edit.right, found) {
        (Right::Fits | Right::NotSeen(_), Found::Judged(Verdict::Fits))
        | (Right::TooStrict(_) | Right::NotTaken, Found::Judged(Verdict::Refused(_)))
        | (Right::NotTaken, Found::Error(_)) => Ok(()),
        (Right::Refused(code, places), Found::Judged(Verdict::Refused(reasons)))
            if reasons[0].code.as_str() == code && places.contains(&reasons[0].at) =>
        {
            let said = [&reasons[0].host, &reasons[0].plugin];
            match edit.says.as_ref().filter(|words| !said.iter().any(|side| side.contains(*words))) {
                Some(words) => Err(format!("the reason has {said:?}, which does not contain `{words}`")),
                None => Ok(()),
            }
        }
        (Right::Error(words), Found::Error(said)) if said.contains(words) => Ok(()),
        (_, Found::Judged(Verdict::Fits)) => Err("fits".to_owned()),
        (_, Found::Judged(Verdict::Refused(reasons))) => {
            let reasons = reasons.iter().map(|reason| {
                format!("{} at {} (plugin: {}; host: {})", reason.code, reason.at, reason.plugin, reason.host)
            });
            Err(reasons.collect::<Vec<_>>().join("; "))
        }
        (_, Found::Error(said)) => Err(format!("does not compile: {}", errors(said))),
    }
}

/// Whether the first reported difference in the edit's type or method is the edit.
fn is_told(edit: &Edit, reasons: &[Reason]) -> bool {
    let (Right::Refused(code, places), [reason]) = (&edit.right, reasons) else { return false };
    let first = (&reason.at, &reason.host, &reason.plugin);
    let also = reason.also.iter().map(|other| (&other.at, &other.host, &other.plugin));
    let mut told = std::iter::once(first).chain(also);
    let told = told.find(|(at, ..)| places.iter().any(|place| owner(place) == owner(at)));
    let says = |side: &String| edit.says.as_ref().is_none_or(|words| side.contains(words));
    reason.code.as_str() == code
        && told.is_some_and(|(at, host, plugin)| places.contains(at) && (says(host) || says(plugin)))
}

/// The type, interface or method of a place, without parameters. Types and interfaces are at the root of their crate.
fn owner(place: &str) -> &str {
    let end = place.find(['.', '<']).unwrap_or(place.len());
    let member = place[..end].match_indices("::").nth(1);
    // The owner of a variant is its enum.
    let member = member.filter(|(at, _)| place[at + 2..].starts_with(char::is_uppercase));
    &place[..member.map_or(end, |(at, _)| at)]
}

/// Runs a host without a gate, and returns the effect of a call.
fn seen(program: &Path, library: &Path, call: &str) -> Result<(Seen, Child), String> {
    let child = Child::new(&Command::new(program).arg(library).arg(call).output().map_err(|error| error.to_string())?);
    let seen = match &child {
        Child { success: true, stdout, .. } if stdout == "right\n" => Seen::Right,
        Child { stdout, .. } if stdout.starts_with("wrong") => Seen::Wrong,
        Child { signal: Some(_), .. } => Seen::Killed,
        _ => return Err(format!("the call ended without a result: {child:?}")),
    };
    Ok((seen, child))
}

/// The first lines of the compiler's errors.
fn errors(said: &str) -> String {
    let lines = said.lines().filter(|line| line.starts_with("error") || line.trim_start().starts_with("--> "));
    lines.take(4).map(str::trim).collect::<Vec<_>>().join(" ")
}

/// The plugin with all of these edits, or `None` if one of them does not apply.
fn made(base: &Source, edits: &[&Edit]) -> Option<Source> {
    edits.iter().try_fold(base.clone(), |source, edit| Some(edit.sides(&source).ok()?.1))
}

/// Groups edits that can be made together in one plugin. Two edits of one type or method are never in the same group.
fn together<'a>(base: &Source, edits: &[&'a Edit], most: usize) -> Vec<Vec<&'a Edit>> {
    let mut groups: Vec<Vec<&Edit>> = Vec::new();
    for edit in edits {
        let apart = |other: &&Edit| !other.places().any(|place| edit.places().any(|own| owner(own) == owner(place)));
        let can_be_made = |group: &Vec<&Edit>| made(base, &[&group[..], &[*edit]].concat()).is_some();
        let mut room = groups.iter_mut().filter(|group| group.len() < most && group.iter().all(apart));
        match room.find(|group| can_be_made(group)) {
            Some(group) => group.push(edit),
            // An edit that never applies is reported when it is tried alone.
            None => groups.push(vec![edit]),
        }
    }
    groups
}

/// Tests all edits, with one thread for each processor.
#[test]
fn every_edit_has_the_right_answer() {
    let edits = Edit::all();
    let matrix = Matrix { compiler: Compiler::new(), bases: APIS.map(|api| (api, Source::new(api))).into() };
    let mut jobs: Vec<Vec<&Edit>> = Vec::new();
    for (api, base) in &matrix.bases {
        match matrix.found(base, base) {
            Found::Judged(verdict) => assert_eq!(verdict, Verdict::Fits, "{api}"),
            Found::Error(said) => panic!("{api}: {said}"),
        }
        let (several, single): (Vec<&Edit>, Vec<&Edit>) =
            edits.iter().filter(|edit| edit.api == *api).partition(|edit| edit.is_with_others());
        let (quiet, told): (Vec<&Edit>, Vec<&Edit>) = several.into_iter().partition(|edit| edit.right == Right::Fits);
        jobs.extend(single.into_iter().map(|edit| vec![edit]));
        jobs.extend(together(base, &told, TOGETHER));
        jobs.extend(together(base, &quiet, QUIET));
    }
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(edits) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = matrix.all_wrong(edits);
                    wrong.lock().expect("no thread has panicked").extend(found);
                }
            });
        }
    });
    matrix.compiler.tidy();
    let mut wrong = wrong.into_inner().expect("no thread has panicked");
    wrong.sort_by_key(|(edit, _)| (&edit.kind, &edit.name));
    let mut table = String::new();
    for (edit, found) in &wrong {
        writeln!(table, "{}: {}\n  right: {:?}\n  found: {found}", edit.kind, edit.name, edit.right).unwrap();
    }
    assert!(wrong.is_empty(), "{} of {} edits have a wrong result\n{table}", wrong.len(), edits.len());
}

/// Updates or checks the paragraph and the table about the matrix in docs/checked.md.
#[test]
fn the_guide_says_how_many_edits_there_are() {
    let edits = Edit::all();
    let names: BTreeSet<&String> = edits.iter().map(|edit| &edit.name).collect();
    assert_eq!(names.len(), edits.len(), "two edits have the same name");
    let count = |of: &dyn Fn(&Edit) -> bool| edits.iter().filter(|edit| of(edit)).count();
    let (harm, called) = (count(&|edit| edit.right.is_harm()), count(&|edit| edit.call.is_some()));
    let mut said = format!(
        "A matrix of {} edits of two APIs (`tests/edits`) tests the gate. {harm} edits could harm a host: a plugin built with one\n\
         is refused at the right place, or does not compile. For {called} of the edits, a call shows the harm to a host without the\n\
         gate. {} edits change nothing that crosses the boundary, and plugins built with them fit. The known exceptions are:\n\n\
         | edit | |\n| --- | --- |\n",
        edits.len(),
        edits.len() - harm,
    );
    for edit in &edits {
        match &edit.right {
            Right::NotSeen(why) => writeln!(said, "| {} | not noticed: {why} |", edit.name).unwrap(),
            Right::TooStrict(why) => writeln!(said, "| {} | refused: {why} |", edit.name).unwrap(),
            _ => {}
        }
    }
    let text = fs::read_to_string(repository().join("docs/checked.md")).unwrap();
    let (head, rest) = text.split_once("<!-- edits -->\n").unwrap();
    let (_, tail) = rest.split_once("<!-- end -->").unwrap();
    expect_file!["../docs/checked.md"].assert_eq(&format!("{head}<!-- edits -->\n{said}<!-- end -->{tail}"));
}
