//! Where time stamps are: documents, files, members, the container's log.

use std::io::{self, BufRead, BufReader, Read as _};
use std::sync::Arc;

use icecore::archive::{Member, Reader, SharedSource, Timestamp};
use icecore::filesystem::Entry;
use icecore::metadata::logs::{Joiner, MESSAGE_LIMIT, Message, Stream};
use icecore::metadata::{Fact, Origin, Time};
use icecore::{Checkpoint, LogKind};

use super::collector::Collector;
use super::{Error, Event, EventKind, MAX_DETAIL};

const FILE: [EventKind; 4] =
    [EventKind::FileModified, EventKind::FileAccessed, EventKind::FileChanged, EventKind::FileCreated];
const MEMBER: [EventKind; 4] = [
    EventKind::MemberModified,
    EventKind::MemberAccessed,
    EventKind::MemberChanged,
    EventKind::MemberCreated,
];

/// Visits all time stamps, always in the same order.
///
/// # Errors
/// If a log cannot be read, and those of the collector.
pub(super) fn visit(checkpoint: &Checkpoint, collector: &mut Collector<'_>) -> Result<(), Error> {
    for event in of_container(checkpoint) {
        collector.add(event.kind, event.time, || event)?;
    }
    if collector.wants_any(&FILE) {
        checkpoint.filesystem().entries().try_for_each(|entry| of_file(&entry, collector))?;
    }
    if collector.wants_any(&MEMBER) {
        members(checkpoint).try_for_each(|member| of_member(member, collector))?;
    }
    if collector.wants_any(&[EventKind::Log]) {
        let logs = checkpoint.logs().filter(|(kind, _)| *kind == LogKind::Container);
        logs.map(|(_, member)| member).try_for_each(|member| of_log(member, collector))?;
    }
    Ok(())
}

/// The members among which the checkpoint lies, and those of the archive around them: an image is a file too.
pub(super) fn members(checkpoint: &Checkpoint) -> impl Iterator<Item = &Member> {
    let root = checkpoint.root();
    let is_inside = !Arc::ptr_eq(&root.members, checkpoint.archive().members());
    let around = is_inside.then(|| checkpoint.members()).into_iter().flatten();
    around.chain(root.iter().map(|(_, member)| member))
}

/// The times of a member, in the order of its events. What writes none writes 0, as image streams do.
pub(super) fn times_of_member(member: &Member) -> [Option<Timestamp>; 4] {
    let modified = Some(member.mtime).filter(|time| *time != Timestamp::default());
    [modified, member.atime(), member.ctime(), member.btime()]
}

/// The times of a file, in the order of its events.
pub(super) fn times_of_file(entry: &Entry<'_>) -> [Option<Timestamp>; 4] {
    [entry.mtime, entry.atime, entry.ctime, entry.btime]
}

/// The times of the container, with the document and key that has each.
pub(super) fn of_container(checkpoint: &Checkpoint) -> Vec<Event> {
    let container = &checkpoint.facts().container;
    let name = container.name.as_ref().or(container.id.as_ref());
    let name = name.map(|name| name.value.clone()).unwrap_or_default();
    let event = |kind, time: &Time, from: &Origin| {
        Some(Event {
            time: instant(time)?,
            kind,
            subject: name.clone(),
            path: None,
            member: from.member.as_str().into(),
            detail: from.key.as_str().into(),
        })
    };
    let once = [(EventKind::Created, &container.created), (EventKind::Started, &container.started)];
    let once = once.into_iter().filter_map(|(kind, fact)| {
        let Fact { value, from, .. } = fact.as_ref()?;
        event(kind, value, from)
    });
    let checkpointed = container.checkpoint_times.iter();
    let checkpointed =
        checkpointed.filter_map(|source| event(EventKind::Checkpointed, &source.time, &source.from));
    once.chain(checkpointed).collect()
}

fn instant(time: &Time) -> Option<Timestamp> {
    let instant = time.instant?;
    Some(Timestamp { seconds: instant.timestamp(), nanoseconds: instant.timestamp_subsec_nanos() })
}

fn of_file(entry: &Entry<'_>, collector: &mut Collector<'_>) -> Result<(), Error> {
    for (kind, time) in FILE.into_iter().zip(times_of_file(entry)) {
        let Some(time) = time else { continue };
        collector.add(kind, time, || Event {
            time,
            kind,
            subject: entry.origin.name().to_owned(),
            path: Some(entry.path.clone()),
            member: entry.member.clone(),
            detail: facts(entry).into(),
        })?;
    }
    Ok(())
}

/// Type, permissions, owner and size, and whether the file was unlinked.
fn facts(entry: &Entry<'_>) -> String {
    let mode = entry.mode.map(|mode| format!(" {mode:04o}")).unwrap_or_default();
    let owner = entry.uid.zip(entry.gid).map(|(uid, gid)| format!(" {uid}:{gid}")).unwrap_or_default();
    let size = entry.size.map(|size| format!(" {size} bytes")).unwrap_or_default();
    let deleted = if entry.deleted { " deleted" } else { "" };
    format!("{}{mode}{owner}{size}{deleted}", entry.file_type.name())
}

fn of_member(member: &Member, collector: &mut Collector<'_>) -> Result<(), Error> {
    for (kind, time) in MEMBER.into_iter().zip(times_of_member(member)) {
        let Some(time) = time else { continue };
        collector.add(kind, time, || Event {
            time,
            kind,
            subject: "archive".to_owned(),
            path: None,
            member: member.raw_name().into_owned(),
            detail: format!("{} {} bytes", member.kind.name(), member.size).into(),
        })?;
    }
    Ok(())
}

/// The messages of a log; one that was not kept is passed over.
fn of_log(member: &Member, collector: &mut Collector<'_>) -> Result<(), Error> {
    let Ok(source) = member.source() else { return Ok(()) };
    let mut lines = Lines::new(source);
    let mut joiner = Joiner::default();
    let failed = |source| Error::Log { member: member.raw_name().into_owned(), source };
    while let Some(line) = lines.next().map_err(failed)? {
        if let Some(message) = joiner.line(line) {
            of_message(&message, member, collector)?;
        }
    }
    std::iter::from_fn(|| joiner.finish()).try_for_each(|message| of_message(&message, member, collector))
}

/// The lines of a log, of each no more than can be joined: its end may be anywhere, or nowhere.
struct Lines {
    log: BufReader<Reader>,
    line: Vec<u8>,
}

impl Lines {
    fn new(source: SharedSource) -> Self {
        const PORTION: usize = 1 << 18;
        Self { log: BufReader::with_capacity(PORTION, Reader::new(source)), line: Vec::new() }
    }

    /// The next line, without its newline.
    fn next(&mut self) -> io::Result<Option<&[u8]>> {
        self.line.clear();
        self.log.by_ref().take(MESSAGE_LIMIT as u64).read_until(b'\n', &mut self.line)?;
        if self.line.is_empty() {
            return Ok(None);
        }
        match self.line.strip_suffix(b"\n") {
            Some(line) => Ok(Some(line)),
            None => {
                self.log.skip_until(b'\n')?;
                Ok(Some(&self.line))
            }
        }
    }
}

/// A message whose line has a time; the others are passed over.
fn of_message(message: &Message<'_>, member: &Member, collector: &mut Collector<'_>) -> Result<(), Error> {
    let Some(time) = Time::new(message.time.to_string()).as_ref().and_then(instant) else { return Ok(()) };
    let stream = match message.stream {
        Stream::Stdout => "stdout",
        Stream::Stderr => "stderr",
        Stream::Unknown => "unknown",
    };
    collector.add(EventKind::Log, time, || Event {
        time,
        kind: EventKind::Log,
        subject: stream.to_owned(),
        path: None,
        member: member.raw_name().into_owned(),
        detail: message.text.get(..MAX_DETAIL).unwrap_or(&message.text).into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(log: &[u8]) -> Vec<Vec<u8>> {
        let mut lines = Lines::new(Arc::new(log.to_vec()));
        std::iter::from_fn(|| lines.next().unwrap().map(<[u8]>::to_vec)).collect()
    }

    #[test]
    fn lines_end_at_newlines_and_at_the_end() {
        assert_eq!(of(b"a\n\nb"), [&b"a"[..], b"", b"b"]);
        assert_eq!(of(b"a\n"), [b"a"]);
        assert_eq!(of(b""), [b""; 0]);
    }

    #[test]
    fn of_a_line_without_end_the_front_is_given() {
        let long = [vec![b'x'; MESSAGE_LIMIT + 7], b"\nnext\n".to_vec(), vec![b'y'; MESSAGE_LIMIT]].concat();
        let lengths: Vec<_> = of(&long).iter().map(Vec::len).collect();
        assert_eq!(lengths, [MESSAGE_LIMIT, 4, MESSAGE_LIMIT]);
        let exact = [vec![b'x'; MESSAGE_LIMIT - 1], b"\nnext".to_vec()].concat();
        assert_eq!(of(&exact).iter().map(Vec::len).collect::<Vec<_>>(), [MESSAGE_LIMIT - 1, 4]);
    }
}
