//! Every time stamp of a checkpoint, as one ordered list.
//!
//! | kind | of what | where from |
//! |---|---|---|
//! | `container-created`, `container-started`, `container-checkpointed` | the container; of the last one event for each source that tells it | documents of the engine, names and times of members |
//! | `file-modified`, `file-accessed`, `file-changed`, `file-created` | files that the archive holds: changed, of volumes and temporary file systems, unlinked | headers of the archives inside, of which those of engines tell only the first; `ghost-file-N.img`, which tells the second too |
//! | `member-modified`, `member-accessed`, `member-changed`, `member-created` | the members of the archive: when the engine and CRIU wrote them | headers of the archive |
//! | `log` | messages of the container | its log, as far as lines have a time |
//!
//! Times of processes are not stored. The log of the dump counts from its own beginning and is not here.
//!
//! Events come in the order of their times, those of one time in the order of this table. However many there are, at most
//! [`MEMORY`] bytes of them are held: the others wait in an unnamed temporary file. Each source is read once.

mod body_file;
mod collector;
mod record;
mod sorter;
mod sources;

#[cfg(test)]
mod tests;

use std::io;

use bstr::BString;
use icecore::Checkpoint;
use icecore::archive::Timestamp;
use serde::Serialize;

pub use body_file::write as write_body_file;
use collector::Collector;
use sorter::Sorted;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Event {
    /// When, as exactly as its source has it.
    pub time: Timestamp,
    /// What happened.
    pub kind: EventKind,
    /// To what: the name of the container, the origin of a file (`diff`, `tmpfs` …), `archive`, the stream of a log.
    pub subject: String,
    /// The path in the container, of files only.
    pub path: Option<BString>,
    /// The member that tells it.
    pub member: BString,
    /// More of it: the source of a time of the container, facts of a file, the message of a log, cut at [`MAX_DETAIL`].
    pub detail: BString,
}

/// Why there is no list, or not all of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A log cannot be read.
    #[error("{member}: the log cannot be read")]
    Log {
        /// The member that it is.
        member: BString,
        /// What the medium says.
        source: io::Error,
    },
    /// The temporary file cannot be made, written or read.
    #[error(
        "the events do not fit into memory, and the temporary file that sorts them cannot be used; give TMPDIR a directory with room"
    )]
    Scratch(#[source] io::Error),
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum EventKind {
    /// The container was made.
    Created,
    /// Its first process was started.
    Started,
    /// It was frozen, as one source tells it.
    Checkpointed,
    /// The content of a file was changed.
    FileModified,
    /// A file was read.
    FileAccessed,
    /// The inode of a file was changed, be it only its owner or mode.
    FileChanged,
    /// A file was made.
    FileCreated,
    /// A member of the archive was written.
    MemberModified,
    /// It was read where the archive was packed.
    MemberAccessed,
    /// Its inode was changed there.
    MemberChanged,
    /// It was made there.
    MemberCreated,
    /// The container wrote a message.
    Log,
}

impl EventKind {
    /// All, in the order in which events of one time come.
    pub const ALL: [Self; 12] = [
        Self::Created,
        Self::Started,
        Self::Checkpointed,
        Self::FileModified,
        Self::FileAccessed,
        Self::FileChanged,
        Self::FileCreated,
        Self::MemberModified,
        Self::MemberAccessed,
        Self::MemberChanged,
        Self::MemberCreated,
        Self::Log,
    ];

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "container-created",
            Self::Started => "container-started",
            Self::Checkpointed => "container-checkpointed",
            Self::FileModified => "file-modified",
            Self::FileAccessed => "file-accessed",
            Self::FileChanged => "file-changed",
            Self::FileCreated => "file-created",
            Self::MemberModified => "member-modified",
            Self::MemberAccessed => "member-accessed",
            Self::MemberChanged => "member-changed",
            Self::MemberCreated => "member-created",
            Self::Log => "log",
        }
    }
}

/// How many bytes of a detail are given.
pub const MAX_DETAIL: usize = 4096;

/// How many bytes of events are held at once, about.
pub const MEMORY: usize = 64 << 20;

/// Which events are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only these kinds; empty: all.
    pub kinds: Vec<EventKind>,
    /// Only events at this time or later.
    pub since: Option<Timestamp>,
    /// Only events before this time.
    pub until: Option<Timestamp>,
}

impl Filter {
    fn wants_kind(&self, kind: EventKind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }

    fn wants_time(&self, time: Timestamp) -> bool {
        self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time < until)
    }
}

/// The events of a checkpoint in their order: reads all their sources, once.
///
/// Of a compressed archive only what was kept is told: open it with [`Keep::Everything`](icecore::archive::Keep::Everything).
///
/// # Errors
/// If a log cannot be read, or the temporary file cannot be made or written.
pub fn events(checkpoint: &Checkpoint, filter: &Filter) -> Result<Timeline, Error> {
    events_within(MEMORY, checkpoint, filter)
}

/// The same with another measure of what is held.
fn events_within(memory: usize, checkpoint: &Checkpoint, filter: &Filter) -> Result<Timeline, Error> {
    let mut collector = Collector::new(filter, memory);
    sources::visit(checkpoint, &mut collector)?;
    Ok(Timeline(collector.finish()?))
}

/// Iterator over the events of a checkpoint; an error, of the temporary file, is its last item.
#[derive(Debug)]
pub struct Timeline(Sorted);

impl Iterator for Timeline {
    type Item = Result<Event, Error>;

    fn next(&mut self) -> Option<Result<Event, Error>> {
        Some(self.0.next()?.map_err(Error::Scratch))
    }
}
