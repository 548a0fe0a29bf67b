//! Where time stamps are: documents, files, members, the container's log.

use icecore::archive::{Member, Timestamp};
use icecore::filesystem::Entry;
use icecore::metadata::logs::{self, Stream};
use icecore::metadata::{Fact, Time};
use icecore::{Checkpoint, LogKind};

use super::{Event, EventKind, MAX_DETAIL};

/// Takes a time stamp; the event is made only if it is wanted.
pub(super) type Take<'a> = dyn FnMut(EventKind, Timestamp, &dyn Fn() -> Event) + 'a;

/// The largest log that is read, in bytes.
const LOG: (&str, u64) = ("image", 1 << 30);

/// Visits all time stamps, always in the same order.
pub(super) fn visit(checkpoint: &Checkpoint, take: &mut Take<'_>) {
    of_container(checkpoint, take);
    for entry in checkpoint.filesystem().entries() {
        of_file(&entry, take);
    }
    for (_, member) in checkpoint.root().iter() {
        of_member(member, take);
    }
    for (_, member) in checkpoint.logs().filter(|(kind, _)| *kind == LogKind::Container) {
        of_log(member, take);
    }
}

/// The times of the container, with the document and key that has each.
fn of_container(checkpoint: &Checkpoint, take: &mut Take<'_>) {
    let container = &checkpoint.facts().container;
    let name = container.name.as_ref().or(container.id.as_ref());
    let name = name.map(|name| name.value.clone()).unwrap_or_default();
    let mut tell = |kind, time: &Time, member: &str, key: &str| {
        let Some(instant) = time.instant else { return };
        let time = Timestamp { seconds: instant.timestamp(), nanoseconds: instant.timestamp_subsec_nanos() };
        let event = || Event {
            time,
            kind,
            subject: name.clone(),
            path: None,
            member: member.into(),
            detail: key.into(),
        };
        take(kind, time, &event);
    };
    let once = [(EventKind::Created, &container.created), (EventKind::Started, &container.started)];
    for (kind, fact) in once {
        if let Some(Fact { value, from, .. }) = fact {
            tell(kind, value, &from.member, &from.key);
        }
    }
    for source in &container.checkpoint_times {
        tell(EventKind::Checkpointed, &source.time, &source.from.member, &source.from.key);
    }
}

fn of_file(entry: &Entry<'_>, take: &mut Take<'_>) {
    let times = [(EventKind::Modified, entry.mtime), (EventKind::Accessed, entry.atime)];
    for (kind, time) in times {
        let Some(time) = time else { continue };
        let event = || Event {
            time,
            kind,
            subject: entry.origin.name().to_owned(),
            path: Some(entry.path.clone()),
            member: entry.member.clone(),
            detail: facts(entry).into(),
        };
        take(kind, time, &event);
    }
}

/// Type, permissions, owner and size, and whether the file was unlinked.
fn facts(entry: &Entry<'_>) -> String {
    let mode = entry.mode.map(|mode| format!(" {mode:04o}")).unwrap_or_default();
    let owner = entry.uid.zip(entry.gid).map(|(uid, gid)| format!(" {uid}:{gid}")).unwrap_or_default();
    let size = if entry.is_file() { format!(" {} bytes", entry.size) } else { String::new() };
    let deleted = if entry.deleted { " deleted" } else { "" };
    format!("{}{mode}{owner}{size}{deleted}", entry.file_type.name())
}

fn of_member(member: &Member, take: &mut Take<'_>) {
    // What writes no times writes 0, as image streams do.
    if member.mtime == Timestamp::default() {
        return;
    }
    let (kind, time) = (EventKind::Member, member.mtime);
    let event = || Event {
        time,
        kind,
        subject: "archive".to_owned(),
        path: None,
        member: member.raw_name.clone(),
        detail: format!("{} {} bytes", member.kind.name(), member.size).into(),
    };
    take(kind, time, &event);
}

/// The messages of a log; lines without a time, and logs that were not kept, are passed over.
fn of_log(member: &Member, take: &mut Take<'_>) {
    let Ok(bytes) = member.bytes(LOG) else { return };
    for message in logs::messages(&bytes) {
        let Some(instant) = Time::new(message.time.to_string()).and_then(|time| time.instant) else {
            continue;
        };
        let time = Timestamp { seconds: instant.timestamp(), nanoseconds: instant.timestamp_subsec_nanos() };
        let stream = match message.stream {
            Stream::Stdout => "stdout",
            Stream::Stderr => "stderr",
            Stream::Unknown => "unknown",
        };
        let event = || Event {
            time,
            kind: EventKind::Log,
            subject: stream.to_owned(),
            path: None,
            member: member.raw_name.clone(),
            detail: message.text.get(..MAX_DETAIL).unwrap_or(&message.text).into(),
        };
        take(EventKind::Log, time, &event);
    }
}
