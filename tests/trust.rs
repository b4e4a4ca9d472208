//! Users other than root and this user who could have written a library: the loader checks the path as OpenSSH's
//! `StrictModes` does.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use fixture_api::Plugin;
use harness::{Build, Child, codes};
use plugbox_loader::{Code, LoadError, Loader, Trust};

/// A user who is neither root nor the user of the test process.
const SOMEBODY: u32 = 54321;

/// `<temporary folder>/plugbox-trust-*/above/plugins/libone.so`, deleted after the test.
struct Tree {
    root: PathBuf,
    above: PathBuf,
    plugins: PathBuf,
    library: PathBuf,
}

impl Tree {
    /// Creates the tree in a folder with the sticky bit. Only this user may write to the tree.
    fn new() -> Self {
        static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let temporary = std::env::temp_dir().canonicalize().unwrap();
        let root = temporary.join(format!("plugbox-trust-{}-{count}", std::process::id()));
        let above = root.join("above");
        let plugins = above.join("plugins");
        let library = plugins.join("libone.so");
        fs::create_dir_all(&plugins).unwrap();
        fs::copy(Build::plugin().library(), &library).unwrap();
        let tree = Self { root, above, plugins, library };
        tree.mode(&tree.root, 0o755).mode(&tree.above, 0o755).mode(&tree.plugins, 0o755).mode(&tree.library, 0o644);
        tree
    }

    fn mode(&self, path: &Path, mode: u32) -> &Self {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        self
    }

    fn trust(&self) -> Trust {
        // SAFETY: the test built the library in this folder.
        unsafe { Trust::directory(&self.root) }.unwrap()
    }

    fn loads(&self, trust: Trust) {
        let plugin =
            Loader::new(trust).load_file::<dyn Plugin>(&self.library).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(plugin.split("a b"), ["a", "b"]);
    }

    /// Expects a refusal for each of these places, with a word of the reason.
    fn refuses(&self, trust: Trust, expected: &[(&Path, &str)]) {
        let error = Loader::new(trust).load_file::<dyn Plugin>(&self.library).unwrap_err();
        self.is(&error, expected);
    }

    fn is(&self, error: &LoadError, expected: &[(&Path, &str)]) {
        assert!(codes(error).iter().all(|code| *code == Code::NotTrusted), "{error}");
        let found: Vec<&str> = error.reasons().iter().map(|reason| reason.at.as_str()).collect();
        let paths: Vec<&str> = expected.iter().map(|(path, _)| path.to_str().unwrap()).collect();
        assert_eq!(found, paths, "{error}");
        for (reason, (_, word)) in error.reasons().iter().zip(expected) {
            assert!(reason.plugin.contains(word), "{error}");
        }
    }

    /// Runs a separate host as a different user.
    fn host(&self, user: u32, change: impl FnOnce(&mut Command)) -> Child {
        // A place that this user may read.
        let host = self.root.join("host");
        fs::copy(Build::new("fixture-plain-hosts").program("plain-host"), &host).unwrap();
        self.mode(&host, 0o755);
        let runtime = self.root.join(format!("runtime-{user}"));
        fs::create_dir_all(&runtime).unwrap();
        chown(&runtime, Some(user), Some(user)).unwrap();
        let mut command = harness::command(&host);
        command.arg(&self.library).uid(user).gid(user).current_dir("/");
        command.env("XDG_RUNTIME_DIR", runtime).env("HOST_ALLOWS_NO_GROUP", "1");
        change(&mut command);
        Child::new(&command.output().unwrap())
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

/// Only root can give files to other users.
fn is_root() -> bool {
    let root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    if !root {
        eprintln!("SKIPPED: only root can give a file to another user");
    }
    root
}

#[test]
fn what_only_this_user_may_write_to_is_trusted_also_below_a_sticky_folder() {
    let tree = Tree::new();
    tree.loads(tree.trust());
}

#[test]
fn a_library_that_everybody_may_write_to_is_refused() {
    let tree = Tree::new();
    tree.mode(&tree.library, 0o666);
    tree.refuses(tree.trust(), &[(&tree.library, "mode 0666, owner")]);
    tree.refuses(tree.trust().allow_group_writable(), &[(&tree.library, "everybody may write to it")]);
}

#[test]
fn a_library_that_its_group_may_write_to_is_refused_unless_that_is_allowed() {
    let tree = Tree::new();
    tree.mode(&tree.library, 0o664);
    tree.refuses(tree.trust(), &[(&tree.library, "its group may write to it")]);
    tree.loads(tree.trust().allow_group_writable());
}

#[test]
fn a_folder_that_its_group_may_write_to_is_refused_unless_that_is_allowed() {
    let tree = Tree::new();
    tree.mode(&tree.plugins, 0o775);
    tree.refuses(tree.trust(), &[(&tree.plugins, "its group may write to it")]);
    tree.loads(tree.trust().allow_group_writable());
}

#[test]
fn a_folder_that_everybody_may_write_to_is_refused() {
    let tree = Tree::new();
    tree.mode(&tree.plugins, 0o777);
    tree.refuses(tree.trust().allow_group_writable(), &[(&tree.plugins, "everybody may write to it")]);
}

#[test]
fn a_folder_further_up_that_everybody_may_write_to_is_refused() {
    let tree = Tree::new();
    tree.mode(&tree.above, 0o777);
    tree.refuses(tree.trust(), &[(&tree.above, "everybody may write to it")]);
    // The check does not begin at the trusted folder.
    // SAFETY: the test built the library in this folder.
    let trust = unsafe { Trust::directory(&tree.plugins) }.unwrap();
    tree.refuses(trust, &[(&tree.above, "everybody may write to it")]);
}

#[test]
fn in_a_sticky_folder_a_library_of_this_user_is_trusted() {
    let tree = Tree::new();
    tree.mode(&tree.plugins, 0o1777);
    tree.loads(tree.trust());
}

#[test]
fn a_sticky_bit_does_not_help_a_library_itself() {
    let tree = Tree::new();
    tree.mode(&tree.library, 0o1666);
    tree.refuses(tree.trust(), &[(&tree.library, "everybody may write to it")]);
}

#[test]
fn in_a_sticky_folder_a_library_of_somebody_else_is_refused() {
    if !is_root() {
        return;
    }
    let tree = Tree::new();
    tree.mode(&tree.plugins, 0o1777);
    chown(&tree.library, Some(SOMEBODY), None).unwrap();
    tree.refuses(tree.trust(), &[(&tree.library, "another user owns it")]);
}

#[test]
fn a_library_of_somebody_else_is_refused_unless_that_user_is_trusted() {
    if !is_root() {
        return;
    }
    let tree = Tree::new();
    chown(&tree.library, Some(SOMEBODY), None).unwrap();
    tree.refuses(tree.trust(), &[(&tree.library, "owner 54321")]);
    tree.loads(tree.trust().allow_owner(SOMEBODY));
}

/// Outside of containers, 65534 is an ordinary user.
#[test]
fn a_library_of_nobody_is_not_said_to_come_from_outside_of_a_container() {
    let is_plain = fs::read_to_string("/proc/self/uid_map").is_ok_and(|map| map.contains("4294967295"));
    if !is_root() || !is_plain {
        return;
    }
    let tree = Tree::new();
    chown(&tree.library, Some(65534), None).unwrap();
    tree.refuses(tree.trust(), &[(&tree.library, "the user `nobody` owns it")]);
}

#[test]
fn a_trust_in_a_folder_that_is_not_there_says_which_folder() {
    for (path, kind, words) in [
        ("/nosuch/folder", std::io::ErrorKind::NotFound, "/nosuch/folder: No such file"),
        ("/dev/null", std::io::ErrorKind::NotADirectory, "/dev/null: the path of a `Trust` must be a directory"),
    ] {
        // SAFETY: nothing is loaded from there.
        let error = unsafe { Trust::directory(path) }.unwrap_err();
        assert!(error.kind() == kind && error.to_string().starts_with(words), "{error}");
    }
    let lock = Tree::new();
    let error = lock.trust().pinned_by("/nosuch/plugbox.lock").unwrap_err();
    assert!(error.to_string().contains("/nosuch/plugbox.lock"), "{error}");
}

#[test]
fn a_folder_of_somebody_else_is_refused() {
    if !is_root() {
        return;
    }
    let tree = Tree::new();
    chown(&tree.above, Some(SOMEBODY), None).unwrap();
    tree.refuses(tree.trust(), &[(&tree.above, "another user owns it")]);
}

#[test]
fn what_belongs_to_root_or_to_themselves_is_trusted_by_users() {
    if !is_root() {
        return;
    }
    let tree = Tree::new();
    tree.host(SOMEBODY, |_| ()).must_succeed();
    chown(&tree.library, Some(SOMEBODY), None).unwrap();
    chown(&tree.plugins, Some(SOMEBODY), None).unwrap();
    tree.host(SOMEBODY, |_| ()).must_succeed();
    let other = tree.host(SOMEBODY + 1, |_| ());
    assert!(!other.success && other.stderr.matches("another user owns it").count() == 2, "{other:?}");
}

#[test]
fn a_containers_root_trusts_what_is_its_own_and_whom_it_was_told_to_trust() {
    if !is_root() {
        return;
    }
    let probe = Command::new("unshare").args(["--map-root-user", "true"]).status();
    if !probe.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: this system lets nobody make a user namespace");
        return;
    }
    let tree = Tree::new();
    let inside = |user: u32, change: &dyn Fn(&mut Command)| {
        tree.host(user, |host| {
            let program = host.get_program().to_owned();
            let mut unshare = Command::new("unshare");
            unshare.arg("--map-root-user").arg(program).args(host.get_args().map(ToOwned::to_owned));
            unshare.envs(host.get_envs().filter_map(|(name, value)| Some((name, value?))));
            unshare.uid(user).gid(user).current_dir("/");
            change(&mut unshare);
            *host = unshare;
        })
    };
    inside(0, &|_| ()).must_succeed();
    // The container does not know the root user outside.
    let unknown = inside(SOMEBODY, &|_| ());
    assert!(!unknown.success, "{unknown:?}");
    assert!(unknown.stderr.contains("a user that this container does not know owns it"), "{unknown:?}");
    assert!(unknown.stderr.contains("`Trust::allow_owner(65534)`"), "{unknown:?}");
    inside(SOMEBODY, &|command| {
        command.env("HOST_ALLOWS_OWNER", "65534");
    })
    .must_succeed();
}

#[test]
fn a_link_is_followed_and_what_it_leads_to_is_looked_at() {
    let tree = Tree::new();
    let elsewhere = tree.root.join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let target = elsewhere.join("libone.so");
    fs::rename(&tree.library, &target).unwrap();
    symlink(&target, &tree.library).unwrap();
    // A user who may write to the link's folder can only choose between trusted files.
    tree.mode(&elsewhere, 0o755).mode(&tree.plugins, 0o777).loads(tree.trust());
    tree.mode(&elsewhere, 0o777).refuses(tree.trust(), &[(&elsewhere, "everybody may write to it")]);
}

#[test]
fn every_component_that_is_not_trusted_is_named_and_what_to_do() {
    let tree = Tree::new();
    tree.mode(&tree.above, 0o777).mode(&tree.plugins, 0o775).mode(&tree.library, 0o622);
    let error = Loader::new(tree.trust()).load_file::<dyn Plugin>(&tree.library).unwrap_err();
    let expected: [(&Path, &str); 3] =
        [(&tree.above, "everybody may"), (&tree.plugins, "its group may"), (&tree.library, "everybody may")];
    tree.is(&error, &expected);
    let text = error.to_string();
    for fix in [format!("chmod o-w {}", tree.above.display()), format!("chmod g-w {}", tree.plugins.display())] {
        assert!(text.contains(&fix), "{text}");
    }
}
