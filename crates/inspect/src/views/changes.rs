//! `icecore fs diff`: what was changed, with what is remarkable about it.

use icecore::filesystem::{ChangeKind, Entry};
use icecore_analysis::changes::{Review, Reviewed, Unrecorded};

use super::entries::{Form, XATTRS, device, mode, name, size, sum, xattrs};
use super::members;
use crate::list::{List, sure};
use crate::output::{Cell, Column, Kind, Object, Progress, Row, Table};
use crate::row;

/// One row for each changed path.
pub const CHANGES: Table = Table {
    name: "changes",
    columns: &[
        Column::text("change", "CHANGE").always(),
        Column::text("type", "TYPE").for_machines(),
        Column::octal("mode", "MODE"),
        Column::count("uid", "UID"),
        Column::count("gid", "GID"),
        Column::count("size", "SIZE"),
        Column::bytes("path", "PATH").always().for_machines(),
        Column::bytes("name", "PATH").for_people(),
        Column::time("mtime", "MODIFIED").for_machines(),
        Column::bytes("link", "LINK").for_machines(),
        Column::bytes("hardlink", "HARD LINK TO").for_machines(),
        Column::device("device", "DEVICE").for_machines(),
        Column::of(XATTRS, "xattrs", "ATTRIBUTES").for_machines(),
        Column::bool("owners_outside", "OWNERS OUTSIDE").for_machines(),
        Column::bool("opaque", "OPAQUE").for_machines(),
        Column::of(FORMER, "former", "FORMER").for_machines(),
        Column::list(&Kind::Text, "flags", "FLAGS").for_machines(),
        Column::list(&USER, "users", "USERS").for_machines(),
        Column::bytes("member", "MEMBER").for_machines(),
        Column::count("offset", "OFFSET").for_machines(),
        Column::text("sha256", "SHA-256").for_machines(),
    ],
};

/// One row for each file that was open for writing and is in no list of changes.
pub const UNRECORDED: Table = Table {
    name: "unrecorded",
    columns: &[
        Column::bytes("path", "UNRECORDED").always(),
        Column::count("pid", "PID"),
        Column::count("fd", "FD"),
    ],
};

/// What the image has of a file that was modified.
const FORMER: Kind = Kind::Object(&[
    ("type", Kind::Text),
    ("mode", Kind::Octal),
    ("uid", Kind::Count),
    ("gid", Kind::Count),
    ("size", Kind::Count),
    ("mtime", Kind::Time),
    ("link", Kind::Bytes),
    ("device", Kind::Device),
    ("sha256", Kind::Text),
]);

const USER: Kind = Kind::Object(&[("pid", Kind::Count), ("how", Kind::Text), ("fd", Kind::Count)]);

/// What `inspect` lists, as `fs diff` does without sums.
pub(crate) const CHANGES_LIST: List = List::new(&CHANGES, |checkpoint, ask| {
    let form = Form { holes: None, progress: Progress::hidden(), for_people: ask.for_people };
    sure(Review::of(checkpoint).into_changes().map(move |seen| change(&seen, &form)))
})
.of_contents()
.of_image();

/// The row of a change.
pub fn change(seen: &Reviewed<'_>, form: &Form<'_>) -> Row {
    let entry = &seen.change.entry;
    let is_gone = seen.change.kind == ChangeKind::Deleted;
    let there = |cell: Cell| if is_gone { Cell::NOT_APPLICABLE } else { cell };
    // Of a deleted file, what it was, if its image is at hand.
    let known = if is_gone { seen.change.before.as_ref() } else { Some(entry) };
    let of = |cell: fn(&Entry<'_>) -> Cell| known.map_or(Cell::NOT_APPLICABLE, cell);
    let sum = known.map_or(Cell::NOT_APPLICABLE, |known| sum(known, form));
    let mut name = name(entry);
    let remarks = remarks(seen, &sum, form);
    if let (Cell::Bytes(name), false) = (&mut name, remarks.is_empty()) {
        name.extend_from_slice(format!("   {remarks}").as_bytes());
    }
    row![
        seen.change.kind.name(),
        of(|it| it.file_type.name().into()),
        of(mode),
        of(|it| it.uid.into()),
        of(|it| it.gid.into()),
        of(size),
        &entry.path,
        name,
        of(|it| it.mtime.map(members::time).into()),
        of(|it| Cell::given(it.link.as_ref())),
        of(|it| Cell::given(it.same_as.as_ref())),
        of(device),
        of(xattrs),
        of(|it| it.owners_outside.into()),
        there(seen.change.opaque.into()),
        modified(seen).map_or(Cell::NOT_APPLICABLE, |before| former(before, form)),
        there(seen.flags.iter().copied().collect()),
        there(users(seen)),
        &entry.member,
        Cell::given(entry.offset),
        sum,
    ]
}

/// The row of a file that may have changed unseen.
pub fn unrecorded(lost: &Unrecorded<'_>) -> Row {
    row![lost.path, lost.pid.0, lost.fd.0]
}

fn users(seen: &Reviewed<'_>) -> Cell {
    let user = |(pid, how): &(icecore::Pid, icecore_analysis::changes::Use)| {
        let fd = how.fd().map_or(Cell::NOT_APPLICABLE, |fd| fd.0.into());
        Cell::Object(Object::new().with("pid", pid.0).with("how", how.name()).with("fd", fd))
    };
    seen.users.iter().map(user).collect()
}

/// What the image has of a file that was modified, if its files are at hand.
fn modified<'a>(seen: &'a Reviewed<'_>) -> Option<&'a Entry<'a>> {
    seen.change.before.as_ref().filter(|_| seen.change.kind == ChangeKind::Modified)
}

fn former(before: &Entry<'_>, form: &Form<'_>) -> Cell {
    let object = Object::new()
        .with("type", before.file_type.name())
        .with("mode", mode(before))
        .with("uid", before.uid)
        .with("gid", before.gid)
        .with("size", size(before))
        .with("mtime", before.mtime.map(members::time))
        .with("link", Cell::given(before.link.as_ref()))
        .with("device", device(before))
        .with("sha256", sum(before, form));
    Cell::Object(object)
}

/// What a modified file was that it is not any more: `was 0644, 12 bytes`. Its time only where nothing else tells.
fn was(now: &Entry<'_>, before: &Entry<'_>) -> Option<String> {
    let owner = |it: &Entry<'_>| it.uid.zip(it.gid);
    let differ = |differ: bool, what: String| differ.then_some(what);
    let octal = |it: &Entry<'_>| mode(it).to_string();
    let (uid, gid) = owner(before).unwrap_or_default();
    let target = before.link.as_ref().filter(|_| before.link != now.link);
    let facts = [
        differ(now.file_type != before.file_type, format!("a {}", before.file_type.name())),
        differ(octal(now) != octal(before), octal(before)),
        // Numbers of two sides of a user namespace say nothing of each other.
        differ(!now.owners_outside && owner(now) != owner(before), format!("{uid}:{gid}")),
        before.size.filter(|_| now.size != before.size).map(|size| format!("{size} bytes")),
        target.map(|target| format!("-> {target}")),
    ];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    let time = before.mtime.filter(|_| facts.is_empty() && before.mtime != now.mtime);
    let time = time.map(|time| format!("of {}", members::time(time)));
    let facts: Vec<String> = facts.into_iter().chain(time).collect();
    (!facts.is_empty()).then(|| format!("was {}", facts.join(", ")))
}

/// What people should look at: what it was, flags, users, the sum.
fn remarks(seen: &Reviewed<'_>, sum: &Cell, form: &Form<'_>) -> String {
    let was = modified(seen).and_then(|before| was(&seen.change.entry, before));
    let flags = seen.flags.iter().map(|flag| (*flag).to_owned());
    let mut remarks: Vec<String> = was.into_iter().chain(flags).collect();
    if seen.change.opaque {
        remarks.push("removed and made again".to_owned());
    }
    let by_pid = seen.users.iter().map(|(pid, how)| format!("pid {pid} {}", how.name()));
    let mut users: Vec<String> = by_pid.collect();
    users.dedup();
    let more = users.len().saturating_sub(USERS);
    users.truncate(USERS);
    remarks.extend(users);
    if more > 0 {
        remarks.push(format!("{more} more users"));
    }
    if let (true, Cell::Text(sum)) = (form.for_people, sum) {
        remarks.push(format!("sha256 {sum}"));
    }
    remarks.join(", ")
}

/// Users that are named in text.
const USERS: usize = 4;
