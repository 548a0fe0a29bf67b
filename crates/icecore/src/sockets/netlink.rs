//! Netlink sockets.

use icecore_images::messages::NetlinkSkEntry;
use serde::Serialize;

use super::{Details, Family, Socket, SocketOptions, State};
use crate::NamespaceId;

/// What only netlink sockets have. Messages that were not read are not stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Netlink {
    /// The own port; 0 if it has none.
    pub port: u32,
    /// The multicast groups that it listens to: bit n-1 of word m is group 32 m + n.
    pub groups: Vec<u32>,
    /// Port of the peer; 0 is the kernel.
    pub peer_port: u32,
    /// Group of the peer.
    pub peer_group: u32,
}

impl Socket {
    pub(crate) fn netlink(entry: &NetlinkSkEntry) -> Self {
        let netlink = Netlink {
            port: entry.portid,
            groups: entry.groups.clone(),
            peer_port: entry.dst_portid,
            peer_group: entry.dst_group,
        };
        Self {
            family: Family::Netlink,
            socket_type: None,
            protocol: entry.protocol,
            state: State(entry.state),
            ino: (entry.ino != 0).then_some(entry.ino),
            netns: entry.ns_id.map(NamespaceId),
            local: None,
            remote: None,
            backlog: 0,
            recv_q: None,
            send_q: None,
            peer: None,
            shutdown: 0,
            options: SocketOptions::from(&entry.opts),
            details: Details::Netlink(netlink),
        }
    }
}
