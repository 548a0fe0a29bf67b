//! `icecore ps`: a row for each process.

use bstr::BString;
use icecore::process::{Arch, Credentials, Ids, NamespaceIds, Scheduling, Strings};
use icecore::{Checkpoint, FileId, Process, State};

use super::place;
use super::rails::Rails;
use crate::list::{Ask, List, Rows, sure};
use crate::output::{Absence, Cell, Column, Kind, Object, Row, Table};

/// Declares the columns of processes, each with what stands in it.
macro_rules! columns {
    ($($column:expr => $cell:expr;)+) => {
        /// One row for each process.
        pub const PROCESSES: Table = Table { name: "processes", columns: &[$($column),+] };

        /// The cells of a row, in the order of the columns.
        const CELLS: &[fn(&Seen<'_>) -> Cell] = &[$($cell),+];
    };
}

columns! {
    Column::count("pid", "PID").always() => |it| it.process.pid.0.into();
    Column::count("ppid", "PPID").always() => |it| it.process.ppid.0.into();
    Column::count("pgid", "PGID").always().for_machines() => |it| it.process.pgid.0.into();
    Column::count("sid", "SID").always().for_machines() => |it| it.process.sid.0.into();
    Column::text("uid", "UID").for_people() => |it| it.credentials().map(user).into();
    Column::text("condition", "STATE").for_people() => |it| condition(it.process);
    Column::bytes("command", "COMMAND").for_people() => |it| it.command().into();
    Column::bytes("comm", "COMM").for_machines() => |it| it.process.comm.as_ref().into();
    Column::of(STATE, "state", "STATE").for_machines() => |it| it.process.state.map(State::name).into();
    Column::count("stop_signal", "STOPPED BY").for_machines() => |it| it.stop_signal();
    Column::count("exit_code", "EXIT").for_machines() => |it| Cell::given(it.process.exit_status.map(|status| status.0));
    Column::list(&Kind::Bytes, "argv", "ARGV").for_machines() => |it| it.living(it.argv.as_ref().map(list));
    Column::bool("argv_rewritten", "REWRITTEN").for_machines() => |it| marked(it.argv(), |argv| argv.rewritten);
    Column::bool("argv_cut", "CUT").for_machines() => |it| marked(it.argv(), |argv| argv.cut);
    Column::bytes("exe", "EXE").for_machines() => |it| it.link(it.process.exe);
    Column::bytes("cwd", "CWD").for_machines() => |it| it.link(it.process.cwd);
    Column::bytes("root", "ROOT").for_machines() => |it| it.link(it.process.root);
    Column::list(&Kind::Count, "uids", "UIDS").for_machines() => |it| it.living(ids(it.credentials(), |it| it.uids));
    Column::list(&Kind::Count, "gids", "GIDS").for_machines() => |it| it.living(ids(it.credentials(), |it| it.gids));
    Column::list(&Kind::Count, "groups", "GROUPS").for_machines()
        => |it| it.living(it.credentials().map(|credentials| credentials.groups.clone()));
    Column::octal("umask", "UMASK").for_machines() => |it| it.living(it.process.umask.map(Cell::Mode));
    Column::integer("nice", "NICE").for_machines() => |it| it.living(it.scheduling().nice);
    Column::count("policy", "POLICY").for_machines() => |it| it.living(it.scheduling().policy);
    Column::count("rt_priority", "RTPRIO").for_machines() => |it| it.living(it.scheduling().priority);
    Column::of(Kind::Personality, "personality", "PERSONALITY").for_machines()
        => |it| it.living(it.process.personality.map(Cell::Personality));
    Column::integer("oom_score_adj", "OOM").for_machines() => |it| it.living(it.process.oom_score_adj);
    Column::count("loginuid", "LOGINUID").for_machines() => |it| it.living(it.process.loginuid);
    Column::bool("child_subreaper", "SUBREAPER").for_machines() => |it| it.living(it.process.child_subreaper);
    Column::count("dumpable", "DUMPABLE").for_machines()
        => |it| it.living(it.process.layout.as_ref().and_then(|layout| layout.dumpable));
    Column::text("arch", "ARCH").for_machines() => |it| it.living(it.process.arch.map(Arch::name));
    Column::count("threads", "THREADS").for_machines() => |it| it.process.threads.len().into();
    Column::list(&Kind::Bytes, "environ", "ENVIRON").for_machines()
        => |it| Cell::given(it.environ.as_ref().map(|environ| it.living(environ.as_ref().map(list))));
    Column::bool("environ_cut", "CUT").for_machines() => |it| marked(it.environ(), |environ| environ.cut);
    Column::of(NAMESPACES, "namespaces", "NAMESPACES").for_machines()
        => |it| it.living(it.process.shared.map(|shared| namespaces(&shared.namespaces)));
    place::COLUMN => |it| place::cell(it.process.place.as_ref());
}

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
    let seen = Seen {
        checkpoint,
        process,
        argv: checkpoint.arguments(process.pid),
        environ: environ.then(|| checkpoint.environment(process.pid)),
        rails,
    };
    CELLS.iter().map(|cell| cell(&seen)).collect()
}

/// A process, and what was read for its row.
struct Seen<'a> {
    checkpoint: &'a Checkpoint,
    process: &'a Process,
    argv: Option<Strings>,
    /// `None`: nobody asked.
    environ: Option<Option<Strings>>,
    rails: &'a str,
}

impl Seen<'_> {
    /// What zombies have no more.
    fn living(&self, cell: impl Into<Cell>) -> Cell {
        if self.process.is_zombie() { Cell::NOT_APPLICABLE } else { cell.into() }
    }

    fn argv(&self) -> Option<&Strings> {
        self.argv.as_ref()
    }

    fn environ(&self) -> Option<&Strings> {
        self.environ.as_ref()?.as_ref()
    }

    fn credentials(&self) -> Option<&Credentials> {
        self.process.leader()?.credentials.as_ref()
    }

    fn scheduling(&self) -> Scheduling {
        self.process.leader().map(|leader| leader.scheduling).unwrap_or_default()
    }

    fn link(&self, file: Option<FileId>) -> Cell {
        self.living(file.and_then(|file| self.checkpoint.link(file)))
    }

    fn stop_signal(&self) -> Cell {
        match self.process.state {
            Some(State::Stopped(signal)) => signal.map(|signal| signal.0).into(),
            _ => Cell::NOT_APPLICABLE,
        }
    }

    /// The command line behind the rails of the tree; of a process without one its name in brackets, as ps shows it.
    fn command(&self) -> BString {
        let mut text = BString::from(self.rails);
        let words: Vec<&[u8]> =
            self.argv.iter().flat_map(|argv| argv.iter()).map(|word| word.as_ref()).collect();
        if words.iter().any(|word| !word.is_empty()) {
            text.extend_from_slice(&words.join(&b' '));
        } else {
            let comm = self.process.comm.as_ref().map_or(&b"?"[..], |comm| comm.as_slice());
            text.extend_from_slice(&[b"[", comm, b"]"].concat());
        }
        for variable in self.environ().iter().flat_map(|environ| environ.iter()) {
            text.push(b' ');
            text.extend_from_slice(variable);
        }
        text
    }
}

/// `true` where something is the case with strings.
fn marked(strings: Option<&Strings>, is: impl FnOnce(&Strings) -> bool) -> Cell {
    Cell::given(strings.filter(|strings| is(strings)).map(|_| true))
}

/// The namespaces by kind.
fn namespaces(ids: &NamespaceIds) -> Object {
    let all = [
        ("pid", ids.pid),
        ("net", ids.net),
        ("ipc", ids.ipc),
        ("uts", ids.uts),
        ("mnt", ids.mnt),
        ("user", ids.user),
        ("cgroup", ids.cgroup),
        ("time", ids.time),
    ];
    all.into_iter().map(|(kind, id)| (kind, id.map(|id| id.0))).collect()
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
