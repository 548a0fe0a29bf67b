//! Sysctls of a network namespace and of its devices.

use bstr::BString;
use icecore_images::messages::{NetDeviceEntry, NetnsEntry, SysctlEntry};
use serde::Serialize;

/// One sysctl.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Sysctl {
    /// Its name: `net.ipv4.conf.all.rp_filter`.
    pub name: BString,
    /// Its value.
    pub value: BString,
}

/// Names below `net.ipv4.conf.DEVICE`, in the order in which CRIU stores values; it only ever appends.
const IPV4: [&str; 30] = [
    "accept_local",
    "accept_redirects",
    "accept_source_route",
    "arp_accept",
    "arp_announce",
    "arp_filter",
    "arp_ignore",
    "arp_notify",
    "bootp_relay",
    "disable_policy",
    "disable_xfrm",
    "force_igmp_version",
    "forwarding",
    "igmpv2_unsolicited_report_interval",
    "igmpv3_unsolicited_report_interval",
    "log_martians",
    "medium_id",
    "promote_secondaries",
    "proxy_arp",
    "proxy_arp_pvlan",
    "route_localnet",
    "rp_filter",
    "secure_redirects",
    "send_redirects",
    "shared_media",
    "src_valid_mark",
    "tag",
    "ignore_routes_with_linkdown",
    "drop_gratuitous_arp",
    "drop_unicast_in_l2_multicast",
];

/// Names below `net.ipv6.conf.DEVICE`, likewise.
const IPV6: [&str; 42] = [
    "accept_dad",
    "accept_ra",
    "accept_ra_defrtr",
    "accept_ra_from_local",
    "accept_ra_min_hop_limit",
    "accept_ra_mtu",
    "accept_ra_pinfo",
    "accept_ra_rt_info_max_plen",
    "accept_ra_rtr_pref",
    "accept_redirects",
    "accept_source_route",
    "autoconf",
    "dad_transmits",
    "disable_ipv6",
    "drop_unicast_in_l2_multicast",
    "drop_unsolicited_na",
    "force_mld_version",
    "force_tllao",
    "forwarding",
    "hop_limit",
    "ignore_routes_with_linkdown",
    "keep_addr_on_down",
    "max_addresses",
    "max_desync_factor",
    "mldv1_unsolicited_report_interval",
    "mldv2_unsolicited_report_interval",
    "mtu",
    "ndisc_notify",
    "optimistic_dad",
    "proxy_ndp",
    "regen_max_retry",
    "router_probe_interval",
    "router_solicitation_delay",
    "router_solicitation_interval",
    "router_solicitations",
    "stable_secret",
    "suppress_frag_ndisc",
    "temp_prefered_lft",
    "temp_valid_lft",
    "use_oif_addrs_only",
    "use_optimistic",
    "use_tempaddr",
];

/// The sysctls of a namespace and its devices: those of the namespace first, then by device.
pub(super) fn of(netns: Option<&NetnsEntry>, devices: &[NetDeviceEntry]) -> Vec<Sysctl> {
    let mut all = Vec::new();
    if let Some(netns) = netns {
        named(&mut all, b"net.unix.", &["max_dgram_qlen"], &netns.unix_conf);
        named(&mut all, b"net.ipv4.", &["ping_group_range"], &netns.ipv4_sysctl);
        for (place, old, v4, v6) in [
            ("all", &netns.all_conf, &netns.all_conf4, &netns.all_conf6),
            ("default", &netns.def_conf, &netns.def_conf4, &netns.def_conf6),
        ] {
            of_place(&mut all, place.as_bytes(), old, v4, v6);
        }
    }
    for device in devices {
        of_place(&mut all, &device.name, &device.conf, &device.conf4, &device.conf6);
    }
    all
}

fn of_place(all: &mut Vec<Sysctl>, place: &[u8], old: &[i32], v4: &[SysctlEntry], v6: &[SysctlEntry]) {
    let prefix = |family: &str| [b"net.", family.as_bytes(), b".conf.", place, b"."].concat();
    named(all, &prefix("ipv4"), &IPV4, v4);
    named(all, &prefix("ipv6"), &IPV6, v6);
    // CRIU 1.6 to 2.2: numbers, and -1 where there is no such sysctl.
    for (name, value) in IPV4.iter().zip(old).filter(|(_, value)| **value != -1 && v4.is_empty()) {
        let name = [&prefix("ipv4"), name.as_bytes()].concat().into();
        all.push(Sysctl { name, value: value.to_string().into() });
    }
}

/// Values in the order of names; those without value do not exist.
fn named(all: &mut Vec<Sysctl>, prefix: &[u8], names: &[&str], values: &[SysctlEntry]) {
    for (name, entry) in names.iter().zip(values) {
        // A text comes as it was read, with its newline.
        let text = entry.sarg.as_ref().map(|text| BString::from(text.strip_suffix(b"\n").unwrap_or(text)));
        let number = entry.iarg.map(|number| BString::from(number.to_string()));
        if let Some(value) = text.or(number) {
            all.push(Sysctl { name: [prefix, name.as_bytes()].concat().into(), value });
        }
    }
}
