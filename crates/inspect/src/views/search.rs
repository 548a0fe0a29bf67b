//! `icecore search` and `icecore strings`: where bytes and texts are.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use icecore::{Memory, Vaddr};
use icecore_analysis::search::{Hit, InQueue, Needles, Owner};
use icecore_analysis::strings::Text;

use super::queues::{holder, shown_holder};
use crate::output::{Cell, Column, Kind, Object, Row, Table};
use crate::row;

/// One row for each place where the bytes of a match are stored.
pub const HITS: Table = Table {
    name: "hits",
    columns: &[
        Column::text("where", "WHERE").for_people(),
        Column::bytes("what", "WHAT"),
        Column::count("length", "LENGTH").for_machines(),
        Column::list(&OWNER, "owners", "OWNERS").for_machines(),
        Column::text("source", "SOURCE"),
        Column::bytes("path", "PATH").for_machines(),
        Column::of(QUEUE, "queue", "QUEUE").for_machines(),
        Column::bytes("member", "MEMBER"),
        Column::count("offset", "OFFSET"),
        Column::bytes("bytes", "BYTES").for_people(),
        Column::text("match_b64", "MATCH").for_machines(),
        Column::text("context_b64", "CONTEXT").for_machines(),
        Column::count("max_match", "MAX MATCH").for_machines(),
    ],
};

const OWNER: Kind = Kind::Object(&[
    ("pid", Kind::Count),
    ("addr", Kind::Hex),
    ("vma_start", Kind::Hex),
    ("vma_name", Kind::Bytes),
    ("perms", Kind::Text),
    ("part", Kind::Text),
    ("fd", Kind::Count),
    ("end", Kind::Text),
]);

const QUEUE: Kind = Kind::Object(&[("kind", Kind::Text), ("id", Kind::Count), ("message", Kind::Count)]);

/// Bytes in front of a match that people see: few, so that the match is seen where a terminal is narrow.
const LEAD: usize = 8;

/// The row of a hit.
pub fn hit(hit: &Hit, needles: &Needles) -> Row {
    let context = [hit.before.as_slice(), &hit.matched, &hit.after].concat();
    let lead = hit.before.get(hit.before.len().saturating_sub(LEAD)..).unwrap_or_default();
    let seen = [lead, &hit.matched, &hit.after].concat();
    let owners = hit.owners.iter().map(owner);
    let holders = hit.queue.iter().flat_map(|queue| &queue.holders).map(holder);
    row![
        shown(hit),
        needles.name(hit.pattern),
        hit.length,
        owners.chain(holders).collect::<Vec<_>>(),
        hit.source.name(),
        Cell::given(hit.path.as_ref()),
        hit.queue.as_ref().map_or(Cell::NOT_APPLICABLE, |it| queue(it).into()),
        Cell::given(hit.member.as_ref()),
        Cell::given(hit.offset),
        seen.as_slice(),
        STANDARD.encode(&hit.matched),
        STANDARD.encode(&context),
        max_match(hit.pattern, needles),
    ]
}

/// How long a match can be that is sure to be found, where that is not as long as it may be.
fn max_match(pattern: usize, needles: &Needles) -> Cell {
    let most = needles.max_match().filter(|_| needles.is_expression(pattern));
    most.map_or(Cell::NOT_APPLICABLE, |most| Cell::Count(most as u64))
}

/// Where a hit is, for people.
fn shown(hit: &Hit) -> String {
    let shown: Vec<String> = match (&hit.path, &hit.queue) {
        (Some(path), _) => vec![path.to_string()],
        (None, Some(InQueue { kind, id, holders, .. })) => {
            std::iter::once(format!("{kind} {id}")).chain(holders.iter().map(shown_holder)).collect()
        }
        (None, None) if hit.owners.is_empty() => vec![hit.source.name().to_owned()],
        (None, None) => hit.owners.iter().map(place).collect(),
    };
    shown.join(", ")
}

fn place(owner: &Owner) -> String {
    let name = owner.vma_name.as_ref().map(ToString::to_string).unwrap_or_default();
    let part = owner.part.map_or_else(String::new, |part| format!(" {}", part.name()));
    format!("pid {} {} {} {name}{part}", owner.pid, owner.address, owner.perms.as_deref().unwrap_or("----"))
}

fn queue(queue: &InQueue) -> Object {
    let message = u64::try_from(queue.message).unwrap_or(u64::MAX);
    Object::new().with("kind", queue.kind.name()).with("id", queue.id).with("message", message)
}

fn owner(owner: &Owner) -> Object {
    Object::new()
        .with("pid", owner.pid.0)
        .with("addr", Cell::Hex(owner.address.0))
        .with("vma_start", owner.vma_start.map_or(Cell::NOT_APPLICABLE, |start| Cell::Hex(start.0)))
        .with("vma_name", owner.vma_name.as_ref())
        .with("perms", Cell::given(owner.perms.clone()))
        .with("part", owner.part.map_or(Cell::NOT_APPLICABLE, |part| part.name().into()))
}

/// One row for each pattern.
pub const COUNTS: Table = Table {
    name: "counts",
    columns: &[
        Column::bytes("what", "WHAT"),
        Column::count("count", "COUNT"),
        Column::count("max_match", "MAX MATCH").for_machines(),
    ],
};

/// The row of a pattern.
pub fn count(pattern: usize, count: u64, needles: &Needles) -> Row {
    row![needles.name(pattern), count, max_match(pattern, needles)]
}

/// One row for each text.
pub const STRINGS: Table = Table {
    name: "strings",
    columns: &[
        Column::count("pid", "PID").always(),
        Column::hex("addr", "ADDRESS").always(),
        Column::text("encoding", "ENCODING"),
        Column::bytes("vma_name", "AREA"),
        Column::bytes("text", "TEXT"),
    ],
};

/// The row of a text.
pub fn text(memory: &Memory, text: Text) -> Row {
    let Vaddr(address) = text.address;
    let area = memory.area_at(text.address).and_then(|area| area.name.as_ref());
    row![memory.pid().0, Cell::Hex(address), text.encoding.name(), area, text.text]
}
