//! `icecore fs`, `icecore extract`: the files that an archive holds.

use std::borrow::Cow;

use bstr::BString;
use icecore::filesystem::{Absent, Entry, Found, Lookup};
use icecore_analysis::extract::Extracted;
use icecore_analysis::hashes::{HoleAllowance, Sha256};

use super::members;
use crate::output::{Absence, Cell, Column, Kind, Object, Progress, Row, Table};
use crate::row;

/// One row for each file that the archive holds.
pub const FILES: Table = Table {
    name: "files",
    columns: &[
        Column::text("origin", "ORIGIN"),
        Column::text("type", "TYPE"),
        Column::octal("mode", "MODE"),
        Column::count("uid", "UID"),
        Column::count("gid", "GID"),
        Column::count("size", "SIZE"),
        Column::time("mtime", "MODIFIED"),
        Column::bytes("path", "PATH").always().for_machines(),
        Column::bytes("name", "PATH").for_people(),
        Column::bytes("link", "LINK").for_machines(),
        Column::bytes("hardlink", "HARD LINK TO").for_machines(),
        Column::device("device", "DEVICE").for_machines(),
        Column::of(XATTRS, "xattrs", "ATTRIBUTES").for_machines(),
        Column::bool("owners_outside", "OWNERS OUTSIDE").for_machines(),
        Column::time("atime", "ACCESSED").for_machines(),
        Column::time("ctime", "CHANGED").for_machines(),
        Column::time("btime", "CREATED").for_machines(),
        Column::bool("deleted", "DELETED").for_machines(),
        Column::bytes("member", "MEMBER").for_machines(),
        Column::count("offset", "OFFSET").for_machines(),
        Column::text("absent", "ABSENT").for_machines(),
        Column::text("sha256", "SHA-256").for_machines(),
    ],
};

/// One row for each file that was asked for, in the manifest.
pub const EXTRACTED: Table = Table {
    name: "extracted",
    columns: &[
        Column::bytes("path", "PATH").always(),
        Column::text("file", "FILE"),
        Column::text("why", "WHY NOT"),
        Column::text("origin", "ORIGIN").always(),
        Column::text("type", "TYPE").always(),
        Column::octal("mode", "MODE"),
        Column::count("uid", "UID"),
        Column::count("gid", "GID"),
        Column::bool("owners_outside", "OWNERS OUTSIDE"),
        Column::count("uid_inside", "UID INSIDE"),
        Column::count("gid_inside", "GID INSIDE"),
        Column::count("uid_outside", "UID OUTSIDE"),
        Column::count("gid_outside", "GID OUTSIDE"),
        Column::count("size", "SIZE"),
        Column::time("mtime", "MODIFIED"),
        Column::time("atime", "ACCESSED"),
        Column::time("ctime", "CHANGED"),
        Column::time("btime", "CREATED"),
        Column::bytes("link", "LINK"),
        Column::bytes("hardlink", "HARD LINK TO"),
        Column::device("device", "DEVICE"),
        Column::of(XATTRS, "xattrs", "ATTRIBUTES"),
        Column::bytes("member", "MEMBER"),
        Column::count("offset", "OFFSET"),
        Column::text("sha256", "SHA-256"),
    ],
};

pub(super) const XATTRS: Kind = Kind::Map(&Kind::Bytes);

/// Whether sums are asked for, and who reads the answer.
#[derive(Debug)]
pub struct Form<'a> {
    /// Sums are made, also of files with so many bytes of holes.
    pub holes: Option<&'a HoleAllowance>,
    /// Where bytes are counted that were hashed.
    pub progress: Progress,
    /// People read them: they stand beside the path then.
    pub for_people: bool,
}

/// The row of a file.
pub fn file(entry: &Entry<'_>, form: &Form<'_>) -> Row {
    let sum = sum(entry, form);
    let mut name = name(entry);
    if let (true, Cell::Text(sum), Cell::Bytes(name)) = (form.for_people, &sum, &mut name) {
        name.extend_from_slice(format!("  sha256 {sum}").as_bytes());
    }
    row![
        entry.origin.name(),
        entry.file_type.name(),
        mode(entry),
        entry.uid,
        entry.gid,
        size(entry),
        entry.mtime.map(members::time),
        &entry.path,
        name,
        Cell::given(entry.link.as_ref()),
        Cell::given(entry.same_as.as_ref()),
        device(entry),
        xattrs(entry),
        entry.owners_outside,
        Cell::given(entry.atime.map(members::time)),
        Cell::given(entry.ctime.map(members::time)),
        Cell::given(entry.btime.map(members::time)),
        entry.deleted,
        &entry.member,
        Cell::given(entry.offset),
        Cell::NOT_APPLICABLE,
        sum,
    ]
}

/// The row of a file that was taken out, or not.
pub fn extracted(extracted: &Extracted<'_>) -> Row {
    let entry = &extracted.entry;
    row![
        &entry.path,
        extracted.place.clone(),
        Cell::given(extracted.why.clone()),
        entry.origin.name(),
        entry.file_type.name(),
        mode(entry),
        entry.uid,
        entry.gid,
        entry.owners_outside,
        extracted.inside.map(|owner| owner.uid),
        extracted.inside.map(|owner| owner.gid),
        extracted.outside.map(|owner| owner.uid),
        extracted.outside.map(|owner| owner.gid),
        size(entry),
        entry.mtime.map(members::time),
        Cell::given(entry.atime.map(members::time)),
        Cell::given(entry.ctime.map(members::time)),
        Cell::given(entry.btime.map(members::time)),
        Cell::given(entry.link.as_ref()),
        Cell::given(entry.same_as.as_ref()),
        device(entry),
        xattrs(entry),
        &entry.member,
        Cell::given(entry.offset),
        if entry.is_file() {
            extracted.sha256.map(|sum| sum.to_string()).into()
        } else {
            Cell::NOT_APPLICABLE
        },
    ]
}

/// The row of whatever a path leads to.
pub fn found(lookup: &Lookup<'_>, form: &Form<'_>) -> Row {
    let unknown = || Cell::Absent(Absence::NotStored);
    let mut name = lookup.path.clone();
    let (kind, absent) = match &lookup.found {
        Found::Stored(entry) => return file(entry, form),
        Found::Implied(_) => ("dir".into(), Cell::NOT_APPLICABLE),
        Found::Absent(absent) => {
            name.extend_from_slice(format!("   {}", why(absent)).as_bytes());
            (unknown(), why(absent).into())
        }
        _ => (unknown(), Cell::NOT_APPLICABLE),
    };
    row![
        unknown(),
        kind,
        unknown(),
        unknown(),
        unknown(),
        Cell::NOT_APPLICABLE,
        unknown(),
        &lookup.path,
        name,
        Cell::NOT_APPLICABLE,
        Cell::NOT_APPLICABLE,
        Cell::NOT_APPLICABLE,
        Cell::NOT_APPLICABLE,
        Cell::NOT_APPLICABLE,
        Cell::NOT_APPLICABLE,
        Cell::NOT_APPLICABLE,
        Cell::NOT_APPLICABLE,
        Cell::NOT_APPLICABLE,
        unknown(),
        Cell::NOT_APPLICABLE,
        absent,
        Cell::NOT_APPLICABLE,
    ]
}

/// Why the archive does not have a file, in words.
pub fn why(absent: &Absent) -> Cow<'static, str> {
    match absent {
        Absent::Nothing => "there was no such file".into(),
        Absent::Deleted => "the container deleted it".into(),
        Absent::Image => "not among the changes: if it was there, the container's image has it".into(),
        Absent::Host(Some(source)) => format!("mounted from the host ({source}), which is not stored").into(),
        Absent::Host(None) => "mounted from the host, which is not stored".into(),
        Absent::Kernel(Some(name)) => format!("made by the kernel ({name}), which is not stored").into(),
        Absent::Loop => "links lead in a circle".into(),
        _ => "not stored".into(),
    }
}

pub(super) fn mode(entry: &Entry<'_>) -> Cell {
    entry.mode.map(Cell::Mode).into()
}

/// Bytes of what has any; `null` where the file that has them is not at hand.
pub(super) fn size(entry: &Entry<'_>) -> Cell {
    if entry.is_file() { entry.size.map(Cell::Count).into() } else { Cell::NOT_APPLICABLE }
}

pub(super) fn device(entry: &Entry<'_>) -> Cell {
    let numbers =
        |(major, minor): (u64, u64)| Some(Cell::Device(major.try_into().ok()?, minor.try_into().ok()?));
    entry.device.and_then(numbers).unwrap_or(Cell::NOT_APPLICABLE)
}

/// Names and values; a value that is no text comes in base64 beside it, as all bytes do.
pub(super) fn xattrs(entry: &Entry<'_>) -> Cell {
    let named = entry.xattrs().map(|(name, value)| (name.to_string(), value));
    Cell::Object(named.collect::<Object>())
}

/// The path, and where a link leads.
pub(super) fn name(entry: &Entry<'_>) -> Cell {
    let mut name: BString = entry.path.clone();
    for (arrow, target) in [(" -> ", &entry.link), (" = ", &entry.same_as)] {
        if let Some(target) = target {
            name.extend_from_slice(arrow.as_bytes());
            name.extend_from_slice(target);
        }
    }
    Cell::Bytes(name)
}

/// The sum, if it is asked for; `null` of a file whose bytes cannot be had.
pub(super) fn sum(entry: &Entry<'_>, form: &Form<'_>) -> Cell {
    let Some(holes) = form.holes.filter(|_| entry.is_file()) else {
        return Cell::NOT_APPLICABLE;
    };
    let content = entry.content().ok().filter(|content| holes.take(content.as_ref()));
    let count = |chunk: &[u8]| form.progress.add(chunk.len() as u64);
    let sum = content.and_then(|content| Sha256::of_source_and(&content, count).ok());
    sum.map(|sum| sum.to_string()).into()
}
