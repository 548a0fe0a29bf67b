//! `icecore limits`: the resource limits of each process.

use icecore::Process;
use icecore::process::Limit;

use super::processes::living;
use crate::list::{List, sure};
use crate::output::table::Audience;
use crate::output::{Cell, Column, Kind, Object, Row, Table};
use crate::row;

const VALUE: Kind = Kind::OneOf(&[Kind::Count, Kind::Word(&["unlimited"])]);

const LIMIT: Kind =
    Kind::Object(&[("name", Kind::Text), ("soft", VALUE), ("hard", VALUE), ("unit", Kind::Text)]);

/// One row for each process, with its limits in a list: what programs read.
pub const OF_PROCESSES: Table = Table {
    name: "processes",
    columns: &[Column::count("pid", "PID").always(), Column::list(&LIMIT, "limits", "LIMITS")],
};

/// One row for each limit, as `/proc/PID/limits` shows them: what people read.
pub const LIMITS: Table = Table {
    name: "limits",
    columns: &[
        Column::count("pid", "PID").always(),
        Column::text("name", "LIMIT"),
        Column::of(VALUE, "soft", "SOFT LIMIT").to_the_right(),
        Column::of(VALUE, "hard", "HARD LIMIT").to_the_right(),
        Column::text("unit", "UNITS"),
    ],
};

/// What `limits` and `inspect` list for programs.
pub(crate) const LIST: List =
    List::new(&OF_PROCESSES, |checkpoint, ask| sure(living(checkpoint, ask).map(row_of_process)))
        .only_for(Audience::Machines);

/// What they list for people.
pub(crate) const PEOPLE: List = List::new(&LIMITS, |checkpoint, ask| {
    let limits =
        |process: &'_ Process| process.limits.iter().map(|limit| row(process, limit)).collect::<Vec<_>>();
    sure(living(checkpoint, ask).flat_map(limits))
})
.only_for(Audience::People);

/// The row of a process that lives.
pub fn row_of_process(process: &Process) -> Row {
    let limit = |limit: &Limit| {
        let object = Object::new().with("name", limit.name).with("soft", value(limit.soft));
        object.with("hard", value(limit.hard)).with("unit", limit.unit)
    };
    row![process.pid.0, process.limits.iter().map(limit).collect::<Cell>()]
}

/// The row of one limit.
pub fn row(process: &Process, limit: &Limit) -> Row {
    row![process.pid.0, limit.name, value(limit.soft), value(limit.hard), limit.unit]
}

fn value(limit: Option<u64>) -> Cell {
    limit.map_or("unlimited".into(), Cell::Count)
}
