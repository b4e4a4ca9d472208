//! Who may change a file: its owner, and those whom its access list lets.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

use windows_sys::Win32::Foundation::{GENERIC_ALL, GENERIC_WRITE};
use windows_sys::Win32::Security::{INHERIT_ONLY_ACE, INHERITED_ACE};
use windows_sys::Win32::Storage::FileSystem::{
    DELETE, FILE_APPEND_DATA, FILE_DELETE_CHILD, FILE_WRITE_DATA, WRITE_DAC, WRITE_OWNER,
};

use super::super::{Exposed, Owner, Writers};
use super::security::{ADMINISTRATORS, Entry, SYSTEM, TRUSTED_INSTALLER, security_of, shown, user};

/// Whoever has one of these rights to a file or a folder may replace it, or give the other rights to anybody.
const REPLACE: u32 = DELETE | WRITE_DAC | WRITE_OWNER | GENERIC_ALL;
const CHANGE_FILE: u32 = REPLACE | FILE_WRITE_DATA | FILE_APPEND_DATA | GENERIC_WRITE;
/// Whoever may only add something to a folder cannot replace what is in it.
const CHANGE_FOLDER: u32 = REPLACE | FILE_DELETE_CHILD;

/// Stand for the owner of what is created in a folder, and for the owner.
const OWNERS: [&str; 2] = ["S-1-3-0", "S-1-3-4"];

/// The owner and the access list of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Access {
    is_folder: bool,
    /// The owner and the entries that grant something; or what the system says instead.
    found: Result<(Owner, Option<Vec<Entry>>), String>,
}

impl Access {
    pub(super) fn of(file: &File, is_folder: bool) -> Self {
        let found = security_of(file).map(|(owner, list)| (Owner::Sid(owner), list));
        Self { is_folder, found: found.map_err(|error| error.to_string()) }
    }

    /// The users who are trusted without further ado: the system, its administrators, and the user of this process.
    pub(crate) fn trusted_owners() -> [Owner; 4] {
        [SYSTEM.into(), ADMINISTRATORS.into(), TRUSTED_INSTALLER.into(), user()]
    }

    fn trusted() -> Writers {
        Writers { owners: Self::trusted_owners().into(), groups: false }
    }

    /// The access of a folder as far as new files in it count.
    pub(crate) fn of_new_files(self) -> Self {
        // The rights to change a file are numbers of the rights to add something to a folder.
        Self { is_folder: false, ..self }
    }

    /// Whether only this user may access the file, and those who may access everything.
    pub(crate) fn is_private(&self) -> bool {
        let trusted = Self::trusted().owners;
        let Ok((owner, Some(list))) = &self.found else { return false };
        trusted.contains(owner) && list.iter().all(|entry| is_one_of(&trusted, entry))
    }

    /// Whether other users may replace files that this user keeps in the folder.
    pub(crate) fn lets_others_replace(&self) -> bool {
        self.exposed(Path::new(""), &Self::trusted()).is_some()
    }

    /// Says how somebody who is not trusted may change the file at `path`, if somebody may.
    pub(crate) fn exposed(&self, path: &Path, trusted: &Writers) -> Option<Exposed> {
        let (path, rule) = (path.display(), "denies write access to other users".to_owned());
        let (owner, list) = match &self.found {
            Ok((owner, list)) => (owner, list),
            Err(error) => {
                let fix = format!("check that `icacls \"{path}\"` shows its access list");
                return Some(Exposed {
                    rule: "has an access list that can be read".to_owned(),
                    found: error.clone(),
                    fix,
                });
            }
        };
        if !trusted.owners.contains(owner) {
            let sids: Vec<String> = trusted.owners.iter().filter_map(sid).map(shown).collect();
            let (owner, user) = (owner.to_string(), user().to_string());
            return Some(Exposed {
                rule: format!("belongs to one of {}", sids.join(", ")),
                found: format!("{} owns it", shown(&owner)),
                fix: format!(
                    "icacls \"{path}\" /setowner *{user}, or `Trust::allow_owner(\"{owner}\")` if you trust that user"
                ),
            });
        }
        let Some(list) = list else {
            let found = "it has no access list, so everybody may change it".to_owned();
            return Some(Exposed { rule, found, fix: format!("icacls \"{path}\" /reset") });
        };
        let changing = if self.is_folder { CHANGE_FOLDER } else { CHANGE_FILE };
        let is_in_force = |entry: &&Entry| entry.flags & INHERIT_ONLY_ACE == 0 && entry.rights & changing != 0;
        let others: Vec<&Entry> =
            list.iter().filter(is_in_force).filter(|entry| !is_one_of(&trusted.owners, entry)).collect();
        let who: BTreeSet<&str> = others.iter().map(|entry| entry.who.as_str()).collect();
        let first = *who.first()?;
        let names: Vec<String> = who.iter().map(|who| shown(who)).collect();
        let remove: Vec<String> = who.iter().map(|who| format!("*{who}")).collect();
        let mut fix = format!("icacls \"{path}\" /remove:g {}", remove.join(" "));
        if others.iter().any(|entry| entry.flags & INHERITED_ACE != 0) {
            fix = format!("icacls \"{path}\" /inheritance:d, and then {fix}");
        }
        Some(Exposed {
            rule,
            found: format!(
                "{} may {} it",
                names.join(", "),
                if self.is_folder { "replace what is in" } else { "change" }
            ),
            fix: format!("{fix}, or `Trust::allow_owner(\"{first}\")` if you trust them"),
        })
    }
}

fn sid(owner: &Owner) -> Option<&str> {
    match owner {
        Owner::Sid(sid) => Some(sid),
        _ => None,
    }
}

fn is_one_of(owners: &BTreeSet<Owner>, entry: &Entry) -> bool {
    OWNERS.contains(&entry.who.as_str()) || owners.contains(&Owner::Sid(entry.who.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const USERS: &str = "S-1-5-32-545";
    const READ: u32 = 0x0012_0089;

    fn access(is_folder: bool, owner: &str, list: Option<&[(&str, u32, u32)]>) -> Access {
        let entry =
            |(who, rights, flags): &(&str, u32, u32)| Entry { who: (*who).to_owned(), rights: *rights, flags: *flags };
        let list = list.map(|list| list.iter().map(entry).collect());
        Access { is_folder, found: Ok((owner.into(), list)) }
    }

    fn exposed(access: &Access) -> Option<Exposed> {
        access.exposed(Path::new(r"C:\p"), &Access::trusted())
    }

    #[test]
    fn each_right_with_which_somebody_else_can_change_or_replace_a_file_counts() {
        let user = user().to_string();
        let file = |rights| exposed(&access(false, &user, Some(&[(SYSTEM, GENERIC_ALL, 0), (USERS, rights, 0)])));
        let folder = |rights| exposed(&access(true, &user, Some(&[(USERS, rights, 0)])));
        assert_eq!((file(READ), folder(READ)), (None, None), "the control");
        for right in [DELETE, WRITE_DAC, WRITE_OWNER, GENERIC_ALL] {
            assert!(file(right).is_some() && folder(right).is_some(), "{right:#x}");
        }
        for right in [FILE_WRITE_DATA, FILE_APPEND_DATA, GENERIC_WRITE] {
            assert!(file(right).is_some() && folder(right).is_none(), "{right:#x}");
        }
        assert!(folder(FILE_DELETE_CHILD).is_some());
    }

    #[test]
    fn an_entry_counts_where_it_is_in_force_and_only_against_those_who_are_not_trusted() {
        let user = user().to_string();
        let one = |entry| exposed(&access(true, &user, Some(&[entry])));
        assert_eq!(one((USERS, GENERIC_ALL, INHERIT_ONLY_ACE)), None);
        for trusted in [&user, SYSTEM, ADMINISTRATORS, TRUSTED_INSTALLER, OWNERS[0], OWNERS[1]] {
            assert_eq!(one((trusted, GENERIC_ALL, 0)), None, "{trusted}");
        }
        assert!(exposed(&access(true, USERS, Some(&[]))).is_some(), "somebody else owns it");
        assert!(exposed(&access(true, &user, None)).is_some(), "there is no list");
        let unknown = Access { is_folder: false, found: Err("no answer".to_owned()) };
        assert!(exposed(&unknown).is_some() && unknown.lets_others_replace() && !unknown.is_private());
    }

    #[test]
    fn the_fix_names_the_command_that_mends_it() {
        let user = user().to_string();
        let own = exposed(&access(false, &user, Some(&[(USERS, DELETE, 0)]))).unwrap().fix;
        assert!(own.starts_with(r#"icacls "C:\p" /remove:g *S-1-5-32-545, or"#), "{own}");
        let inherited = exposed(&access(false, &user, Some(&[(USERS, DELETE, INHERITED_ACE)]))).unwrap().fix;
        assert!(inherited.starts_with(r#"icacls "C:\p" /inheritance:d, and then icacls"#), "{inherited}");
        let mut trusted = Access::trusted();
        trusted.owners.insert(USERS.into());
        assert_eq!(access(false, &user, Some(&[(USERS, DELETE, 0)])).exposed(Path::new(""), &trusted), None);
    }

    #[test]
    fn a_folder_is_private_if_nobody_else_may_even_read_it() {
        let user = user().to_string();
        assert!(access(true, &user, Some(&[(&user, GENERIC_ALL, 0), (SYSTEM, GENERIC_ALL, 0)])).is_private());
        assert!(!access(true, &user, Some(&[(&user, GENERIC_ALL, 0), (USERS, READ, 0)])).is_private());
        assert!(!access(true, USERS, Some(&[])).is_private() && !access(true, &user, None).is_private());
    }
}
