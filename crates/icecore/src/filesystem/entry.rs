//! One file: what is known of it, and the way to its bytes.

use std::fmt;

use bstr::{BStr, BString};
use icecore_archive::{Member, MemberKind, SharedSource, Timestamp};
use serde::Serialize;

use crate::Error;

/// Where a file of the container lies in the checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Origin {
    /// What the container changed in its root file system: `rootfs-diff.tar`, or the layer of an export of containerd.
    Diff,
    /// A temporary file system: `tmpfs-dev-N.tar.gz.img`.
    Tmpfs,
    /// `/dev/shm` as Podman stores it: `devshm-checkpoint.tar`.
    Shm,
    /// A named volume of Podman: `volumes/NAME.tar`.
    Volume,
    /// A file that was open though its name was gone: `ghost-file-N.img`.
    Ghost,
    /// The same, but it had other names; CRIU gave it one more in the container's file system.
    LinkRemap,
    /// A file of memory: `memfd.img` and `pagemap-shmem-N.img`.
    Memfd,
    /// A System V segment: `ipcns-shm-N.img` and `pagemap-shmem-N.img`; until CRIU 2.12 the former alone.
    Sysv,
    /// The root file system that the user names.
    Rootfs,
}

impl Origin {
    /// All, in the order in which files are listed.
    pub const ALL: [Self; 9] = [
        Self::Diff,
        Self::Tmpfs,
        Self::Shm,
        Self::Volume,
        Self::Ghost,
        Self::LinkRemap,
        Self::Memfd,
        Self::Sysv,
        Self::Rootfs,
    ];

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Diff => "diff",
            Self::Tmpfs => "tmpfs",
            Self::Shm => "shm",
            Self::Volume => "volume",
            Self::Ghost => "ghost",
            Self::LinkRemap => "link-remap",
            Self::Memfd => "memfd",
            Self::Sysv => "sysv",
            Self::Rootfs => "rootfs",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// What a file is. A further name of a file (a hard link) is a file like the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum FileType {
    /// A regular file.
    File,
    /// A directory.
    #[serde(rename = "dir")]
    Directory,
    /// A symbolic link.
    Symlink,
    /// A character device.
    #[serde(rename = "char")]
    CharDevice,
    /// A block device.
    #[serde(rename = "block")]
    BlockDevice,
    /// A named pipe.
    Fifo,
    /// The name of a Unix socket.
    Socket,
    /// Something that the archive has a type of its own for, or no type at all.
    Other,
}

impl FileType {
    /// All types.
    pub const ALL: [Self; 8] = [
        Self::File,
        Self::Directory,
        Self::Symlink,
        Self::CharDevice,
        Self::BlockDevice,
        Self::Fifo,
        Self::Socket,
        Self::Other,
    ];

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Directory => "dir",
            Self::Symlink => "symlink",
            Self::CharDevice => "char",
            Self::BlockDevice => "block",
            Self::Fifo => "fifo",
            Self::Socket => "socket",
            Self::Other => "other",
        }
    }

    /// By the type bits of `st_mode`.
    pub fn of_mode(mode: u32) -> Self {
        match mode & 0o17_0000 {
            0o10_0000 => Self::File,
            0o4_0000 => Self::Directory,
            0o12_0000 => Self::Symlink,
            0o2_0000 => Self::CharDevice,
            0o6_0000 => Self::BlockDevice,
            0o1_0000 => Self::Fifo,
            0o14_0000 => Self::Socket,
            _ => Self::Other,
        }
    }

    /// By what an archive calls it; one more name of a file is a file.
    pub fn of_member(kind: MemberKind) -> Self {
        match kind {
            MemberKind::File | MemberKind::Hardlink => Self::File,
            MemberKind::Directory => Self::Directory,
            MemberKind::Symlink => Self::Symlink,
            MemberKind::CharacterDevice => Self::CharDevice,
            MemberKind::BlockDevice => Self::BlockDevice,
            MemberKind::Fifo => Self::Fifo,
            _ => Self::Other,
        }
    }
}

/// One file, directory, link or device. What the archive does not store of it is `None`.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Entry<'a> {
    /// Its absolute path in the container; of what has none, the text of `/proc/PID/fd`: `/memfd:NAME (deleted)`.
    ///
    /// Names are as the archive has them: a `..` in it was put there by hand, and is not resolved.
    pub path: BString,
    /// Where it lies.
    pub origin: Origin,
    /// What it is.
    pub file_type: FileType,
    /// Permission bits, `07777`.
    pub mode: Option<u32>,
    /// Owner: as stored, see [`owners_outside`](Self::owners_outside).
    pub uid: Option<u64>,
    /// Group, likewise.
    pub gid: Option<u64>,
    /// Whether owner and group are those of the machine though the container has a user namespace: engines write their
    /// archives outside of it, CRIU its images inside.
    pub owners_outside: bool,
    /// Bytes of its content, holes included; of a further name, those of the file. `None`: it has no content, or is one more
    /// name of a file that is not there.
    pub size: Option<u64>,
    /// When the content was last changed. Engines cut it to seconds.
    pub mtime: Option<Timestamp>,
    /// When it was last read: of ghost files, with microseconds, and where the header of an archive tells it.
    pub atime: Option<Timestamp>,
    /// When its inode was last changed, be it only owner or mode; where the header of an archive tells it.
    pub ctime: Option<Timestamp>,
    /// When it was made; where the header of an archive tells it.
    pub btime: Option<Timestamp>,
    /// Target of a symbolic link, as it stands there.
    pub link: Option<BString>,
    /// The first name of this file, in the same archive, of which this is one more: an absolute path.
    pub same_as: Option<BString>,
    /// Major and minor number of a device.
    pub device: Option<(u64, u64)>,
    /// Whether its name was gone in the container while something still held it.
    pub deleted: bool,
    /// The member that has it; behind `//`, the name in an archive that is itself a member.
    pub member: BString,
    /// Where its content begins in that (decoded) archive or image, in bytes; `None` if it has none, or not in one piece.
    pub offset: Option<u64>,
    #[serde(rename = "xattrs", serialize_with = "crate::serialize::xattrs")]
    pub(super) header: Option<&'a Member>,
    #[serde(skip)]
    pub(super) content: Content<'a>,
}

/// Where the bytes are.
#[derive(Debug, Clone)]
pub(super) enum Content<'a> {
    /// It is not of a type that has any.
    None,
    Member(&'a Member),
    Source(SharedSource),
    /// They cannot be had; why.
    Lost(String),
}

impl Entry<'_> {
    /// An entry of which nothing is known but where it is.
    pub(super) fn new(path: BString, origin: Origin, file_type: FileType, member: BString) -> Self {
        Self {
            path,
            origin,
            file_type,
            mode: None,
            uid: None,
            gid: None,
            owners_outside: false,
            size: None,
            mtime: None,
            atime: None,
            ctime: None,
            btime: None,
            link: None,
            same_as: None,
            device: None,
            deleted: false,
            member,
            offset: None,
            header: None,
            content: Content::None,
        }
    }

    /// The last component of the path.
    pub fn name(&self) -> &BStr {
        BStr::new(self.path.rsplit(|&byte| byte == b'/').next().unwrap_or_default())
    }

    /// Extended attributes: names and values, both bytes. Engines store `security.capability`, `security.ima` and
    /// `user.*`; archives of temporary file systems none.
    pub fn xattrs(&self) -> impl Iterator<Item = (&BStr, &BStr)> {
        self.header.into_iter().flat_map(Member::xattrs)
    }

    /// Whether it is a regular file.
    pub fn is_file(&self) -> bool {
        self.file_type == FileType::File
    }

    /// Its bytes; holes read as zeros, and [`next_data`](icecore_archive::Source::next_data) tells them.
    ///
    /// # Errors
    /// If it is no regular file, or its bytes are not in the archive, or were not kept when that was decoded.
    pub fn content(&self) -> Result<SharedSource, Error> {
        match &self.content {
            Content::Member(member) => Ok(member.source()?),
            Content::Source(source) => Ok(source.clone()),
            Content::Lost(why) => Err(self.no_content(why.clone())),
            Content::None => {
                Err(self.no_content(format!("is a {}, which has no content", self.file_type.name())))
            }
        }
    }

    fn no_content(&self, why: String) -> Error {
        Error::NoContent { path: self.path.clone(), why }
    }
}
