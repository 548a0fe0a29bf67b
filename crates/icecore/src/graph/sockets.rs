//! Edges through sockets.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::ends::{Ends, join};
use super::{Edge, EdgeKind, End};
use crate::files::File;
use crate::sockets::{Endpoint, Family, Socket};
use crate::{Checkpoint, FileId, NamespaceId};

/// The protocol number of TCP.
const TCP: u32 = 6;

pub(super) fn add(checkpoint: &Checkpoint, ends: &Ends<'_>, edges: &mut Vec<Edge>) {
    let files = checkpoint.files();
    for (file, socket) in files.sockets().filter(|(_, socket)| socket.family == Family::Unix) {
        let Some(peer) = socket.peer.and_then(|id| files.get(id)) else { continue };
        let back = peer.socket().and_then(|peer| peer.peer) == Some(file.id);
        // Two that know each other are one edge.
        if !back || file.id <= peer.id {
            add_pair(EdgeKind::Unix, (file, socket), peer, ends, edges);
        }
    }
    add_tcp(checkpoint, ends, edges);
}

fn add_pair(
    kind: EdgeKind,
    (file, socket): (&File, &Socket),
    peer: &File,
    ends: &Ends<'_>,
    edges: &mut Vec<Edge>,
) {
    let id = socket.ino.unwrap_or_default().into();
    let (from, to): (Vec<End>, Vec<End>) = (ends.of_file(file).collect(), ends.of_file(peer).collect());
    join(&from, &to, |from, to| Edge { kind, id, from, to, remote: None }, edges);
}

/// What tells a TCP connection: its network namespace, its own address and that of its peer.
type Connection = (Option<NamespaceId>, (IpAddr, u16), (IpAddr, u16));

fn connection(socket: &Socket) -> Option<Connection> {
    // An IPv6 socket can talk to an IPv4 one under a mapped address.
    let end = |endpoint: Endpoint| (endpoint.addr.to_canonical(), endpoint.port);
    (socket.protocol == TCP).then_some(())?;
    Some((socket.netns, end(socket.local?), end(socket.remote?)))
}

fn add_tcp(checkpoint: &Checkpoint, ends: &Ends<'_>, edges: &mut Vec<Edge>) {
    let files = checkpoint.files();
    let connections = files.sockets().filter_map(|(file, socket)| Some((connection(socket)?, file.id)));
    let by_ends: BTreeMap<Connection, FileId> = connections.collect();
    for (file, socket) in files.sockets() {
        let Some((netns, local, remote)) = connection(socket) else { continue };
        match by_ends.get(&(netns, remote, local)).and_then(|&id| files.get(id)) {
            Some(peer) if file.id <= peer.id => {
                add_pair(EdgeKind::Tcp, (file, socket), peer, ends, edges);
            }
            Some(_) => {}
            None => {
                let id = socket.ino.unwrap_or_default().into();
                let outside = |from| Edge {
                    kind: EdgeKind::Tcp,
                    id,
                    from: Some(from),
                    to: None,
                    remote: socket.remote,
                };
                edges.extend(ends.of_file(file).map(outside));
            }
        }
    }
}
