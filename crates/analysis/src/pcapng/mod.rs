//! Bytes in flight as a capture file (pcapng) that Wireshark opens.
//!
//! Nothing in it was captured: packets are made of queues as a checkpoint holds them, and every packet says so in a comment, with the
//! image and offset of its bytes. Each container is a section with two interfaces:
//!
//! | interface | link type | packets |
//! |---|---|---|
//! | `tcp` | 101 `LINKTYPE_RAW` | TCP segments of the receive and send queues, with real addresses, ports and sequence numbers, and valid checksums |
//! | `queues` | 252 `LINKTYPE_WIRESHARK_UPPER_PDU` | messages of unix sockets, and the bytes of pipes, FIFOs, terminals and SysV queues |
//!
//! There is no handshake, so Wireshark counts windows without scale. All packets have the time of the checkpoint; they come queue by
//! queue, and within a connection what the peer sent first.

mod blocks;
mod segments;
mod upper_pdu;

use std::io::{self, Write};

use icecore::queues::{Content, Message, Queue};
use icecore::{Checkpoint, Error as Unreadable};

use blocks::{Blocks, Code};

/// What keeps a capture file from being written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A queue cannot be read.
    #[error(transparent)]
    Queue(#[from] Unreadable),
    /// The file cannot be written.
    #[error(transparent)]
    Output(#[from] io::Error),
}

/// A packet that never was.
struct Packet {
    interface: Interface,
    direction: Direction,
    data: Vec<u8>,
    comment: String,
}

/// Where a packet belongs. The order is that of the interface blocks.
#[derive(Clone, Copy)]
enum Interface {
    Tcp,
    Queues,
}

/// Which way the bytes went, as the flags of a packet have it.
#[derive(Clone, Copy)]
enum Direction {
    Inbound = 1,
    Outbound = 2,
}

/// Writes a section for a container, with a packet for each piece of the queues. Says how many packets there are.
///
/// A TCP connection whose addresses no record has is left out, as a packet needs them.
///
/// # Errors
/// If a queue cannot be read, or the file cannot be written.
pub fn write<'a>(
    checkpoint: &Checkpoint,
    queues: impl IntoIterator<Item = &'a Queue>,
    out: impl Write,
) -> Result<u64, Error> {
    let mut blocks = Blocks::new(out);
    let name = checkpoint.facts().container.name.as_ref().map_or("", |name| name.value.as_str());
    let comment = format!("Reconstructed from a checkpoint of container {name:?}, not captured.");
    blocks.section(&[
        (Code::COMMENT, comment.as_bytes()),
        (Code::USER_APPLICATION, concat!("icecore ", env!("CARGO_PKG_VERSION")).as_bytes()),
    ])?;
    let described = |name: &'static str, text: &'static str| {
        [(Code::INTERFACE_NAME, name.as_bytes()), (Code::INTERFACE_DESCRIPTION, text.as_bytes())]
    };
    blocks.interface(segments::LINK_TYPE, &described("tcp", "queues of TCP connections, as segments"))?;
    let text = "unix sockets, pipes, FIFOs, terminals and SysV queues";
    blocks.interface(upper_pdu::LINK_TYPE, &described("queues", text))?;
    let time = checkpoint_time(checkpoint);
    let mut count = 0_u64;
    for queue in queues {
        let content = queue.open(checkpoint)?;
        each_packet(checkpoint, queue, &content, &mut |packet| {
            count = count.saturating_add(1);
            let flags = (packet.direction as u32).to_le_bytes();
            let options = [(Code::COMMENT, packet.comment.as_bytes()), (Code::PACKET_FLAGS, &flags[..])];
            blocks.packet(packet.interface as u32, time, &packet.data, &options)
        })?;
    }
    Ok(count)
}

/// Gives the packets of a queue one by one.
fn each_packet(
    checkpoint: &Checkpoint,
    queue: &Queue,
    content: &Content,
    give: &mut dyn FnMut(Packet) -> io::Result<()>,
) -> io::Result<()> {
    let files = checkpoint.files();
    let Some(sequence) = queue.sequence else {
        return upper_pdu::each(files, queue, content, give);
    };
    let socket = queue.file.and_then(|id| files.get(id)?.socket());
    match socket.and_then(|socket| segments::Connection::of(queue, sequence, socket)) {
        Some(connection) => connection.each(queue, content, give),
        None => Ok(()),
    }
}

/// When the container was frozen, in microseconds since 1970; 0 if nothing tells.
fn checkpoint_time(checkpoint: &Checkpoint) -> u64 {
    let time = checkpoint.facts().container.checkpointed.as_ref();
    let instant = time.and_then(|fact| fact.value.instant);
    instant.and_then(|instant| u64::try_from(instant.timestamp_micros()).ok()).unwrap_or_default()
}

/// What the comment of a packet says: where its bytes are from, whose they are, and what they are.
fn comment(queue: &Queue, message: &Message, within: u64, what: &str) -> String {
    let holders: Vec<String> = queue
        .holders
        .iter()
        .take(SHOWN)
        .map(|holder| format!("pid {} fd {} ({})", holder.pid, holder.fd, holder.end.name()))
        .collect();
    let more = if queue.holders.len() > SHOWN { " and others" } else { "" };
    let offset = message.offset.saturating_add(within);
    format!(
        "Reconstructed, not captured: {what}; {}{more}; bytes from {:?}, offset {offset:#x}",
        holders.join(", "),
        queue.member
    )
}

/// The most holders that a comment names.
const SHOWN: usize = 8;

/// Reads up to `length` bytes.
fn read(reader: &mut impl io::Read, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(reader, length), &mut bytes)?;
    Ok(bytes)
}
