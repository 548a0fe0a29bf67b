//! Network devices and network namespaces.

use alloc::vec::Vec;

use bstr::BString;

use crate::declare::{enums, messages};

messages! {
    /// A network device: `netdev-NS.img`.
    NetDeviceEntry("net_device_entry") {
        /// What it is.
        1 r#type: NdType,
        /// Its index.
        2 ifindex: u32,
        /// Largest packet in bytes.
        3 mtu: u32,
        /// `IFF_*` bits.
        4 flags: u32 as hex,
        /// Its name.
        5 name: BString,
        /// What tun devices have; since CRIU 0.7.
        6 tun: Option<TunLinkEntry>,
        /// Hardware address; not for loopback. Since CRIU 0.7.
        7 address: Option<Vec<u8>>,
        /// CRIU 1.6 to 2.2: IPv4 sysctls in fixed order; -1 does not exist.
        8 conf: Vec<i32>,
        /// IPv4 sysctls in fixed order; since CRIU 2.3.
        9 conf4: Vec<SysctlEntry>,
        /// IPv6 sysctls in fixed order; since CRIU 2.3.
        10 conf6: Vec<SysctlEntry>,
        /// What macvlan devices have; since CRIU 2.8.
        11 macvlan: Option<MacvlanLinkEntry>,
        /// Index of the other end; its own if there is none. Since CRIU 3.8.
        12 peer_ifindex: Option<u32>,
        /// Namespace of the other end; absent if outside of the dump. Since CRIU 3.8.
        13 peer_nsid: Option<u32>,
        /// Index of the bridge or bond that it belongs to; since CRIU 3.8.
        14 master: Option<u32>,
        /// What sit tunnels have; since CRIU 3.6.
        15 sit: Option<SitEntry>,
    }

    /// A network namespace: `netns-NS.img`.
    NetnsEntry("netns_entry") {
        /// CRIU 1.6 to 2.2: IPv4 sysctls `default`.
        1 def_conf: Vec<i32>,
        /// CRIU 1.6 to 2.2: IPv4 sysctls `all`.
        2 all_conf: Vec<i32>,
        /// IPv4 sysctls `default`, in fixed order; since CRIU 2.3.
        3 def_conf4: Vec<SysctlEntry>,
        /// IPv4 sysctls `all`, in fixed order; since CRIU 2.3.
        4 all_conf4: Vec<SysctlEntry>,
        /// IPv6 sysctls `default`, in fixed order; since CRIU 2.3.
        5 def_conf6: Vec<SysctlEntry>,
        /// IPv6 sysctls `all`, in fixed order; since CRIU 2.3.
        6 all_conf6: Vec<SysctlEntry>,
        /// Ids that it knows other namespaces by; since CRIU 3.8.
        7 nsids: Vec<NetnsId>,
        /// Key of an external namespace, of which nothing else is stored; since CRIU 3.11.
        8 ext_key: Option<BString>,
        /// `net.unix`: max_dgram_qlen. Since CRIU 3.14.
        9 unix_conf: Vec<SysctlEntry>,
        /// `net.ipv4`: ping_group_range; its value is absent if default. Since CRIU 4.1.
        10 ipv4_sysctl: Vec<SysctlEntry>,
    }

    /// The id by which a namespace knows another.
    NetnsId("netns_id") {
        /// The other namespace.
        1 target_ns_id: u32,
        /// The id.
        2 netnsid_value: i32,
    }

    /// Value of a sysctl. Without value the sysctl does not exist.
    SysctlEntry("sysctl_entry") {
        /// Which of the values is meant.
        1 r#type: SysctlType,
        /// A number.
        2 iarg: Option<i32>,
        /// A text.
        3 sarg: Option<BString>,
    }

    /// What tun devices have.
    TunLinkEntry("tun_link_entry") {
        /// `IFF_*` flags of the device.
        1 flags: u32 as hex,
        /// User who may use it; -1 anybody.
        2 owner: i32,
        /// Group who may use it; -1 anybody.
        3 group: i32,
        /// Bytes of the header in front of each packet.
        4 vnethdr: u32,
        /// Send buffer in bytes.
        5 sndbuf: u32,
    }

    /// An open tun device.
    TunfileEntry("tunfile_entry") {
        /// Its id in `files.img`.
        1 id: u32,
        /// Name of the device; absent if the file has none.
        2 netdev: Option<BString>,
        /// Whether its queue is detached.
        3 detached: Option<bool>,
        /// Network namespace; since CRIU 3.9.
        4 ns_id: Option<u32>,
    }

    /// What macvlan devices have.
    MacvlanLinkEntry("macvlan_link_entry") {
        /// 1 private, 2 VEPA, 4 bridge, 8 passthru.
        1 mode: u32,
        /// Flags.
        2 flags: Option<u32>,
    }

    /// What sit tunnels have.
    SitEntry("sit_entry") {
        /// Index of the device below.
        1 link: Option<u32>,
        /// Own address, one word in memory order of the machine.
        2 local: Vec<u32> as address,
        /// Address of the other end, one word in memory order of the machine.
        3 remote: Vec<u32> as address,
        /// Time to live of outer packets.
        4 ttl: Option<u32>,
        /// Type of service of outer packets.
        5 tos: Option<u32>,
        /// Whether the path's MTU is discovered.
        6 pmtudisc: Option<bool>,
        /// Protocol inside.
        7 proto: Option<u32>,
        /// `SIT_*` flags.
        8 flags: Option<u32>,
        /// Encapsulation.
        9 encap_type: Option<u32>,
        /// Flags of the encapsulation.
        10 encap_flags: Option<u32>,
        /// Own port of the encapsulation.
        11 encap_sport: Option<u32>,
        /// Peer's port of the encapsulation.
        12 encap_dport: Option<u32>,
        /// Bits of `rd_prefix`.
        13 rd_prefixlen: Option<u32>,
        /// 6rd prefix, four words in memory order of the machine.
        14 rd_prefix: Vec<u32> as address,
        /// Bits of `relay_prefix`.
        15 relay_prefixlen: Option<u32>,
        /// 6rd relay prefix, one word in memory order of the machine.
        16 relay_prefix: Vec<u32> as address,
    }
}

enums! {
    /// What a network device is.
    NdType("nd_type") {
        /// Loopback.
        LOOPBACK = 1,
        /// One end of a pair.
        VETH = 2,
        /// Tun or tap.
        TUN = 3,
        /// External, handed in by who restores.
        EXTLINK = 4,
        /// OpenVZ.
        VENET = 5,
        /// Bridge.
        BRIDGE = 6,
        /// Macvlan.
        MACVLAN = 7,
        /// Tunnel of IPv6 in IPv4.
        SIT = 8,
    }

    /// Type of a sysctl value.
    SysctlType("SysctlType") {
        /// Text.
        CTL_STR = 5,
        /// Number of 32 bits.
        CTL_32 = 6,
    }
}
