//! What other images know of sockets: their queues, and who is at the other end.

use std::collections::BTreeMap;

use icecore_images::messages::{SkPacketEntry, TcpStreamEntry};

use super::{Details, Family, Socket, State};
use crate::diagnostic::FILE_DANGLING;
use crate::files::{File, FileKind};
use crate::images::Images;
use crate::process::list;
use crate::{Diagnostic, FileId};

/// The protocol number of TCP.
const TCP: u32 = 6;

/// Fills in the queues and peers of all sockets.
pub(crate) fn join(images: &Images, files: &mut [File], diagnostics: &mut Vec<Diagnostic>) {
    let received = received(images, diagnostics);
    let unix = unix(files);
    let pending = pending(files);
    for file in files {
        let FileKind::Socket(socket) = &mut file.kind else { continue };
        match &mut socket.details {
            Details::Unix(details) => {
                socket.peer = details.peer.and_then(|ino| unix.get(&ino)).copied();
                socket.send_q = Some(socket.backlog.into());
                socket.recv_q = match (socket.state, socket.ino) {
                    (State::LISTEN, Some(ino)) => Some(pending.get(&ino).copied().unwrap_or_default()),
                    _ => Some(received.get(&file.id).copied().unwrap_or_default()),
                };
            }
            Details::Inet(details) => {
                socket.send_q = Some(socket.backlog.into());
                let ino = socket.ino.filter(|_| socket.protocol == TCP && socket.state != State::LISTEN);
                let stream = ino.and_then(|ino| {
                    images.first::<TcpStreamEntry>(&format!("tcp-stream-{ino:x}.img"), diagnostics)
                });
                if let Some(stream) = stream {
                    socket.recv_q = Some(stream.inq_len.into());
                    socket.send_q = Some(stream.outq_len.into());
                    details.tcp = Some((&stream).into());
                    details.nodelay = details.nodelay.or(stream.nodelay);
                    details.cork = details.cork.or(stream.cork);
                }
            }
            Details::Netlink(_) | Details::Packet(_) => {}
        }
    }
}

/// The unix sockets by their inodes.
fn unix(files: &[File]) -> BTreeMap<u32, FileId> {
    let sockets = files.iter().filter_map(|file| Some((file.id, file.socket()?)));
    let unix = sockets.filter(|(_, socket)| socket.family == Family::Unix);
    unix.filter_map(|(id, socket)| Some((socket.ino?, id))).collect()
}

/// Tells unix sockets whose peers contradict them: nobody connects to a socket without a name, so none is its own peer,
/// and the two ends of a connection name each other, once it was accepted.
pub(crate) fn tell_odd_peers(images: &Images, files: &[File], diagnostics: &mut Vec<Diagnostic>) {
    let unix = unix(files);
    let by_id: BTreeMap<FileId, &Socket> =
        files.iter().filter_map(|file| Some((file.id, file.socket()?))).collect();
    let is_odd = |socket: &&Socket| {
        let peer = socket.peer_ino().and_then(|ino| by_id.get(unix.get(&ino)?));
        peer.is_some_and(|peer| {
            let mutual = peer.peer_ino() == socket.ino;
            let own = peer.ino == socket.ino;
            own && (is_connection(socket) || socket.name().is_none())
                || is_connection(socket) && !mutual && !peer.is_listening()
        })
    };
    let odd: Vec<u32> = by_id.values().copied().filter(is_odd).filter_map(|socket| socket.ino).collect();
    if !odd.is_empty() {
        let text = format!(
            "unix sockets whose peers are themselves, or are connected to others, by inode: {}",
            list::numbers(&odd)
        );
        diagnostics.push(Diagnostic::new(FILE_DANGLING, text).of(images.full_name("files.img")));
    }
}

/// Whether a unix socket carries a stream or a sequence between two ends.
fn is_connection(socket: &Socket) -> bool {
    const STREAM: u32 = 1;
    const SEQPACKET: u32 = 5;
    matches!(socket.socket_type, Some(STREAM | SEQPACKET))
}

/// Bytes that wait in each socket, by its file.
fn received(images: &Images, diagnostics: &mut Vec<Diagnostic>) -> BTreeMap<FileId, u64> {
    let packets: Vec<SkPacketEntry> = images.records("sk-queues.img", diagnostics).unwrap_or_default();
    let mut received: BTreeMap<FileId, u64> = BTreeMap::new();
    for packet in packets {
        let sum = received.entry(FileId(packet.id_for)).or_default();
        *sum = sum.saturating_add(packet.length.into());
    }
    received
}

/// How many connections were not accepted yet, by the inode of the listening unix socket: their peer is that socket,
/// until it is accepted.
fn pending(files: &[File]) -> BTreeMap<u32, u64> {
    let mut pending: BTreeMap<u32, u64> = BTreeMap::new();
    let connected = |socket: &&Socket| socket.state == State::ESTABLISHED;
    for peer in files.iter().filter_map(File::socket).filter(connected).filter_map(Socket::peer_ino) {
        let count = pending.entry(peer).or_default();
        *count = count.saturating_add(1);
    }
    pending
}
