//! `icecore threads`: a row for each thread, with its registers and the system call that it is in.

use icecore::process::{AlternateStack, RobustList, Rseq, SystemCall};
use icecore::{Checkpoint, Process, Thread};

use super::place;
use super::processes::{ids, processes, user};
use crate::list::{Ask, List, sure};
use crate::output::{Cell, Column, Kind, Object, Row, Table};
use crate::row;

/// One row for each thread.
pub const THREADS: Table = Table {
    name: "threads",
    columns: &[
        Column::count("pid", "PID").always(),
        Column::count("tid", "TID").always(),
        Column::text("user", "UID").for_people(),
        Column::text("policy_name", "POLICY"),
        Column::integer("nice", "NICE"),
        Column::bytes("comm", "COMM"),
        Column::text("call", "SYSTEM CALL").for_people(),
        Column::text("arch", "ARCH").for_machines(),
        Column::of(Kind::Map(&Kind::Text), "registers", "REGISTERS").for_machines(),
        Column::of(SYSTEM_CALL, "syscall", "SYSCALL").for_machines(),
        Column::mask("sig_blk", "BLOCKED").for_machines(),
        Column::mask("sig_pnd", "PENDING").for_machines(),
        Column::list(&Kind::Count, "uids", "UIDS").for_machines(),
        Column::list(&Kind::Count, "gids", "GIDS").for_machines(),
        Column::list(&Kind::Count, "groups", "GROUPS").for_machines(),
        Column::count("policy", "POLICY").for_machines(),
        Column::count("rt_priority", "RTPRIO").for_machines(),
        Column::count("seccomp", "SECCOMP").for_machines(),
        Column::count("seccomp_filter", "FILTER").for_machines(),
        Column::of(ALTERNATE_STACK, "sigaltstack", "ALTSTACK").for_machines(),
        Column::of(ROBUST_LIST, "robust_list", "ROBUST LIST").for_machines(),
        Column::of(RSEQ, "rseq", "RSEQ").for_machines(),
        Column::count("pdeath_signal", "PDEATH").for_machines(),
        Column::count("cgroup_set", "CGROUPS").for_machines(),
        Column::hex("thread_pointer", "TLS").for_machines(),
        Column::hex("clear_tid_address", "CLEAR TID").for_machines(),
        place::COLUMN,
    ],
};

const SYSTEM_CALL: Kind = Kind::Object(&[
    ("nr", Kind::Count),
    ("name", Kind::Text),
    ("args", Kind::List(&Kind::Hex)),
    ("sp", Kind::Hex),
    ("pc", Kind::Hex),
    ("certain", Kind::Bool),
]);

const ALTERNATE_STACK: Kind = Kind::Object(&[
    ("sp", Kind::Hex),
    ("size", Kind::Count),
    ("flags", Kind::Count),
    ("disabled", Kind::Bool),
]);

const ROBUST_LIST: Kind = Kind::Object(&[("head", Kind::Hex), ("length", Kind::Count)]);

const RSEQ: Kind = Kind::Object(&[("address", Kind::Hex), ("size", Kind::Count), ("signature", Kind::Hex)]);

/// What `threads` and `inspect` list.
pub(crate) const LIST: List = List::new(&THREADS, |checkpoint, ask| {
    sure(threads(checkpoint, ask).map(|(process, thread)| row(process, thread)))
});

/// The threads of the processes that are asked for.
pub(crate) fn threads<'a>(
    checkpoint: &'a Checkpoint,
    ask: &'a Ask,
) -> impl Iterator<Item = (&'a Process, &'a Thread)> + use<'a> {
    let threads = |process: &'a Process| process.threads.iter().map(move |thread| (process, thread));
    processes(checkpoint, ask).flat_map(threads)
}

/// The row of a thread.
pub fn row(process: &Process, thread: &Thread) -> Row {
    let credentials = thread.credentials.as_ref();
    let call = thread.system_call();
    let registers = thread.registers.as_ref();
    let is_told = thread.arch.is_some();
    row![
        process.pid.0,
        thread.tid.0,
        credentials.map(user),
        thread.scheduling.policy_name(),
        thread.scheduling.nice,
        thread.comm.as_ref(),
        call.map_or(Cell::NOT_APPLICABLE, |call| spelled(&call).into()),
        thread.arch.map(icecore::process::Arch::name),
        registers.map(|registers| {
            let list = registers.list();
            list.into_iter().map(|register| (register.name, register.value.to_string())).collect::<Object>()
        }),
        call.map(system_call),
        thread.blocked.map(|set| set.to_string()),
        is_told.then(|| {
            let pending = thread.pending.iter().map(|pending| pending.signal);
            pending.collect::<icecore::process::SignalSet>().to_string()
        }),
        ids(credentials, |credentials| credentials.uids),
        ids(credentials, |credentials| credentials.gids),
        credentials.map(|credentials| credentials.groups.clone()),
        thread.scheduling.policy,
        thread.scheduling.priority,
        is_told.then(|| thread.seccomp.mode.number()),
        Cell::given(thread.seccomp.filter),
        thread.alternate_stack.map(alternate_stack),
        thread.robust_list.map(robust_list),
        thread.rseq.map(rseq),
        thread.parent_death_signal.map_or(Cell::NOT_APPLICABLE, |signal| signal.0.into()),
        thread.cgroup_set,
        registers.and_then(|registers| Some(Cell::Hex(registers.thread_pointer()?.0))),
        registers.map(|registers| Cell::Hex(registers.clear_tid_address().0)),
        place::cell(thread.place.as_ref()),
    ]
}

fn system_call(call: SystemCall) -> Object {
    Object::new()
        .with("nr", call.number)
        .with("name", call.name)
        .with("args", call.arguments.map(|argument| Cell::from(argument.map(Cell::Hex))).to_vec())
        .with("sp", Cell::Hex(call.sp.0))
        .with("pc", Cell::Hex(call.pc.0))
        .with("certain", call.certain)
}

/// The call for people: `ppoll(0x7ffe…, 0x2, …)`, with a question mark where it is only the last one that is known of.
fn spelled(call: &SystemCall) -> String {
    let name = call.name.map_or_else(|| format!("call {}", call.number), str::to_owned);
    let doubt = if call.certain { "" } else { "?" };
    let arguments = call.arguments.map(|argument| argument.map_or("-".into(), |value| format!("{value:#x}")));
    format!("{name}{doubt}({})", arguments.join(", "))
}

fn alternate_stack(stack: AlternateStack) -> Object {
    let object = Object::new().with("sp", Cell::Hex(stack.sp.0)).with("size", stack.size);
    object.with("flags", stack.flags).with("disabled", stack.is_disabled())
}

fn robust_list(list: RobustList) -> Object {
    Object::new().with("head", Cell::Hex(list.head.0)).with("length", list.length)
}

fn rseq(rseq: Rseq) -> Object {
    let object = Object::new().with("address", Cell::Hex(rseq.address.0)).with("size", rseq.size);
    object.with("signature", Cell::Hex(rseq.signature.into()))
}
