//! Users as security identifiers (SIDs), and the access lists of files.

use std::ffi::c_void;
use std::fs::File;
use std::io;
use std::os::windows::io::AsRawHandle;
use std::ptr::{NonNull, null_mut};
use std::sync::OnceLock;

use windows_sys::Win32::Foundation::{CloseHandle, HANDLE, LocalFree};
use windows_sys::Win32::Security::Authorization::{
    ConvertSidToStringSidW, ConvertStringSecurityDescriptorToSecurityDescriptorW, ConvertStringSidToSidW,
    GetSecurityInfo, SDDL_REVISION_1, SE_FILE_OBJECT,
};
use windows_sys::Win32::Security::{
    ACCESS_ALLOWED_ACE, ACE_HEADER, ACL, DACL_SECURITY_INFORMATION, GetAce, GetTokenInformation, IsValidAcl,
    LookupAccountSidW, OWNER_SECURITY_INFORMATION, PSECURITY_DESCRIPTOR, PSID, TOKEN_QUERY, TOKEN_USER, TokenUser,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

use super::super::Owner;

pub(super) const SYSTEM: &str = "S-1-5-18";
pub(super) const ADMINISTRATORS: &str = "S-1-5-32-544";
/// The service that installs updates. It owns most files of the system.
pub(super) const TRUSTED_INSTALLER: &str = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464";

/// Memory of the system, which is freed once.
pub(super) struct Local(NonNull<c_void>);

impl Local {
    /// # Safety
    ///
    /// 1. The pointer is null, or the caller must free it with `LocalFree`, and nobody else does.
    unsafe fn new(pointer: *mut c_void) -> Option<Self> {
        NonNull::new(pointer).map(Self)
    }

    pub(super) fn as_ptr(&self) -> *mut c_void {
        self.0.as_ptr()
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        // SAFETY: the memory is ours to free (`Local::new`), and is freed here only.
        unsafe { LocalFree(self.0.as_ptr()) };
    }
}

/// A text for the system: UTF-16, with a zero at the end.
pub(super) fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// The user of this process.
pub(crate) fn user() -> Owner {
    static USER: OnceLock<String> = OnceLock::new();
    // Without an answer, nobody is this user.
    Owner::Sid(USER.get_or_init(|| token_user().unwrap_or_else(|_| "unknown".to_owned())).clone())
}

fn token_user() -> io::Result<String> {
    let mut token: HANDLE = null_mut();
    // SAFETY: the function returns a handle of this process, and needs none.
    let process = unsafe { GetCurrentProcess() };
    // SAFETY: the system stores a handle at the address.
    if unsafe { OpenProcessToken(process, TOKEN_QUERY, &raw mut token) } == 0 {
        return Err(io::Error::last_os_error());
    }
    // Large enough and aligned for a `TOKEN_USER` with any SID, which has at most 68 bytes.
    let (mut found, mut len) = ([0_u64; 64], 0);
    let size = size_of_val(&found) as u32;
    // SAFETY: the buffer has this size.
    let done = unsafe { GetTokenInformation(token, TokenUser, found.as_mut_ptr().cast(), size, &raw mut len) };
    let error = io::Error::last_os_error();
    // SAFETY: the handle was opened above.
    unsafe { CloseHandle(token) };
    if done == 0 {
        return Err(error);
    }
    // SAFETY: the system has stored a `TOKEN_USER` at the beginning of the buffer, which is aligned for it.
    let found = unsafe { &*found.as_ptr().cast::<TOKEN_USER>() };
    // SAFETY: the SID is in the same buffer.
    unsafe { text_of(found.User.Sid) }
}

/// The text form of a SID.
///
/// # Safety
///
/// 1. `sid` is a valid SID.
unsafe fn text_of(sid: PSID) -> io::Result<String> {
    let mut text = null_mut();
    // SAFETY: obligation 1; the system stores the address of a text.
    if unsafe { ConvertSidToStringSidW(sid, &raw mut text) } == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the caller frees the text, says ConvertSidToStringSidW.
    let memory = unsafe { Local::new(text.cast()) };
    let Some(memory) = memory else { return Err(io::ErrorKind::OutOfMemory.into()) };
    let text: *const u16 = memory.as_ptr().cast();
    let mut units = Vec::new();
    loop {
        // SAFETY: the text ends with a zero, and all units before it were read.
        let unit = unsafe { text.add(units.len()).read() };
        if unit == 0 {
            return Ok(String::from_utf16_lossy(&units));
        }
        units.push(unit);
    }
}

/// The name of a user or group with this SID, and the SID; the SID alone if the system knows no name.
pub(super) fn shown(sid: &str) -> String {
    name_of(sid).map_or_else(|| sid.to_owned(), |name| format!("{name} ({sid})"))
}

fn name_of(sid: &str) -> Option<String> {
    let (text, mut binary) = (wide(sid), null_mut());
    // SAFETY: the text ends with a zero; the system stores the address of a SID.
    if unsafe { ConvertStringSidToSidW(text.as_ptr(), &raw mut binary) } == 0 {
        return None;
    }
    // SAFETY: the caller frees the SID, says ConvertStringSidToSidW.
    let memory = unsafe { Local::new(binary) }?;
    let (mut name, mut domain, mut kind) = ([0_u16; 257], [0_u16; 257], 0);
    let (mut name_len, mut domain_len) = (name.len() as u32, domain.len() as u32);
    let (to_name, to_domain) = (name.as_mut_ptr(), domain.as_mut_ptr());
    let (name_size, domain_size) = (&raw mut name_len, &raw mut domain_len);
    let sid = memory.as_ptr();
    // SAFETY: the SID is valid, and the buffers have the lengths that are stored at the addresses.
    let found =
        unsafe { LookupAccountSidW(std::ptr::null(), sid, to_name, name_size, to_domain, domain_size, &raw mut kind) };
    let name = name.get(..name_len as usize).filter(|name| found != 0 && !name.is_empty())?;
    Some(String::from_utf16_lossy(name))
}

/// An entry of an access list that grants something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The SID, or what the entry is instead.
    pub(super) who: String,
    pub(super) rights: u32,
    /// `OBJECT_INHERIT_ACE` and others.
    pub(super) flags: u32,
}

/// The owner and the access list of an open file. The list is `None` if there is none: then everybody may do everything.
pub(super) fn security_of(file: &File) -> io::Result<(String, Option<Vec<Entry>>)> {
    let (mut owner, mut list, mut descriptor): (PSID, *mut ACL, PSECURITY_DESCRIPTOR) =
        (null_mut(), null_mut(), null_mut());
    let asked = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
    let (handle, none) = (file.as_raw_handle(), null_mut());
    let (to_owner, to_list, to_all) = (&raw mut owner, &raw mut list, &raw mut descriptor);
    // SAFETY: the handle is open; the system stores addresses inside one descriptor.
    let error = unsafe { GetSecurityInfo(handle, SE_FILE_OBJECT, asked, to_owner, none, to_list, null_mut(), to_all) };
    if error != 0 {
        return Err(io::Error::from_raw_os_error(error as i32));
    }
    // SAFETY: the caller frees the descriptor, says GetSecurityInfo.
    let _descriptor = unsafe { Local::new(descriptor) };
    if owner.is_null() {
        return Err(io::Error::other("the system does not say to whom it belongs"));
    }
    // SAFETY: the SID is in the descriptor.
    let owner = unsafe { text_of(owner) }?;
    if list.is_null() {
        return Ok((owner, None));
    }
    // SAFETY: the list is in the descriptor. That of a server may be anything.
    if unsafe { IsValidAcl(list) } == 0 {
        return Err(io::Error::other("its access list is not valid"));
    }
    // SAFETY: the list is in the descriptor.
    let count = unsafe { (*list).AceCount };
    let mut entries = Vec::new();
    for number in 0..u32::from(count) {
        let mut entry = null_mut();
        // SAFETY: the list is in the descriptor; the system stores the address of one of its entries.
        if unsafe { GetAce(list, number, &raw mut entry) } == 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the entry is in the descriptor.
        entries.extend(unsafe { granted(entry) }?);
    }
    Ok((owner, Some(entries)))
}

/// The types of entries that grant something, without and with a condition. A condition is taken to be met.
const ALLOWED: [u8; 2] = [0, 9];
/// Those that grant nothing: entries that deny, also by object and with a condition. What is denied does not count: the
/// check is about what is granted.
const DENIED: [u8; 4] = [1, 6, 10, 12];

/// What an entry grants; `None` if nothing.
///
/// # Safety
///
/// 1. `entry` is the address of an entry of an access list.
unsafe fn granted(entry: *mut c_void) -> io::Result<Option<Entry>> {
    // SAFETY: obligation 1; each entry begins with a header.
    let header = unsafe { &*entry.cast::<ACE_HEADER>() };
    let flags = u32::from(header.AceFlags);
    if DENIED.contains(&header.AceType) {
        return Ok(None);
    }
    if !ALLOWED.contains(&header.AceType) {
        // Nobody can be trusted with what is not known.
        return Ok(Some(Entry { who: format!("an entry of type {}", header.AceType), rights: u32::MAX, flags }));
    }
    // SAFETY: obligation 1; the system has checked that an entry lies in its list with this size.
    let bytes = unsafe { std::slice::from_raw_parts(entry.cast::<u8>(), header.AceSize.into()) };
    // Header and rights have four bytes each; a SID has eight, of which the second is the number of further fours.
    if bytes.get(9).is_none_or(|fours| bytes.len() < 16 + 4 * usize::from(*fours)) {
        return Err(io::Error::other("a user in its access list is cut off"));
    }
    // SAFETY: obligation 1; both types begin with these fields.
    let entry = unsafe { &*entry.cast::<ACCESS_ALLOWED_ACE>() };
    let sid = (&raw const entry.SidStart).cast_mut().cast();
    // SAFETY: the SID begins in this field, and is in the entry, as checked above.
    let who = unsafe { text_of(sid) }?;
    Ok(Some(Entry { who, rights: entry.Mask, flags }))
}

/// The security descriptor of something that only this user may access, and those who may access everything.
pub(super) fn private() -> io::Result<Local> {
    let user = user();
    // Everything for these three, also for what will be inside; nothing is inherited from above.
    let rule = wide(&format!("O:{user}D:P(A;OICI;FA;;;{user})(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"));
    let mut descriptor: PSECURITY_DESCRIPTOR = null_mut();
    let to = &raw mut descriptor;
    // SAFETY: the text ends with a zero; the system stores the address of a descriptor.
    let done =
        unsafe { ConvertStringSecurityDescriptorToSecurityDescriptorW(rule.as_ptr(), SDDL_REVISION_1, to, null_mut()) };
    if done == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the caller frees the descriptor, says ConvertStringSecurityDescriptorToSecurityDescriptorW.
    unsafe { Local::new(descriptor) }.ok_or_else(|| io::ErrorKind::OutOfMemory.into())
}
