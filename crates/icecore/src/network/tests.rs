//! Network namespaces of checkpoints made to measure.

use std::net::IpAddr;

use icecore_synth::{Dump, Record};

use super::*;
use crate::Checkpoint;
use crate::checkpoint::tests::{open, told};

fn device(index: u32, name: &str, kind: &str) -> Record {
    let device = Record::required("net_device_entry").set("ifindex", index).set("name", name);
    device.set("type", kind).set("mtu", 1500u32)
}

fn network(checkpoint: &Checkpoint) -> &Network {
    let all = checkpoint.networks();
    assert_eq!(all.namespaces.len(), 1);
    &all.namespaces[0]
}

/// A netlink message of a little-endian machine: head, fixed part, attributes.
fn message(kind: u16, fixed: &[u8], attributes: &[(u16, &[u8])]) -> Vec<u8> {
    let mut body = fixed.to_vec();
    for (kind, value) in attributes {
        body.extend(u16::try_from(value.len()).unwrap().wrapping_add(4).to_le_bytes());
        body.extend(kind.to_le_bytes());
        body.extend(*value);
        body.resize(body.len().next_multiple_of(4), 0);
    }
    let head = u32::try_from(body.len()).unwrap().wrapping_add(16).to_le_bytes();
    [&head[..], &kind.to_le_bytes(), &[2, 0, 1, 0, 0, 0, 1, 0, 0, 0], &body].concat()
}

/// `ip addr save` and its like: a magic, then messages.
fn saved(magic: u32, messages: &[Vec<u8>]) -> Vec<u8> {
    [&magic.to_le_bytes()[..], &messages.concat()].concat()
}

const ADDRESSES: u32 = 0x4736_1222;
const ROUTES: u32 = 0x4531_1224;
const RULES: u32 = 0x7170_6986;

#[test]
fn devices_stand_by_index_with_what_they_are() {
    let dump = Dump::new()
        .record(
            "netdev-8.img",
            &device(4, "eth0", "VETH")
                .set("address", &[2, 0x42, 0xac, 0x11, 0, 2])
                .set("flags", 0x1_1043u32)
                .set("peer_ifindex", 5u32)
                .set("peer_nsid", 11u32)
                .set("master", 9u32),
        )
        .record("netdev-8.img", &device(1, "lo", "LOOPBACK").set("flags", 0x1_0049u32).set("address", &[]));
    let checkpoint = open(&dump);
    let network = network(&checkpoint);
    let lo = &network.interfaces[0];
    assert_eq!(
        (lo.index, lo.name.to_string(), lo.link, lo.address.clone()),
        (1, "lo".into(), Link::Loopback, None)
    );
    assert_eq!(lo.flag_names(), ["LOOPBACK", "UP", "LOWER_UP"]);
    let eth0 = Interface {
        index: 4,
        name: "eth0".into(),
        link: Link::Veth,
        mtu: 1500,
        flags: 0x1_1043,
        address: Some(vec![2, 0x42, 0xac, 0x11, 0, 2]),
        master: Some(9),
        peer: Some((5, Some(NamespaceId(11)))),
    };
    assert_eq!(network.interfaces[1], eth0);
    assert_eq!(eth0.flag_names(), ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"]);
    assert_eq!((network.device(4).unwrap().to_string(), network.device(2)), ("eth0".into(), None));
}

#[test]
fn a_device_that_names_itself_has_no_other_end() {
    let itself = device(3, "dummy0", "EXTLINK").set("peer_ifindex", 3u32);
    let outside = device(4, "eth0", "VETH").set("peer_ifindex", 77u32);
    let checkpoint = open(&Dump::new().record("netdev-8.img", &itself).record("netdev-8.img", &outside));
    let peers: Vec<_> = network(&checkpoint).interfaces.iter().map(|it| it.peer).collect();
    assert_eq!(peers, [None, Some((77, None))]);
}

/// The numbers of `nd_type` in CRIU's `netdev.proto`.
#[test]
fn every_kind_of_device_has_its_word() {
    let kinds = [
        ("LOOPBACK", "loopback"),
        ("VETH", "veth"),
        ("TUN", "tun"),
        ("EXTLINK", "external"),
        ("VENET", "venet"),
        ("BRIDGE", "bridge"),
        ("MACVLAN", "macvlan"),
        ("SIT", "sit"),
    ];
    for (kind, word) in kinds {
        let checkpoint = open(&Dump::new().record("netdev-8.img", &device(1, "x", kind)));
        assert_eq!(network(&checkpoint).interfaces[0].link.name(), word);
    }
    let later = device(1, "x", "TUN").set("type", 42u32);
    let checkpoint = open(&Dump::new().record("netdev-8.img", &later));
    assert_eq!(network(&checkpoint).interfaces[0].link, Link::Unknown(42));
}

#[test]
fn flags_are_in_the_words_of_iproute2() {
    let cases: [(u32, &[&str]); 6] = [
        (0, &[]),
        (0x2, &["BROADCAST"]),
        (0x1, &["NO-CARRIER", "UP"]),
        (0x41, &["UP"]),
        (0x1 | 0x40 | 0x90 | 0x1_0000, &["POINTOPOINT", "NOARP", "UP", "LOWER_UP"]),
        (0x800 | 0x400 | 0x100 | 0x200, &["ALLMULTI", "PROMISC", "MASTER", "SLAVE"]),
    ];
    for (flags, words) in cases {
        let checkpoint =
            open(&Dump::new().record("netdev-8.img", &device(1, "x", "VETH").set("flags", flags)));
        assert_eq!(network(&checkpoint).interfaces[0].flag_names(), words, "{flags:#x}");
    }
}

#[test]
fn a_namespace_from_outside_has_its_key_and_nothing_else() {
    let dump = Dump::new().record("netns-8.img", &Record::new("netns_entry").set("ext_key", "extRootNetNS"));
    let checkpoint = open(&dump);
    let network = network(&checkpoint);
    assert_eq!((network.id, network.external.clone()), (NamespaceId(8), Some("extRootNetNS".into())));
    assert!(network.interfaces.is_empty() && network.routes.is_empty() && network.sysctls.is_empty());
    assert_eq!(checkpoint.networks().get(NamespaceId(8)), Some(network));
    assert_eq!(checkpoint.networks().get(NamespaceId(9)), None);
}

#[test]
fn namespaces_stand_by_number() {
    let dump = Dump::new()
        .image("route-12.img", saved(ROUTES, &[]))
        .image("ifaddr-9.img", saved(ADDRESSES, &[]))
        .record("netdev-9.img", &device(1, "lo", "LOOPBACK"))
        .image("iptables-100.img", vec![]);
    let checkpoint = open(&dump);
    let ids: Vec<u32> = checkpoint.networks().namespaces.iter().map(|it| it.id.0).collect();
    assert_eq!(ids, [9, 12, 100]);
    assert_eq!(open(&Dump::new()).networks(), &Networks::default());
}

#[test]
fn addresses_routes_and_rules_are_joined() {
    // ifaddrmsg: family, prefix, flags, scope, device; rtmsg: family, lengths, tos, table, protocol, scope, type, flags.
    let address = message(20, &[2, 16, 0x80, 0, 4, 0, 0, 0], &[(1, &[172, 17, 0, 2]), (2, &[172, 17, 0, 2])]);
    let default =
        message(24, &[2, 0, 0, 0, 254, 3, 0, 1, 0, 0, 0, 0], &[(5, &[172, 17, 0, 1]), (4, &[4, 0, 0, 0])]);
    let mut global = [0; 16];
    global[0] = 0xfd;
    let v6 = message(24, &[10, 64, 0, 0, 254, 2, 0, 1, 0, 0, 0, 0], &[(1, &global), (4, &[4, 0, 0, 0])]);
    let rule = message(32, &[2, 0, 0, 0, 254, 0, 0, 1, 0, 0, 0, 0], &[(6, &32_766_u32.to_le_bytes())]);
    let dump = Dump::new()
        .image("ifaddr-8.img", saved(ADDRESSES, &[address]))
        .image("route-8.img", saved(ROUTES, &[default]))
        .image("route6-8.img", saved(ROUTES, &[v6]))
        .image("rule-8.img", saved(RULES, &[rule]));
    let checkpoint = open(&dump);
    let network = network(&checkpoint);
    let addr: IpAddr = "172.17.0.2".parse().unwrap();
    assert_eq!((network.addresses[0].address, network.addresses[0].interface), (Some(addr), 4));
    let routes: Vec<_> = network.routes.iter().map(|it| (it.family, it.destination, it.gateway)).collect();
    let gateway: IpAddr = "172.17.0.1".parse().unwrap();
    assert_eq!(routes, [(2, None, Some(gateway)), (10, Some("fd00::".parse().unwrap()), None)], "IPv4 first");
    assert_eq!((network.rules[0].priority, network.rules[0].table), (Some(32_766), 254));
    assert_eq!(told(&checkpoint, "image-damaged"), <[&str; 0]>::default());
}

#[test]
fn what_comes_before_damage_is_there() {
    let good = message(20, &[2, 8, 0, 254, 1, 0, 0, 0], &[(1, &[127, 0, 0, 1])]);
    let mut image = saved(ADDRESSES, &[good.clone(), good]);
    image.truncate(image.len() - 3);
    let dump =
        Dump::new().image("ifaddr-8.img", image).image("route-8.img", *b"none").image("rule-8.img", vec![]);
    let checkpoint = open(&dump);
    assert_eq!(network(&checkpoint).addresses.len(), 1);
    let mut damage = told(&checkpoint, "image-damaged");
    damage.sort();
    assert_eq!(damage.len(), 2, "{damage:?}");
    // Four bytes of magic, and a message of 16 + 8 + 8.
    assert!(damage[0].starts_with("ifaddr-8.img, offset 0x24: "), "{damage:?}");
    assert!(damage[1].starts_with("route-8.img, offset 0x0: "), "{damage:?}");
}

fn number(value: i32) -> Record {
    Record::new("sysctl_entry").set("type", "CTL_32").set("iarg", value)
}

fn text(value: &str) -> Record {
    Record::new("sysctl_entry").set("type", "CTL_STR").set("sarg", value)
}

fn absent() -> Record {
    Record::new("sysctl_entry").set("type", "CTL_32")
}

fn sysctls(checkpoint: &Checkpoint) -> Vec<String> {
    network(checkpoint).sysctls.iter().map(|it| format!("{}={}", it.name, it.value)).collect()
}

/// The order of values is that of CRIU's `devconfs4` and `devconfs6`.
#[test]
fn sysctls_are_named_by_their_place() {
    let netns = Record::new("netns_entry")
        .with("all_conf4", number(0))
        .with("all_conf4", absent())
        .with("all_conf4", number(1))
        .with("def_conf6", number(1))
        .with("unix_conf", number(512))
        .with("ipv4_sysctl", text("0\t2147483647\n"));
    let eth0 = device(2, "eth0", "VETH").with("conf4", number(-1)).with("conf6", text("line\n\n"));
    let checkpoint = open(&Dump::new().record("netns-8.img", &netns).record("netdev-8.img", &eth0));
    let expected = [
        "net.unix.max_dgram_qlen=512",
        "net.ipv4.ping_group_range=0\t2147483647",
        "net.ipv4.conf.all.accept_local=0",
        "net.ipv4.conf.all.accept_source_route=1",
        "net.ipv6.conf.default.accept_dad=1",
        "net.ipv4.conf.eth0.accept_local=-1",
        "net.ipv6.conf.eth0.accept_dad=line\n",
    ];
    assert_eq!(sysctls(&checkpoint), expected);
}

/// CRIU 1.6 to 2.2 stored plain numbers.
#[test]
fn old_sysctls_are_numbers_of_which_minus_one_is_none() {
    let eth0 = device(2, "eth0", "VETH").list("conf", [1, -1, 0]);
    let checkpoint = open(&Dump::new().record("netdev-8.img", &eth0));
    let expected = ["net.ipv4.conf.eth0.accept_local=1", "net.ipv4.conf.eth0.accept_source_route=0"];
    assert_eq!(sysctls(&checkpoint), expected);
    let both = device(2, "eth0", "VETH").list("conf", [1]).with("conf4", number(0));
    let checkpoint = open(&Dump::new().record("netdev-8.img", &both));
    assert_eq!(sysctls(&checkpoint), ["net.ipv4.conf.eth0.accept_local=0"], "the newer form counts");
}

#[test]
fn values_behind_the_known_names_are_left_out() {
    let many = (0..100).fold(device(2, "e", "VETH"), |device, value| device.with("conf4", number(value)));
    let checkpoint = open(&Dump::new().record("netdev-8.img", &many));
    let all = sysctls(&checkpoint);
    assert_eq!(all.len(), 30);
    assert_eq!(all[29], "net.ipv4.conf.e.drop_unicast_in_l2_multicast=29");
    assert_eq!(all[21], "net.ipv4.conf.e.rp_filter=21");
}

/// As a dump with `--empty-ns net` has it: nothing of the namespace is stored but what its firewall tracked.
#[test]
fn a_namespace_of_which_only_connections_are_stored_is_there() {
    let number = |value: u32| value.to_be_bytes();
    let attribute = |kind: u16, value: &[u8]| {
        let length = u16::try_from(value.len() + 4).unwrap();
        let mut bytes = [length.to_le_bytes(), kind.to_le_bytes()].concat();
        bytes.extend(value);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    };
    // ctnetlink: CTA_TUPLE_ORIG, in it CTA_TUPLE_IP with addresses and CTA_TUPLE_PROTO with number and ports; CTA_TIMEOUT.
    let addresses = [attribute(1, &[10, 0, 0, 1]), attribute(2, &[10, 0, 0, 2])].concat();
    let ports = [attribute(1, &[6]), attribute(2, &[0x9c, 0x40]), attribute(3, &[0, 80])].concat();
    let tuple = [attribute(0x8001, &addresses), attribute(0x8002, &ports)].concat();
    let connection = message(0x100, &[2, 0, 0, 0], &[(0x8001, &tuple), (7, &number(431_999))]);
    let checkpoint = open(&Dump::new().image("netns-ct-8.img", connection));
    let network = network(&checkpoint);
    assert_eq!((network.id, network.connections.len()), (NamespaceId(8), 1));
    let original = &network.connections[0].original;
    let addr = |text: &str| text.parse::<IpAddr>().unwrap();
    assert_eq!((original.source, original.destination), (Some(addr("10.0.0.1")), Some(addr("10.0.0.2"))));
    assert_eq!(told(&checkpoint, "image-damaged"), <[&str; 0]>::default());
}

const IPTABLES: &str = "# Generated by iptables-save\n*nat\n:PREROUTING ACCEPT [1:52]\n:DOCKER - [0:0]\n\
                        -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\nCOMMIT\n# Completed on Wed\n";
const NFTABLES: &str = "table inet CRIU-7 {\n\tchain output {\n\t\ttype filter hook output priority filter; policy drop;\n\
                        \t\tmeta mark 0x0000c114 accept\n\t}\n}\ntable ip filter {\n\tset allowed {\n\t\ttype ipv4_addr\n\t}\n\
                        \tchain input {\n\t\tip saddr @allowed accept\n\t}\n}\n";

/// What stands in front of a cut is listed, and the cut is told with its place.
#[test]
fn a_firewall_that_was_cut_is_told() {
    for (name, text, rules) in [("iptables-8.img", IPTABLES, 2), ("nftables-8.img", NFTABLES, 3)] {
        let whole = open(&Dump::new().image(name, text));
        assert_eq!(network(&whole).firewall.len(), rules, "{name}");
        assert_eq!(told(&whole, "image-damaged"), <[&str; 0]>::default(), "{name}");
        let end = text.len() - 3;
        let cut = open(&Dump::new().image(name, &text[..end]));
        assert_eq!(network(&cut).firewall.len(), rules, "{name}");
        let damage: Vec<_> = cut.diagnostics().into_iter().filter(|it| it.code == "image-damaged").collect();
        let [damage] = &damage[..] else { panic!("{name}: {damage:?}") };
        assert!(damage.member.as_ref().unwrap().ends_with(name.as_bytes()), "{damage}");
        assert_eq!(damage.offset, Some(end as u64), "{damage}");
        assert!(damage.text.contains("ends in the middle of a table"), "{damage}");
    }
}

#[test]
fn firewalls_of_all_programs_are_listed() {
    let dump = Dump::new()
        .image("iptables-8.img", IPTABLES)
        .image("ip6tables-8.img", "*filter\n:INPUT DROP [0:0]\nCOMMIT\n")
        .image("nftables-8.img", NFTABLES);
    let checkpoint = open(&dump);
    let rows: Vec<_> = network(&checkpoint)
        .firewall
        .iter()
        .map(|it| format!("{} {} {} {} {} {}", it.program, it.family, it.table, it.kind, it.name, it.own))
        .collect();
    let expected = [
        "iptables ip nat chain PREROUTING false",
        "iptables ip nat chain DOCKER false",
        "ip6tables ip6 filter chain INPUT false",
        "nft inet CRIU-7 chain output true",
        "nft ip filter set allowed false",
        "nft ip filter chain input false",
    ];
    assert_eq!(rows, expected);
    let firewall = &network(&checkpoint).firewall;
    let policies: Vec<_> =
        firewall[..3].iter().map(|it| it.policy.as_ref().map(ToString::to_string)).collect();
    assert_eq!(policies, [Some("ACCEPT".into()), None, Some("DROP".into())]);
    assert_eq!(firewall[0].text, "-m addrtype --dst-type LOCAL -j DOCKER");
    assert_eq!(firewall[4].text, "type ipv4_addr");
}

#[test]
fn a_chain_whose_name_begins_like_the_lock_is_not_the_lock() {
    let text = "*filter\n:INPUT ACCEPT [0:0]\n:CRIUX - [0:0]\n-A INPUT -j CRIUX\n-A INPUT -g CRIU\nCOMMIT\n";
    let checkpoint = open(&Dump::new().image("iptables-8.img", text));
    assert!(network(&checkpoint).firewall.iter().all(|rules| !rules.own));
}

/// Numbers of `rtnetlink.h`, and the words of `ip route`.
#[test]
fn numbers_have_words_and_unknown_ones_are_shown() {
    assert_eq!([scope(0), scope(253), scope(254), scope(7)], ["global", "link", "host", "7"]);
    assert_eq!([table(254), table(255), table(253), table(1000)], ["main", "local", "default", "1000"]);
    assert_eq!([protocol(2), protocol(3), protocol(16), protocol(0)], ["kernel", "boot", "dhcp", "0"]);
    assert_eq!([route_kind(1), route_kind(6), route_kind(0)], ["unicast", "blackhole", "0"]);
    assert_eq!(
        [conntrack_state(3), conntrack_state(7), conntrack_state(255)],
        ["ESTABLISHED", "TIME_WAIT", "255"]
    );
}
