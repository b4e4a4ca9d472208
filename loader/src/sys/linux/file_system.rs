//! File systems: what they keep and report, by the number that statfs(2) gives, and their space.

use std::io;
use std::path::Path;

use super::super::Space;

use rustix::fs::{StatVfsMountFlags, statfs, statvfs};

/// What a file system lacks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lacks {
    /// It keeps no owners and modes of its own, so that chown(1) and chmod(1) change nothing.
    Modes,
    /// There are no events for the changes that other machines make.
    Events,
    Both,
}

/// The numbers are those of statfs(2) and of `linux/magic.h`.
const LACKING: [(u64, &str, Lacks); 16] = [
    (0x4d44, "vfat", Lacks::Modes),
    (0x2011_bab0, "exfat", Lacks::Modes),
    (0x5346_544e, "ntfs", Lacks::Modes),
    (0x7366_746e, "ntfs", Lacks::Modes),
    (0x5346_4846, "drvfs", Lacks::Modes),
    (0x0102_1997, "9p", Lacks::Both),
    (0x517b, "cifs", Lacks::Both),
    (0xff53_4d42, "cifs", Lacks::Both),
    (0xfe53_4d42, "cifs", Lacks::Both),
    (0x786f_4256, "vboxsf", Lacks::Both),
    (0x6969, "nfs", Lacks::Events),
    (0x6573_5546, "fuse", Lacks::Events),
    (0x00c3_6400, "ceph", Lacks::Events),
    (0x5346_414f, "afs", Lacks::Events),
    (0x0116_1970, "gfs2", Lacks::Events),
    (0x0bd0_0bd0, "lustre", Lacks::Events),
];

/// The numbers of tmpfs and ramfs.
const MEMORY: [u64; 2] = [0x0102_1994, 0x8584_58f6];

/// The number of a file system. It has 32 bits, and some systems extend its sign.
fn number(kind: impl TryInto<u64>) -> Option<u64> {
    kind.try_into().ok().map(|number| number & 0xffff_ffff)
}

fn name_lacking(number: u64, what: Lacks) -> Option<&'static str> {
    let known = LACKING.iter().find(|(known, _, lacks)| *known == number && [what, Lacks::Both].contains(lacks));
    known.map(|(_, name, _)| *name)
}

/// The name of the file system of a file, if it keeps no owners and modes of its own.
pub(crate) fn without_modes(path: &Path) -> Option<&'static str> {
    name_lacking(number(statfs(path).ok()?.f_type)?, Lacks::Modes)
}

/// The name of the file system of a folder, if changes that other machines make there are no events for this one.
pub(crate) fn without_events(path: &Path) -> Option<&'static str> {
    name_lacking(number(statfs(path).ok()?.f_type)?, Lacks::Events)
}

/// Whether code in the files of a folder may be mapped; see mount(8), `noexec`.
pub(crate) fn may_map_code(folder: &Path) -> io::Result<bool> {
    Ok(!statvfs(folder)?.f_flag.contains(StatVfsMountFlags::NOEXEC))
}

pub(crate) fn space(path: &Path) -> Option<Space> {
    let system = statfs(path).ok()?;
    let block = u64::try_from(system.f_bsize).ok()?;
    // A tmpfs without a limit has no blocks, and so has ramfs.
    let left = if system.f_blocks == 0 { u64::MAX } else { block.saturating_mul(system.f_bavail) };
    Some(Space { left, is_memory: MEMORY.contains(&number(system.f_type)?) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_system_lacks_is_known_by_its_number() {
        let lacks = |number| [Lacks::Modes, Lacks::Events].map(|what| name_lacking(number, what));
        // ext4 and tmpfs lack nothing.
        assert_eq!([0xef53, 0x0102_1994].map(lacks), [[None, None], [None, None]]);
        assert_eq!([0x4d44, 0x6969].map(lacks), [[Some("vfat"), None], [None, Some("nfs")]]);
        assert_eq!([0x0102_1997, 0xff53_4d42].map(lacks), [[Some("9p"); 2], [Some("cifs"); 2]]);
        assert_eq!(number(u64::MAX << 32 | 0xff53_4d42), Some(0xff53_4d42));
        assert_eq!((without_modes(Path::new("/proc")), without_events(Path::new("/proc"))), (None, None));
    }
}
