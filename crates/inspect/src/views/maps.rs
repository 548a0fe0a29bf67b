//! `icecore maps`: the areas of address spaces.

use std::collections::BTreeMap;

use icecore::memory::{Area, AreaKind, PageCounts, PageSource};
use icecore::{Checkpoint, Memory, Tid, Vaddr};

use super::memory::spaces;
use super::place;
use crate::list::{Ask, List, sure};
use crate::output::{Absence, Cell, Column, Kind, Object, Row, Table};
use crate::row;

/// One row for each area.
pub const MAPS: Table = Table {
    name: "maps",
    columns: &[
        Column::count("pid", "PID").always(),
        Column::hex("start", "START").always(),
        Column::hex("end", "END").always(),
        Column::text("perms", "PERM"),
        Column::count("size", "SIZE"),
        Column::count("stored", "STORED").for_people(),
        Column::count("parent", "PARENT").for_people(),
        Column::count("shared", "SHARED").for_people(),
        Column::count("zero", "ZERO").for_people(),
        Column::count("file", "FILE").for_people(),
        Column::count("lost", "LOST").for_people(),
        Column::text("kind", "KIND"),
        Column::bytes("name", "NAME"),
        Column::list(&Kind::Count, "stack_of", "STACK OF"),
        Column::count("offset", "OFFSET").for_machines(),
        Column::device("dev", "DEVICE").for_machines(),
        Column::count("ino", "INODE").for_machines(),
        Column::list(&Kind::Text, "flags", "FLAGS").for_machines(),
        Column::of(PAGES, "pages", "PAGES").for_machines(),
        Column::count("file_id", "FILE-ID").for_machines(),
        Column::hex("status", "STATUS").for_machines(),
        Column::hex("map_flags", "MAP-FLAGS").for_machines(),
        place::COLUMN,
    ],
};

/// Numbers of pages by their source.
const PAGES: Kind = Kind::Object(&[
    ("stored", Kind::Count),
    ("parent", Kind::Count),
    ("shared", Kind::Count),
    ("zero", Kind::Count),
    ("file", Kind::Count),
    ("lazy", Kind::Count),
    ("unknown", Kind::Count),
]);

/// What `maps` and `inspect` list.
pub(crate) const LIST: List =
    List::new(&MAPS, |checkpoint, ask| sure(rows(checkpoint, ask, |_| true))).of_files().of_image();

/// The areas of the kinds that are wanted, process by process. One without memory has a diagnostic instead.
pub(crate) fn rows<'a>(
    checkpoint: &'a Checkpoint,
    ask: &'a Ask,
    wants: impl Fn(AreaKind) -> bool + 'a,
) -> impl Iterator<Item = Row> + 'a {
    spaces(checkpoint, ask).flat_map(move |memory| {
        let stacks = checkpoint.stacks(memory.pid());
        of_process(&memory, &stacks, ask, &wants)
    })
}

/// Threads by the start of the area that their stack pointer is in.
type Stacks = BTreeMap<Vaddr, Vec<Tid>>;

fn of_process(memory: &Memory, stacks: &Stacks, ask: &Ask, wants: impl Fn(AreaKind) -> bool) -> Vec<Row> {
    let (mut length, mut pages) = (0_u64, PageCounts::default());
    let mut rows = Vec::new();
    for area in memory.areas().iter().filter(|area| wants(area.kind)) {
        let counts = memory.pages_of(area);
        // A guard range may begin where its area does.
        let threads = stacks.get(&area.start).filter(|_| area.kind != AreaKind::Guard);
        rows.push(row(memory, area, &counts, threads));
        // A guard range lies in another area, which counts it already.
        if area.kind != AreaKind::Guard {
            length = length.saturating_add(area.length());
            pages = pages.plus(&counts);
        }
    }
    if ask.for_people {
        rows.push(total(memory, length, &pages));
    }
    rows
}

/// The row of an area.
fn row(memory: &Memory, area: &Area, pages: &PageCounts, threads: Option<&Vec<Tid>>) -> Row {
    let threads = threads.map(|threads| threads.iter().map(|tid| tid.0).collect::<Vec<_>>());
    let mut row = row![memory.pid().0, Cell::Hex(area.start.0), Cell::Hex(area.end.0), area.perms()];
    row.push(Cell::Size(area.length()));
    row.extend(sizes(pages, memory.page_size()));
    row.extend(row![
        area.kind.name(),
        area.name.as_ref(),
        Cell::given(threads),
        Cell::Count(area.offset),
        Cell::Absent(Absence::NotStored),
        area.ino,
        area.vm_flags(),
        counts(pages),
        Cell::given(area.file_id),
        Cell::Hex(area.status.into()),
        Cell::Hex(area.flags.into()),
        place::cell(area.place.as_ref()),
    ]);
    row
}

/// The sum under the areas of a process, for people.
fn total(memory: &Memory, length: u64, pages: &PageCounts) -> Row {
    let mut row = row![memory.pid().0, "", "total", "", Cell::Size(length)];
    row.extend(sizes(pages, memory.page_size()));
    row
}

/// How much comes from where. What there is none of stays blank, so that the rest is seen.
fn sizes(pages: &PageCounts, page: u64) -> [Cell; 6] {
    let lost = pages.lazy.saturating_add(pages.unknown);
    [pages.stored, pages.parent, pages.shared, pages.zero, pages.file, lost].map(|count| match count {
        0 => Cell::NOT_APPLICABLE,
        count => Cell::Size(count.saturating_mul(page)),
    })
}

/// Numbers of pages by their source.
pub fn counts(pages: &PageCounts) -> Object {
    PageSource::ALL.into_iter().map(|source| (source.name(), Cell::Count(pages.of(source)))).collect()
}
