//! One open file, whatever it is.

use std::sync::Arc;

use bstr::BString;
use icecore_images::messages::{FdTypes, FownEntry};
use serde::Serialize;

use super::{Bpfmap, EpollTarget, Fanotify, OpenFlags, Pidfd, Remap, Terminal, Timerfd, Watch};
use crate::sockets::Socket;
use crate::{FileId, MountId, NamespaceId, Pid, Place};

/// An open file description, or a file that is referred to otherwise. Source: `files.img`, `file_entry`.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct File {
    /// Its number, that descriptors, areas and others refer to.
    pub id: FileId,
    /// What it is.
    pub kind: FileKind,
    /// Open flags, without close-on-exec, which descriptors have. `None` where the image has none (namespaces of
    /// plugins, memory of old images) or the record with them is missing.
    pub flags: Option<OpenFlags>,
    /// The offset in bytes; only of what has a path, and of memory files.
    pub pos: Option<u64>,
    /// The mount that it was opened through; absent if mount namespaces were not dumped. Source: `mnt_id`.
    pub mnt_id: Option<MountId>,
    /// The inode, of pipes, FIFOs, sockets, memory files and pidfds. Files with a path are stored without.
    pub ino: Option<u64>,
    /// The size in bytes when it was dumped; of regular files that are not merely appended to, and of memory files.
    pub size: Option<u64>,
    /// Type and permissions, as `st_mode`. Source: `reg_file_entry.mode`, since CRIU 2.4; `memfd_inode_entry.mode`.
    pub mode: Option<u32>,
    /// The path in its mount namespace, without ` (deleted)`. Absent for what has none, for external files, and where
    /// another record has it: [`Files::path_record`](super::Files::path_record).
    pub path: Option<BString>,
    /// The key of an external file, whose path is not stored. Source: `reg_file_entry.name` with `ext`.
    pub external: Option<BString>,
    /// Where the file is, if its name is gone.
    pub remap: Option<Remap>,
    /// The GNU build id, if it is an ELF file that has one. Source: `reg_file_entry.build_id`, since CRIU 3.15.
    pub build_id: Option<Vec<u8>>,
    /// Who gets SIGIO; `None` if nobody.
    pub owner: Option<SignalOwner>,
    /// The record with the path, of FIFOs, terminals and tun devices.
    pub named_by: Option<FileId>,
    /// Its record in `files.img`, a `file_entry`; before CRIU 3.4 in an image of its kind, as a `pipe_entry` in `pipes.img`.
    pub place: Option<Place>,
    #[serde(skip)]
    pub(crate) fd_type: FdTypes,
}

/// What a file is, and what only such files have.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", content = "of", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FileKind {
    /// A file with a path.
    Path(PathKind),
    /// An end of a pipe; the inode is that of both ends.
    Pipe(PipeEnd),
    /// An open FIFO.
    Fifo(PipeEnd),
    /// A socket of any family.
    Socket(Box<Socket>),
    /// An event counter with its count. That it counts as a semaphore is not stored.
    Eventfd(u64),
    /// An epoll file and what it watches.
    Epoll(Vec<EpollTarget>),
    /// A signal file with its mask: bit n-1 is signal n.
    Signalfd(u64),
    /// A timer file.
    Timerfd(Timerfd),
    /// An inotify file and its watches. Events that were not read are not stored.
    Inotify(Vec<Watch>),
    /// A fanotify file and its marks.
    Fanotify(Fanotify),
    /// A terminal; `None` if `tty-info.img` does not have it.
    Terminal(Option<Arc<Terminal>>),
    /// A memory file; `None` if `memfd.img` does not have it.
    Memfd(Option<Arc<Memfd>>),
    /// A process.
    Pidfd(Pidfd),
    /// A namespace.
    Namespace(NamespaceFile),
    /// A BPF map.
    Bpfmap(Box<Bpfmap>),
    /// A tun device: its name, if the file is bound to one.
    Tun(Option<BString>),
    /// Known to a plugin only.
    External,
    /// A kind that this version does not know, with its number in `fd_types`; or a record without its message.
    Unknown(i32),
}

/// What a path leads to, by the type in its mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A character device.
    CharDevice,
    /// A block device.
    BlockDevice,
    /// A symbolic link, opened as such.
    Symlink,
    /// The path of a FIFO.
    Fifo,
    /// A socket file, opened as a path.
    Socket,
    /// Not stored: before CRIU 2.4, and of helper records.
    Unknown,
}

impl PathKind {
    pub(super) fn of(mode: Option<u32>, size: Option<u64>) -> Self {
        match mode.map(|mode| mode & 0o17_0000) {
            Some(0o10_0000) => Self::File,
            Some(0o4_0000) => Self::Directory,
            Some(0o2_0000) => Self::CharDevice,
            Some(0o6_0000) => Self::BlockDevice,
            Some(0o12_0000) => Self::Symlink,
            Some(0o1_0000) => Self::Fifo,
            Some(0o14_0000) => Self::Socket,
            // Before modes were stored, only regular files had a size.
            None if size.is_some() => Self::File,
            _ => Self::Unknown,
        }
    }

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Directory => "dir",
            Self::CharDevice => "char",
            Self::BlockDevice => "block",
            Self::Symlink => "symlink",
            Self::Fifo => "fifo",
            Self::Socket => "socket",
            Self::Unknown => "path",
        }
    }
}

/// Which end of a pipe a file is, by its access mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum PipeEnd {
    /// It is read from.
    Read,
    /// It is written to.
    Write,
    /// Both: a FIFO that was opened so.
    Both,
    /// Not stored.
    Unknown,
}

impl PipeEnd {
    pub(super) fn of(flags: Option<OpenFlags>) -> Self {
        match flags.map(|flags| (flags.can_read(), flags.can_write())) {
            Some((true, false)) => Self::Read,
            Some((false, true)) => Self::Write,
            Some((true, true)) => Self::Both,
            _ => Self::Unknown,
        }
    }

    /// `read`, `write`, `both` or `unknown`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Both => "both",
            Self::Unknown => "unknown",
        }
    }
}

/// A memory file. Source: `memfd.img`, `memfd_inode_entry`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Memfd {
    /// Its name, without `memfd:`.
    pub name: BString,
    /// Owner and group.
    pub owner: (u32, u32),
    /// `F_SEAL_*` bits: 1 seal, 2 shrink, 4 grow, 8 write, 0x10 future write.
    pub seals: u32,
    /// The number of the `pagemap-shmem` image with its content, which is also its inode.
    pub shmid: u32,
    /// Its number in `memfd.img`, which all open files of it share.
    pub inode_id: u32,
    /// Size of its huge pages, as in flags of memfd_create(2); since CRIU 3.17.
    pub hugetlb: Option<u32>,
}

/// An open namespace. Source: `ns_file_entry`. Its inode, and so the text of its link, is not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NamespaceFile {
    /// The namespace, as processes refer to it.
    pub id: NamespaceId,
    /// Its kind, as the flag of clone(2).
    pub flag: u32,
}

impl NamespaceFile {
    /// `mnt`, `net` … as in `/proc/PID/ns`; `None` for a flag that no kernel has.
    pub fn name(self) -> Option<&'static str> {
        Some(match self.flag {
            0x80 => "time",
            0x2_0000 => "mnt",
            0x200_0000 => "cgroup",
            0x400_0000 => "uts",
            0x800_0000 => "ipc",
            0x1000_0000 => "user",
            0x2000_0000 => "pid",
            0x4000_0000 => "net",
            _ => return None,
        })
    }

    pub(super) fn new(id: u32, flag: u32) -> Self {
        Self { id: NamespaceId(id), flag }
    }
}

/// Who gets a signal when a file becomes ready. Source: `fown_entry`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SignalOwner {
    /// The thread, process or process group.
    pub pid: Pid,
    /// `thread`, `process` or `group`.
    pub kind: &'static str,
    /// The signal; 0 is SIGIO.
    pub signal: u32,
    /// Real user who set it.
    pub uid: u32,
    /// Effective user who set it.
    pub euid: u32,
}

impl SignalOwner {
    pub(super) fn of(entry: &FownEntry) -> Option<Self> {
        let kind = match entry.pid_type {
            0 => "thread",
            1 => "process",
            _ => "group",
        };
        let owner =
            Self { pid: Pid(entry.pid), kind, signal: entry.signum, uid: entry.uid, euid: entry.euid };
        (entry.pid != 0).then_some(owner)
    }
}

impl File {
    /// What it is, in a word: `file`, `dir`, `char`, `pipe`, `tcp`, `unix`, `epoll` …
    pub fn type_name(&self) -> &'static str {
        match &self.kind {
            FileKind::Path(kind) => kind.name(),
            FileKind::Pipe(_) => "pipe",
            FileKind::Fifo(_) => "fifo",
            FileKind::Socket(socket) => socket.type_name(),
            FileKind::Eventfd(_) => "eventfd",
            FileKind::Epoll(_) => "epoll",
            FileKind::Signalfd(_) => "signalfd",
            FileKind::Timerfd(_) => "timerfd",
            FileKind::Inotify(_) => "inotify",
            FileKind::Fanotify(_) => "fanotify",
            FileKind::Terminal(_) => "tty",
            FileKind::Memfd(_) => "memfd",
            FileKind::Pidfd(_) => "pidfd",
            FileKind::Namespace(_) => "namespace",
            FileKind::Bpfmap(_) => "bpf-map",
            FileKind::Tun(_) => "tun",
            FileKind::External => "external",
            FileKind::Unknown(_) => "unknown",
        }
    }

    /// The socket, if it is one.
    pub fn socket(&self) -> Option<&Socket> {
        match &self.kind {
            FileKind::Socket(socket) => Some(socket),
            _ => None,
        }
    }

    /// Whether the kernel said `(deleted)` of it: its name was gone. Memory files never had one; of a file in `/proc` of a
    /// dead process the kernel does not say so.
    pub fn is_deleted(&self) -> bool {
        match self.remap {
            Some(Remap::DeadProcess(_)) => false,
            Some(_) => true,
            None => matches!(self.kind, FileKind::Memfd(_)),
        }
    }
}
