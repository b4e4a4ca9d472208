//! Where private copies are kept, for how long, and whose they are.

use std::fs::{self, File, FileTimes, Permissions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use harness::{Build, Child, load, scratch};

/// A host that does odd things, step by step, and the folders that are its environment.
struct Odd {
    program: PathBuf,
    library: PathBuf,
    runtime: PathBuf,
    temporary: PathBuf,
    home: PathBuf,
}

impl Odd {
    fn new() -> Self {
        let program = Build::new("fixture-plain-hosts").program("odd-host");
        let [runtime, temporary, home, library] =
            ["runtime", "temporary", "home", "library"].map(|name| scratch(&format!("staging-{name}")));
        fs::create_dir(home.join(".cache")).unwrap();
        let library = library.join("libodd.so");
        fs::copy(Build::plugin().library(), &library).unwrap();
        Self { program, library, runtime, temporary, home }
    }

    fn command(&self, steps: &[&str]) -> Command {
        let mut command = harness::command(&self.program);
        command.arg(&self.library).args(steps).current_dir("/").env_remove("XDG_CACHE_HOME");
        command.env("XDG_RUNTIME_DIR", &self.runtime).env("TMPDIR", &self.temporary).env("HOME", &self.home);
        command
    }

    /// Runs the steps, and returns the lines that the host printed.
    fn run(&self, steps: &[&str]) -> Vec<String> {
        lines(self.command(steps))
    }

    /// The folders of processes in the runtime folder.
    fn processes(&self) -> Vec<PathBuf> {
        let user = self.user_folder();
        let mut found: Vec<_> = fs::read_dir(user).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
        found.sort();
        found
    }

    fn user_folder(&self) -> PathBuf {
        self.runtime.join(format!("plugbox-{}", rustix::process::geteuid().as_raw()))
    }

    /// Runs a process that loads, and does not end as it should.
    fn abort(&self) {
        assert!(!Child::new(&self.command(&["load", "abort"]).output().unwrap()).success);
    }

    /// Leaves a folder of a process that was killed.
    fn killed(&self) -> PathBuf {
        let before = self.processes();
        self.abort();
        self.processes().into_iter().find(|path| !before.contains(path)).expect("a killed process leaves its copies")
    }
}

fn lines(mut command: Command) -> Vec<String> {
    let child = Child::new(&command.output().unwrap());
    child.must_succeed();
    child.stdout.lines().map(str::to_owned).collect()
}

/// The steps of a child and of its parent print their lines to one file, in any order.
fn copies(lines: &[String]) -> Vec<&str> {
    lines.iter().filter_map(|line| line.strip_prefix("copy ")).collect()
}

fn is_root() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        eprintln!("SKIPPED: only root can change users and mount file systems");
    }
    root
}

fn make_old(folder: &Path, days: u64) {
    let then = SystemTime::now() - Duration::from_secs(days * 24 * 60 * 60);
    File::open(folder).unwrap().set_times(FileTimes::new().set_modified(then)).unwrap();
}

#[test]
fn copies_lie_in_a_folder_that_only_the_user_may_enter() {
    use std::os::unix::fs::MetadataExt;
    let _plugin = load(&Build::plugin().library()).unwrap();
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let copy = maps
        .lines()
        .filter_map(|line| line.split_whitespace().nth(5))
        .find(|path| path.contains("/plugbox-") && path.ends_with("/libfixture_plugin.so"));
    let copy = Path::new(copy.expect("the mapped copy is named after the plugin"));
    let mut folder = copy.parent().unwrap();
    while folder.file_name().is_some_and(|name| !name.to_str().unwrap().starts_with("plugbox-")) {
        assert_eq!(fs::metadata(folder).unwrap().mode() & 0o777, 0o700, "{}", folder.display());
        folder = folder.parent().unwrap();
    }
}

#[test]
fn several_hosts_load_at_once() {
    let (host, library) = (Build::new("fixture-plain-hosts").program("plain-host"), Build::plugin().library());
    let runtime = scratch("hosts");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..5 {
                    let output =
                        harness::command(&host).arg(&library).env("XDG_RUNTIME_DIR", &runtime).output().unwrap();
                    assert!(output.status.success(), "{output:?}");
                }
            });
        }
    });
    let user = fs::read_dir(&runtime).unwrap().next().unwrap().unwrap().path();
    let left: Vec<_> = fs::read_dir(user).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.is_empty(), "each host removes its own copies: {left:?}");
}

#[test]
fn a_childs_end_removes_nothing_of_its_parents() {
    let odd = Odd::new();
    let lines = odd.run(&["load", "child", "copies", "load", "use", "copies"]);
    assert_eq!(copies(&lines).len(), 3, "{lines:?}");
    assert!(copies(&lines).iter().all(|copy| copy.ends_with("/libodd.so")), "a copy was removed: {lines:?}");
    assert_eq!(odd.processes(), [] as [PathBuf; 0], "the process removes its folder at its end");
}

#[test]
fn a_daemon_loads_after_its_parents_end() {
    let odd = Odd::new();
    let lines = odd.run(&["load", "daemon", "load", "use", "copies"]);
    assert_eq!(lines.iter().filter(|line| *line == "loaded").count(), 2, "{lines:?}");
    assert!(lines.contains(&"used".to_owned()), "{lines:?}");
    // Its parent made the first copy, and has removed it.
    let copies = copies(&lines);
    assert!(copies[0].ends_with("(deleted)") && copies[1].ends_with("/libodd.so"), "{lines:?}");
    assert_eq!(odd.processes(), [] as [PathBuf; 0]);
}

#[test]
fn a_childs_copies_stay_when_its_parent_was_killed() {
    let odd = Odd::new();
    let lines = running(&odd, &["load", "daemon abort", "pause", "use", "copies"], || {
        let [parents] = &odd.processes()[..] else { panic!("the child has made no folder") };
        make_old(parents, 30);
        odd.run(&["load"]);
    });
    assert!(copies(&lines)[0].ends_with("/libodd.so"), "the child holds the lock: {lines:?}");
}

#[test]
fn workers_leave_each_others_copies_alone() {
    let odd = Odd::new();
    let lines = odd.run(&["load", "workers", "use", "copies"]);
    assert_eq!(lines.iter().filter(|line| *line == "used").count(), 2, "{lines:?}");
    assert_eq!(copies(&lines).len(), 3, "{lines:?}");
    assert!(copies(&lines).iter().all(|copy| copy.ends_with("/libodd.so")), "a copy was removed: {lines:?}");
    assert_eq!(odd.processes(), [] as [PathBuf; 0]);
}

/// A process that runs while another one removes what is old.
fn running(odd: &Odd, steps: &[&str], meanwhile: impl FnOnce()) -> Vec<String> {
    let mut host = odd.command(steps).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(host.stdout.take().unwrap()).lines().map(Result::unwrap);
    let before: Vec<_> = output.by_ref().take_while(|line| line != "paused").collect();
    meanwhile();
    writeln!(host.stdin.take().unwrap()).unwrap();
    let lines = before.into_iter().chain(output).collect();
    host.wait().unwrap();
    lines
}

#[test]
fn a_process_that_closed_its_descriptors_keeps_its_copies_and_nobody_elses_descriptor_is_closed() {
    let odd = Odd::new();
    let lines = running(&odd, &["load", "close", "pause", "copies", "load", "use", "copies", "files"], || {
        let [own] = &odd.processes()[..] else { panic!("one process runs") };
        make_old(own, 30);
        odd.run(&["load"]);
    });
    assert_eq!(copies(&lines).len(), 3, "{lines:?}");
    assert!(copies(&lines).iter().all(|copy| copy.ends_with("/libodd.so")), "a copy was removed: {lines:?}");
    assert!(lines.contains(&"files".to_owned()));
}

/// The control: the same folder is removed if no process runs.
#[test]
fn what_a_killed_process_has_left_stays_for_some_days() {
    let odd = Odd::new();
    let folder = odd.killed();
    odd.run(&["load"]);
    assert_eq!(odd.processes(), std::slice::from_ref(&folder), "a debugger needs it");
    make_old(&folder, 4);
    odd.run(&["load"]);
    assert_eq!(odd.processes(), [] as [PathBuf; 0]);
}

#[test]
fn what_killed_processes_have_left_stays_within_a_size_and_the_oldest_goes_first() {
    let odd = Odd::new();
    let folders: Vec<PathBuf> = (0..3)
        .map(|number| {
            let folder = odd.killed();
            fs::create_dir(folder.join("1")).unwrap();
            File::create(folder.join("1/large")).unwrap().set_len(100 << 20).unwrap();
            make_old(&folder, 2 - number / 2);
            folder
        })
        .collect();
    make_old(&folders[1], 2);
    make_old(&folders[0], 1);
    make_old(&folders[2], 0);
    odd.run(&["load"]);
    let mut left = vec![folders[0].clone(), folders[2].clone()];
    left.sort();
    assert_eq!(odd.processes(), left);
}

#[test]
fn a_number_of_another_namespace_is_no_evidence() {
    let odd = Odd::new();
    let folder = odd.killed();
    let owner = fs::read_to_string(folder.join("lock")).unwrap();
    let other = owner.replace("pid:[", "pid:[1");
    assert_ne!(owner, other);
    fs::write(folder.join("lock"), other).unwrap();
    odd.run(&["load"]);
    assert_eq!(odd.processes(), std::slice::from_ref(&folder));
    // It holds its lock: it runs, whatever its number says.
    let lock = File::open(folder.join("lock")).unwrap();
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).unwrap();
    make_old(&folder, 30);
    odd.run(&["load"]);
    assert_eq!(odd.processes(), std::slice::from_ref(&folder));
    // Closing would not do: a program that another test starts at this moment has the descriptor until it runs.
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::Unlock).unwrap();
    odd.run(&["load"]);
    assert_eq!(odd.processes(), [] as [PathBuf; 0]);
}

#[test]
fn a_new_folder_without_an_owner_is_left_alone() {
    let odd = Odd::new();
    odd.run(&["load"]);
    let folder = odd.user_folder().join("1-1");
    fs::create_dir(&folder).unwrap();
    odd.run(&["load"]);
    assert_eq!(odd.processes(), std::slice::from_ref(&folder));
    make_old(&folder, 4);
    odd.run(&["load"]);
    assert_eq!(odd.processes(), [] as [PathBuf; 0]);
}

#[test]
fn a_folder_that_is_gone_is_made_anew() {
    let odd = Odd::new();
    let user = odd.user_folder();
    let clean = format!("clean {}", user.display());
    let lines = odd.run(&["load", &clean, "load", "use", "copies"]);
    assert!(copies(&lines)[0].ends_with("(deleted)"), "{lines:?}");
    assert!(copies(&lines)[1].starts_with(user.to_str().unwrap()), "{lines:?}");
    // The folder of the session goes at its end.
    let clean = format!("clean {}", odd.runtime.display());
    let lines = odd.run(&["load", &clean, "load", "use", "copies"]);
    assert!(copies(&lines)[1].starts_with(odd.temporary.to_str().unwrap()), "{lines:?}");
}

/// The place of the only copy of a host with these folders.
fn place(odd: &Odd) -> String {
    let lines = odd.run(&["load", "use", "copies"]);
    assert_eq!(copies(&lines).len(), 1, "{lines:?}");
    copies(&lines)[0].to_owned()
}

#[test]
fn copies_go_to_the_first_place_that_is_this_users() {
    let odd = Odd::new();
    let is_in = |folder: &Path| assert!(place(&odd).starts_with(folder.to_str().unwrap()), "{}", place(&odd));
    is_in(&odd.runtime);
    // Everybody may write there.
    fs::set_permissions(&odd.runtime, Permissions::from_mode(0o777)).unwrap();
    is_in(&odd.temporary);
    // As in `/tmp`: everybody may write there, and nobody can replace what is another user's.
    fs::set_permissions(&odd.temporary, Permissions::from_mode(0o1777)).unwrap();
    is_in(&odd.temporary);
    fs::remove_dir_all(&odd.temporary).unwrap();
    is_in(&odd.home);
    fs::remove_dir_all(&odd.home).unwrap();
    assert!(place(&odd).contains("memfd:libodd.so"), "{}", place(&odd));
}

#[test]
fn a_relative_place_stays_where_it_was_named() {
    let odd = Odd::new();
    let enter = format!("enter {}", odd.temporary.display());
    let mut command = odd.command(&["stage-in below", "load", &enter, "load", "copies"]);
    command.current_dir(&odd.home);
    let lines = lines(command);
    let below = format!("{}/below/", odd.home.display());
    assert_eq!(copies(&lines).iter().filter(|copy| copy.starts_with(&below)).count(), 2, "{lines:?}");
    assert!(!odd.temporary.join("below").exists());
}

#[test]
fn loaders_may_have_different_places() {
    let odd = Odd::new();
    let [one, other] = ["one", "other"].map(|name| scratch(&format!("stage-in-{name}")));
    let [in_one, in_other] = [&one, &other].map(|place| format!("stage-in {}", place.display()));
    let lines = odd.run(&[&in_one, "load", &in_other, "load", &in_one, "load", "use", "copies"]);
    let places: Vec<bool> = copies(&lines).iter().map(|copy| copy.starts_with(one.to_str().unwrap())).collect();
    assert_eq!(places, [true, false, true], "{lines:?}");
    for place in [one, other] {
        let user = fs::read_dir(place).unwrap().next().unwrap().unwrap().path();
        assert_eq!(fs::read_dir(user).unwrap().count(), 0, "all copies are removed at the end");
    }
}

#[test]
fn a_squatter_blocks_nothing() {
    let odd = Odd::new();
    let user = odd.user_folder();
    let elsewhere = scratch("squatter");
    let squats: [&dyn Fn(); 4] = [
        &|| fs::write(&user, "taken").unwrap(),
        &|| symlink(&elsewhere, &user).unwrap(),
        &|| symlink("/nowhere", &user).unwrap(),
        &|| {
            fs::create_dir(&user).unwrap();
            fs::set_permissions(&user, Permissions::from_mode(0o777)).unwrap();
        },
    ];
    for squat in squats {
        squat();
        let copy = place(&odd);
        assert!(copy.starts_with(&format!("{}-", user.display())), "{copy}");
        let left: Vec<_> = fs::read_dir(&odd.runtime).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(left, std::slice::from_ref(&user), "the process has removed its folder, and only that");
        fs::remove_file(&user).or_else(|_| fs::remove_dir(&user)).unwrap();
    }
    assert_eq!(fs::read_dir(elsewhere).unwrap().count(), 0);
}

/// The control: what has the name of such a folder, but is open to others, is none of ours.
#[test]
fn what_is_left_beside_a_squatter_is_removed_too() {
    let odd = Odd::new();
    let user = odd.user_folder();
    fs::write(&user, "taken").unwrap();
    odd.abort();
    let found = || {
        let entries = fs::read_dir(&odd.runtime).unwrap().map(|entry| entry.unwrap().path());
        let mut found: Vec<_> = entries.filter(|path| *path != user).collect();
        found.sort();
        found
    };
    let [left] = found().try_into().unwrap();
    assert!(left.to_str().unwrap().starts_with(&format!("{}-", user.display())), "{left:?}");
    let open = PathBuf::from(format!("{}-open", user.display()));
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, Permissions::from_mode(0o777)).unwrap();
    odd.run(&["load"]);
    let mut both = vec![left.clone(), open.clone()];
    both.sort();
    assert_eq!(found(), both, "a debugger needs it");
    [&left, &open].iter().for_each(|folder| make_old(folder, 4));
    odd.run(&["load"]);
    assert_eq!(found(), [open]);
}

#[test]
fn another_users_folder_is_not_taken() {
    let odd = Odd::new();
    if !is_root() {
        return;
    }
    // As after `su`: the variable names the folder of the user before.
    chown(&odd.runtime, Some(1234), None).unwrap();
    let copy = place(&odd);
    assert!(copy.starts_with(odd.temporary.to_str().unwrap()), "{copy}");
    assert_eq!(fs::read_dir(&odd.runtime).unwrap().count(), 0);
    // A folder above belongs to another user, who could replace the one below.
    chown(&odd.runtime, Some(0), None).unwrap();
    let inner = odd.runtime.join("inner");
    fs::create_dir(&inner).unwrap();
    chown(&odd.runtime, Some(1234), None).unwrap();
    let mut command = odd.command(&["load", "use", "copies"]);
    command.env("XDG_RUNTIME_DIR", &inner);
    let lines = lines(command);
    assert!(copies(&lines)[0].starts_with(odd.temporary.to_str().unwrap()), "{lines:?}");
}

#[test]
fn a_process_that_changes_its_user_has_another_folder() {
    let odd = Odd::new();
    if !is_root() {
        return;
    }
    fs::set_permissions(&odd.runtime, Permissions::from_mode(0o1777)).unwrap();
    let steps = ["load", "user 1234", "load", "use", "copies"];
    let lines = odd.run(&steps);
    let copies = copies(&lines);
    assert_eq!(copies.len(), 2, "{lines:?}");
    assert!(copies[0].starts_with(odd.runtime.to_str().unwrap()), "{lines:?}");
    assert!(copies[1].starts_with(odd.runtime.join("plugbox-1234").to_str().unwrap()), "{lines:?}");
}

/// Runs a host in its own mount namespace, after a shell command.
fn mounted(odd: &Odd, mount: &str, steps: &[&str]) -> Child {
    let host = odd.command(steps);
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", &format!("{mount} && exec \"$@\""), "sh"]);
    command.arg(host.get_program()).args(host.get_args()).current_dir("/");
    for (name, value) in host.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    Child::new(&command.output().unwrap())
}

#[test]
fn a_place_that_is_not_suitable_is_passed_over_and_named_with_its_cause() {
    let odd = Odd::new();
    if !is_root() {
        return;
    }
    let (runtime, temporary) = (odd.runtime.display(), odd.temporary.display());
    let full = fs::metadata(&odd.library).unwrap().len() / 2;
    for (options, cause) in [
        ("noexec".to_owned(), "mounted with `noexec`"),
        ("ro".to_owned(), "Read-only file system"),
        (format!("size={full}"), "No space left on device: the copy has"),
    ] {
        let mount = format!("mount -t tmpfs -o {options},mode=700 none {runtime}");
        let child = mounted(&odd, &mount, &["load", "use", "copies"]);
        child.must_succeed();
        assert!(child.stdout.contains(&format!("copy {temporary}")), "{options}: {}", child.stdout);
        let stage_in = format!("stage-in {runtime}");
        let child = mounted(&odd, &mount, &[&stage_in, "load"]);
        assert!(!child.success);
        for part in [&*runtime.to_string(), cause, "Loader::stage_in", "Loader::without_staging"] {
            assert!(child.stdout.contains(part), "{options}: {part}: {}", child.stdout);
        }
    }
}

#[test]
fn a_place_that_becomes_full_between_two_loads_is_passed_over() {
    let odd = Odd::new();
    if !is_root() {
        return;
    }
    let (runtime, temporary) = (odd.runtime.display(), odd.temporary.display());
    let size = fs::metadata(&odd.library).unwrap().len() * 3 / 2;
    let mount = format!("mount -t tmpfs -o size={size},mode=700 none {runtime}");
    let child = mounted(&odd, &mount, &["load", "load", "load", "use", "copies"]);
    child.must_succeed();
    let lines: Vec<String> = child.stdout.lines().map(str::to_owned).collect();
    let places: Vec<bool> = copies(&lines).iter().map(|copy| copy.starts_with(&*runtime.to_string())).collect();
    assert_eq!(places, [true, false, false], "{lines:?}");
    assert!(copies(&lines)[1..].iter().all(|copy| copy.starts_with(&*temporary.to_string())), "{lines:?}");
}

#[test]
fn a_limit_on_files_is_an_error_and_not_the_end() {
    let odd = Odd::new();
    let child = Child::new(&odd.command(&["limit 100000", "load"]).output().unwrap());
    assert_eq!(child.signal, None, "the system ended it");
    assert!(child.stdout.contains("at most 100000 bytes (`ulimit -f`)"), "{}", child.stdout);
}

/// A failure, after its two lines about the file.
fn failure(odd: &Odd, steps: &[&str]) -> Child {
    let child = Child::new(&odd.command(steps).output().unwrap());
    assert!(!child.success && child.signal.is_none(), "{}", child.stdout);
    child
}

#[test]
fn copies_in_memory_are_counted_and_bounded_and_then_a_disk_is_used() {
    let mut odd = Odd::new();
    let in_memory = PathBuf::from(format!("/dev/shm/plugbox-tests-{}", std::process::id()));
    fs::create_dir(&in_memory).unwrap();
    fs::set_permissions(&in_memory, Permissions::from_mode(0o700)).unwrap();
    let size = fs::metadata(&odd.library).unwrap().len();
    let limit = format!("limit-memory {}", size * 2 + size / 2);
    let count = format!("in memory {}", size * 2);
    let full = format!("the copy has {size} bytes, and {} of {} bytes are left", size / 2, size * 2 + size / 2);

    // A tmpfs. The third copy goes on, to the folder on a disk.
    odd.runtime = in_memory.clone();
    let lines = odd.run(&[&limit, "in-memory", "load", "load", "in-memory", "load", "in-memory", "use", "copies"]);
    assert_eq!(lines[..6], ["in memory 0", "loaded", "loaded", &count, "loaded", &count]);
    let copies = copies(&lines);
    let is_there = |copy: &&str| copy.starts_with(in_memory.to_str().unwrap());
    assert_eq!(copies.iter().map(is_there).collect::<Vec<_>>(), [true, true, false], "{copies:?}");
    let stage_in = format!("stage-in {}", in_memory.display());
    let stdout = failure(&odd, &[&limit, &stage_in, "load", "load", "load"]).stdout;
    assert!(stdout.contains(&full) && stdout.contains("`Loader::limit_copies_in_memory`"), "{stdout}");
    fs::remove_dir_all(&in_memory).unwrap();

    // No folder.
    (odd.runtime, odd.temporary, odd.home) = ("/nowhere".into(), "/nowhere".into(), "/nowhere".into());
    let stdout = failure(&odd, &[&limit, "load", "load", "in-memory", "load"]).stdout;
    assert!(stdout.contains(&count) && stdout.contains(&full), "{stdout}");
}

#[test]
fn copies_in_memory_leave_files_to_be_opened() {
    let mut odd = Odd::new();
    (odd.runtime, odd.temporary, odd.home) = ("/nowhere".into(), "/nowhere".into(), "/nowhere".into());
    let steps = ["limit-files 80"].into_iter().chain(["load"; 40]).collect::<Vec<_>>();
    let stdout = failure(&odd, &steps).stdout;
    let loaded = stdout.lines().filter(|line| *line == "loaded").count();
    assert!((5..=16).contains(&loaded) && stdout.contains("17 of 80 files are open (`ulimit -n`)"), "{stdout}");
}

#[test]
fn a_copy_in_memory_is_a_new_image_each_time_whatever_happens_to_descriptors() {
    let mut odd = Odd::new();
    (odd.runtime, odd.temporary, odd.home) = ("/nowhere".into(), "/nowhere".into(), "/nowhere".into());
    let lines = odd.run(&["load", "load", "close", "load", "close", "load", "use", "files", "copies"]);
    assert_eq!(copies(&lines).len(), 4, "{lines:?}");
    let elsewhere = scratch("stage-in");
    let lines = odd.run(&[&format!("stage-in {}", elsewhere.join("new").display()), "load", "use", "copies"]);
    assert!(copies(&lines)[0].starts_with(elsewhere.to_str().unwrap()), "{lines:?}");
}

#[test]
fn what_lies_beside_a_plugin_for_debuggers_lies_beside_its_copy() {
    let odd = Odd::new();
    for name in ["libodd.debug", "libodd.so.debug", "libodd.so.dwp", "libodd.other"] {
        fs::write(odd.library.with_file_name(name), name).unwrap();
    }
    let lines = running(&odd, &["load", "pause"], || {
        let folder = odd.processes()[0].join("1");
        let mut names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["libodd.debug", "libodd.so", "libodd.so.debug", "libodd.so.dwp"]);
        assert_eq!(fs::read_to_string(folder.join("libodd.so.dwp")).unwrap(), "libodd.so.dwp");
    });
    assert_eq!(lines, ["loaded"]);
    assert!(odd.library.with_file_name("libodd.debug").exists(), "only the link is removed");
}
