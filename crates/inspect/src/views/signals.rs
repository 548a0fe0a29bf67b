//! `icecore signals`: what each process does on signals, what is pending, and its timers.

use std::time::Duration;

use icecore::Process;
use icecore::process::{Action, Disposition, IntervalTimer, Notify, PendingSignal, PosixTimer, SignalSet};

use super::details::kinds::SECONDS;
use super::processes::living;
use crate::list::{List, sure};
use crate::output::{Absence, Cell, Column, Kind, Object, Row, Table};
use crate::row;

/// One row for each process.
pub const SIGNALS: Table = Table {
    name: "processes",
    columns: &[
        Column::count("pid", "PID").always(),
        Column::bytes("comm", "COMM"),
        Column::text("waiting", "PENDING").for_people(),
        Column::text("ignored", "IGNORED").for_people(),
        Column::text("caught", "CAUGHT").for_people(),
        Column::mask("shd_pnd", "PENDING").for_machines(),
        Column::mask("sig_ign", "IGNORED").for_machines(),
        Column::mask("sig_cgt", "CAUGHT").for_machines(),
        Column::list(&PENDING, "pending", "PENDING").for_machines(),
        Column::list(&DISPOSITION, "dispositions", "DISPOSITIONS").for_machines(),
        Column::of(TIMERS, "timers", "TIMERS").for_machines(),
    ],
};

const PENDING: Kind = Kind::Object(&[
    ("tid", Kind::Count),
    ("signo", Kind::Count),
    ("name", Kind::Text),
    ("code", Kind::Integer),
    ("errno", Kind::Integer),
    ("pid", Kind::Count),
    ("uid", Kind::Count),
    ("value", Kind::Integer),
    ("address", Kind::Hex),
]);

const DISPOSITION: Kind = Kind::Object(&[
    ("signo", Kind::Count),
    ("name", Kind::Text),
    ("handler", Kind::Text),
    ("flags", Kind::Hex),
    ("flags_names", Kind::List(&Kind::Text)),
    ("mask", Kind::Mask),
    ("restorer", Kind::Hex),
]);

const TIMERS: Kind = Kind::Object(&[
    ("real", INTERVAL),
    ("virt", INTERVAL),
    ("prof", INTERVAL),
    ("posix", Kind::List(&POSIX_TIMER)),
]);

const INTERVAL: Kind = Kind::Object(&[("armed", Kind::Bool), ("interval", SECONDS), ("left", SECONDS)]);

const POSIX_TIMER: Kind = Kind::Object(&[
    ("id", Kind::Count),
    ("clock", Kind::Integer),
    ("clock_name", Kind::Text),
    ("notify", Kind::Text),
    ("tid", Kind::Count),
    ("signo", Kind::Count),
    ("value", Kind::Hex),
    ("overrun", Kind::Count),
    ("armed", Kind::Bool),
    ("interval", SECONDS),
    ("left", SECONDS),
]);

/// What `signals` and `inspect` list.
pub(crate) const LIST: List =
    List::new(&SIGNALS, |checkpoint, ask| sure(living(checkpoint, ask).map(row))).titled("signals");

/// The row of a process that lives.
pub fn row(process: &Process) -> Row {
    let shared = process.pending.iter().map(|pending| (None, pending));
    let private = process.threads.iter();
    let private =
        private.flat_map(|thread| thread.pending.iter().map(|pending| (Some(thread.tid.0), pending)));
    let all: Vec<_> = shared.chain(private).collect();
    let is_told = process.state.is_some();
    let names = |set: SignalSet| -> String {
        let names: Vec<String> = set.iter().map(|signal| signal.name(process.arch)).collect();
        names.join(" ")
    };
    row![
        process.pid.0,
        process.comm.as_ref(),
        names(all.iter().map(|(_, pending)| pending.signal).collect()),
        process.ignored().map(names),
        process.caught().map(names),
        is_told.then(|| process
            .pending
            .iter()
            .map(|pending| pending.signal)
            .collect::<SignalSet>()
            .to_string()),
        process.ignored().map(|set| set.to_string()),
        process.caught().map(|set| set.to_string()),
        all.iter().map(|(tid, one)| pending(process, *tid, one)).collect::<Cell>(),
        process
            .dispositions
            .iter()
            .filter(|one| is_set(one))
            .map(|one| disposition(process, one))
            .collect::<Cell>(),
        timers(process),
    ]
}

/// Whether a disposition says anything: most are what a new program gets.
fn is_set(disposition: &Disposition) -> bool {
    disposition.action != Action::Default || disposition.flags != 0 || !disposition.mask.is_empty()
}

fn pending(process: &Process, tid: Option<u32>, pending: &PendingSignal) -> Object {
    Object::new()
        .with("tid", tid)
        .with("signo", pending.signal.0)
        .with("name", pending.signal.name(process.arch))
        .with("code", pending.code)
        .with("errno", pending.errno)
        .with("pid", pending.pid.map(|pid| pid.0))
        .with("uid", pending.uid)
        .with("value", pending.value)
        .with("address", pending.address.map_or(Cell::NOT_APPLICABLE, |it| Cell::Hex(it.0)))
}

fn disposition(process: &Process, disposition: &Disposition) -> Object {
    Object::new()
        .with("signo", disposition.signal.0)
        .with("name", disposition.signal.name(process.arch))
        .with("handler", disposition.action.to_string())
        .with("flags", Cell::Hex(disposition.flags))
        .with("flags_names", disposition.flag_names(process.arch))
        .with("mask", disposition.mask.to_string())
        .with("restorer", Cell::Hex(disposition.restorer.0))
}

fn timers(process: &Process) -> Cell {
    let Some(timers) = &process.timers else { return Cell::Absent(Absence::NotStored) };
    let interval = |timer: &IntervalTimer| times(Object::new(), timer);
    let posix = timers.posix.iter().map(posix_timer);
    Cell::Object(
        Object::new()
            .with("real", interval(&timers.real))
            .with("virt", interval(&timers.virt))
            .with("prof", interval(&timers.prof))
            .with("posix", posix.collect::<Cell>()),
    )
}

fn posix_timer(timer: &PosixTimer) -> Object {
    let (notify, tid) = match timer.notify {
        Notify::Signal => ("signal", None),
        Notify::None => ("none", None),
        Notify::Thread => ("thread", None),
        Notify::ThreadId(tid) => ("thread_id", tid),
        _ => ("unknown", None),
    };
    let object = Object::new()
        .with("id", timer.id)
        .with("clock", timer.clock)
        .with("clock_name", timer.clock_name())
        .with("notify", notify)
        .with("tid", tid.map(|tid| tid.0))
        .with("signo", timer.signal.0)
        .with("value", Cell::Hex(timer.value.0))
        .with("overrun", timer.overrun);
    times(object, &timer.times)
}

fn times(object: Object, timer: &IntervalTimer) -> Object {
    let time = |time: Duration| {
        Cell::Object(Object::new().with("seconds", time.as_secs()).with("nanoseconds", time.subsec_nanos()))
    };
    object
        .with("armed", timer.is_armed())
        .with("interval", time(timer.interval))
        .with("left", time(timer.left))
}
