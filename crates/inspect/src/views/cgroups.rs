//! `icecore cgroups`: a row for each hierarchy that a process is in, then for each property of a group.

use icecore::Checkpoint;
use icecore::cgroups::{Group, Membership};

use super::processes::living;
use crate::list::{Ask, List, Rows, sure};
use crate::output::{Cell, Column, Kind, Row, Table};
use crate::row;

/// One row for each hierarchy of each process.
pub const CGROUPS: Table = Table {
    name: "cgroups",
    columns: &[
        Column::count("pid", "PID").always(),
        Column::bytes("controllers", "CONTROLLERS").always(),
        Column::bytes("path", "PATH").always(),
        Column::bytes("namespace_root", "NAMESPACE ROOT").for_machines(),
    ],
};

/// One row for each property of a group.
pub const PROPERTIES: Table = Table {
    name: "cgroup_properties",
    columns: &[
        Column::list(&Kind::Bytes, "controllers", "CONTROLLERS").always(),
        Column::bytes("path", "PATH").always(),
        Column::bytes("name", "NAME").always(),
        Column::bytes("value", "VALUE").always(),
    ],
};

/// What `cgroups` and `inspect` list.
pub(crate) const LISTS: [List; 2] = [List::new(&CGROUPS, memberships), List::new(&PROPERTIES, properties)];

fn memberships<'a>(checkpoint: &'a Checkpoint, ask: &'a Ask) -> Rows<'a> {
    let of = |pid| checkpoint.cgroups().of_process(pid).unwrap_or_default().iter();
    let row = |pid: u32, it: &Membership| row![pid, &it.controllers, &it.path, &it.namespace_root];
    sure(
        living(checkpoint, ask)
            .flat_map(move |process| of(process.pid).map(move |it| row(process.pid.0, it))),
    )
}

/// Those of all groups, whoever is in them.
fn properties<'a>(checkpoint: &'a Checkpoint, ask: &'a Ask) -> Rows<'a> {
    let is_of = |group: &&Group| {
        let paths = living(checkpoint, ask).filter_map(|it| checkpoint.cgroups().of_process(it.pid));
        ask.processes.wants_all() || paths.flatten().any(|membership| membership.path == group.path)
    };
    let groups = checkpoint.cgroups().groups.iter().filter(is_of);
    sure(groups.flat_map(|group| group.properties.iter().map(move |property| property_row(group, property))))
}

fn property_row(group: &Group, (name, value): &(bstr::BString, bstr::BString)) -> Row {
    row![group.controllers.iter().collect::<Cell>(), &group.path, name, value]
}
