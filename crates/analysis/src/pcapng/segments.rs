//! The queues of a TCP connection as segments: IP headers, TCP headers, and bytes.

use std::io;
use std::net::{IpAddr, Ipv6Addr};

use etherparse::{IpHeaders, PacketBuilder, PacketBuilderStep, TcpHeader};
use icecore::queues::{Content, Message, Queue, QueueKind, Sequence};
use icecore::sockets::{Details, Endpoint, Socket};

use super::{Direction, Interface, Packet, comment, read};

/// `LINKTYPE_RAW`: packets begin with an IP header, whose first digit says of which version.
pub(super) const LINK_TYPE: u16 = 101;

/// The smallest and largest segment that is made, in bytes: so a peer that asked for one byte a segment costs no
/// hundredfold, and the length fits into every IP header.
const SEGMENT: std::ops::RangeInclusive<u32> = 536..=65_000;
/// The segment where none of these was agreed on: of Ethernet.
const ETHERNET: u32 = 1460;
/// Hops that a packet may go; Linux begins with it.
const HOP_LIMIT: u8 = 64;

/// A direction of a connection.
pub(super) struct Connection {
    from: Endpoint,
    to: Endpoint,
    sequence: Sequence,
    segment: u64,
    window: u16,
}

impl Connection {
    /// The direction of a queue of a socket; `None` if the socket has no two addresses.
    pub(super) fn of(queue: &Queue, sequence: Sequence, socket: &Socket) -> Option<Self> {
        let (local, remote) = (socket.local?, socket.remote?);
        let is_sent = queue.kind == QueueKind::TcpSend;
        let (from, to) = if is_sent { (local, remote) } else { (remote, local) };
        let tcp = match &socket.details {
            Details::Inet(inet) => inet.tcp,
            _ => None,
        };
        let mss = tcp.map(|tcp| tcp.mss).filter(|mss| SEGMENT.contains(mss)).unwrap_or(ETHERNET);
        // The own window goes out with what is sent, the peer's came with what was received.
        let window = tcp.and_then(|tcp| if is_sent { tcp.receive_window } else { tcp.send_window });
        let window = u16::try_from(window.unwrap_or_default()).unwrap_or(u16::MAX);
        Some(Self { from, to, sequence, segment: mss.into(), window })
    }

    /// Gives the segments of a queue in their order.
    pub(super) fn each(
        &self,
        queue: &Queue,
        content: &Content,
        give: &mut dyn FnMut(Packet) -> io::Result<()>,
    ) -> io::Result<()> {
        let length = queue.length();
        let unsent = self.sequence.unsent.map_or(0, u64::from).min(length);
        let sent = length.saturating_sub(unsent);
        let mut before = 0_u64;
        for message in &queue.messages {
            let mut reader = content.reader(message);
            let mut within = 0_u64;
            while within < message.length {
                let at = before.saturating_add(within);
                // No segment is half sent.
                let border = if at < sent { sent } else { length };
                let payload = read(&mut reader, self.segment.min(border.saturating_sub(at)))?;
                if payload.is_empty() {
                    break;
                }
                give(self.packet(queue, message, (at, within), at < sent, &payload)?)?;
                within = within.saturating_add(payload.len() as u64);
            }
            before = before.saturating_add(message.length);
        }
        Ok(())
    }

    fn packet(
        &self,
        queue: &Queue,
        message: &Message,
        (at, within): (u64, u64),
        was_sent: bool,
        payload: &[u8],
    ) -> io::Result<Packet> {
        let (direction, what) = match (queue.kind, was_sent) {
            (QueueKind::TcpSend, true) => (Direction::Outbound, "sent, not acknowledged"),
            (QueueKind::TcpSend, false) => (Direction::Outbound, "written, never sent"),
            _ => (Direction::Inbound, "received, not read"),
        };
        let data = self.segment(at, payload)?;
        Ok(Packet {
            interface: Interface::Tcp,
            direction,
            data,
            comment: comment(queue, message, within, what),
        })
    }

    /// Headers and payload of the segment that is `at` bytes into the queue.
    fn segment(&self, at: u64, payload: &[u8]) -> io::Result<Vec<u8>> {
        // Sequence numbers go around.
        let [a, b, c, d, ..] = at.to_le_bytes();
        let number = self.sequence.first.wrapping_add(u32::from_le_bytes([a, b, c, d]));
        let mut header = TcpHeader::new(self.from.port, self.to.port, number, self.window);
        (header.ack, header.psh) = (true, true);
        header.acknowledgment_number = self.sequence.acknowledged;
        let packet = self.ip().tcp_header(header);
        let mut bytes = Vec::with_capacity(packet.size(payload.len()));
        packet.write(&mut bytes, payload).map_err(io::Error::other)?;
        Ok(bytes)
    }

    /// The IP header. A socket of IPv6 can talk to one of IPv4, under a mapped address.
    fn ip(&self) -> PacketBuilderStep<IpHeaders> {
        match (self.from.addr.to_canonical(), self.to.addr.to_canonical()) {
            (IpAddr::V4(from), IpAddr::V4(to)) => PacketBuilder::ipv4(from.octets(), to.octets(), HOP_LIMIT),
            (from, to) => PacketBuilder::ipv6(v6(from).octets(), v6(to).octets(), HOP_LIMIT),
        }
    }
}

fn v6(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    }
}
