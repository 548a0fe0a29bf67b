//! `icecore sockets`: a row for each descriptor of a socket, and for each socket that nobody has.

mod family;
pub(crate) mod kinds;
mod options;

use icecore::files::{File, Files, Slot};
use icecore::sockets::{Details, Endpoint, Family, Socket};
use icecore::{Checkpoint, Fd, Pid};

use kinds::{DETAILS, ENDPOINT, OPTIONS, SHUTDOWN};

use super::place;
use crate::arguments::ProcessFilter;
use crate::list::{List, sure};
use crate::output::{Cell, Column, Object, Row, Table};
use crate::row;

/// One row for each descriptor of a socket; then sockets in flight, and others that no process has.
pub const SOCKETS: Table = Table {
    name: "sockets",
    columns: &[
        Column::text("netid", "NETID").for_people(),
        Column::text("family", "FAMILY").for_machines(),
        Column::text("type", "TYPE").for_machines(),
        Column::text("protocol", "PROTOCOL").for_machines(),
        Column::text("state", "STATE"),
        Column::count("recv_q", "RECV-Q"),
        Column::count("send_q", "SEND-Q"),
        Column::bytes("local_text", "LOCAL").for_people(),
        Column::bytes("remote_text", "PEER").for_people(),
        Column::count("pid", "PID"),
        Column::count("fd", "FD"),
        Column::count("netns", "NETNS").for_machines(),
        Column::of(ENDPOINT, "local", "LOCAL").for_machines(),
        Column::of(ENDPOINT, "remote", "REMOTE").for_machines(),
        Column::bytes("path", "PATH").for_machines(),
        Column::count("ino", "INODE").for_machines(),
        Column::count("peer_ino", "PEER INODE").for_machines(),
        Column::count("description", "DESCRIPTION").for_machines(),
        Column::of(SHUTDOWN, "shutdown", "SHUTDOWN").for_machines(),
        Column::of(OPTIONS, "options", "OPTIONS").for_machines(),
        Column::of(DETAILS, "details", "DETAILS").for_machines(),
        place::COLUMN,
    ],
};

/// A socket, and where a process has it.
#[derive(Debug, Clone, Copy)]
pub struct Held<'a> {
    holder: Option<(Pid, Fd)>,
    files: &'a Files,
    file: &'a File,
    /// The socket.
    pub socket: &'a Socket,
}

/// What `sockets` and `inspect` list.
pub(crate) const LIST: List =
    List::new(&SOCKETS, |checkpoint, ask| sure(held(checkpoint, &ask.processes).map(|held| row(&held))));

/// The sockets of the processes that are asked for, by pid and descriptor; then, where all are, those of nobody.
pub(crate) fn held<'a>(
    checkpoint: &'a Checkpoint,
    processes: &'a ProcessFilter,
) -> impl Iterator<Item = Held<'a>> + use<'a> {
    let files = checkpoint.files();
    let open = files.open().filter(|open| processes.wants(open.pid)).filter_map(move |open| {
        let Slot::Fd(fd) = open.slot else { return None };
        let file = open.file?;
        Some(Held { holder: Some((open.pid, fd)), files, file, socket: file.socket()? })
    });
    let free = files.sockets().filter(|(file, _)| processes.wants_all() && files.sharers(file) == 0);
    open.chain(free.map(move |(file, socket)| Held { holder: None, files, file, socket }))
}

/// The row of a socket.
pub fn row(held: &Held<'_>) -> Row {
    let socket = held.socket;
    let is_inet = matches!(socket.details, Details::Inet(_));
    let is_unix = socket.family == Family::Unix;
    row![
        netid(socket),
        socket.family.to_string(),
        socket.socket_type_name(),
        if is_unix { Cell::NOT_APPLICABLE } else { socket.protocol_name().into() },
        socket.state_name(),
        socket.recv_q,
        socket.send_q,
        local(socket),
        remote(held),
        held.holder.map(|(pid, _)| pid.0),
        held.holder.map(|(_, fd)| fd.0),
        socket.netns.map(|id| id.0),
        if is_inet { endpoint(socket.local) } else { Cell::NOT_APPLICABLE },
        if is_inet { endpoint(socket.remote) } else { Cell::NOT_APPLICABLE },
        if is_unix { socket.name().map(|name| shown_name(name)).into() } else { Cell::NOT_APPLICABLE },
        socket.ino,
        if is_unix { socket.peer_ino().into() } else { Cell::NOT_APPLICABLE },
        held.file.id.0,
        shutdown(socket.shutdown),
        options::cell(&socket.options),
        family::cell(&socket.details),
        place::cell(held.file.place.as_ref()),
    ]
}

/// The first column of `ss`.
fn netid(socket: &Socket) -> &'static str {
    match (socket.family, socket.socket_type) {
        (Family::Unix, Some(1)) => "u_str",
        (Family::Unix, Some(2)) => "u_dgr",
        (Family::Unix, Some(5)) => "u_seq",
        (Family::Packet, Some(2)) => "p_dgr",
        (Family::Packet, Some(3)) => "p_raw",
        (Family::Netlink, _) => "nl",
        _ => socket.type_name(),
    }
}

/// What a socket is bound to.
fn local(socket: &Socket) -> Cell {
    match &socket.details {
        Details::Inet(_) => socket.local.map_or(Cell::from("*:*"), |local| local.to_string().into()),
        Details::Unix(_) => socket.name().map_or(Cell::from("*"), |name| shown_name(name)),
        Details::Netlink(netlink) => {
            format!("{}:{}", socket.protocol_name().unwrap_or_default(), netlink.port).into()
        }
        Details::Packet(packet) => {
            let device = packet.ifindex.map_or("*".into(), |index| format!("if{index}"));
            format!("{}:{device}", socket.protocol_name().unwrap_or_default()).into()
        }
        _ => Cell::NOT_APPLICABLE,
    }
}

/// What it is connected to: an address, or the name or inode of another unix socket.
fn remote(held: &Held<'_>) -> Cell {
    let socket = held.socket;
    match &socket.details {
        Details::Inet(_) => socket.remote.map_or(Cell::from("*:*"), |remote| remote.to_string().into()),
        Details::Unix(_) => {
            let peer = socket.peer.and_then(|id| held.files.get(id)?.socket()?.name());
            let ino = socket.peer_ino().map(|ino| Cell::from(format!("socket:[{ino}]")));
            peer.map(|name| shown_name(name)).or(ino).unwrap_or("*".into())
        }
        _ => "*".into(),
    }
}

/// The directions that are shut down.
fn shutdown(bits: u32) -> Cell {
    match bits {
        0 => Cell::NOT_APPLICABLE,
        1 => "read".into(),
        2 => "write".into(),
        3 => "both".into(),
        other => other.into(),
    }
}

/// What says which socket a descriptor is, in a few values.
pub fn brief(socket: &Socket) -> Cell {
    Cell::Object(
        Object::new()
            .with("family", socket.family.to_string())
            .with("state", socket.state_name())
            .with("local", endpoint(socket.local))
            .with("remote", endpoint(socket.remote))
            .with("name", socket.name().map(|name| shown_name(name))),
    )
}

/// An address with its port; `null` where there is none.
pub(super) fn endpoint(endpoint: Option<Endpoint>) -> Cell {
    endpoint
        .map(|it| Cell::Object(Object::new().with("addr", it.addr.to_string()).with("port", it.port)))
        .into()
}

/// A name as people write it: abstract ones begin with `@`.
pub(super) fn shown_name(name: &[u8]) -> Cell {
    match name.split_first() {
        Some((0, rest)) => Cell::Bytes([b"@", rest].concat().into()),
        _ => Cell::Bytes(name.into()),
    }
}

/// Where a socket is bound and connected to, and its state.
pub fn phrase(socket: &Socket) -> Vec<u8> {
    let mut phrase = match (socket.local, socket.remote, socket.name()) {
        (Some(local), Some(remote), _) => format!("{local} → {remote}").into_bytes(),
        (Some(local), None, _) => local.to_string().into_bytes(),
        (_, _, Some(name)) => shown_name(name).to_exact_bytes(),
        _ => socket.protocol_name().map(String::from).unwrap_or_default().into_bytes(),
    };
    let peer = socket.peer_ino().map(|ino| format!("peer {ino}"));
    for part in peer.into_iter().chain([socket.state_name().into_owned()]) {
        if !phrase.is_empty() {
            phrase.push(b' ');
        }
        phrase.extend_from_slice(part.as_bytes());
    }
    phrase
}
