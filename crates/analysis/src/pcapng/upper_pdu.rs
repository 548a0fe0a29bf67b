//! Messages that no network carried, behind Wireshark's header for what has none.
//!
//! ```text
//! u16 tag, u16 length, value padded to four bytes; tag 0 ends them; then the bytes
//! ```
//!
//! All numbers are big-endian. Source: `LINKTYPE_WIRESHARK_UPPER_PDU`, whose tags Wireshark lists in `wsutil/exported_pdu_tlvs.h`.

use std::io;

use icecore::files::Files;
use icecore::queues::{Content, Message, Queue, QueueKind};

use super::{Direction, Interface, Packet, comment, read};

pub(super) const LINK_TYPE: u16 = 252;

/// Who shows the bytes. Every packet has to name a dissector; `data` shows them as they are.
const DISSECTOR_NAME: u16 = 12;
/// What stands in the column of protocols.
const PROTOCOL_COLUMN: u16 = 33;
/// What stands in the column of information; Wireshark 4.0 passes it over.
const INFO_COLUMN: u16 = 36;

/// The most bytes of a packet: Wireshark takes no more than 256 KiB with all headers.
const PIECE: u64 = 128 << 10;

/// Gives the packets of a queue: one for each message, or more where that is long.
pub(super) fn each(
    files: &Files,
    queue: &Queue,
    content: &Content,
    give: &mut dyn FnMut(Packet) -> io::Result<()>,
) -> io::Result<()> {
    let protocol = protocol(files, queue);
    for (message, number) in queue.messages.iter().zip(1_u64..) {
        let mut reader = content.reader(message);
        let mut within = 0_u64;
        loop {
            let bytes = read(&mut reader, PIECE)?;
            let length = bytes.len() as u64;
            // A message may have no bytes at all; a piece may not.
            if bytes.is_empty() && within > 0 {
                break;
            }
            let what = what(queue, message, number, within);
            let data = [header(&protocol, &what), bytes].concat();
            let comment = comment(queue, message, within, &what);
            give(Packet { interface: Interface::Queues, direction: Direction::Inbound, data, comment })?;
            within = within.saturating_add(length);
            if length < PIECE {
                break;
            }
        }
    }
    Ok(())
}

/// `pipe`, `unix stream`, `unix dgram` …
fn protocol(files: &Files, queue: &Queue) -> String {
    let socket = queue.file.and_then(|id| files.get(id)?.socket()?.socket_type_name());
    match (queue.kind, socket) {
        (QueueKind::Unix, Some(kind)) => format!("unix {kind}"),
        _ => queue.kind.to_string(),
    }
}

/// What a packet is, in a line.
fn what(queue: &Queue, message: &Message, number: u64, within: u64) -> String {
    let part = if queue.keeps_borders { "message" } else { "piece" };
    let from = if within > 0 { format!(" from byte {within}") } else { String::new() };
    let kind = message.message_type.map(|kind| format!(", type {kind}")).unwrap_or_default();
    let rights = match message.rights.len() {
        0 => String::new(),
        count => format!(", with {count} descriptors"),
    };
    format!("{} {}, {part} {number}{from} of {}{kind}{rights}", queue.kind, queue.id, queue.messages.len())
}

/// The tags in front of the bytes.
fn header(protocol: &str, what: &str) -> Vec<u8> {
    let mut header = Vec::new();
    for (tag, value) in [(DISSECTOR_NAME, "data"), (PROTOCOL_COLUMN, protocol), (INFO_COLUMN, what)] {
        // All are words of ours, and short.
        let length = u16::try_from(value.len().next_multiple_of(4)).unwrap_or_default();
        header.extend(tag.to_be_bytes());
        header.extend(length.to_be_bytes());
        header.extend(value.as_bytes());
        header.resize(header.len().next_multiple_of(4), 0);
    }
    header.extend([0; 4]);
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_big_endian_and_padded() {
        let expected = [&b"\0\x0c\0\x04data\0\x21\0\x04pipe\0\x24\0\x08pipe 7, "[..], b"\0\0\0\0"];
        assert_eq!(header("pipe", "pipe 7, "), expected.concat());
        assert_eq!(header("a", "").get(8..16).unwrap(), b"\0\x21\0\x04a\0\0\0");
    }
}
