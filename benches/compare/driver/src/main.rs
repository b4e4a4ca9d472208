//! Builds the candidates, runs them in interleaved rounds, and prints a Markdown table with two runs and the budgets.
//!
//! `--quick` runs each candidate once, as a test that everything works, and counts the instructions of one row.
//! `--only TEXT` runs the rows with this text in their names; `--only reload` runs the rows about reloading.

use std::error::Error;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

/// A row: its name, the number of repetitions in a host, and its budgets for time and instructions.
struct Row {
    name: &'static str,
    times: u64,
    budget: Option<f64>,
    most_instructions: Option<i64>,
}

impl Row {
    /// Whether the row is compared with the same work in the host, and not with the bare library.
    fn is_of_the_host(&self) -> bool {
        self.name.starts_with("disabled")
    }

    /// Whether the row measures loading or reading files, and not calls.
    fn is_of_files(&self) -> bool {
        self.name.starts_with("first answer") || self.name.starts_with("look at")
    }

    /// Whether the number of instructions means something: it does not with files, threads or the passing of time.
    fn counts_instructions(&self) -> bool {
        !self.is_of_files() && !self.name.ends_with("threads") && !self.name.ends_with("sleeps")
    }
}

const fn row(name: &'static str, times: u64, budget: Option<f64>, most_instructions: Option<i64>) -> Row {
    Row { name, times, budget, most_instructions }
}

const ROWS: [Row; 32] = [
    row("tiny call", 20_000_000, Some(1.10), Some(3)),
    row("4 KiB split into Strings", 3_000, Some(1.15), None),
    row("host callback", 5_000_000, None, None),
    row("100 host callbacks in a call", 100_000, None, None),
    row("ready future", 3_000_000, Some(1.15), None),
    row("ready future, boxed by the plugin", 3_000_000, None, None),
    row("pending poll", 20_000_000, Some(1.20), None),
    row("pending with one wake", 3_000_000, None, None),
    row("pending with one wake, on tokio", 1_000_000, Some(1.07), None),
    row("10,000 sleeps", 50, None, None),
    row("stream item", 20_000_000, None, None),
    row("closure call", 20_000_000, None, None),
    row("boxed error", 2_000_000, None, None),
    row("foreign type by reference", 20_000_000, None, None),
    row("disabled event", 20_000, Some(2.0), None),
    row("disabled event, by its place", 20_000, Some(2.0), None),
    row("disabled record", 20_000, Some(2.0), None),
    row("first answer", 50, None, None),
    row("first answer, in place", 50, Some(1.8), None),
    row("first answer, both copy", 50, Some(1.25), None),
    row("first answer of a process, in place", 1, Some(1.8), None),
    row("first answer of a process, both copy", 1, Some(1.25), None),
    row("first answer of 900, in place", 900, Some(1.8), None),
    row("first answer of 900, both copy", 900, Some(1.25), None),
    row("look at one library", 20_000, Some(1.5), None),
    row("look at 1,000 libraries", 20, Some(1.5), None),
    row("tiny call through arc-swap alone", 20_000_000, None, None),
    row("tiny call through a pin", 20_000_000, Some(2.0), None),
    row("tiny call through `call`", 20_000_000, None, None),
    row("tiny call through a pin, on 2 threads", 20_000_000, None, None),
    row("tiny call through a pin, on 4 threads", 10_000_000, None, None),
    row("tiny call through a pin, on 8 threads", 5_000_000, None, None),
];

const CANDIDATES: [&str; 3] = ["in-process", "bare-host", "plugbox-host"];

struct Bench {
    target: PathBuf,
    /// The folder to which both candidates copy: as that of a session, in memory if the system has a place for it. (On ext4,
    /// creating a file takes the longer the more files were deleted in the last minute, here by the rounds before.)
    session: PathBuf,
    /// Hard links to the plugin of each candidate.
    links: [Vec<PathBuf>; 2],
    /// Stripped copies of the plain plugin of each candidate.
    copies: [Vec<PathBuf>; 2],
    /// Plain plugins with another answer.
    seconds: [PathBuf; 2],
    /// A plugin with much state.
    stateful: PathBuf,
}

/// A call through a handle may take so many nanoseconds more than a bare call, whatever the ratio.
const MOST_MORE: f64 = 4.0;

impl Bench {
    fn command(&self, candidate: usize, row: &Row, times: u64) -> Command {
        let mut command = Command::new(self.target.join(CANDIDATES[candidate]));
        command.args([row.name, &times.to_string()]);
        if let Some(library) = candidate.checked_sub(1) {
            // Each library is mapped at most once in a process.
            let (libraries, count) = match row.name {
                name if name.starts_with("first answer") => (&self.copies[library], times as usize),
                "look at 1,000 libraries" => (&self.links[library], 1_000),
                _ => (&self.links[library], 1),
            };
            command.args(&libraries[..count]);
            command.env("XDG_RUNTIME_DIR", &self.session);
        }
        command
    }

    /// The nanoseconds of one repetition.
    fn time(&self, candidate: usize, row: &Row, times: u64) -> Result<f64, Box<dyn Error>> {
        let output = self.command(candidate, row, times).output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        // The bare host leaves its copies, and the other removes its own.
        fs::remove_dir_all(&self.session)?;
        private_folder(&self.session)?;
        let nanoseconds: f64 = String::from_utf8(output.stdout)?.trim().parse()?;
        Ok(nanoseconds / times as f64)
    }

    /// The instructions of one repetition: the difference between 2,000 and 1,000 repetitions, divided by 1,000.
    fn instructions(&self, candidate: usize, row: &Row) -> Result<i64, Box<dyn Error>> {
        let count = |times| -> Result<i64, Box<dyn Error>> {
            let measured = self.command(candidate, row, times);
            let output = Command::new("valgrind")
                .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
                .arg(measured.get_program())
                .args(measured.get_args())
                .output()?;
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            let line = text.lines().find(|line| line.contains("Collected")).ok_or_else(|| text.clone())?;
            Ok(line.rsplit(' ').next().unwrap_or_default().parse()?)
        };
        Ok((count(2_000)? - count(1_000)?) / 1_000)
    }
}

/// The ratio of two candidates' medians over all rounds, and the quartiles of the ratios of single rounds.
struct Ratio {
    median: f64,
    quartiles: (f64, f64),
}

fn quantile(sorted: &[f64], part: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * part).round() as usize]
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

fn median_of(values: &[f64]) -> f64 {
    quantile(&sorted(values.iter().copied()), 0.5)
}

fn ratio(of: &[f64], to: &[f64]) -> Ratio {
    let each = sorted(of.iter().zip(to).map(|(of, to)| of / to));
    Ratio { median: median_of(of) / median_of(to), quartiles: (quantile(&each, 0.25), quantile(&each, 0.75)) }
}

fn private_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().mode(0o700).create(path)
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.session);
    }
}

fn cargo(root: &Path, arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    match Command::new("cargo").args(["build", "--release"]).args(arguments).current_dir(root).status()?.success() {
        true => Ok(()),
        false => Err("the candidates cannot be built".into()),
    }
}

fn build(root: &Path) -> Result<Bench, Box<dyn Error>> {
    let target = root.join("target/release");
    // Apart from the others, because cargo would build plugbox once, with the features of all of them.
    cargo(root, &["--workspace", "--exclude", "bench-plain-plugin", "--exclude", "bench-second-plugin"])?;
    cargo(root, &["-p", "bench-plain-plugin", "-p", "bench-second-plugin", "-p", "bench-stateful-plugin"])?;
    let folder = root.join("target/copies");
    let _ = fs::remove_dir_all(&folder);
    let made = |name: &str, count: usize, make: &dyn Fn(&Path) -> io::Result<()>| {
        fs::create_dir_all(folder.join(name))?;
        let made = (0..count).map(|index| {
            let path = folder.join(name).join(format!("lib{index}.so"));
            make(&path).map(|()| path)
        });
        made.collect::<io::Result<Vec<_>>>()
    };
    let links = |name| made(name, 1_000, &|path| fs::hard_link(target.join(format!("lib{name}.so")), path));
    let stripped = |name: &str| -> Result<PathBuf, Box<dyn Error>> {
        let (library, stripped) = (target.join(format!("lib{name}.so")), folder.join(format!("lib{name}.so")));
        match Command::new("strip").arg("-s").arg(library).arg("-o").arg(&stripped).status()?.success() {
            true => Ok(stripped),
            false => Err("the libraries cannot be stripped".into()),
        }
    };
    let links = [links("bare_plugin")?, links("bench_plugin")?];
    let [bare, plugbox] = [stripped("bare_plain_plugin")?, stripped("bench_plain_plugin")?];
    // The same number of bytes to copy.
    let len = fs::metadata(&plugbox)?.len();
    println!("Stripped plugins: {} bytes bare, {len} bytes plugbox.\n", fs::metadata(&bare)?.len());
    fs::OpenOptions::new().write(true).open(&bare)?.set_len(len)?;
    let copies = [
        made("bare_plain_plugin", 900, &|path| fs::copy(&bare, path).map(drop))?,
        made("bench_plain_plugin", 900, &|path| fs::copy(&plugbox, path).map(drop))?,
    ];
    // A file that changed a moment ago is read twice.
    std::thread::sleep(std::time::Duration::from_secs(3));
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() { memory } else { &target };
    let session = place.join(format!("plugbox-bench-{}", std::process::id()));
    private_folder(&session)?;
    let seconds = [stripped("bare_second_plugin")?, stripped("bench_second_plugin")?];
    let stateful = stripped("bench_stateful_plugin")?;
    Ok(Bench { target, session, links, copies, seconds, stateful })
}

/// From the rename of a new file to its first answer, and for how long calls wait if there is a state to hand over.
fn reloads(bench: &Bench, (rounds, times): (usize, u32)) -> Result<(), Box<dyn Error>> {
    let run = |host: &str, row: &str, libraries: &[&Path]| -> Result<f64, Box<dyn Error>> {
        let mut command = Command::new(bench.target.join(host));
        let output = command.args([row, &times.to_string()]).args(libraries).output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        Ok(String::from_utf8(output.stdout)?.trim().parse::<f64>()? / f64::from(times) / 1e6)
    };
    let [bare, plugbox] = [0, 1].map(|of| [&*bench.copies[of][0], &*bench.seconds[of]]);
    let candidates = [("bare-host", bare), ("plugbox-host", plugbox), ("hot-host", bare)];
    let mut taken = [const { Vec::new() }; 3];
    for _ in 0..rounds {
        for ((host, libraries), taken) in candidates.iter().zip(&mut taken) {
            taken.push(run(host, "reload", libraries)?);
        }
    }
    println!("\n| reload, with a quiet time of 50 ms | ms | ratio |\n| --- | --- | --- |");
    for ((host, _), of) in candidates.iter().zip(&taken) {
        let Ratio { median, quartiles } = ratio(of, &taken[0]);
        println!("| {host} | {:.2} | {median:.3} ({:.3} to {:.3}) |", median_of(of), quartiles.0, quartiles.1);
    }
    let row = "pause of a reload with 1 MiB of state";
    let paused = (0..rounds).map(|_| run("plugbox-host", row, &[&bench.stateful])).collect::<Result<Vec<_>, _>>()?;
    println!("\n{row}: {:.2} ms\n", median_of(&paused));
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let only = std::env::args().skip_while(|argument| argument != "--only").nth(1).unwrap_or_default();
    let bench = build(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")))?;
    let (runs, rounds) = if quick { (1, 1) } else { (2, 15) };
    println!("| row | budget | in process | run 1 | run 2 | met |\n| --- | --- | --- | --- | --- | --- |");
    for row in ROWS.iter().filter(|row| row.name.contains(&only)) {
        let times = if quick { row.times.min(10) } else { row.times };
        // A row about the first load needs more rounds.
        let rounds = if row.times == 1 { rounds * 5 } else { rounds };
        let mut shown = Vec::new();
        let mut met = true;
        let mut in_process = String::new();
        for _ in 0..runs {
            let mut rounds_of = [const { Vec::new() }; 3];
            for _ in 0..rounds {
                for (candidate, taken) in rounds_of.iter_mut().enumerate() {
                    if candidate > 0 || !row.is_of_files() {
                        taken.push(bench.time(candidate, row, times)?);
                    }
                }
            }
            let [own, bare, plugbox] = &rounds_of;
            let Ratio { median, quartiles } = ratio(plugbox, if row.is_of_the_host() { own } else { bare });
            shown.push(format!("{median:.2} ({:.2} to {:.2})", quartiles.0, quartiles.1));
            let more = median_of(plugbox) - median_of(bare);
            let is_little_more = row.name.ends_with("a pin") && more <= MOST_MORE;
            met &= row.budget.is_none_or(|budget| median <= budget || is_little_more);
            if row.name.contains("through") {
                shown.last_mut().unwrap().push_str(&format!(
                    ", {:.1} ns to {:.1} ns",
                    median_of(bare),
                    median_of(plugbox)
                ));
            }
            if !own.is_empty() {
                in_process = format!("{:.2}", ratio(own, bare).median);
            }
        }
        shown.resize(2, String::new());
        let budget = row.budget.map_or("none".to_owned(), |budget| format!("{budget:.2}"));
        let verdict = if row.budget.is_some() { if met { "yes" } else { "no" } } else { "" };
        println!("| {}, time | {budget} | {in_process} | {} | {verdict} |", row.name, shown.join(" | "));
    }
    if "reload".contains(&only) {
        reloads(&bench, if quick { (1, 1) } else { (7, 5) })?;
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("\nInstructions were not counted: valgrind is not installed.");
        return Ok(());
    }
    let rows = ROWS.iter().filter(|row| row.counts_instructions() && row.name.contains(&only));
    // One row shows that counting works. The candidates of all rows have run above.
    for row in rows.take(if quick { 1 } else { usize::MAX }) {
        let [own, bare, plugbox] = [0, 1, 2].map(|candidate| bench.instructions(candidate, row));
        let (own, bare, plugbox) = (own?, bare?, plugbox?);
        let more = plugbox - bare;
        let budget = row.most_instructions.map_or("none".to_owned(), |most| format!("+{most}"));
        let verdict = row.most_instructions.map_or("", |most| if more <= most { "yes" } else { "no" });
        println!("| {}, instructions | {budget} | {own} | {bare} bare, {plugbox} ({more:+}) | | {verdict} |", row.name);
    }
    Ok(())
}
