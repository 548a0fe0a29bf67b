//! `icecore graph`: a row for each edge, or all in the language of Graphviz.

use std::fmt::Write as _;

use icecore::Checkpoint;
use icecore::graph::{Edge, End};

use crate::arguments::ProcessFilter;
use crate::list::{List, sure};
use crate::output::{Cell, Column, Kind, Object, Row, Table};
use crate::row;

/// One row for each way from a process to another.
pub const EDGES: Table = Table {
    name: "edges",
    columns: &[
        Column::text("kind", "KIND"),
        Column::count("id", "ID"),
        Column::text("from_text", "FROM").for_people(),
        Column::text("to_text", "TO").for_people(),
        Column::of(END, "from", "FROM").for_machines(),
        Column::of(END, "to", "TO").for_machines(),
        Column::text("remote", "REMOTE").for_machines(),
    ],
};

const END: Kind = Kind::Object(&[("pid", Kind::Count), ("fd", Kind::Count)]);

/// What `graph` and `inspect` list.
pub(crate) const LIST: List =
    List::new(&EDGES, |checkpoint, ask| sure(edges(checkpoint, &ask.processes).map(row)));

/// The edges at which a process is that is asked for.
pub(crate) fn edges<'a>(
    checkpoint: &'a Checkpoint,
    processes: &'a ProcessFilter,
) -> impl Iterator<Item = &'a Edge> + use<'a> {
    let has_wanted = |edge: &Edge| edge.from.iter().chain(&edge.to).any(|end| processes.wants(end.pid));
    checkpoint.graph().iter().filter(move |edge| processes.wants_all() || has_wanted(edge))
}

/// The row of an edge.
pub fn row(edge: &Edge) -> Row {
    let remote = edge.remote.map(|remote| remote.to_string());
    row![
        edge.kind.to_string(),
        edge.id,
        edge.from.map_or("outside".into(), shown),
        edge.to.map_or_else(|| remote.clone().unwrap_or("outside".into()), shown),
        edge.from.map(end),
        edge.to.map(end),
        Cell::given(remote),
    ]
}

fn shown(end: End) -> String {
    match end.fd {
        Some(fd) => format!("pid {} fd {fd}", end.pid),
        None => format!("pid {}", end.pid),
    }
}

fn end(end: End) -> Cell {
    let fd = end.fd.map_or(Cell::NOT_APPLICABLE, |fd| fd.0.into());
    Cell::Object(Object::new().with("pid", end.pid.0).with("fd", fd))
}

/// A graph of processes; what is outside is one node. Nothing in it comes from the archive but numbers and addresses.
pub fn dot<'a>(edges: impl Iterator<Item = &'a Edge>) -> String {
    let mut text = String::from("digraph container {\n  node [shape=box];\n");
    for edge in edges {
        let name = |end: Option<End>| end.map_or("outside".into(), |end| format!("pid {}", end.pid));
        let descriptor =
            |end: Option<End>| end.and_then(|end| end.fd).map(|fd| fd.to_string()).unwrap_or_default();
        let remote = edge.remote.map(|remote| format!(" {remote}")).unwrap_or_default();
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "  \"{}\" -> \"{}\" [label=\"{} {}{remote}\", taillabel=\"{}\", headlabel=\"{}\"];",
            name(edge.from),
            name(edge.to),
            edge.kind,
            edge.id,
            descriptor(edge.from),
            descriptor(edge.to),
        );
    }
    text.push_str("}\n");
    text
}
