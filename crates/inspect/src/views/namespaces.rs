//! `icecore namespaces`: a row for each namespace.

use icecore::Checkpoint;
use icecore::namespaces::{Content, IdRange, Namespace};

use crate::list::{Ask, List, Rows, sure};
use crate::output::{Cell, Column, Kind, Object, Row, Table};
use crate::row;

/// One row for each namespace.
pub const NAMESPACES: Table = Table {
    name: "namespaces",
    columns: &[
        Column::of(KINDS, "kind", "KIND").always(),
        Column::count("id", "ID").always(),
        Column::bool("host", "HOST'S").always(),
        Column::count("count", "PROCESSES").for_people(),
        Column::bytes("about", "ABOUT").for_people(),
        Column::list(&Kind::Count, "processes", "PROCESSES").for_machines(),
        Column::bytes("external", "HANDED IN AS").for_machines(),
        Column::bytes("nodename", "HOST NAME").for_machines(),
        Column::bytes("domainname", "DOMAIN").for_machines(),
        Column::list(&RANGE, "uid_map", "USERS").for_machines(),
        Column::list(&RANGE, "gid_map", "GROUPS").for_machines(),
        Column::of(CLOCK, "monotonic", "MONOTONIC").for_machines(),
        Column::of(CLOCK, "boottime", "BOOT TIME").for_machines(),
    ],
};

const KINDS: Kind = Kind::Word(&["pid", "net", "ipc", "uts", "time", "mnt", "user", "cgroup"]);

const RANGE: Kind =
    Kind::Object(&[("inside", Kind::Count), ("outside", Kind::Count), ("count", Kind::Count)]);

const CLOCK: Kind = super::details::kinds::SECONDS;

/// What `namespaces` and `inspect` list.
pub(crate) const LIST: List = List::new(&NAMESPACES, rows);

fn rows<'a>(checkpoint: &'a Checkpoint, ask: &'a Ask) -> Rows<'a> {
    let is_wanted = |it: &&Namespace| it.processes.iter().any(|pid| ask.processes.wants(*pid));
    sure(checkpoint.namespaces().all.iter().filter(is_wanted).map(row))
}

fn row(namespace: &Namespace) -> Row {
    let mut row = row![
        namespace.kind.to_string(),
        namespace.id.0,
        namespace.is_host,
        namespace.processes.len(),
        about(&namespace.content),
        namespace.processes.iter().map(|pid| pid.0).collect::<Cell>(),
    ];
    row.extend(content(&namespace.content));
    row
}

/// Key, names, maps and clocks; what the kind does not have is left out.
fn content(content: &Content) -> [Cell; 7] {
    let mut cells = [Cell::NOT_APPLICABLE; 7];
    let [external, nodename, domainname, uid_map, gid_map, monotonic, boottime] = &mut cells;
    match content {
        Content::External(key) => *external = key.into(),
        Content::Uts { nodename: name, domainname: domain } => {
            (*nodename, *domainname) = (name.into(), domain.into());
        }
        Content::User { uid_map: users, gid_map: groups } => {
            (*uid_map, *gid_map) = (users.iter().map(range).collect(), groups.iter().map(range).collect());
        }
        Content::Time { monotonic: first, boottime: second } => {
            (*monotonic, *boottime) = (clock(*first), clock(*second));
        }
        _ => {}
    }
    cells
}

fn range(range: &IdRange) -> Object {
    let object = Object::new().with("inside", range.inside).with("outside", range.outside);
    object.with("count", range.count)
}

fn clock((seconds, nanoseconds): (u64, u64)) -> Cell {
    Cell::Object(Object::new().with("seconds", seconds).with("nanoseconds", nanoseconds))
}

/// What people want to know of it.
fn about(content: &Content) -> Cell {
    let ranges = |ranges: &[IdRange]| {
        let shown = ranges.iter().map(|it| format!("{}→{} ({})", it.inside, it.outside, it.count));
        shown.collect::<Vec<_>>().join(", ")
    };
    match content {
        Content::External(key) => Cell::from([b"handed in as ", key.as_slice()].concat().as_slice()),
        Content::Uts { nodename, .. } => nodename.into(),
        Content::User { uid_map, gid_map } => {
            format!("users {}; groups {}", ranges(uid_map), ranges(gid_map)).into()
        }
        Content::Time { monotonic, boottime } => {
            format!("{} s since its start, {} s since boot", monotonic.0, boottime.0).into()
        }
        _ => Cell::NOT_APPLICABLE,
    }
}
