//! The logs in an archive: of the container's output, and of the dump.

use icecore_archive::{Member, read_full_at};
use icecore_metadata::criu_log::CriuLog;
use icecore_metadata::{Documents, Role, logs};
use serde::Serialize;

use crate::Checkpoint;

/// Whose log it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum LogKind {
    /// What the container wrote to its standard output and error, as the engine kept it. Rotated files are not in
    /// any archive.
    Container,
    /// What CRIU said while it dumped.
    Dump,
    /// What CRIU said while it restored the container earlier.
    Restore,
}

/// Where engines put logs. The first of a kind that is there counts.
const NAMES: [(&str, LogKind); 10] = [
    ("ctr.log", LogKind::Container),
    ("io.kubernetes.cri-o.LogPath", LogKind::Container),
    ("container.log", LogKind::Container),
    ("dump.log", LogKind::Dump),
    ("checkpoint/dump.log", LogKind::Dump),
    ("criu.work/dump.log", LogKind::Dump),
    ("final/dump.log", LogKind::Dump),
    // CRaC's CRIU, with the level of detail in the name.
    ("dump4.log", LogKind::Dump),
    ("restore.log", LogKind::Restore),
    ("checkpoint/restore.log", LogKind::Restore),
];

/// The logs that are there.
pub(crate) fn members(checkpoint: &Checkpoint) -> impl Iterator<Item = (LogKind, &Member)> {
    NAMES.iter().filter_map(|(name, kind)| Some((*kind, checkpoint.root().file(name)?)))
}

impl Checkpoint {
    /// The logs in the archive, each a member whose bytes are the log as it was.
    ///
    /// [`icecore_metadata::logs::messages`] reads a container's, [`Checkpoint::dump_log`] CRIU's.
    pub fn logs(&self) -> impl Iterator<Item = (LogKind, &Member)> {
        members(self)
    }

    /// What CRIU's log of the dump says. Anybody can write a log: a hint, never evidence.
    pub fn dump_log(&self) -> Option<CriuLog> {
        let (_, member) = members(self).find(|(kind, _)| *kind == LogKind::Dump)?;
        let bytes = self.member_bytes(member, &mut Vec::new())?;
        let mut documents = Documents::default();
        documents.add_as(Role::DumpLog, &member.name.to_string(), &bytes);
        documents.log.get().cloned()
    }
}

/// The time of the last line of the container's log, from its last 64 KiB.
pub(crate) fn last_time(checkpoint: &Checkpoint) -> Option<String> {
    const TAIL: u64 = 64 << 10;
    let (_, member) = members(checkpoint).find(|(kind, _)| *kind == LogKind::Container)?;
    let source = member.source().ok()?;
    let start = source.len().saturating_sub(TAIL);
    let mut tail = vec![0; usize::try_from(source.len().saturating_sub(start)).ok()?];
    let count = read_full_at(source.as_ref(), start, &mut tail).ok()?;
    tail.truncate(count);
    let line = tail.trim_ascii_end().rsplit(|&byte| byte == b'\n').next()?;
    let time = logs::messages(line).next()?.time.into_owned();
    (!time.is_empty()).then_some(time)
}

#[cfg(test)]
mod tests;
