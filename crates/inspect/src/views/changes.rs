//! `icecore fs diff`: what was changed, with what is remarkable about it.

use icecore::filesystem::Entry;
use icecore_analysis::changes::{Review, Reviewed, Unrecorded};

use super::entries::{Form, NOT_APPLICABLE, XATTRS, device, mode, name, size, sum, xattrs};
use super::members;
use crate::list::{List, sure};
use crate::output::{Cell, Column, Kind, Object, Row, Table};
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

const USER: Kind = Kind::Object(&[("pid", Kind::Count), ("how", Kind::Text), ("fd", Kind::Count)]);

/// What `inspect` lists, as `fs diff` does without sums.
pub(crate) const CHANGES_LIST: List = List::new(&CHANGES, |checkpoint, ask| {
    let form = Form { holes: None, for_people: ask.for_people };
    sure(Review::of(checkpoint).into_changes().map(move |seen| change(&seen, &form)))
})
.of_contents();

/// The row of a change.
pub fn change(seen: &Reviewed<'_>, form: &Form) -> Row {
    let entry = &seen.change.entry;
    let is_gone = seen.change.kind == icecore::filesystem::ChangeKind::Deleted;
    let there = |cell: Cell| if is_gone { NOT_APPLICABLE } else { cell };
    // Of a deleted file, what it was, if its image is at hand.
    let known = if is_gone { seen.change.before.as_ref() } else { Some(entry) };
    let of = |cell: fn(&Entry<'_>) -> Cell| known.map_or(NOT_APPLICABLE, cell);
    let sum = known.map_or(NOT_APPLICABLE, |known| sum(known, form));
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
        of(|it| it.link.as_ref().map_or(NOT_APPLICABLE, Cell::from)),
        of(|it| it.same_as.as_ref().map_or(NOT_APPLICABLE, Cell::from)),
        of(device),
        of(xattrs),
        of(|it| it.owners_outside.into()),
        there(seen.change.opaque.into()),
        there(seen.flags.iter().copied().collect()),
        there(users(seen)),
        &entry.member,
        entry.offset.map_or(NOT_APPLICABLE, Cell::Count),
        sum,
    ]
}

/// The row of a file that may have changed unseen.
pub fn unrecorded(lost: &Unrecorded<'_>) -> Row {
    row![lost.path, lost.pid.0, lost.fd.0]
}

fn users(seen: &Reviewed<'_>) -> Cell {
    let user = |(pid, how): &(icecore::Pid, icecore_analysis::changes::Use)| {
        let fd = how.fd().map_or(NOT_APPLICABLE, |fd| fd.0.into());
        Cell::Object(Object::new().with("pid", pid.0).with("how", how.name()).with("fd", fd))
    };
    seen.users.iter().map(user).collect()
}

/// What people should look at: flags, users, the sum.
fn remarks(seen: &Reviewed<'_>, sum: &Cell, form: &Form) -> String {
    let mut remarks: Vec<String> = seen.flags.iter().map(|flag| (*flag).to_owned()).collect();
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
