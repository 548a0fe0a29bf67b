//! One mapped area: what `/proc/PID/maps` says of it.

use std::ops::Range;
use std::sync::Arc;

use bstr::BString;
use serde::Serialize;

use super::contents::FileContent;
use super::objects::Object;
use crate::vma::{flags, status};
use crate::{Place, Vaddr};

/// What an area is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum AreaKind {
    /// The heap of brk(2).
    Heap,
    /// The stack that the process began with. Stacks of other threads are [`AreaKind::Anon`].
    Stack,
    /// Code of the kernel for programs.
    Vdso,
    /// Data of the kernel for the vDSO; never stored.
    Vvar,
    /// The page of old system calls (x86), or of the vectors (arm); never stored.
    Vsyscall,
    /// Private memory without a file.
    Anon,
    /// Shared memory without a name.
    SharedAnon,
    /// A file of memfd_create(2).
    Memfd,
    /// A System V segment.
    SysvShm,
    /// A private mapping of a file: pages that were written are the process's own.
    FilePrivate,
    /// A shared mapping of a file: its pages are the file's.
    FileShared,
    /// The ring of an asynchronous I/O context.
    Aio,
    /// The ring of a packet socket; never stored.
    Socket,
    /// A range of guard pages inside of another area; since CRIU 4.2.
    Guard,
}

impl AreaKind {
    /// All kinds.
    pub const ALL: [Self; 14] = [
        Self::Heap,
        Self::Stack,
        Self::Vdso,
        Self::Vvar,
        Self::Vsyscall,
        Self::Anon,
        Self::SharedAnon,
        Self::Memfd,
        Self::SysvShm,
        Self::FilePrivate,
        Self::FileShared,
        Self::Aio,
        Self::Socket,
        Self::Guard,
    ];

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Heap => "heap",
            Self::Stack => "stack",
            Self::Vdso => "vdso",
            Self::Vvar => "vvar",
            Self::Vsyscall => "vsyscall",
            Self::Anon => "anon",
            Self::SharedAnon => "shared-anon",
            Self::Memfd => "memfd",
            Self::SysvShm => "sysv-shm",
            Self::FilePrivate => "file-private",
            Self::FileShared => "file-shared",
            Self::Aio => "aio",
            Self::Socket => "socket",
            Self::Guard => "guard",
        }
    }
}

/// One mapped area. Source: `mm-PID.img`, `vma_entry`; before CRIU 1.2 `vmas-PID.img`.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Area {
    /// First address.
    pub start: Vaddr,
    /// First address behind it.
    pub end: Vaddr,
    /// What it is. Source: `vma_entry.status`, and for the stack `mm_entry.mm_start_stack`.
    pub kind: AreaKind,
    /// `PROT_*`: 1 read, 2 write, 4 execute. Source: `vma_entry.prot`.
    pub prot: u32,
    /// `MAP_*` bits of the dumped architecture. Source: `vma_entry.flags`.
    pub flags: u32,
    /// `VMA_*` bits of CRIU. Source: `vma_entry.status`.
    pub status: u32,
    /// Bit n: advice n of madvise(2) is in force. Source: `vma_entry.madv`.
    pub advice: u64,
    /// Where it begins in its file or object, in bytes. Source: `vma_entry.pgoff`.
    pub offset: u64,
    /// The id of the mapped file in `files.img`; absent if it is no file. Source: `vma_entry.shmid`.
    pub file_id: Option<u32>,
    /// The name that `/proc/PID/maps` shows; empty for anonymous memory. `None`: the images do not tell it, as for the
    /// ring of a packet socket. Names that a program gave to anonymous memory are not stored either.
    pub name: Option<BString>,
    /// The inode of a memory file or the id of a System V segment; inodes of other files are not stored.
    pub ino: Option<u64>,
    /// The shared object behind it.
    #[serde(skip)]
    pub object: Option<Arc<Object>>,
    /// Whether a file is mapped that was opened for reading only. Source: `vma_entry.fdflags`, since CRIU 1.3.
    #[serde(skip)]
    pub(super) read_only_file: bool,
    /// Which bits of [`Area::flags`] mean what.
    #[serde(skip)]
    pub(super) map_codes: &'static MapCodes,
    /// The content of the mapped file, if it has a path.
    #[serde(skip)]
    pub(super) content: Option<Arc<FileContent>>,
    /// Its record in `mm-PID.img`, a `vma_entry` in the `mm_entry`; before CRIU 1.2 in `vmas-PID.img`.
    pub place: Option<Place>,
}

impl Area {
    /// Its addresses.
    pub fn range(&self) -> Range<Vaddr> {
        self.start..self.end
    }

    /// Bytes of address space; 0 for one that ends in front of its start.
    pub fn length(&self) -> u64 {
        self.end.0.saturating_sub(self.start.0)
    }

    /// Whether writes go to others who map the same.
    pub fn is_shared(&self) -> bool {
        self.flags & flags::MAP_SHARED != 0
    }

    /// The permissions as `/proc/PID/maps` shows them, such as `rw-p`.
    pub fn perms(&self) -> String {
        let letter = |bit, letter| if self.prot & bit != 0 { letter } else { '-' };
        let shared = if self.is_shared() { 's' } else { 'p' };
        [letter(1, 'r'), letter(2, 'w'), letter(4, 'x'), shared].iter().collect()
    }

    /// Whether it was mapped in huge pages.
    pub(super) fn has_huge_pages(&self) -> bool {
        self.map_codes.iter().any(|(bit, code)| *code == HUGE && self.flags & bit != 0)
    }

    /// What keeps CRIU from storing the content, if anything does.
    pub(super) fn not_dumped(&self) -> Option<&'static str> {
        match self.kind {
            AreaKind::Vvar => Some("data of the kernel"),
            AreaKind::Vsyscall => Some("a page of the kernel"),
            AreaKind::Socket => Some("the ring of a packet socket"),
            _ if self.status & status::PLUGIN != 0 => Some("memory of a plugin"),
            _ if self.flags & flags::MAP_TYPE == flags::MAP_DROPPABLE => Some("droppable memory"),
            _ => None,
        }
    }

    /// The two-letter codes that `VmFlags` in `/proc/PID/smaps` has for what the images tell: `rd` `wr` `ex` `sh` and
    /// the mmap(2) flags and madvise(2) advice. The codes for what may be (`mr`, `mw`, `me`) and for accounting are not
    /// stored.
    pub fn vm_flags(&self) -> Vec<&'static str> {
        let prot = [(1, "rd"), (2, "wr"), (4, "ex")];
        let prot = prot.into_iter().filter(|(bit, _)| self.prot & bit != 0).map(|(_, code)| code);
        // Of a file that was opened for reading only, the kernel takes a shared mapping for a private one.
        let shared = (self.is_shared() && !self.read_only_file).then_some("sh");
        let mapped = self.map_codes.iter().filter(|(bit, _)| self.flags & bit != 0).map(|(_, code)| *code);
        let droppable = (self.flags & flags::MAP_TYPE == flags::MAP_DROPPABLE).then_some("dp");
        let shadow = (self.status & status::SHSTK != 0).then_some("ss");
        let advice =
            ADVICE_CODES.iter().filter(|(bit, _)| self.advice >> bit & 1 != 0).map(|(_, code)| *code);
        prot.chain(shared).chain(mapped).chain(droppable).chain(shadow).chain(advice).collect()
    }
}

/// The code for huge pages.
const HUGE: &str = "ht";

/// Codes for mmap(2) flags, with their values: grows down, locked, no reserve, huge pages.
pub(super) type MapCodes = [(u32, &'static str); 4];

/// The values of an architecture, by its name for `uname -m`.
pub(super) fn map_codes(arch: Option<&str>) -> &'static MapCodes {
    match arch {
        Some(name) if name.starts_with("ppc") => &POWER,
        Some(name) if name.starts_with("mips") => &MIPS,
        _ => &COMMON,
    }
}

const COMMON: MapCodes = [(0x100, "gd"), (0x2000, "lo"), (0x4000, "nr"), (0x4_0000, HUGE)];
const POWER: MapCodes = [(0x100, "gd"), (0x80, "lo"), (0x40, "nr"), (0x4_0000, HUGE)];
const MIPS: MapCodes = [(0x1000, "gd"), (0x8000, "lo"), (0x400, "nr"), (0x8_0000, HUGE)];

/// Codes for advice, by its number for madvise(2).
const ADVICE_CODES: [(u32, &str); 8] =
    [(1, "rr"), (2, "sr"), (10, "dc"), (12, "mg"), (14, "hg"), (15, "nh"), (16, "dd"), (18, "wf")];

#[cfg(test)]
mod tests {
    use super::*;

    fn area(prot: u32, flags: u32, advice: u64) -> Area {
        Area {
            start: Vaddr(0x1000),
            end: Vaddr(0x3000),
            kind: AreaKind::Anon,
            prot,
            flags,
            status: 0x201,
            advice,
            offset: 0,
            file_id: None,
            name: Some("".into()),
            ino: None,
            object: None,
            read_only_file: false,
            map_codes: map_codes(None),
            content: None,
            place: None,
        }
    }

    #[test]
    fn permissions_read_as_in_proc() {
        assert_eq!(area(3, 0x22, 0).perms(), "rw-p");
        assert_eq!(area(5, 0x01, 0).perms(), "r-xs");
        assert_eq!(area(0, 0x22, 0).perms(), "---p");
    }

    #[test]
    fn flags_of_smaps() {
        assert_eq!(area(3, 0x2022, 1 << 16).vm_flags(), ["rd", "wr", "lo", "dd"]);
        assert_eq!(area(1, 0x4028, 0).vm_flags(), ["rd", "nr", "dp"]);
        let mapped = |flags, arch| Area { map_codes: map_codes(Some(arch)), ..area(3, flags, 0) };
        assert_eq!(mapped(0x2022, "x86_64").vm_flags(), ["rd", "wr", "lo"]);
        assert_eq!(mapped(0x00e2, "ppc64le").vm_flags(), ["rd", "wr", "lo", "nr"]);
        assert_eq!(mapped(0x9c02, "mips64").vm_flags(), ["rd", "wr", "gd", "lo", "nr"]);
        assert_eq!(area(1, 1, 0).vm_flags(), ["rd", "sh"]);
        assert_eq!(Area { read_only_file: true, ..area(1, 1, 0) }.vm_flags(), ["rd"]);
        assert_eq!(Area { status: 0x8201, ..area(3, 0x22, 0) }.vm_flags(), ["rd", "wr", "ss"]);
        assert_eq!(area(3, 0x28, 0).not_dumped(), Some("droppable memory"));
        assert_eq!(area(3, 0x22, 0).not_dumped(), None);
    }
}
