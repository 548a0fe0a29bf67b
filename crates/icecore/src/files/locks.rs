//! File locks.

use std::collections::{BTreeMap, BTreeSet};

use icecore_images::Kind;
use icecore_images::messages::FileLockEntry;
use serde::Serialize;

use super::{Files, Open};
use crate::diagnostic::FILE_DANGLING;
use crate::images::Images;
use crate::{Diagnostic, Fd, FileId, Pid};

/// A lock that a process held. Source: `filelocks.img`, `file_lock_entry`; before CRIU 1.3 `filelocks-PID.img`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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
    /// Of a lease: somebody waits for it to be given up.
    pub breaking: bool,
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
    /// Nothing is kept from others: a lease that is being given up.
    Unlock,
    /// A mandatory flock(2), which says what others may do.
    Mandatory {
        /// They may read.
        read: bool,
        /// They may write.
        write: bool,
    },
    /// None of these, with its number.
    Other(u32),
}

/// `LOCK_MAND`, `LOCK_READ` and `LOCK_WRITE` of flock(2).
const MANDATORY: (u32, u32, u32) = (32, 64, 128);
/// What is added to the mode of a lease while somebody else waits for it to be given up.
const BREAKING: u32 = 4;

impl LockMode {
    fn of(kind: LockKind, number: u32) -> Self {
        let (mandatory, read, write) = MANDATORY;
        if kind == LockKind::Flock && number & mandatory != 0 && number & !(mandatory | read | write) == 0 {
            return Self::Mandatory { read: number & read != 0, write: number & write != 0 };
        }
        let plain = if kind == LockKind::Lease { number & !BREAKING } else { number };
        match plain {
            0 => Self::Read,
            1 => Self::Write,
            2 => Self::Unlock,
            _ => Self::Other(number),
        }
    }

    /// As in `/proc/locks`: `READ`, `WRITE`, `UNLCK`; of a mandatory flock what others may do, `RW` if all and `NONE` if
    /// nothing.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read | Self::Mandatory { read: true, write: false } => "READ",
            Self::Write | Self::Mandatory { read: false, write: true } => "WRITE",
            Self::Mandatory { read: true, write: true } => "RW",
            Self::Mandatory { read: false, write: false } => "NONE",
            Self::Unlock => "UNLCK",
            Self::Other(_) => "OTHER",
        }
    }
}

/// The locks of `filelocks.img`, or of the images that each process had before CRIU 1.3, in the order of their records.
pub(super) fn read(images: &Images, diagnostics: &mut Vec<Diagnostic>) -> Vec<Lock> {
    let tables = images.known().filter(|(_, kind, member)| *kind == Kind::FileLocks && member.is_file());
    let tables: Vec<String> = tables.map(|(name, ..)| name.to_string()).collect();
    let records = tables.iter().filter_map(|name| images.records(name, diagnostics));
    records.flatten().map(|record| Lock::of(&record)).collect()
}

impl Lock {
    fn of(entry: &FileLockEntry) -> Self {
        let kind = match entry.flag {
            1 => LockKind::Posix,
            2 => LockKind::Flock,
            4 => LockKind::Ofd,
            8 => LockKind::Lease,
            other => LockKind::Unknown(other),
        };
        Self {
            kind,
            mode: LockMode::of(kind, entry.r#type),
            pid: Pid(u32::try_from(entry.pid).unwrap_or_default()),
            fd: u32::try_from(entry.fd).ok().map(Fd),
            start: entry.start,
            len: entry.len,
            breaking: kind == LockKind::Lease && entry.r#type & BREAKING != 0,
        }
    }

    /// The last byte, as `/proc/locks` has it; `None`: to the end of the file, however long it becomes.
    pub fn end(&self) -> Option<i64> {
        (self.len != 0).then(|| self.start.saturating_add(self.len.saturating_sub(1)))
    }
}

/// The most pairs of a descriptor and a lock of one file that are all told. Where there would be more, a lock is told
/// only of the descriptor that it was set through: so every lock is there, and their number grows with that of the locks.
const ALL_PAIRS: usize = 1 << 16;

/// The way from open files to their locks.
#[derive(Debug, Clone, Default)]
pub(super) struct Held {
    /// Where each lock is, sorted, and its index.
    places: Vec<(LockPlace, usize)>,
    /// Files with more pairs of descriptors and locks than [`ALL_PAIRS`].
    crowded: BTreeSet<FileId>,
    /// Indexes of locks through descriptors that are not there.
    lost: Vec<usize>,
}

/// The file that a lock is on, the descriptor table of its holder, and the descriptor that it was set through.
type LockPlace = (FileId, usize, Fd);

impl Held {
    pub(super) fn of(files: &Files) -> Self {
        let mut held = Self::default();
        for (index, lock) in files.locks.iter().enumerate() {
            match place(files, lock) {
                Some(place) => held.places.push((place, index)),
                None => held.lost.push(index),
            }
        }
        held.places.sort_unstable();
        held.crowded = held.crowded(files);
        held
    }

    fn crowded(&self, files: &Files) -> BTreeSet<FileId> {
        let locked = self.places.chunk_by(|(one, _), (other, _)| one.0 == other.0);
        let locked = locked.filter_map(|locks| Some((locks.first()?.0.0, locks.len())));
        let locked: BTreeMap<FileId, usize> = locked.collect();
        let mut pairs: BTreeMap<FileId, usize> = BTreeMap::new();
        for table in &files.tables {
            for descriptor in &table.descriptors {
                let Some(locks) = locked.get(&descriptor.file) else { continue };
                let pairs = pairs.entry(descriptor.file).or_default();
                *pairs = pairs.saturating_add(locks.saturating_mul(table.processes.len()));
            }
        }
        pairs.into_iter().filter(|(_, pairs)| *pairs > ALL_PAIRS).map(|(file, _)| file).collect()
    }

    /// The locks of a file of which [`Files::locks_on`] may tell: of a crowded one only those of this place.
    fn near(&self, place: LockPlace) -> impl Iterator<Item = &(LockPlace, usize)> {
        let is_crowded = self.crowded.contains(&place.0);
        let is_near = move |other: &LockPlace| if is_crowded { *other == place } else { other.0 == place.0 };
        let from = match is_crowded {
            true => self.places.partition_point(|(other, _)| *other < place),
            false => self.places.partition_point(|(other, _)| other.0 < place.0),
        };
        let behind = self.places.get(from..).unwrap_or_default().iter();
        behind.take_while(move |(other, _)| is_near(other))
    }
}

fn place(files: &Files, lock: &Lock) -> Option<LockPlace> {
    let table = files.table_index(lock.pid)?;
    let descriptor = files.tables.get(table)?.find(lock.fd?.0)?;
    Some((descriptor.file, table, descriptor.fd))
}

impl Files {
    /// The locks that `/proc/PID/fdinfo` showed for a descriptor. They belong to the open file description, so all
    /// descriptors of it have them; those of POSIX to the descriptor table of the process that set them. Directories and
    /// executables have none. Where a file has so many locks and descriptors that only a forged archive has them, a lock is
    /// told of the descriptor alone that it was set through.
    pub fn locks_on(&self, open: &Open<'_>) -> impl Iterator<Item = &Lock> {
        let table = self.table_index(open.pid);
        let place = table.zip(open.descriptor).map(|(table, it)| (open.id, table, it.fd));
        let near = place.into_iter().flat_map(|place| self.held.near(place));
        near.filter_map(move |&((_, holder, _), index)| {
            let lock = self.locks.get(index)?;
            (table? == holder || lock.kind != LockKind::Posix).then_some(lock)
        })
    }

    /// Tells of locks that are on no descriptor.
    pub(super) fn tell_lost_locks(&self, images: &Images, diagnostics: &mut Vec<Diagnostic>) {
        let mut lost = self.held.lost.iter().filter_map(|&index| self.locks.get(index));
        let Some(first) = lost.next() else { return };
        let others = match lost.count() {
            0 => String::new(),
            more => format!(", and so {more} more"),
        };
        let fd = first.fd.map_or("no descriptor".to_owned(), |fd| format!("descriptor {fd}"));
        let text =
            format!("a lock is held through {fd} of process {}, which is not there{others}", first.pid);
        diagnostics.push(Diagnostic::new(FILE_DANGLING, text).of(images.full_name("filelocks.img")));
    }
}
