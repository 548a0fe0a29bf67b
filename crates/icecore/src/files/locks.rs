//! File locks.

use icecore_images::messages::FileLockEntry;

use crate::images::Images;
use crate::{Diagnostic, Fd, Pid};

/// A lock that a process held. Source: `filelocks.img`, `file_lock_entry`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lock {
    /// How it was made.
    pub kind: LockKind,
    /// What it permits.
    pub mode: LockMode,
    /// The process that holds it.
    pub pid: Pid,
    /// The descriptor through which it is held.
    pub fd: Option<Fd>,
    /// The first byte.
    pub start: i64,
    /// The number of bytes; 0 is to the end.
    pub len: i64,
}

/// How a lock was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LockKind {
    /// fcntl(2), of a process.
    Posix,
    /// flock(2).
    Flock,
    /// fcntl(2), of an open file description.
    Ofd,
    /// A lease.
    Lease,
    /// None of these.
    Unknown(u32),
}

impl LockKind {
    /// As `/proc/locks` names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Posix => "POSIX",
            Self::Flock => "FLOCK",
            Self::Ofd => "OFDLCK",
            Self::Lease => "LEASE",
            Self::Unknown(_) => "UNKNOWN",
        }
    }
}

/// What a lock permits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LockMode {
    /// Others may read.
    Read,
    /// Nobody else may do anything.
    Write,
    /// None of these, with its number.
    Other(u32),
}

impl LockMode {
    fn of(kind: LockKind, number: u32) -> Self {
        // A mandatory flock has 32, and 64 or 128 for what others may do.
        match (kind, number) {
            (LockKind::Lease, 4) => Self::Read,
            (LockKind::Lease, 5) => Self::Write,
            (_, 0) => Self::Read,
            (_, 1) => Self::Write,
            (_, other) => Self::Other(other),
        }
    }

    /// `READ` or `WRITE`, as in `/proc/locks`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "READ",
            Self::Write => "WRITE",
            Self::Other(_) => "OTHER",
        }
    }
}

/// The locks of `filelocks.img`, in its order.
pub(super) fn read(images: &Images, diagnostics: &mut Vec<Diagnostic>) -> Vec<Lock> {
    let records: Vec<FileLockEntry> = images.records("filelocks.img", diagnostics).unwrap_or_default();
    let lock = |entry: FileLockEntry| {
        let kind = match entry.flag {
            1 => LockKind::Posix,
            2 => LockKind::Flock,
            4 => LockKind::Ofd,
            8 => LockKind::Lease,
            other => LockKind::Unknown(other),
        };
        Lock {
            kind,
            mode: LockMode::of(kind, entry.r#type),
            pid: Pid(u32::try_from(entry.pid).unwrap_or_default()),
            fd: u32::try_from(entry.fd).ok().map(Fd),
            start: entry.start,
            len: entry.len,
        }
    };
    records.into_iter().map(lock).collect()
}
