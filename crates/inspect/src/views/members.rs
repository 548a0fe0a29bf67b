//! `icecore ls`: the members of an archive.

use chrono::DateTime;
use icecore::archive::{Member, MemberKind, Timestamp};

use crate::list::{List, sure};
use crate::output::{Cell, Column, Row, Table};
use crate::row;

/// One row for each member.
pub const MEMBERS: Table = Table {
    name: "members",
    columns: &[
        Column::text("type", "TYPE"),
        Column::octal("mode", "MODE"),
        Column::count("uid", "UID"),
        Column::count("gid", "GID"),
        Column::count("size", "SIZE"),
        Column::count("offset", "OFFSET"),
        Column::time("mtime", "MODIFIED"),
        Column::bytes("name", "NAME"),
        Column::bytes("link", "LINK").for_machines(),
        Column::time("atime", "ACCESSED").for_machines(),
        Column::time("ctime", "CHANGED").for_machines(),
        Column::time("btime", "CREATED").for_machines(),
        Column::hex("flag", "FLAG").for_machines(),
        Column::count("available", "AVAILABLE").for_machines(),
        Column::bool("sparse", "SPARSE").for_machines(),
        Column::count("depth", "DEPTH").for_machines(),
    ],
};

/// What `inspect` lists of the archive itself, as `ls` does.
pub(crate) const LIST: List = List::new(&MEMBERS, |checkpoint, ask| {
    sure(checkpoint.members().map(|member| row(b"", 0, member, !ask.for_people)))
});

/// The row of a member. `prefix` is the path of the archives around it, each followed by `//`.
pub fn row(prefix: &[u8], depth: u32, member: &Member, machine: bool) -> Row {
    let mut name = [prefix, &member.raw_name()].concat();
    if let (Some(link), false) = (member.link(), machine) {
        name.extend_from_slice(b" -> ");
        name.extend_from_slice(link);
    }
    let flag = match member.kind {
        MemberKind::Other(flag) => Cell::Hex(flag.into()),
        _ => Cell::NOT_APPLICABLE,
    };
    row![
        member.kind.name(),
        Cell::Mode(member.mode),
        member.uid,
        member.gid,
        if machine { Cell::Count(member.size) } else { Cell::Size(member.size) },
        Cell::Count(member.offset),
        time(member.mtime),
        name.as_slice(),
        member.link(),
        Cell::given(member.atime().map(time)),
        Cell::given(member.ctime().map(time)),
        Cell::given(member.btime().map(time)),
        flag,
        Cell::Count(member.available()),
        member.is_sparse(),
        depth,
    ]
}

/// A time stamp: a date where the calendar has one, else the number as it stands.
pub(super) fn time(mtime: Timestamp) -> Cell {
    match DateTime::from_timestamp(mtime.seconds, mtime.nanoseconds) {
        // Four digits of year are what RFC 3339 has.
        Some(time) if (0..=9999).contains(&chrono::Datelike::year(&time)) => Cell::Time(time),
        _ => Cell::Integer(mtime.seconds),
    }
}
