//! `icecore ps`: a row for each process.

use bstr::BString;
use icecore::process::{Credentials, Ids, Strings};
use icecore::{Checkpoint, FileId, Process, State};

use super::place;
use super::rails::Rails;
use crate::list::{Ask, List, Rows, sure};
use crate::output::{Absence, Cell, Column, Kind, Row, Table};
use crate::row;

/// One row for each process.
pub const PROCESSES: Table = Table {
    name: "processes",
    columns: &[
        Column::count("pid", "PID").always(),
        Column::count("ppid", "PPID").always(),
        Column::count("pgid", "PGID").always().for_machines(),
        Column::count("sid", "SID").always().for_machines(),
        Column::text("uid", "UID").for_people(),
        Column::text("condition", "STATE").for_people(),
        Column::bytes("command", "COMMAND").for_people(),
        Column::bytes("comm", "COMM").for_machines(),
        Column::of(STATE, "state", "STATE").for_machines(),
        Column::count("stop_signal", "STOPPED BY").for_machines(),
        Column::count("exit_code", "EXIT").for_machines(),
        Column::list(&Kind::Bytes, "argv", "ARGV").for_machines(),
        Column::bool("argv_rewritten", "REWRITTEN").for_machines(),
        Column::bool("argv_cut", "CUT").for_machines(),
        Column::bytes("exe", "EXE").for_machines(),
        Column::bytes("cwd", "CWD").for_machines(),
        Column::bytes("root", "ROOT").for_machines(),
        Column::list(&Kind::Count, "uids", "UIDS").for_machines(),
        Column::list(&Kind::Count, "gids", "GIDS").for_machines(),
        Column::list(&Kind::Count, "groups", "GROUPS").for_machines(),
        Column::octal("umask", "UMASK").for_machines(),
        Column::integer("nice", "NICE").for_machines(),
        Column::count("policy", "POLICY").for_machines(),
        Column::count("rt_priority", "RTPRIO").for_machines(),
        Column::of(Kind::Personality, "personality", "PERSONALITY").for_machines(),
        Column::integer("oom_score_adj", "OOM").for_machines(),
        Column::count("loginuid", "LOGINUID").for_machines(),
        Column::bool("child_subreaper", "SUBREAPER").for_machines(),
        Column::count("dumpable", "DUMPABLE").for_machines(),
        Column::text("arch", "ARCH").for_machines(),
        Column::count("threads", "THREADS").for_machines(),
        Column::list(&Kind::Bytes, "environ", "ENVIRON").for_machines(),
        Column::bool("environ_cut", "CUT").for_machines(),
        Column::of(NAMESPACES, "namespaces", "NAMESPACES").for_machines(),
        place::COLUMN,
    ],
};

const NOT_APPLICABLE: Cell = Cell::Absent(Absence::NotApplicable);

const STATE: Kind = Kind::Word(&["alive", "stopped", "zombie", "unknown"]);

const NAMESPACES: Kind = Kind::Object(&[
    ("pid", Kind::Count),
    ("net", Kind::Count),
    ("ipc", Kind::Count),
    ("uts", Kind::Count),
    ("mnt", Kind::Count),
    ("user", Kind::Count),
    ("cgroup", Kind::Count),
    ("time", Kind::Count),
]);

/// What `inspect` lists: the environment, too, for machines.
pub(crate) const LIST: List =
    List::new(&PROCESSES, |checkpoint, ask| rows(checkpoint, ask, !ask.for_people)).of_contents();

/// The processes that are asked for.
pub(crate) fn processes<'a>(
    checkpoint: &'a Checkpoint,
    ask: &'a Ask,
) -> impl Iterator<Item = &'a Process> + use<'a> {
    checkpoint.processes().iter().filter(|process| ask.processes.wants(process.pid))
}

/// Those of them that are not dead.
pub(crate) fn living<'a>(
    checkpoint: &'a Checkpoint,
    ask: &'a Ask,
) -> impl Iterator<Item = &'a Process> + use<'a> {
    processes(checkpoint, ask).filter(|process| !process.is_zombie())
}

/// The rows of processes; for people all of them as a tree. Command lines and environments are in memory.
pub(crate) fn rows<'a>(checkpoint: &'a Checkpoint, ask: &'a Ask, environ: bool) -> Rows<'a> {
    if !ask.for_people || !ask.processes.wants_all() {
        let rows = processes(checkpoint, ask);
        return sure(rows.map(move |process| row(checkpoint, process, "", environ)));
    }
    let mut rails = Rails::default();
    let branches = checkpoint.process_tree().into_iter();
    sure(branches.map(move |branch| row(checkpoint, branch.process, &rails.beside(&branch), environ)))
}

/// The row of a process. `rails` stand in front of its command line.
fn row(checkpoint: &Checkpoint, process: &Process, rails: &str, environ: bool) -> Row {
    let argv = checkpoint.arguments(process.pid);
    let environ = environ.then(|| checkpoint.environment(process.pid));
    let leader = process.leader();
    let credentials = leader.and_then(|leader| leader.credentials.as_ref());
    let scheduling = leader.map(|leader| leader.scheduling).unwrap_or_default();
    let living = |cell: Cell| if process.is_zombie() { NOT_APPLICABLE } else { cell };
    let link = |file: Option<FileId>| living(file.and_then(|file| checkpoint.link(file)).into());
    let marked = |strings: Option<&Strings>, is: fn(&Strings) -> bool| match strings {
        Some(strings) if is(strings) => Cell::Bool(true),
        _ => NOT_APPLICABLE,
    };
    let layout = process.layout.as_ref();
    row![
        process.pid.0,
        process.ppid.0,
        process.pgid.0,
        process.sid.0,
        credentials.map(user),
        condition(process),
        command(process, argv.as_ref(), environ.as_ref().and_then(Option::as_ref), rails),
        process.comm.as_ref(),
        process.state.map(State::name),
        match process.state {
            Some(State::Stopped(signal)) => signal.map(|signal| signal.0).into(),
            _ => NOT_APPLICABLE,
        },
        process.exit_status.map_or(NOT_APPLICABLE, |status| status.0.into()),
        living(argv.as_ref().map(list).into()),
        marked(argv.as_ref(), |argv| argv.rewritten),
        marked(argv.as_ref(), |argv| argv.cut),
        link(process.exe),
        link(process.cwd),
        link(process.root),
        living(ids(credentials, |credentials| credentials.uids)),
        living(ids(credentials, |credentials| credentials.gids)),
        living(credentials.map(|credentials| credentials.groups.clone()).into()),
        living(process.umask.map(Cell::Mode).into()),
        living(scheduling.nice.into()),
        living(scheduling.policy.into()),
        living(scheduling.priority.into()),
        living(process.personality.map(Cell::Personality).into()),
        living(process.oom_score_adj.into()),
        living(process.loginuid.into()),
        living(process.child_subreaper.into()),
        living(layout.and_then(|layout| layout.dumpable).into()),
        living(process.arch.map(icecore::process::Arch::name).into()),
        process.threads.len(),
        match &environ {
            Some(environ) => living(environ.as_ref().map(list).into()),
            None => NOT_APPLICABLE,
        },
        marked(environ.as_ref().and_then(Option::as_ref), |environ| environ.cut),
        living(process.shared.map(|shared| super::values::cell(&shared.namespaces)).into()),
        place::cell(process.place.as_ref()),
    ]
}

/// The four ids of a kind, in the order of `/proc/PID/status`.
pub(super) fn ids(credentials: Option<&Credentials>, kind: impl FnOnce(&Credentials) -> Ids) -> Cell {
    credentials.map(|credentials| kind(credentials).to_array().into_iter().collect::<Cell>()).into()
}

/// The effective user. No archive has names for the others with certainty.
pub(super) fn user(credentials: &Credentials) -> String {
    match credentials.uids.effective {
        0 => "root".into(),
        uid => uid.to_string(),
    }
}

fn list(strings: &Strings) -> Cell {
    strings.iter().collect()
}

/// The state, and what there is to say about it.
fn condition(process: &Process) -> Cell {
    match (process.state, process.exit_status) {
        (Some(State::Stopped(Some(signal))), _) => format!("stopped {}", signal.name(process.arch)).into(),
        (Some(State::Zombie), Some(status)) => format!("zombie, {status}").into(),
        (Some(state), _) => state.name().into(),
        (None, _) => Cell::Absent(Absence::Damaged),
    }
}

/// The command line behind the rails of the tree; of a process without one its name in brackets, as ps shows it.
fn command(process: &Process, argv: Option<&Strings>, environ: Option<&Strings>, rails: &str) -> BString {
    let mut text = BString::from(rails);
    let words: Vec<&[u8]> = argv.iter().flat_map(|argv| argv.iter()).map(|word| word.as_ref()).collect();
    if words.iter().any(|word| !word.is_empty()) {
        text.extend_from_slice(&words.join(&b' '));
    } else {
        let comm = process.comm.as_ref().map_or(&b"?"[..], |comm| comm.as_slice());
        text.extend_from_slice(&[b"[", comm, b"]"].concat());
    }
    for variable in environ.iter().flat_map(|environ| environ.iter()) {
        text.push(b' ');
        text.extend_from_slice(variable);
    }
    text
}
