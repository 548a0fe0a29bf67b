//! Internet sockets.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use bstr::BString;
use icecore_images::ByteOrder;
use icecore_images::messages::{InetSkEntry, IpOptsRawEntry, TcpStreamEntry};
use serde::Serialize;

use super::{Details, Endpoint, Family, Socket, State};

/// What only internet sockets have.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Inet {
    /// Whether an IPv6 socket takes no IPv4.
    pub v6only: Option<bool>,
    /// The device that a link-local address belongs to.
    pub ifname: Option<BString>,
    /// `IP_FREEBIND`; since CRIU 1.8.
    pub freebind: Option<bool>,
    /// `IP_PKTINFO` or `IPV6_RECVPKTINFO`; since CRIU 3.18.
    pub pktinfo: Option<bool>,
    /// `IP_TOS`; since CRIU 3.19, absent if 0.
    pub tos: Option<u32>,
    /// `IP_TTL`; since CRIU 4.0, absent if 0.
    pub ttl: Option<u32>,
    /// `TCP_NODELAY`; since CRIU 4.0, and before of connections only.
    pub nodelay: Option<bool>,
    /// `TCP_CORK`; as `nodelay`.
    pub cork: Option<bool>,
    /// `TCP_KEEPCNT`, `TCP_KEEPIDLE` and `TCP_KEEPINTVL`, the latter in seconds.
    pub keepalive: Option<(u32, u32, u32)>,
    /// What only raw sockets have; since CRIU 3.12.
    pub raw: Option<Raw>,
    /// The owner of the socket; since the development branch of 2026.
    pub uid: Option<u32>,
    /// What is known of a connection. Source: `tcp-stream-INO.img`.
    pub tcp: Option<TcpState>,
}

/// Options of a raw socket. Source: `ip_opts_raw_entry`. What is not set is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Raw {
    /// `IP_HDRINCL`: the program writes the IP header itself, with any sender.
    pub hdrincl: Option<bool>,
    /// `IP_NODEFRAG`.
    pub nodefrag: Option<bool>,
    /// `IPV6_CHECKSUM`.
    pub checksum: Option<bool>,
    /// `ICMP_FILTER`, one word, or `ICMP6_FILTER`, eight: bit n is set if the socket does not get ICMP type n. Empty: of no
    /// ICMP socket.
    pub icmp_filter: Vec<u32>,
}

impl From<&IpOptsRawEntry> for Raw {
    fn from(entry: &IpOptsRawEntry) -> Self {
        Self {
            hdrincl: entry.hdrincl,
            nodefrag: entry.nodefrag,
            checksum: entry.checksum,
            icmp_filter: entry.icmpv_filter.clone(),
        }
    }
}

/// Sequence numbers, queues and windows of a TCP connection. Source: `tcp-stream-INO.img`, `tcp_stream_entry`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TcpState {
    /// Bytes that were received and not read.
    pub inq_len: u32,
    /// The sequence number behind them.
    pub inq_seq: u32,
    /// Bytes that were written and not acknowledged.
    pub outq_len: u32,
    /// The sequence number behind them.
    pub outq_seq: u32,
    /// Bytes of those that were never sent; since CRIU 1.0.
    pub unsent: Option<u32>,
    /// Negotiated: 1 timestamps, 2 SACK, 4 window scale, 8 ECN, 16 ECN seen, 32 SYN data.
    pub negotiated: u32,
    /// The largest segment that the peer takes, in bytes.
    pub mss: u32,
    /// Window scale of the peer and the own one, if negotiated.
    pub window_scale: (u32, Option<u32>),
    /// The send window in bytes; since CRIU 2.5.
    pub send_window: Option<u32>,
    /// The largest window that the peer ever offered, in bytes; since CRIU 2.5.
    pub max_window: Option<u32>,
    /// The receive window in bytes; since CRIU 2.5.
    pub receive_window: Option<u32>,
    /// The clock of timestamps, if negotiated.
    pub timestamp: Option<u32>,
}

impl From<&TcpStreamEntry> for TcpState {
    fn from(entry: &TcpStreamEntry) -> Self {
        Self {
            inq_len: entry.inq_len,
            inq_seq: entry.inq_seq,
            outq_len: entry.outq_len,
            outq_seq: entry.outq_seq,
            unsent: entry.unsq_len,
            negotiated: entry.opt_mask,
            mss: entry.mss_clamp,
            window_scale: (entry.snd_wscale, entry.rcv_wscale),
            send_window: entry.snd_wnd,
            max_window: entry.max_window,
            receive_window: entry.rcv_wnd,
            timestamp: entry.timestamp,
        }
    }
}

impl Socket {
    pub(crate) fn inet(entry: &InetSkEntry, order: ByteOrder) -> Self {
        let ip = entry.ip_opts.as_ref();
        let tcp = entry.tcp_opts.as_ref();
        let old = &entry.opts;
        let keepalive = (
            tcp.and_then(|tcp| tcp.keepcnt).or(old.tcp_keepcnt),
            tcp.and_then(|tcp| tcp.keepidle).or(old.tcp_keepidle),
            tcp.and_then(|tcp| tcp.keepintvl).or(old.tcp_keepintvl),
        );
        let inet = Inet {
            v6only: entry.v6only,
            ifname: entry.ifname.clone(),
            freebind: ip.and_then(|ip| ip.freebind),
            pktinfo: ip.and_then(|ip| ip.pktinfo),
            tos: ip.and_then(|ip| ip.tos),
            ttl: ip.and_then(|ip| ip.ttl),
            nodelay: tcp.and_then(|tcp| tcp.nodelay),
            cork: tcp.and_then(|tcp| tcp.cork),
            keepalive: keepalive.0.zip(keepalive.1).zip(keepalive.2).map(|((a, b), c)| (a, b, c)),
            raw: ip.and_then(|ip| ip.raw.as_ref()).map(Raw::from),
            uid: entry.uid,
            tcp: None,
        };
        let family = Family::of(entry.family);
        let endpoint = |words: &[u32], port| Some(Endpoint { addr: address(words, family, order)?, port });
        let remote_port = u16::try_from(entry.dst_port).ok();
        let remote = remote_port.and_then(|port| endpoint(&entry.dst_addr, port));
        Self {
            socket_type: Some(entry.r#type),
            protocol: entry.proto,
            state: State(entry.state),
            ino: (entry.ino != 0).then_some(entry.ino),
            local: u16::try_from(entry.src_port).ok().and_then(|port| endpoint(&entry.src_addr, port)),
            remote: remote.filter(|remote| remote.port != 0 || !remote.addr.is_unspecified()),
            backlog: entry.backlog,
            shutdown: entry.shutdown.map_or(0, |it| u32::try_from(it.0).unwrap_or_default()),
            ..Self::new(family, &entry.opts, entry.ns_id, Details::Inet(Box::new(inet)))
        }
    }
}

/// An address from words, each four bytes of it in memory order of the machine.
fn address(words: &[u32], family: Family, order: ByteOrder) -> Option<IpAddr> {
    let bytes = |word: u32| match order {
        ByteOrder::Little => word.to_le_bytes(),
        ByteOrder::Big => word.to_be_bytes(),
    };
    match (family, words) {
        (Family::Inet, &[word]) => Some(Ipv4Addr::from(bytes(word)).into()),
        (Family::Inet6, &[a, b, c, d]) => {
            let mut all = [0; 16];
            all.iter_mut().zip([a, b, c, d].into_iter().flat_map(bytes)).for_each(|(to, from)| *to = from);
            Some(Ipv6Addr::from(all).into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &[u32], family: u32, order: ByteOrder, expected: Option<&str>) {
        let found = address(words, Family::of(family), order).map(|address| address.to_string());
        assert_eq!(found.as_deref(), expected);
    }

    #[test]
    fn words_are_in_the_order_of_the_machine() {
        check(&[0x0100_007f], 2, ByteOrder::Little, Some("127.0.0.1"));
        check(&[0x7f00_0001], 2, ByteOrder::Big, Some("127.0.0.1"));
        check(&[0, 0, 0, 0x0100_0000], 10, ByteOrder::Little, Some("::1"));
        check(&[0, 0, 65535, 0x7f00_0001], 10, ByteOrder::Big, Some("::ffff:127.0.0.1"));
        check(&[0, 0, 0], 10, ByteOrder::Little, None);
        check(&[], 2, ByteOrder::Little, None);
    }
}
