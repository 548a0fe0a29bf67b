//! Watches of inotify files and marks of fanotify files.

use bstr::BString;
use icecore_images::messages::{FanotifyFileEntry, FanotifyMarkEntry, FhEntry, InotifyWdEntry};
use serde::Serialize;

use crate::MountId;

/// One inotify watch. Source: `inotify_wd_entry`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Watch {
    /// The number that the program knows it by.
    pub wd: u32,
    /// `IN_*` bits, possibly with the kernel's own 0x08000000.
    pub mask: u32,
    /// The inode that is watched.
    pub ino: u64,
    /// The device of the inode, as the kernel numbers it: `major << 20 | minor`.
    pub dev: u32,
    /// The path of what is watched: absolute, or below its mount; since CRIU 1.2, if it was found.
    pub path: Option<BString>,
    /// The mount that the path was found through; since CRIU 1.7.1.
    pub mnt_id: Option<MountId>,
}

impl From<&InotifyWdEntry> for Watch {
    fn from(entry: &InotifyWdEntry) -> Self {
        Self {
            wd: entry.wd,
            mask: entry.mask,
            ino: entry.i_ino,
            dev: entry.s_dev,
            path: entry.f_handle.path.clone(),
            mnt_id: entry.f_handle.mnt_id.map(MountId),
        }
    }
}

/// A fanotify file. Source: `fanotify_file_entry`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Fanotify {
    /// Flags of fanotify_init(2): [`Fanotify::class`] is among them.
    pub flags: u32,
    /// The open flags that descriptors in its events have.
    pub event_flags: u32,
    /// What it watches.
    pub marks: Vec<Mark>,
}

/// One fanotify mark. Source: `fanotify_mark_entry`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Mark {
    /// Events that are reported.
    pub mask: u32,
    /// Events that are not.
    pub ignored_mask: u32,
    /// Flags of the mark.
    pub flags: u32,
    /// The device, as the kernel numbers it: `major << 20 | minor`.
    pub dev: u32,
    /// What is watched.
    pub target: MarkTarget,
}

/// What a fanotify mark is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum MarkTarget {
    /// A file.
    Inode {
        /// Its inode.
        ino: u64,
        /// Its path: absolute, or below its mount; if it was found.
        path: Option<BString>,
        /// The mount that the path was found through.
        mnt_id: Option<MountId>,
    },
    /// All of a mount.
    Mount {
        /// The mount.
        mnt_id: MountId,
        /// Its path; only if mount namespaces were not dumped.
        path: Option<BString>,
    },
    /// The record says neither.
    Unknown,
}

impl From<&FanotifyFileEntry> for Fanotify {
    fn from(entry: &FanotifyFileEntry) -> Self {
        Self {
            flags: entry.faflags,
            event_flags: entry.evflags,
            marks: entry.mark.iter().map(Into::into).collect(),
        }
    }
}

impl Fanotify {
    /// `notify`: it is told afterwards; `content` and `pre-content`: others wait until it allows what they do, with a file
    /// that has its content, or before it has; `None` for a class that no kernel has.
    pub fn class(&self) -> Option<&'static str> {
        const CLASS: u32 = 0xc;
        Some(match self.flags & CLASS {
            0 => "notify",
            4 => "content",
            8 => "pre-content",
            _ => return None,
        })
    }
}

impl From<&FanotifyMarkEntry> for Mark {
    fn from(entry: &FanotifyMarkEntry) -> Self {
        let inode = |ino, handle: &FhEntry| MarkTarget::Inode {
            ino,
            path: handle.path.clone(),
            mnt_id: handle.mnt_id.map(MountId),
        };
        let target = match (&entry.ie, &entry.me) {
            (Some(it), _) => inode(it.i_ino, &it.f_handle),
            (None, Some(it)) => MarkTarget::Mount { mnt_id: MountId(it.mnt_id), path: it.path.clone() },
            (None, None) => MarkTarget::Unknown,
        };
        Self {
            mask: entry.mask,
            ignored_mask: entry.ignored_mask,
            flags: entry.mflags,
            dev: entry.s_dev,
            target,
        }
    }
}
