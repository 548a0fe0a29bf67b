//! Locks on open files: an object for machines, a phrase for people, with the words of `/proc/locks`.

use icecore::files::{Lock, LockKind, LockMode};

use crate::output::{Cell, Kind, Object};

/// What [`cell`] gives.
pub(super) const LOCK: Kind = Kind::Object(&[
    ("kind", Kind::Word(&["posix", "flock", "ofd", "lease", "unknown"])),
    ("type", Kind::Word(&["read", "write", "unlck", "rw", "none", "other"])),
    ("start", Kind::Integer),
    ("end", Kind::OneOf(&[Kind::Integer, Kind::Word(&[END_OF_FILE])])),
    ("mandatory", Kind::Bool),
    ("breaking", Kind::Bool),
]);

const END_OF_FILE: &str = "EOF";

/// Locks that are named in text.
const NAMED: usize = 4;

/// The facts of a lock.
pub(super) fn cell(lock: &Lock) -> Cell {
    let only_if = |holds: bool| if holds { Cell::Bool(true) } else { Cell::NOT_APPLICABLE };
    let object = Object::new()
        .with("kind", kind(lock))
        .with("type", mode(lock))
        .with("start", lock.start)
        .with("end", lock.end().map_or(END_OF_FILE.into(), Cell::Integer))
        .with("mandatory", only_if(matches!(lock.mode, LockMode::Mandatory { .. })))
        .with("breaking", only_if(lock.breaking));
    Cell::Object(object)
}

/// The locks in short: `; flock write`, `; posix read 100-199, posix write 300-EOF`.
pub(super) fn phrase<'a>(mut locks: impl Iterator<Item = &'a Lock>) -> String {
    let named: Vec<String> = locks.by_ref().take(NAMED).map(short).collect();
    let more = match locks.count() {
        0 => String::new(),
        more => format!(", {more} more locks"),
    };
    if named.is_empty() { String::new() } else { format!("; {}{more}", named.join(", ")) }
}

fn short(lock: &Lock) -> String {
    let range = match (lock.start, lock.end()) {
        (0, None) => String::new(),
        (start, None) => format!(" {start}-{END_OF_FILE}"),
        (start, Some(end)) => format!(" {start}-{end}"),
    };
    let breaking = if lock.breaking { " breaking" } else { "" };
    format!("{} {}{range}{breaking}", kind(lock), mode(lock))
}

fn kind(lock: &Lock) -> &'static str {
    match lock.kind {
        LockKind::Posix => "posix",
        LockKind::Flock => "flock",
        LockKind::Ofd => "ofd",
        LockKind::Lease => "lease",
        _ => "unknown",
    }
}

fn mode(lock: &Lock) -> String {
    lock.mode.name().to_ascii_lowercase()
}
