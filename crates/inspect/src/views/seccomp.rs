//! `icecore seccomp`: a row for each filter; for people then one for each instruction.

use icecore::process::Arch;
use icecore::seccomp::Filter;
use icecore::{Checkpoint, Process, Thread};

use super::place;
use super::threads::threads;
use crate::list::{Ask, List, Rows, sure};
use crate::output::table::Audience;
use crate::output::{Cell, Column, Kind, Object, Row, Table};
use crate::row;

/// One row for each filter.
pub const FILTERS: Table = Table {
    name: "filters",
    columns: &[
        Column::count("number", "FILTER").always(),
        Column::count("previous", "AFTER"),
        Column::list(&Kind::Text, "flags_names", "FLAGS"),
        Column::count("instructions", "INSTRUCTIONS").always(),
        Column::text("threads_text", "THREADS").for_people(),
        Column::count("flags", "FLAGS").for_machines(),
        Column::list(&THREAD, "threads", "THREADS").for_machines(),
        Column::text("arch", "ARCH").for_machines(),
        Column::list(&Kind::Text, "program", "PROGRAM").for_machines(),
        place::COLUMN,
    ],
};

/// One row for each instruction.
pub const PROGRAMS: Table = Table {
    name: "programs",
    columns: &[Column::count("number", "FILTER"), Column::text("instruction", "INSTRUCTION")],
};

const THREAD: Kind = Kind::Object(&[("pid", Kind::Count), ("tid", Kind::Count)]);

/// What `seccomp` and `inspect` list.
pub(crate) const LIST: List =
    List::new(&FILTERS, |checkpoint, ask| sure(used(checkpoint, ask).into_iter().map(|used| row(&used))))
        .titled("seccomp");

/// What people see below it.
pub(crate) const PEOPLE: List = List::new(&PROGRAMS, programs).only_for(Audience::People);

/// A filter, and the threads that it decides on.
struct Used<'a> {
    filter: &'a Filter,
    threads: Vec<(&'a Process, &'a Thread)>,
}

impl Used<'_> {
    /// The architecture by which it is read: that of its first thread.
    fn arch(&self) -> Option<Arch> {
        self.threads.first().and_then(|(_, thread)| thread.arch)
    }
}

/// The filters of the threads that are asked for; if all are, those of nobody, too.
fn used<'a>(checkpoint: &'a Checkpoint, ask: &'a Ask) -> Vec<Used<'a>> {
    let seccomp = checkpoint.seccomp();
    let mut all: Vec<Used<'_>> =
        seccomp.filters.iter().map(|filter| Used { filter, threads: Vec::new() }).collect();
    for (process, thread) in threads(checkpoint, ask) {
        for filter in seccomp.of_thread(thread) {
            if let Some(used) = all.iter_mut().find(|used| used.filter.number == filter.number) {
                used.threads.push((process, thread));
            }
        }
    }
    all.retain(|used| ask.processes.wants_all() || !used.threads.is_empty());
    all
}

fn row(used: &Used<'_>) -> Row {
    let Used { filter, threads } = used;
    let thread = |(process, thread): &(&Process, &Thread)| {
        Object::new().with("pid", process.pid.0).with("tid", thread.tid.0)
    };
    row![
        filter.number,
        filter.previous,
        filter.flag_names().collect::<Cell>(),
        filter.len(),
        shown(threads),
        filter.flags,
        threads.iter().map(thread).collect::<Cell>(),
        used.arch().map(Arch::name),
        filter.disassemble(used.arch()).iter().map(ToString::to_string).collect::<Cell>(),
        place::cell(Some(&filter.place)),
    ]
}

/// Threads that are named before the rest is counted.
const NAMED: usize = 8;

fn shown(threads: &[(&Process, &Thread)]) -> String {
    let named: Vec<String> = threads.iter().take(NAMED).map(|(_, thread)| thread.tid.to_string()).collect();
    match threads.len().checked_sub(NAMED) {
        Some(more @ 1..) => format!("{} and {more} more", named.join(", ")),
        _ => named.join(", "),
    }
}

fn programs<'a>(checkpoint: &'a Checkpoint, ask: &'a Ask) -> Rows<'a> {
    sure(used(checkpoint, ask).into_iter().flat_map(|used| {
        let lines = used.filter.disassemble(used.arch()).into_iter();
        lines.map(move |line| row![used.filter.number, line.to_string()])
    }))
}
