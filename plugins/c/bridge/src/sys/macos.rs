//! The port to macOS.

use std::ffi::c_int;
use std::io;

use super::Region;
pub(super) use super::unix::{open, remove_left};

/// The numbers of a `vm_region_submap_info_64`; its first one is the protection. See `mach/vm_region.h`.
const INFO: usize = 19;
/// `KERN_SUCCESS` and `KERN_INVALID_ADDRESS`: there is a region at or above the address, or there is none.
const FOUND: c_int = 0;
const END: c_int = 1;
/// `VM_PROT_READ` and `VM_PROT_EXECUTE`.
const READ: c_int = 1;
const EXECUTE: c_int = 4;

// In libSystem, which every program is linked with; see `mach/mach_vm.h` and `mach/mach_init.h`.
unsafe extern "C" {
    static mach_task_self_: u32;
    fn mach_vm_region_recurse(
        task: u32,
        address: *mut u64,
        size: *mut u64,
        depth: *mut u32,
        info: *mut c_int,
        count: *mut u32,
    ) -> c_int;
}

/// The regions with those of submaps: the system's own libraries are one.
pub(super) fn regions() -> io::Result<Vec<Region>> {
    // SAFETY: the system's library sets it before any code of this program runs, and nobody changes it.
    let task = unsafe { mach_task_self_ };
    let (mut regions, mut address) = (Vec::new(), 0_u64);
    loop {
        let (mut size, mut depth, mut info, mut count) = (0_u64, u32::MAX, [0; INFO], INFO as u32);
        let (at, info_at) = (&raw mut address, (&raw mut info).cast());
        // SAFETY: all pointers are valid, and the system stores at most `count` numbers in `info`.
        let answer =
            unsafe { mach_vm_region_recurse(task, at, &raw mut size, &raw mut depth, info_at, &raw mut count) };
        match answer {
            FOUND => {}
            END => return Ok(regions),
            other => return Err(io::Error::other(format!("mach_vm_region_recurse: {other}"))),
        }
        let Some(end) = address.checked_add(size).filter(|end| *end > address) else { return Ok(regions) };
        let protection = info[0];
        regions.push(Region {
            range: address as usize..end as usize,
            readable: protection & READ != 0,
            executable: protection & EXECUTE != 0,
        });
        address = end;
    }
}
