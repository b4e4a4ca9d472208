//! Owners, groups and modes.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::super::port::{maps_users, without_modes};
use super::super::{Exposed, Owner, Writers};

/// Who may change a file beside those whom its owner and its mode name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Granted {
    Nobody,
    /// Somebody, by an access control list, or it cannot be read.
    ByList,
    /// Everybody, because the volume does not keep owners.
    #[cfg_attr(all(target_os = "linux", not(test)), expect(dead_code, reason = "files belong to whom the mount says"))]
    Everybody,
}

/// The effective user of this process.
pub(crate) fn user() -> Owner {
    Owner::Uid(rustix::process::geteuid().as_raw())
}

/// The default user ID for users that a container does not know; see user_namespaces(7).
const OVERFLOW: u32 = 65534;

/// The owner, the group and the permissions of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Access {
    owner: u32,
    group: u32,
    /// The twelve bits of chmod(2).
    mode: u32,
    is_folder: bool,
    /// Its mode means nothing: whoever may replace a link may do that in its folder.
    is_link: bool,
    /// Whether new files in the folder count, which the sticky bit does not prevent.
    of_new_files: bool,
    granted: Granted,
}

impl Access {
    pub(super) fn of(file: &Metadata, granted: Granted) -> Self {
        let mode = file.mode() & 0o7777;
        let (is_folder, is_link) = (file.is_dir(), file.is_symlink());
        Self { owner: file.uid(), group: file.gid(), mode, is_folder, is_link, of_new_files: false, granted }
    }

    /// The access of a folder as far as new files in it count.
    pub(crate) fn of_new_files(self) -> Self {
        Self { of_new_files: true, ..self }
    }

    /// The users who are trusted without further ado: root, and the user of this process.
    pub(crate) fn trusted_owners() -> [Owner; 2] {
        [Owner::Uid(0), user()]
    }

    /// Whether only this user may access the file.
    pub(crate) fn is_private(&self) -> bool {
        Owner::Uid(self.owner) == user() && self.mode & 0o077 == 0 && self.granted == Granted::Nobody
    }

    /// Whether users other than this one and root may replace files that this user keeps in the folder. In a folder
    /// with the sticky bit, they may add files only.
    pub(crate) fn lets_others_replace(&self) -> bool {
        let sticky = self.mode & 0o1000 != 0;
        !Self::trusted_owners().contains(&Owner::Uid(self.owner))
            || self.mode & 0o022 != 0 && !sticky
            || self.granted != Granted::Nobody
    }

    /// Says how somebody who is not trusted may change the file at `path`, if somebody may.
    pub(crate) fn exposed(&self, path: &Path, trusted: &Writers) -> Option<Exposed> {
        let Self { owner: uid, group, mode, is_folder, is_link, of_new_files, granted } = *self;
        let shown = |what: &str| format!("mode {mode:04o}, owner {uid}, group {group}: {what}");
        if !trusted.owners.contains(&Owner::Uid(uid)) {
            let uids: Vec<&Owner> = trusted.owners.iter().filter(|owner| matches!(owner, Owner::Uid(_))).collect();
            let user = uids.last().map_or_else(String::new, ToString::to_string);
            let owners: Vec<String> = uids.iter().map(ToString::to_string).collect();
            let whose = match uid {
                OVERFLOW if maps_users() => "a user that this container does not know owns it",
                OVERFLOW => "the user `nobody` owns it (on NFS, the file may be root's)",
                _ => "another user owns it",
            };
            return Some(Exposed {
                rule: format!("belongs to one of the users {}", owners.join(", ")),
                found: shown(whose),
                fix: cure(
                    path,
                    &format!("uid={user}"),
                    format!(
                        "chown {}{user} {}, or `Trust::allow_owner({uid})` if you trust that user",
                        if is_link { "-h " } else { "" },
                        path.display()
                    ),
                ),
            });
        }
        match granted {
            Granted::Nobody => {}
            Granted::ByList => {
                return Some(Exposed {
                    rule: "has no access control list that lets others change it".to_owned(),
                    found: shown("its list lets somebody change it (`ls -le` shows it)"),
                    fix: format!("chmod -N {}", path.display()),
                });
            }
            Granted::Everybody => {
                return Some(Exposed {
                    rule: "is on a volume that keeps owners".to_owned(),
                    found: shown("the volume ignores owners, so everybody may change it"),
                    fix: "`sudo diskutil enableOwnership VOLUME`, or move the plugins to another volume".to_owned(),
                });
            }
        }
        // Users who may write to a sticky folder cannot replace the files of other users in it. The next component is
        // one of these files, and is checked too.
        if is_link || is_folder && mode & 0o1000 != 0 && !of_new_files {
            return None;
        }
        if mode & 0o002 != 0 {
            return Some(Exposed {
                rule: "denies write access to other users".to_owned(),
                found: shown("everybody may write to it"),
                fix: cure(path, "umask=022", format!("chmod o-w {}", path.display())),
            });
        }
        if mode & 0o020 != 0 && !trusted.groups {
            let command =
                format!("chmod g-w {}, or `Trust::allow_group_writable` if you trust its group", path.display());
            return Some(Exposed {
                rule: "denies write access to its group".to_owned(),
                found: shown("its group may write to it"),
                fix: cure(path, "umask=022", command),
            });
        }
        None
    }
}

/// The fix for a component: a command, and on a file system that may keep no owners and modes also the option of mount(8)
/// that sets them for all files.
fn cure(path: &Path, option: &str, command: String) -> String {
    match without_modes(path) {
        None => command,
        Some(system) => format!("{command}; {}", mount(system, option)),
    }
}

fn mount(system: &str, option: &str) -> String {
    let option = match (system, option) {
        ("cifs", "umask=022") => "file_mode=0644,dir_mode=0755",
        ("9p", _) => "metadata",
        (_, option) => option,
    };
    format!(
        "if that changes nothing, because the file system ({system}) keeps no owners and modes, mount it with the option \
         `{option}`, or move the plugins to another file system"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On Linux, the group's bits are the mask of a list.
    #[test]
    fn a_list_that_lets_somebody_change_a_file_is_refused_with_the_command_that_mends_it() {
        let (mode, is_folder, is_link, granted) = (0o644, false, false, Granted::ByList);
        let listed = Access { owner: 501, group: 20, mode, is_folder, is_link, of_new_files: false, granted };
        let trusted = Writers { owners: [Owner::Uid(0), Owner::Uid(501)].into(), groups: true };
        let path = Path::new("plugins/libshout.dylib");
        let exposed = Exposed {
            rule: "has no access control list that lets others change it".to_owned(),
            found: "mode 0644, owner 501, group 20: its list lets somebody change it (`ls -le` shows it)".to_owned(),
            fix: "chmod -N plugins/libshout.dylib".to_owned(),
        };
        assert_eq!(listed.exposed(path, &trusted), Some(exposed));
        assert!(listed.lets_others_replace() && !listed.is_private());
        assert_eq!(Access { granted: Granted::Nobody, ..listed }.exposed(path, &trusted), None);
        let shared = Access { granted: Granted::Everybody, ..listed };
        let exposed = Exposed {
            rule: "is on a volume that keeps owners".to_owned(),
            found: "mode 0644, owner 501, group 20: the volume ignores owners, so everybody may change it".to_owned(),
            fix: "`sudo diskutil enableOwnership VOLUME`, or move the plugins to another volume".to_owned(),
        };
        assert_eq!(shared.exposed(path, &trusted), Some(exposed));
        let private = Access { mode: 0o600, owner: rustix::process::geteuid().as_raw(), ..listed };
        assert!(shared.lets_others_replace() && !Access { granted: Granted::Everybody, ..private }.is_private());
        assert!(Access { granted: Granted::Nobody, ..private }.is_private());
    }

    #[test]
    fn where_no_mode_can_be_changed_the_fix_is_an_option_of_the_mount() {
        for (system, option, expected) in [
            ("vfat", "umask=022", "`umask=022`"),
            ("vfat", "uid=1000", "`uid=1000`"),
            ("cifs", "umask=022", "`file_mode=0644,dir_mode=0755`"),
            ("9p", "umask=022", "`metadata`"),
        ] {
            let fix = mount(system, option);
            assert!(fix.contains(&format!("({system})")) && fix.contains(&format!("the option {expected}")), "{fix}");
        }
        assert_eq!(cure(Path::new("/"), "uid=0", "a command".to_owned()), "a command");
    }
}
