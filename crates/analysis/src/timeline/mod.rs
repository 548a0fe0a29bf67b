//! Every time stamp of a checkpoint, as one ordered list.
//!
//! | kind | of what | where from |
//! |---|---|---|
//! | `container-created`, `container-started`, `container-checkpointed` | the container; of the last one event for each source that tells it | documents of the engine, names and times of members |
//! | `file-modified`, `file-accessed` | files that the archive holds: changed, of volumes and temporary file systems, unlinked | headers of the archives inside; `ghost-file-N.img`, the only one with a time of reading |
//! | `member-modified` | the members of the archive: when the engine and CRIU wrote them | headers of the archive |
//! | `log` | messages of the container | its log, as far as lines have a time |
//!
//! Times of processes are not stored. The log of the dump counts from its own beginning and is not here.
//!
//! Events come in the order of their times, those of one time in the order of this table. However many there are, at most
//! [`WINDOW`] of them are held at once: the list is made in passes, each of which gives the next so many.

mod body_file;
mod sources;

#[cfg(test)]
mod tests;

use std::collections::BinaryHeap;

use bstr::BString;
use icecore::Checkpoint;
use icecore::archive::Timestamp;

pub use body_file::write as write_body_file;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    Modified,
    /// A file was read.
    Accessed,
    /// A member of the archive was written.
    Member,
    /// The container wrote a message.
    Log,
}

impl EventKind {
    /// All, in the order in which events of one time come.
    pub const ALL: [Self; 7] = [
        Self::Created,
        Self::Started,
        Self::Checkpointed,
        Self::Modified,
        Self::Accessed,
        Self::Member,
        Self::Log,
    ];

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "container-created",
            Self::Started => "container-started",
            Self::Checkpointed => "container-checkpointed",
            Self::Modified => "file-modified",
            Self::Accessed => "file-accessed",
            Self::Member => "member-modified",
            Self::Log => "log",
        }
    }
}

/// How many bytes of a detail are given.
pub const MAX_DETAIL: usize = 4096;

/// How many events are held at once.
pub const WINDOW: usize = 1 << 18;

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
    fn wants(&self, kind: EventKind, time: Timestamp) -> bool {
        let kind = self.kinds.is_empty() || self.kinds.contains(&kind);
        kind && self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time < until)
    }
}

/// The events of a checkpoint in their order.
///
/// Of a compressed archive only what was kept is told: open it with [`Keep::Everything`](icecore::archive::Keep::Everything).
pub fn events(checkpoint: &Checkpoint, filter: Filter) -> Timeline<'_> {
    Timeline::with_window(checkpoint, filter, WINDOW)
}

/// Iterator over the events of a checkpoint.
#[derive(Debug)]
pub struct Timeline<'a> {
    checkpoint: &'a Checkpoint,
    filter: Filter,
    window: usize,
    /// The next events, the last one first.
    ready: Vec<Placed>,
    /// The place of the last event that was made ready.
    last: Option<Place>,
    is_complete: bool,
}

/// Where an event stands in the list: its time, its kind, and its number among all.
type Place = (Timestamp, EventKind, u64);

/// An event in its place, by which alone it is compared.
#[derive(Debug)]
struct Placed(Place, Event);

impl PartialEq for Placed {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Placed {}

impl PartialOrd for Placed {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Placed {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

impl<'a> Timeline<'a> {
    fn with_window(checkpoint: &'a Checkpoint, filter: Filter, window: usize) -> Self {
        Self { checkpoint, filter, window, ready: Vec::new(), last: None, is_complete: false }
    }

    /// Makes the next events ready: the first of those that come behind the last.
    fn fill(&mut self) {
        let mut first: BinaryHeap<Placed> = BinaryHeap::new();
        let mut number = 0_u64;
        sources::visit(self.checkpoint, &mut |kind, time, event| {
            number = number.saturating_add(1);
            let place = (time, kind, number);
            let is_behind = self.last.is_none_or(|last| place > last);
            if !is_behind || !self.filter.wants(kind, time) {
                return;
            }
            if first.len() >= self.window {
                match first.peek_mut() {
                    Some(latest) if place < latest.0 => {
                        drop(std::collections::binary_heap::PeekMut::pop(latest))
                    }
                    _ => return,
                }
            }
            first.push(Placed(place, event()));
        });
        self.is_complete = first.len() < self.window;
        self.ready = first.into_sorted_vec();
        self.last = self.ready.last().map(|placed| placed.0).or(self.last);
        self.ready.reverse();
    }
}

impl Iterator for Timeline<'_> {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        if self.ready.is_empty() && !self.is_complete {
            self.fill();
        }
        self.ready.pop().map(|Placed(_, event)| event)
    }
}
