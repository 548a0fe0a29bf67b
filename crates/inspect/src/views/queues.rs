//! `icecore queues`: a row for each queue of bytes in flight.

use icecore::files::{File, Files};
use icecore::ipc::Descriptor;
use icecore::namespaces::NamespaceKind;
use icecore::queues::{Holder, Message, Queue, QueueKind};
use icecore::sockets::Socket;
use icecore::{Checkpoint, FileId};
use icecore_analysis::hashes::Sha256;
use icecore_analysis::queues::{self, BEGINNING, Summary};

use super::sockets::kinds::ENDPOINT;
use super::sockets::{endpoint, shown_name};
use crate::arguments::ProcessFilter;
use crate::list::{List, sure};
use crate::output::{Absence, Cell, Column, Kind, Object, Row, Table, escape};
use crate::row;

const DAMAGED: Cell = Cell::Absent(Absence::Damaged);

/// One row for each queue.
pub const QUEUES: Table = Table {
    name: "queues",
    columns: &[
        Column::text("kind", "KIND").always(),
        Column::count("namespace", "NAMESPACE").for_machines(),
        Column::count("id", "ID").always(),
        Column::count("length", "BYTES").always(),
        Column::count("count", "MESSAGES").for_people(),
        Column::text("holders_text", "HOLDERS").for_people(),
        Column::bytes("name", "NAME").for_people(),
        Column::bytes("beginning", "BEGINNING").for_people(),
        Column::list(&HOLDER, "holders", "HOLDERS").for_machines(),
        Column::count("description", "DESCRIPTION").for_machines(),
        Column::bytes("path", "PATH").for_machines(),
        Column::of(ENDPOINT, "local", "LOCAL").for_machines(),
        Column::of(ENDPOINT, "remote", "REMOTE").for_machines(),
        Column::count("capacity", "CAPACITY").for_machines(),
        Column::count("ipc_ns", "IPC NAMESPACE").for_machines(),
        Column::count("key", "KEY").for_machines(),
        Column::octal("mode", "MODE").for_machines(),
        Column::count("uid", "UID").for_machines(),
        Column::count("gid", "GID").for_machines(),
        Column::count("cuid", "CREATOR").for_machines(),
        Column::count("cgid", "CREATOR GID").for_machines(),
        Column::bool("stream", "STREAM").for_machines(),
        Column::of(SEQUENCE, "sequence", "SEQUENCE").for_machines(),
        Column::bool("cut", "CUT").for_machines(),
        Column::bytes("member", "MEMBER").for_machines(),
        Column::text("sha256", "SHA256").for_machines(),
        Column::list(&MESSAGE, "messages", "MESSAGES").for_machines(),
    ],
};

const HOLDER: Kind = Kind::Object(&[("pid", Kind::Count), ("fd", Kind::Count), ("end", Kind::Text)]);

const SEQUENCE: Kind =
    Kind::Object(&[("first", Kind::Count), ("acknowledged", Kind::Count), ("unsent", Kind::Count)]);

const MESSAGE: Kind = Kind::Object(&[
    ("length", Kind::Count),
    ("type", Kind::Count),
    ("fds", Kind::List(&RIGHT)),
    ("offset", Kind::Count),
    ("sha256", Kind::Text),
]);

const RIGHT: Kind =
    Kind::Object(&[("description", Kind::Count), ("type", Kind::Text), ("link", Kind::Bytes)]);

/// What `inspect` lists: what is not empty, and every SysV queue, which exists without anything in it.
pub(crate) const LIST: List = List::new(&QUEUES, |checkpoint, ask| {
    let exists = |queue: &&Queue| !queue.is_empty() || queue.kind == QueueKind::Message;
    let wanted = wanted(checkpoint, &ask.processes).filter(exists);
    sure(wanted.map(|queue| row(checkpoint, queue)))
});

/// The queues at which a process is that is asked for. A SysV queue is that of every process of its namespace.
pub(crate) fn wanted<'a>(
    checkpoint: &'a Checkpoint,
    processes: &'a ProcessFilter,
) -> impl Iterator<Item = &'a Queue> + use<'a> {
    let is_wanted = move |queue: &&Queue| {
        let namespace = queue.namespace.filter(|_| queue.kind == QueueKind::Message);
        match namespace {
            _ if processes.wants_all() => true,
            Some(id) => processes.wants_namespace(checkpoint, NamespaceKind::Ipc, id),
            None => queue.holders.iter().any(|holder| processes.wants(holder.pid)),
        }
    };
    checkpoint.queues().iter().filter(is_wanted)
}

/// The row of a queue.
pub fn row(checkpoint: &Checkpoint, queue: &Queue) -> Row {
    let files = checkpoint.files();
    // The image was read before; only a file on disk can be gone meanwhile.
    let summary = queues::summary(checkpoint, queue).ok();
    let file = file(files, queue);
    let socket = file.and_then(File::socket);
    let is_tcp = queue.sequence.is_some();
    let inet =
        |ends: fn(&Socket) -> Cell| if is_tcp { socket.map(ends).into() } else { Cell::NOT_APPLICABLE };
    let sysv = |fact: &dyn Fn(Descriptor) -> Cell| queue.sysv.map_or(Cell::NOT_APPLICABLE, fact);
    row![
        queue.kind.name(),
        queue.namespace.map_or(Cell::NOT_APPLICABLE, |id| id.0.into()),
        queue.id,
        queue.length(),
        if queue.keeps_borders { queue.messages.len().into() } else { Cell::NOT_APPLICABLE },
        queue.holders.iter().map(shown_holder).collect::<Cell>(),
        name(files, queue),
        summary.as_ref().map_or(DAMAGED, |summary| beginning(queue, summary)),
        queue.holders.iter().map(holder).collect::<Cell>(),
        queue.file.map_or(Cell::NOT_APPLICABLE, |id| id.0.into()),
        file.map_or(Cell::NOT_APPLICABLE, |file| path(files, queue, file)),
        inet(|socket| endpoint(socket.local)),
        inet(|socket| endpoint(socket.remote)),
        Cell::given(queue.capacity),
        sysv(&|_| queue.namespace.map(|id| id.0).into()),
        sysv(&|it| it.key.into()),
        sysv(&|it| Cell::Mode(it.mode)),
        sysv(&|it| it.owner.0.into()),
        sysv(&|it| it.owner.1.into()),
        sysv(&|it| it.creator.0.into()),
        sysv(&|it| it.creator.1.into()),
        !queue.keeps_borders,
        sequence(queue),
        if queue.is_cut { true.into() } else { Cell::NOT_APPLICABLE },
        &queue.member,
        summary.as_ref().map_or(DAMAGED, |summary| summary.sha256.to_string().into()),
        messages(files, queue, summary.as_ref()),
    ]
}

/// What stands above the bytes of a queue: kind, id, name and holders. One line, escaped.
pub fn heading(files: &Files, queue: &Queue) -> String {
    let name = match name(files, queue) {
        Cell::Absent(_) => String::new(),
        cell => format!(" {cell}"),
    };
    let cut = if queue.is_cut { ", cut" } else { "" };
    let holders: Vec<String> = queue.holders.iter().map(shown_holder).collect();
    let holders = if holders.is_empty() { String::new() } else { format!("; {}", holders.join(", ")) };
    format!("{} {}{name}: {} bytes{cut}{holders}", queue.kind, queue.id, queue.length())
}

/// What stands above the bytes of a message: its number, length, type and descriptors. One line, escaped.
pub fn message_heading(files: &Files, number: usize, message: &Message) -> String {
    let kind = message.message_type.map(|kind| format!(", type {kind}")).unwrap_or_default();
    let rights: Vec<String> = message.rights.iter().map(|right| shown_right(files, *right)).collect();
    let rights = if rights.is_empty() { String::new() } else { format!(", with {}", rights.join(", ")) };
    format!("message {number}: {} bytes{kind}{rights}", message.length)
}

/// The socket or terminal of a queue, or an end of a pipe.
fn file<'a>(files: &'a Files, queue: &Queue) -> Option<&'a File> {
    files.get(queue.file?)
}

/// What a person knows it by: a path, a socket's name, two addresses.
fn name(files: &Files, queue: &Queue) -> Cell {
    let Some(file) = file(files, queue) else { return Cell::NOT_APPLICABLE };
    match (queue.kind, file.socket().map(|socket| (socket.local, socket.remote))) {
        (QueueKind::TcpReceive, Some((Some(local), Some(remote)))) => format!("{local} ← {remote}").into(),
        (QueueKind::TcpSend, Some((Some(local), Some(remote)))) => format!("{local} → {remote}").into(),
        _ => path(files, queue, file),
    }
}

/// The path of a FIFO or terminal, the name of a unix socket.
fn path(files: &Files, queue: &Queue, file: &File) -> Cell {
    match queue.kind {
        QueueKind::Fifo | QueueKind::Tty => files.link(file).into(),
        QueueKind::Unix => file.socket().and_then(Socket::name).map(|name| shown_name(name)).into(),
        _ => Cell::NOT_APPLICABLE,
    }
}

/// A descriptor at an end of a queue.
pub(super) fn holder(holder: &Holder) -> Object {
    Object::new().with("pid", holder.pid.0).with("fd", holder.fd.0).with("end", holder.end.name())
}

/// The same for people.
pub(super) fn shown_holder(holder: &Holder) -> String {
    format!("pid {} fd {} {}", holder.pid, holder.fd, holder.end.name())
}

/// The first bytes, and whether there are more.
fn beginning(queue: &Queue, summary: &Summary) -> Cell {
    let mut text = summary.beginning.clone();
    if queue.length() > BEGINNING as u64 {
        text.extend_from_slice("…".as_bytes());
    }
    Cell::Bytes(text.into())
}

fn sequence(queue: &Queue) -> Cell {
    let of = |sequence: icecore::queues::Sequence| {
        Object::new()
            .with("first", sequence.first)
            .with("acknowledged", sequence.acknowledged)
            .with("unsent", Cell::given(sequence.unsent))
    };
    queue.sequence.map_or(Cell::NOT_APPLICABLE, |sequence| Cell::Object(of(sequence)))
}

fn messages(files: &Files, queue: &Queue, summary: Option<&Summary>) -> Cell {
    let hash = |index: usize| summary.and_then(|summary| summary.messages.get(index));
    queue.messages.iter().enumerate().map(|(index, it)| message(files, it, hash(index))).collect()
}

fn message(files: &Files, message: &Message, sha256: Option<&Sha256>) -> Object {
    let rights = message.rights.iter().map(|right| right_of(files, *right)).collect::<Cell>();
    Object::new()
        .with("length", message.length)
        .with("type", Cell::given(message.message_type))
        .with("fds", if message.rights.is_empty() { Cell::NOT_APPLICABLE } else { rights })
        .with("offset", message.offset)
        .with("sha256", sha256.map_or(DAMAGED, |sha256| sha256.to_string().into()))
}

/// A file that is in flight.
fn right_of(files: &Files, id: FileId) -> Object {
    let file = files.get(id);
    Object::new()
        .with("description", id.0)
        .with("type", file.map_or("missing", File::type_name))
        .with("link", file.and_then(|file| files.link(file)))
}

fn shown_right(files: &Files, id: FileId) -> String {
    match files.get(id).map(|file| (file, files.link(file))) {
        Some((_, Some(link))) => escape::field(&link).to_string(),
        Some((file, None)) => file.type_name().to_owned(),
        None => format!("file {id}, which no record describes"),
    }
}
