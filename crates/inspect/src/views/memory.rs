//! `icecore mem`: where pages are, and what processes use.

use std::sync::Arc;

use icecore::memory::{Area, AreaKind, PageCounts, PageSource, Run};
use icecore::{Checkpoint, Memory};
use icecore_analysis::dump::Piece;

use crate::list::{Ask, List, sure};
use crate::output::{Cell, Column, Kind, Row, Table};
use crate::row;

/// One row for each piece of memory whose bytes come from one place.
pub const RUNS: Table = Table {
    name: "runs",
    columns: &[
        Column::count("pid", "PID").always(),
        Column::hex("start", "START").always(),
        Column::hex("end", "END").always(),
        Column::count("size", "SIZE"),
        Column::of(SOURCE, "source", "SOURCE"),
        Column::text("origin", "ORIGIN").for_machines(),
        Column::bytes("member", "MEMBER"),
        Column::count("offset", "OFFSET"),
        Column::bytes("vma_name", "AREA"),
        Column::text("reason", "REASON"),
    ],
};

const SOURCE: Kind = Kind::Word(&["stored", "parent", "shared", "zero", "file", "lazy", "unknown"]);

/// What `mem pages` lists, and `inspect` if it is asked for.
pub(crate) const RUNS_LIST: List =
    List::new(&RUNS, |checkpoint, ask| sure(runs(checkpoint, ask, |_| true))).of_files().of_image();

/// The address spaces of the processes that are asked for.
pub(crate) fn spaces<'a>(
    checkpoint: &'a Checkpoint,
    ask: &'a Ask,
) -> impl Iterator<Item = Arc<Memory>> + use<'a> {
    let pids = checkpoint.pids_with_memory().into_iter().filter(|pid| ask.processes.wants(*pid));
    pids.filter_map(|pid| checkpoint.memory(pid).ok())
}

/// The pieces from the sources that are wanted.
pub(crate) fn runs<'a>(
    checkpoint: &'a Checkpoint,
    ask: &'a Ask,
    wants: impl Fn(PageSource) -> bool + 'a,
) -> impl Iterator<Item = Row> + 'a {
    spaces(checkpoint, ask).flat_map(move |memory| {
        let wanted = memory.runs().filter(|piece| wants(piece.source));
        wanted.map(|piece| run(&memory, &piece)).collect::<Vec<_>>()
    })
}

/// The row of a piece.
pub fn run(memory: &Memory, run: &Run<'_>) -> Row {
    row![
        memory.pid().0,
        Cell::Hex(run.start.0),
        Cell::Hex(run.end.0),
        Cell::Size(run.length()),
        run.source.name(),
        run.origin().map_or(Cell::NOT_APPLICABLE, |origin| origin.name().into()),
        Cell::given(run.member()),
        Cell::given(run.offset()),
        run.area.and_then(|area| area.name.as_ref()),
        run.reason.as_ref().map_or(Cell::NOT_APPLICABLE, |reason| reason.to_string().into()),
    ]
}

/// One row for each piece that a dump has written or passed over.
pub const PIECES: Table = Table {
    name: "pieces",
    columns: &[
        Column::count("pid", "PID").always(),
        Column::hex("start", "START").always(),
        Column::hex("end", "END").always(),
        Column::text("file", "FILE"),
        Column::count("at", "AT"),
        Column::of(SOURCE, "source", "SOURCE"),
        Column::text("origin", "ORIGIN"),
        Column::text("reason", "REASON"),
        Column::bytes("member", "MEMBER"),
        Column::count("offset", "OFFSET"),
        Column::text("perms", "PERM"),
        Column::text("kind", "KIND"),
        Column::bytes("vma_name", "AREA"),
    ],
};

/// The row of a piece of a dump; `file` is the name of its file, if there are several.
pub fn piece(memory: &Memory, piece: &Piece<'_>, file: Option<String>) -> Row {
    let run = &piece.run;
    row![
        memory.pid().0,
        Cell::Hex(run.start.0),
        Cell::Hex(run.end.0),
        Cell::given(file),
        Cell::given(piece.at),
        run.source.name(),
        run.origin().map_or(Cell::NOT_APPLICABLE, |origin| origin.name().into()),
        run.reason.as_ref().map_or(Cell::NOT_APPLICABLE, |reason| reason.to_string().into()),
        Cell::given(run.member()),
        Cell::given(run.offset()),
        Cell::given(run.area.map(Area::perms)),
        run.area.map_or(Cell::NOT_APPLICABLE, |area| area.kind.name().into()),
        run.area.and_then(|area| area.name.as_ref()),
    ]
}

/// One row for each process.
pub const USAGE: Table = Table {
    name: "processes",
    columns: &[
        Column::count("pid", "PID").always(),
        Column::count("vsz", "VSZ"),
        Column::count("stored", "STORED"),
        Column::count("parent", "PARENT"),
        Column::count("private", "PRIVATE"),
        Column::count("shared", "SHARED"),
        Column::count("zero", "ZERO"),
        Column::count("file", "FILE"),
        Column::count("lazy", "LAZY"),
        Column::count("unknown", "UNKNOWN"),
    ],
};

/// What `mem usage` and `inspect` list of processes.
pub(crate) const LIST: List = List::new(&USAGE, |checkpoint, ask| {
    sure(spaces(checkpoint, ask).map(|memory| usage(memory.pid().0.into(), &Usage::of(&memory))))
})
.titled("memory")
.of_files()
.of_image();

/// What all processes use together, what they share counted once.
pub const TOTALS: Table = Table {
    name: "totals",
    columns: &[
        Column::count("processes", "PROCESSES"),
        Column::count("vsz", "VSZ"),
        Column::count("stored", "STORED"),
        Column::count("parent", "PARENT"),
        Column::count("private", "PRIVATE"),
        Column::count("shared", "SHARED"),
        Column::count("zero", "ZERO"),
        Column::count("file", "FILE"),
        Column::count("lazy", "LAZY"),
        Column::count("unknown", "UNKNOWN"),
    ],
};

/// Sums over one process or several, in bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    /// Bytes of address space.
    pub vsz: u64,
    /// Pages by their source, as bytes.
    pub bytes: PageCounts,
}

impl Usage {
    /// What a process uses.
    pub(crate) fn of(memory: &Memory) -> Self {
        let areas = || memory.areas().iter().filter(|area| area.kind != AreaKind::Guard);
        let vsz = areas().fold(0_u64, |sum, area| sum.saturating_add(area.length()));
        let pages = areas().fold(PageCounts::default(), |sum, area| sum.plus(&memory.pages_of(area)));
        Self { vsz, bytes: pages.times(memory.page_size()) }
    }
}

/// The row of a process, or of all with their number in front.
pub fn usage(first: u64, usage: &Usage) -> Row {
    let bytes = &usage.bytes;
    let private = bytes.stored.saturating_add(bytes.parent);
    let sizes = [
        usage.vsz,
        bytes.stored,
        bytes.parent,
        private,
        bytes.shared,
        bytes.zero,
        bytes.file,
        bytes.lazy,
        bytes.unknown,
    ];
    std::iter::once(Cell::Count(first)).chain(sizes.map(Cell::Size)).collect()
}
