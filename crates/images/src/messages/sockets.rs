//! Sockets, their options and queues.

use alloc::vec::Vec;

use bstr::BString;

use super::FownEntry;
use crate::declare::{enums, messages};
use crate::names::{SOCKET_FAMILY, SOCKET_PROTOCOL, SOCKET_STATE, SOCKET_TYPE};

messages! {
    /// A unix socket.
    UnixSkEntry("unix_sk_entry") {
        /// Its id in `files.img`.
        1 id: u32,
        /// Inode, that `peer` refers to.
        2 ino: u32,
        /// 1 stream, 2 datagram, 5 seqpacket.
        3 r#type: u32 as dict(SOCKET_TYPE),
        /// 1 connected, 7 not connected, 10 listening.
        4 state: u32 as dict(SOCKET_STATE),
        /// Open flags.
        5 flags: u32 as hex,
        /// 1 peer outside of the dump, 2 connection to CRIU itself, 4 plugin, 8 inherited.
        6 uflags: u32 as hex,
        /// Listening: length of the queue of listen(2); else bytes in the write queue.
        7 backlog: u32,
        /// Inode of the peer, 0 none. Not yet accepted: of the listening socket.
        8 peer: u32,
        /// Owner for SIGIO.
        9 fown: FownEntry,
        /// Socket options.
        10 opts: SkOptsEntry,
        /// Empty: unbound. First byte 0: abstract, all bytes count. Else a path, mostly with one NUL behind
        /// it.
        11 name: Vec<u8> as unix_name,
        /// Which directions are shut down; since CRIU 0.3.
        12 shutdown: Option<SkShutdown>,
        /// Permissions of the socket file; since CRIU 0.4.
        13 file_perms: Option<FilePermsEntry>,
        /// Directory that a relative path starts from; since CRIU 1.6.1.
        14 name_dir: Option<BString>,
        /// Whether the socket file was removed or replaced; since CRIU 2.5.
        15 deleted: Option<bool>,
        /// Network namespace; since CRIU 3.8.
        16 ns_id: Option<u32>,
        /// Mount of the socket file; absent or -1 if not known. Since CRIU 3.9.
        17 mnt_id: Option<i32> as zigzag,
    }

    /// Permissions of a socket file.
    FilePermsEntry("file_perms_entry") {
        /// Type and permissions, as `st_mode`.
        1 mode: u32,
        /// Owner.
        2 uid: u32,
        /// Group.
        3 gid: u32,
    }

    /// An internet socket.
    InetSkEntry("inet_sk_entry") {
        /// Its id in `files.img`.
        1 id: u32,
        /// Inode, and number of the `tcp-stream` image; 0 if the kernel gave none.
        2 ino: u32,
        /// 2 IPv4, 10 IPv6.
        3 family: u32 as dict(SOCKET_FAMILY),
        /// 1 stream, 2 datagram, 3 raw.
        4 r#type: u32 as dict(SOCKET_TYPE),
        /// 1 ICMP, 6 TCP, 17 UDP, 58 ICMPv6, 136 UDP-Lite.
        5 proto: u32 as dict(SOCKET_PROTOCOL),
        /// TCP states: 1 established, 2 SYN sent, 3 SYN received, 4 FIN wait 1, 5 FIN wait 2, 6 time wait, 7
        /// closed, 8 close wait, 9 last ACK, 10 listening, 11 closing.
        6 state: u32 as dict(SOCKET_STATE),
        /// Own port, a plain number; of raw sockets the protocol.
        7 src_port: u32,
        /// Port of the peer, a plain number; 0 is not connected.
        8 dst_port: u32,
        /// Open flags.
        9 flags: u32 as hex,
        /// Listening: length of the queue of listen(2); else bytes in the write queue.
        10 backlog: u32,
        /// Own address: one word or four, each four bytes of it in memory order of the machine.
        11 src_addr: Vec<u32> as address,
        /// Address of the peer, as `src_addr`.
        12 dst_addr: Vec<u32> as address,
        /// Owner for SIGIO.
        13 fown: FownEntry,
        /// Socket options.
        14 opts: SkOptsEntry,
        /// Whether an IPv6 socket takes no IPv4; since CRIU 0.2.
        15 v6only: Option<bool>,
        /// Options of the IP level; since CRIU 1.8.
        16 ip_opts: Option<IpOptsEntry>,
        /// Device that a link-local address belongs to; since CRIU 1.8.
        17 ifname: Option<BString>,
        /// Network namespace; since CRIU 3.8.
        18 ns_id: Option<u32>,
        /// Which directions are shut down; since CRIU 3.0.
        19 shutdown: Option<SkShutdown>,
        /// Options of the TCP level; since CRIU 4.0.
        20 tcp_opts: Option<TcpOptsEntry>,
        /// Owner of the socket; development branch of 2026.
        21 uid: Option<u32>,
    }

    /// Options of the IP level.
    IpOptsEntry("ip_opts_entry") {
        /// `IP_FREEBIND`.
        1 freebind: Option<bool>,
        /// Options of a raw socket; since CRIU 3.12.
        4 raw: Option<IpOptsRawEntry>,
        /// `IP_PKTINFO`; since CRIU 3.18.
        5 pktinfo: Option<bool>,
        /// `IP_TOS`; absent if 0. Since CRIU 3.19.
        6 tos: Option<u32>,
        /// `IP_TTL`; absent if 0. Since CRIU 4.0.
        7 ttl: Option<u32>,
    }

    /// Options of a raw socket.
    IpOptsRawEntry("ip_opts_raw_entry") {
        /// `IP_HDRINCL`.
        1 hdrincl: Option<bool>,
        /// `IP_NODEFRAG`.
        2 nodefrag: Option<bool>,
        /// `IPV6_CHECKSUM`.
        3 checksum: Option<bool>,
        /// `ICMP_FILTER` or `ICMP6_FILTER`, one word or eight.
        4 icmpv_filter: Vec<u32>,
    }

    /// Options of the TCP level.
    TcpOptsEntry("tcp_opts_entry") {
        /// `TCP_CORK`.
        1 cork: Option<bool>,
        /// `TCP_NODELAY`.
        2 nodelay: Option<bool>,
        /// `TCP_KEEPCNT`.
        3 keepcnt: Option<u32>,
        /// `TCP_KEEPIDLE`, seconds.
        4 keepidle: Option<u32>,
        /// `TCP_KEEPINTVL`, seconds.
        5 keepintvl: Option<u32>,
    }

    /// State of a TCP connection: `tcp-stream-INO.img`. The receive queue, then the send queue follow the
    /// record.
    TcpStreamEntry("tcp_stream_entry") {
        /// Bytes of the receive queue.
        1 inq_len: u32,
        /// Sequence number behind the receive queue.
        2 inq_seq: u32,
        /// Bytes of the send queue.
        3 outq_len: u32,
        /// Sequence number behind the send queue.
        4 outq_seq: u32,
        /// Negotiated: 1 timestamps, 2 SACK, 4 window scale, 8 ECN, 16 ECN seen, 32 SYN data.
        5 opt_mask: u32 as hex,
        /// Window scale of the peer, if `opt_mask` has 4.
        6 snd_wscale: u32,
        /// Largest segment that the peer takes, in bytes.
        7 mss_clamp: u32,
        /// Own window scale, if `opt_mask` has 4; since CRIU 0.2.
        8 rcv_wscale: Option<u32>,
        /// Clock of timestamps, if `opt_mask` has 1; since CRIU 0.4.
        9 timestamp: Option<u32>,
        /// `TCP_CORK`; since CRIU 0.8.
        10 cork: Option<bool>,
        /// `TCP_NODELAY`; since CRIU 0.8.
        11 nodelay: Option<bool>,
        /// Bytes at the end of the send queue that were never sent; since CRIU 1.0.
        12 unsq_len: Option<u32>,
        /// Segment that last changed the send window; since CRIU 2.5.
        13 snd_wl1: Option<u32>,
        /// Send window in bytes; since CRIU 2.5.
        14 snd_wnd: Option<u32>,
        /// Largest window that the peer ever offered; since CRIU 2.5.
        15 max_window: Option<u32>,
        /// Receive window in bytes; since CRIU 2.5.
        16 rcv_wnd: Option<u32>,
        /// Where the receive window was last announced; since CRIU 2.5.
        17 rcv_wup: Option<u32>,
    }

    /// A netlink socket. Queued messages are not stored.
    NetlinkSkEntry("netlink_sk_entry") {
        /// Its id in `files.img`.
        1 id: u32,
        /// Inode.
        2 ino: u32,
        /// 0 route, 9 audit, 15 uevent, 16 generic.
        3 protocol: u32,
        /// 7.
        4 state: u32,
        /// Open flags.
        6 flags: u32 as hex,
        /// Own port.
        7 portid: u32,
        /// Multicast groups that it listens to; bit n-1 is group n.
        8 groups: Vec<u32>,
        /// Port of the peer.
        9 dst_portid: u32,
        /// Group of the peer.
        10 dst_group: u32,
        /// Owner for SIGIO.
        11 fown: FownEntry,
        /// Socket options.
        12 opts: SkOptsEntry,
        /// Network namespace; since CRIU 3.8.
        13 ns_id: Option<u32>,
    }

    /// A packet socket.
    PacketSockEntry("packet_sock_entry") {
        /// Its id in `files.img`.
        1 id: u32,
        /// 2 datagram, 3 raw.
        2 r#type: u32,
        /// Ethernet protocol, the number that network byte order makes of it on the dumped machine.
        3 protocol: u32,
        /// Open flags.
        4 flags: u32 as hex,
        /// Device that it is bound to; 0 is all.
        5 ifindex: u32,
        /// Owner for SIGIO.
        6 fown: FownEntry,
        /// Socket options.
        7 opts: SkOptsEntry,
        /// Version of its rings.
        8 version: u32,
        /// `PACKET_RESERVE`.
        9 reserve: u32,
        /// `PACKET_AUXDATA`.
        10 aux_data: bool,
        /// `PACKET_ORIGDEV`.
        11 orig_dev: bool,
        /// `PACKET_VNET_HDR`.
        12 vnet_hdr: bool,
        /// `PACKET_LOSS`.
        13 loss: bool,
        /// `PACKET_TIMESTAMP`.
        14 timestamp: u32,
        /// `PACKET_COPY_THRESH`.
        15 copy_thresh: u32,
        /// Multicast addresses that it joined.
        16 mclist: Vec<PacketMclist>,
        /// Fanout group; 4294967295 or absent is none.
        17 fanout: Option<u32>,
        /// Receive ring.
        18 rx_ring: Option<PacketRing>,
        /// Transmit ring.
        19 tx_ring: Option<PacketRing>,
        /// Network namespace; since CRIU 3.8.
        20 ns_id: Option<u32>,
    }

    /// A multicast address of a packet socket.
    PacketMclist("packet_mclist") {
        /// Device.
        1 index: u32,
        /// `PACKET_MR_*`.
        2 r#type: u32,
        /// Hardware address.
        3 addr: Vec<u8>,
    }

    /// A ring of a packet socket.
    PacketRing("packet_ring") {
        /// Bytes of a block.
        1 block_size: u32,
        /// Number of blocks.
        2 block_nr: u32,
        /// Bytes of a frame.
        3 frame_size: u32,
        /// Number of frames.
        4 frame_nr: u32,
        /// Milliseconds until a block is given out though not full.
        5 retire_tmo: u32,
        /// Private bytes of each block.
        6 sizeof_priv: u32,
        /// Feature bits.
        7 features: u32,
    }

    /// Options that all sockets have. A boolean that is absent is false.
    SkOptsEntry("sk_opts_entry") {
        /// Send buffer in bytes, twice what was set.
        1 so_sndbuf: u32,
        /// Receive buffer in bytes, twice what was set.
        2 so_rcvbuf: u32,
        /// Send timeout, seconds.
        3 so_snd_tmo_sec: u64,
        /// Send timeout, microseconds above the seconds.
        4 so_snd_tmo_usec: u64,
        /// Receive timeout, seconds.
        5 so_rcv_tmo_sec: u64,
        /// Receive timeout, microseconds above the seconds.
        6 so_rcv_tmo_usec: u64,
        /// `SO_REUSEADDR`; since CRIU 0.2.
        7 reuseaddr: Option<bool>,
        /// `SO_PRIORITY`; since CRIU 0.3.
        8 so_priority: Option<u32>,
        /// `SO_RCVLOWAT`, bytes; since CRIU 0.3.
        9 so_rcvlowat: Option<u32>,
        /// `SO_MARK`; absent if 0. Since CRIU 0.3.
        10 so_mark: Option<u32>,
        /// `SO_PASSCRED`; since CRIU 0.3.
        11 so_passcred: Option<bool>,
        /// `SO_PASSSEC`; since CRIU 0.3.
        12 so_passsec: Option<bool>,
        /// `SO_DONTROUTE`; since CRIU 0.3.
        13 so_dontroute: Option<bool>,
        /// `SO_NO_CHECK`; since CRIU 0.3.
        14 so_no_check: Option<bool>,
        /// Name of the device that it is bound to; since CRIU 0.3.
        15 so_bound_dev: Option<BString>,
        /// Classic BPF, one word an instruction: code << 48, jt << 40, jf << 32, k. Since CRIU 0.3.
        16 so_filter: Vec<u64> as fixed,
        /// `SO_REUSEPORT`; since CRIU 3.7.
        17 so_reuseport: Option<bool>,
        /// `SO_BROADCAST`; since CRIU 3.13.
        18 so_broadcast: Option<bool>,
        /// `SO_KEEPALIVE`; since CRIU 3.14.
        19 so_keepalive: Option<bool>,
        /// `TCP_KEEPCNT`; since CRIU 3.14, in `tcp_opts` since 4.0.
        20 tcp_keepcnt: Option<u32>,
        /// `TCP_KEEPIDLE`, seconds; since CRIU 3.14, in `tcp_opts` since 4.0.
        21 tcp_keepidle: Option<u32>,
        /// `TCP_KEEPINTVL`, seconds; since CRIU 3.14, in `tcp_opts` since 4.0.
        22 tcp_keepintvl: Option<u32>,
        /// 1 if urgent data stay in the stream; since CRIU 3.15.
        23 so_oobinline: Option<u32>,
        /// Seconds that close(2) waits; absent if off. Since CRIU 3.15.
        24 so_linger: Option<u32>,
        /// Buffer sizes that the program set: 1 send, 2 receive. Since CRIU 3.17.
        25 so_buf_lock: Option<u32>,
    }

    /// A packet in the receive queue of a socket: `sk-queues.img`. Its bytes follow the record.
    SkPacketEntry("sk_packet_entry") {
        /// The socket that would receive it, an id of `files.img`.
        1 id_for: u32,
        /// Number of bytes that follow.
        2 length: u32,
        /// Control messages that travel with it; since CRIU 3.6.
        4 scm: Vec<ScmEntry>,
    }

    /// A control message.
    ScmEntry("scm_entry") {
        /// 1 is SCM_RIGHTS.
        1 r#type: u32,
        /// Files in flight, ids of `files.img`.
        2 rights: Vec<u32>,
    }
}

enums! {
    /// The directions of a socket that are shut down.
    SkShutdown("sk_shutdown") {
        /// Neither.
        NONE = 0,
        /// Receiving.
        READ = 1,
        /// Sending.
        WRITE = 2,
        /// Both.
        BOTH = 3,
    }
}
