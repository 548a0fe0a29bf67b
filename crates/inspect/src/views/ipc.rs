//! `icecore ipc`: lists of segments, semaphores, queues and limits.

use icecore::Checkpoint;
use icecore::ipc::{Descriptor, IpcNamespace};
use icecore::namespaces::NamespaceKind;

use crate::list::{Ask, List, Rows, sure};
use crate::output::{Cell, Column, Kind, Object, Row, Table};
use crate::row;

/// The lists that the command shows without being asked for more.
pub(crate) const SHORT: [List; 3] = [
    List::new(&SEGMENTS, |checkpoint, ask| each(checkpoint, ask, segments)),
    List::new(&SEMAPHORES, |checkpoint, ask| each(checkpoint, ask, semaphores)),
    List::new(&QUEUES, |checkpoint, ask| each(checkpoint, ask, queues)),
];

/// Those of `inspect`, where SysV queues stand among all others.
pub(crate) const OTHERS: [List; 3] = {
    let [segments, semaphores, _, limits] = LISTS;
    [segments, semaphores, limits]
};

/// All lists.
pub(crate) const LISTS: [List; 4] = {
    let [segments, semaphores, queues] = SHORT;
    [segments, semaphores, queues, List::new(&LIMITS, |checkpoint, ask| each(checkpoint, ask, limits))]
};

/// The columns of all lists.
pub(crate) const TABLES: [&Table; 4] = [&SEGMENTS, &SEMAPHORES, &QUEUES, &LIMITS];

/// The rows of every namespace that is asked for.
fn each<'a>(checkpoint: &'a Checkpoint, ask: &'a Ask, rows: fn(&IpcNamespace) -> Vec<Row>) -> Rows<'a> {
    let is_wanted = |id| ask.processes.wants_namespace(checkpoint, NamespaceKind::Ipc, id);
    let wanted = checkpoint.ipc().namespaces.iter().filter(move |it| is_wanted(it.id));
    sure(wanted.flat_map(rows))
}

const ATTACHED: Kind = Kind::Object(&[("pid", Kind::Count), ("addr", Kind::Hex)]);

const MESSAGE: Kind =
    Kind::Object(&[("type", Kind::Integer), ("length", Kind::Count), ("text", Kind::Bytes)]);

/// Some limits are numbers, some are several, some are names.
const VALUE: Kind = Kind::OneOf(&[Kind::Count, Kind::Text, Kind::List(&Kind::Count)]);

/// The columns that all SysV objects begin with, then those of a list.
macro_rules! columns {
    ($($column:expr),* $(,)?) => {
        &[
            Column::count("ipc_ns", "NAMESPACE").always().for_machines(),
            Column::count("id", "ID").always(),
            Column::text("key_text", "KEY").for_people(),
            Column::count("key", "KEY").for_machines(),
            Column::octal("mode", "MODE"),
            Column::count("uid", "UID"),
            Column::count("gid", "GID"),
            Column::count("cuid", "CREATOR").for_machines(),
            Column::count("cgid", "CREATOR GID").for_machines(),
            $($column),*
        ]
    };
}

const SEGMENTS: Table = Table {
    name: "segments",
    columns: columns![
        Column::count("size", "SIZE"),
        Column::list(&ATTACHED, "attached", "ATTACHED").for_machines(),
        Column::text("attached_text", "ATTACHED").for_people(),
    ],
};

const SEMAPHORES: Table =
    Table { name: "semaphores", columns: columns![Column::list(&Kind::Count, "values", "VALUES")] };

const QUEUES: Table = Table {
    name: "queues",
    columns: columns![
        Column::count("capacity", "CAPACITY"),
        Column::count("bytes", "BYTES"),
        Column::count("count", "MESSAGES").for_people(),
        Column::list(&MESSAGE, "messages", "MESSAGES").for_machines(),
    ],
};

const LIMITS: Table = Table {
    name: "ipc_limits",
    columns: &[
        Column::count("ipc_ns", "NAMESPACE").always().for_machines(),
        Column::text("name", "NAME"),
        Column::of(VALUE, "value", "VALUE"),
    ],
};

/// The cells of the columns that all objects have.
fn common(namespace: &IpcNamespace, it: &Descriptor) -> Row {
    row![
        namespace.id.0,
        it.id,
        format!("{:#010x}", it.key),
        it.key,
        Cell::Mode(it.mode),
        it.owner.0,
        it.owner.1,
        it.creator.0,
        it.creator.1,
    ]
}

fn segments(namespace: &IpcNamespace) -> Vec<Row> {
    let row = |segment: &icecore::ipc::Segment| {
        let attached = segment.attached.iter();
        let mut row = common(namespace, &segment.descriptor);
        row.push(Cell::Count(segment.size));
        row.push(
            attached
                .clone()
                .map(|(pid, address)| Object::new().with("pid", pid.0).with("addr", Cell::Hex(address.0)))
                .collect(),
        );
        row.push(attached.map(|(pid, address)| format!("{pid} at {address}")).collect());
        row
    };
    namespace.segments.iter().map(row).collect()
}

fn semaphores(namespace: &IpcNamespace) -> Vec<Row> {
    let row = |set: &icecore::ipc::Semaphores| {
        let mut row = common(namespace, &set.descriptor);
        row.push(set.values.iter().copied().collect());
        row
    };
    namespace.semaphores.iter().map(row).collect()
}

fn queues(namespace: &IpcNamespace) -> Vec<Row> {
    let row = |queue: &icecore::ipc::Queue| {
        let lengths = queue.messages.iter().map(|(_, text)| u64::try_from(text.len()).unwrap_or(u64::MAX));
        let mut row = common(namespace, &queue.descriptor);
        row.push(queue.capacity.into());
        row.push(Cell::Count(lengths.fold(0, u64::saturating_add)));
        row.push(queue.messages.len().into());
        row.push(
            queue
                .messages
                .iter()
                .map(|(kind, text)| {
                    Object::new().with("type", *kind).with("length", text.len()).with("text", text)
                })
                .collect(),
        );
        row
    };
    namespace.queues.iter().map(row).collect()
}

fn limits(namespace: &IpcNamespace) -> Vec<Row> {
    namespace.variables.iter().map(|(name, value)| row![namespace.id.0, *name, value.clone()]).collect()
}
