//! What a container changed, with what is remarkable about it and who uses it.
//!
//! ```
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/podman-precopy/relay-final.tar.zst");
//! use icecore::Checkpoint;
//! use icecore::archive::{Keep, Options};
//! use icecore_analysis::changes::Review;
//!
//! let checkpoint = Checkpoint::open_all(path, &Options::default().keep(Keep::Everything))?.remove(0);
//! let review = Review::of(&checkpoint);
//! for seen in review.changes() {
//!     println!("{} {} {:?}", seen.change.kind.name(), seen.change.entry.path, seen.flags);
//! }
//! # Ok::<(), icecore::Error>(())
//! ```

mod rules;
mod users;

use std::collections::BTreeSet;

use bstr::{BStr, BString, ByteSlice};
use icecore::filesystem::{Change, ChangeKind, DiffForm};
use icecore::{Checkpoint, Fd, Pid};
use serde::Serialize;

pub use rules::{FLAGS, Flag};
pub use users::{Use, Users};

use rules::Facts;

/// The changes of a checkpoint, and all that is needed to judge them.
#[derive(Debug)]
pub struct Review<'a> {
    checkpoint: &'a Checkpoint,
    users: Users,
    mount_points: BTreeSet<&'a BStr>,
    checkpointed: Option<i64>,
}

/// A change, judged.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct Reviewed<'a> {
    /// The change.
    pub change: Change<'a>,
    /// Names of the [`FLAGS`] that hold of it, in their order; a deleted path has none.
    pub flags: Vec<&'static str>,
    /// Who uses the file.
    pub users: Vec<(Pid, Use)>,
}

/// A file that was open for writing and is in no list of changes: it may have changed, and its content is not stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Unrecorded<'a> {
    /// The path.
    pub path: &'a BString,
    /// Who writes to it.
    pub pid: Pid,
    /// Through which descriptor.
    pub fd: Fd,
}

impl<'a> Review<'a> {
    /// Looks at files, mappings and mounts of a checkpoint.
    pub fn of(checkpoint: &'a Checkpoint) -> Self {
        let mounts = checkpoint.mounts().namespaces.iter().flat_map(|namespace| &namespace.mounts);
        let mount_points =
            mounts.map(|mount| mount.mountpoint.as_bstr()).filter(|path| *path != "/").collect();
        let checkpointed = checkpoint.facts().container.checkpointed.as_ref();
        let checkpointed = checkpointed.and_then(|time| Some(time.value.instant?.timestamp()));
        Self { checkpoint, users: Users::of(checkpoint), mount_points, checkpointed }
    }

    /// The changes by rising path.
    pub fn changes(&self) -> impl Iterator<Item = Reviewed<'a>> {
        let changes = self.checkpoint.filesystem().changes().into_iter();
        changes.flat_map(|changes| changes.iter().map(|change| self.review(change, changes.form)))
    }

    /// The same, one by one while they are asked for, for those who do not keep the review.
    pub fn into_changes(self) -> impl Iterator<Item = Reviewed<'a>> {
        let changes = self.checkpoint.filesystem().changes().into_iter();
        let all = changes.flat_map(|changes| changes.iter().map(|change| (change, changes.form)));
        all.map(move |(change, form)| self.review(change, form))
    }

    fn review<'b>(&self, change: Change<'b>, form: DiffForm) -> Reviewed<'b> {
        if change.kind == ChangeKind::Deleted {
            return Reviewed { change, flags: Vec::new(), users: Vec::new() };
        }
        let entry = &change.entry;
        let facts = Facts {
            entry,
            checkpointed: self.checkpointed,
            is_mount_point: self.mount_points.contains(entry.path.as_bstr()),
            is_under_mount: self.is_under_mount(&entry.path),
            is_file_list: form == DiffForm::FileList,
        };
        let flags = rules::flags_of(&facts);
        let users = if facts.is_mount_point { Vec::new() } else { self.users.of_path(&entry.path).collect() };
        Reviewed { change, flags, users }
    }

    fn is_under_mount(&self, path: &BString) -> bool {
        let slashes = path.iter().enumerate().skip(1).filter(|(_, byte)| **byte == b'/');
        let mut above = slashes.filter_map(|(at, _)| path.get(..at));
        above.any(|above| self.mount_points.contains(BStr::new(above)))
    }

    /// Files that were open for writing and are not among the changes, by rising path. An engine that lists files leaves
    /// out what it should not (see [`DiffForm::FileList`]); one that stores no changes leaves out all.
    pub fn unrecorded(&self) -> Vec<Unrecorded<'_>> {
        let changes = self.checkpoint.filesystem().changes();
        let stored = |path: &[u8]| changes.is_some_and(|changes| changes.has(path));
        let written = self.users.written().filter(|(path, ..)| !stored(path) && !is_pseudo(path));
        written.map(|(path, pid, fd)| Unrecorded { path, pid, fd }).collect()
    }
}

/// Whether a path is of a file system without files, where that is not told by a mount: plain CRIU dumps have none.
fn is_pseudo(path: &[u8]) -> bool {
    [&b"/dev/"[..], b"/proc/", b"/sys/"].iter().any(|prefix| path.starts_with(prefix))
}

#[cfg(test)]
mod tests;
