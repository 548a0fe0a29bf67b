//! `icecore net`: lists of devices, addresses, routes, rules, firewall, connections, sysctls.

use std::net::IpAddr;

use icecore::Checkpoint;
use icecore::namespaces::NamespaceKind;
use icecore::network::{
    self, Address, Connection, Interface, Network, Route, Rule, Rules as Firewall, Sysctl, Tuple,
};

use super::details::hex;
use crate::list::{Ask, List, Rows, sure};
use crate::output::{Cell, Column, Kind, Object, Row, Table};
use crate::row;

/// A word where it is known, else its number.
const WORD_OR_NUMBER: Kind = Kind::OneOf(&[Kind::Text, Kind::Count]);

const TUPLE: Kind =
    Kind::Object(&[("src", Kind::Text), ("sport", Kind::Count), ("dst", Kind::Text), ("dport", Kind::Count)]);

const NEXT_HOP: Kind =
    Kind::Object(&[("gateway", Kind::Text), ("dev", Kind::Bytes), ("weight", Kind::Count)]);

/// The lists that the command shows without being asked for more.
pub(crate) const SHORT: [List; 7] = [
    List::new(&NAMESPACES, |checkpoint, ask| each(checkpoint, ask, |it| vec![namespace(it)])),
    List::new(&INTERFACES, |checkpoint, ask| each(checkpoint, ask, |it| rows(it, &it.interfaces, interface))),
    List::new(&ADDRESSES, |checkpoint, ask| each(checkpoint, ask, |it| rows(it, &it.addresses, address))),
    List::new(&ROUTES, |checkpoint, ask| each(checkpoint, ask, |it| rows(it, &it.routes, route))),
    List::new(&RULES, |checkpoint, ask| each(checkpoint, ask, |it| rows(it, &it.rules, rule))),
    List::new(&FIREWALL, |checkpoint, ask| each(checkpoint, ask, |it| rows(it, &it.firewall, rules))),
    List::new(&CONNECTIONS, |checkpoint, ask| {
        each(checkpoint, ask, |it| rows(it, &it.connections, connection))
    }),
];

/// All lists.
pub(crate) const LISTS: [List; 8] = {
    let [namespaces, interfaces, addresses, routes, rules, firewall, connections] = SHORT;
    let sysctls =
        List::new(&SYSCTLS, |checkpoint, ask| each(checkpoint, ask, |it| rows(it, &it.sysctls, sysctl)));
    [namespaces, interfaces, addresses, routes, rules, firewall, connections, sysctls]
};

/// The columns of all lists.
pub(crate) const TABLES: [&Table; 8] =
    [&NAMESPACES, &INTERFACES, &ADDRESSES, &ROUTES, &RULES, &FIREWALL, &CONNECTIONS, &SYSCTLS];

/// The rows of every namespace that is asked for.
fn each<'a>(checkpoint: &'a Checkpoint, ask: &'a Ask, rows: fn(&Network) -> Vec<Row>) -> Rows<'a> {
    let is_wanted = |id| ask.processes.wants_namespace(checkpoint, NamespaceKind::Net, id);
    let wanted = checkpoint.networks().namespaces.iter().filter(move |network| is_wanted(network.id));
    sure(wanted.flat_map(rows))
}

/// A row for each thing that a namespace has.
fn rows<T>(network: &Network, all: &[T], row: fn(&Network, &T) -> Row) -> Vec<Row> {
    all.iter().map(|one| row(network, one)).collect()
}

const CONNECTIONS: Table = Table {
    name: "connections",
    columns: &[
        Column::count("netns", "NETNS").always().for_machines(),
        Column::of(WORD_OR_NUMBER, "protocol", "PROTOCOL"),
        Column::text("state", "STATE"),
        Column::of(TUPLE, "original", "ORIGINAL"),
        Column::of(TUPLE, "reply", "REPLY"),
        Column::hex("status", "STATUS"),
        Column::count("timeout", "TIMEOUT"),
        Column::count("mark", "MARK"),
    ],
};

const NAMESPACES: Table = Table {
    name: "netns",
    columns: &[
        Column::count("netns", "NETNS").always(),
        Column::bytes("external", "HANDED IN AS"),
        Column::count("devices", "DEVICES"),
    ],
};

const INTERFACES: Table = Table {
    name: "interfaces",
    columns: &[
        Column::count("netns", "NETNS").always().for_machines(),
        Column::count("index", "INDEX"),
        Column::bytes("name", "NAME"),
        Column::of(WORD_OR_NUMBER, "type", "TYPE"),
        Column::text("address", "ADDRESS"),
        Column::count("mtu", "MTU"),
        Column::list(&Kind::Text, "flags", "FLAGS"),
        Column::bytes("master", "MASTER"),
        Column::count("peer_index", "PEER").for_machines(),
        Column::count("peer_netns", "PEER NETNS").for_machines(),
    ],
};

const ADDRESSES: Table = Table {
    name: "addresses",
    columns: &[
        Column::count("netns", "NETNS").always().for_machines(),
        Column::bytes("dev", "DEVICE"),
        Column::of(WORD_OR_NUMBER, "family", "FAMILY"),
        Column::text("local", "ADDRESS"),
        Column::count("prefixlen", "PREFIX"),
        Column::of(WORD_OR_NUMBER, "scope", "SCOPE"),
        Column::text("broadcast", "BROADCAST"),
        Column::bytes("label", "LABEL"),
        Column::count("ifindex", "INDEX").for_machines(),
        Column::text("peer", "PEER").for_machines(),
        Column::hex("flags", "FLAGS").for_machines(),
        Column::count("valid_life_time", "VALID").for_machines(),
        Column::count("preferred_life_time", "PREFERRED").for_machines(),
    ],
};

const ROUTES: Table = Table {
    name: "routes",
    columns: &[
        Column::count("netns", "NETNS").always().for_machines(),
        Column::of(WORD_OR_NUMBER, "type", "TYPE"),
        Column::text("dst", "DESTINATION"),
        Column::text("gateway", "GATEWAY"),
        Column::bytes("dev", "DEVICE"),
        Column::of(WORD_OR_NUMBER, "table", "TABLE"),
        Column::of(WORD_OR_NUMBER, "protocol", "PROTOCOL"),
        Column::of(WORD_OR_NUMBER, "scope", "SCOPE"),
        Column::text("prefsrc", "SOURCE"),
        Column::count("metric", "METRIC"),
        Column::of(WORD_OR_NUMBER, "family", "FAMILY").for_machines(),
        Column::list(&NEXT_HOP, "nexthops", "NEXT HOPS").for_machines(),
    ],
};

const RULES: Table = Table {
    name: "rules",
    columns: &[
        Column::count("netns", "NETNS").always().for_machines(),
        Column::count("priority", "PRIORITY"),
        Column::text("src", "FROM"),
        Column::text("dst", "TO"),
        Column::hex("fwmark", "MARK"),
        Column::bytes("iif", "IN"),
        Column::bytes("oif", "OUT"),
        Column::of(WORD_OR_NUMBER, "table", "TABLE"),
        Column::of(WORD_OR_NUMBER, "family", "FAMILY").for_machines(),
        Column::count("srclen", "FROM PREFIX").for_machines(),
        Column::count("dstlen", "TO PREFIX").for_machines(),
        Column::hex("fwmask", "MASK").for_machines(),
        Column::count("action", "ACTION").for_machines(),
    ],
};

const FIREWALL: Table = Table {
    name: "firewall",
    columns: &[
        Column::count("netns", "NETNS").always().for_machines(),
        Column::text("program", "PROGRAM"),
        Column::of(WORD_OR_NUMBER, "family", "FAMILY").for_machines(),
        Column::of(WORD_OR_NUMBER, "table", "TABLE"),
        Column::text("kind", "KIND").for_machines(),
        Column::bytes("name", "CHAIN"),
        Column::bytes("policy", "POLICY"),
        Column::bytes("text", "RULES"),
        Column::bool("own", "CRIU'S"),
    ],
};

const SYSCTLS: Table = Table {
    name: "sysctls",
    columns: &[
        Column::count("netns", "NETNS").always().for_machines(),
        Column::bytes("name", "NAME"),
        Column::bytes("value", "VALUE"),
    ],
};

fn namespace(network: &Network) -> Row {
    row![network.id.0, network.external.as_ref(), network.interfaces.len()]
}

fn interface(network: &Network, interface: &Interface) -> Row {
    let (peer, netns) = interface.peer.unzip();
    row![
        network.id.0,
        interface.index,
        &interface.name,
        interface.link.name(),
        interface.address.as_deref().map_or(Cell::NOT_APPLICABLE, |bytes| hardware(bytes).into()),
        interface.mtu,
        interface.flag_names(),
        interface.master.map_or(Cell::NOT_APPLICABLE, |index| device(network, Some(index))),
        Cell::given(peer),
        netns.flatten().map_or(Cell::NOT_APPLICABLE, |id| id.0.into()),
    ]
}

/// A hardware address, its bytes between colons.
fn hardware(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| hex(&[*byte])).collect::<Vec<_>>().join(":")
}

/// The name of a device, or its index where it is not in the dump.
fn device(network: &Network, index: Option<u32>) -> Cell {
    let Some(index) = index else { return Cell::NOT_APPLICABLE };
    network.device(index).map_or_else(|| format!("if{index}").into(), Cell::from)
}

fn family(number: u8) -> Cell {
    match number {
        2 => "inet".into(),
        10 => "inet6".into(),
        other => u32::from(other).into(),
    }
}

fn ip(address: Option<IpAddr>) -> Cell {
    address.map_or(Cell::NOT_APPLICABLE, |address| address.to_string().into())
}

fn address(network: &Network, address: &Address) -> Row {
    // On a link of two, `address` is the other end; elsewhere both are the same, or `local` is absent.
    let local = address.local.or(address.address);
    row![
        network.id.0,
        device(network, Some(address.interface)),
        family(address.family),
        ip(local),
        u32::from(address.prefix_length),
        network::scope(address.scope),
        ip(address.broadcast),
        Cell::given(address.label.as_ref()),
        address.interface,
        ip(address.address.filter(|other| Some(*other) != local)),
        Cell::Hex(address.flags.into()),
        Cell::given(address.valid_lifetime),
        Cell::given(address.preferred_lifetime),
    ]
}

/// A destination as `ip` writes it: without the length of a single address.
fn destination(route: &Route) -> String {
    let Some(address) = route.destination else {
        return if route.destination_length == 0 {
            "default".into()
        } else {
            format!("?/{}", route.destination_length)
        };
    };
    let whole = if address.is_ipv4() { 32 } else { 128 };
    match route.destination_length {
        length if length == whole => address.to_string(),
        length => format!("{address}/{length}"),
    }
}

fn route(network: &Network, route: &Route) -> Row {
    let hops = route.next_hops.iter().map(|hop| {
        Object::new()
            .with("gateway", ip(hop.gateway))
            .with("dev", device(network, Some(hop.interface)))
            .with("weight", u32::from(hop.weight).saturating_add(1))
    });
    row![
        network.id.0,
        network::route_kind(route.kind),
        destination(route),
        ip(route.gateway),
        device(network, route.interface),
        network::table(route.table),
        network::protocol(route.protocol),
        network::scope(route.scope),
        ip(route.source),
        Cell::given(route.priority),
        family(route.family),
        if route.next_hops.is_empty() { Cell::NOT_APPLICABLE } else { hops.collect() },
    ]
}

fn rule(network: &Network, rule: &Rule) -> Row {
    let place = |end: Option<(IpAddr, u8)>| end.map(|(address, _)| Cell::from(address.to_string()));
    let length =
        |end: Option<(IpAddr, u8)>| end.map_or(Cell::NOT_APPLICABLE, |(_, length)| u32::from(length).into());
    row![
        network.id.0,
        rule.priority.unwrap_or_default(),
        place(rule.source).unwrap_or("all".into()),
        place(rule.destination).unwrap_or(Cell::NOT_APPLICABLE),
        rule.mark.map_or(Cell::NOT_APPLICABLE, |mark| Cell::Hex(mark.into())),
        Cell::given(rule.input.as_ref()),
        Cell::given(rule.output.as_ref()),
        network::table(rule.table),
        family(rule.family),
        length(rule.source),
        length(rule.destination),
        rule.mark_mask.map_or(Cell::NOT_APPLICABLE, |mask| Cell::Hex(mask.into())),
        u32::from(rule.action),
    ]
}

fn rules(network: &Network, rules: &Firewall) -> Row {
    row![
        network.id.0,
        rules.program,
        &rules.family,
        &rules.table,
        &rules.kind,
        &rules.name,
        Cell::given(rules.policy.as_ref()),
        &rules.text,
        rules.own,
    ]
}

fn sysctl(network: &Network, sysctl: &Sysctl) -> Row {
    row![network.id.0, &sysctl.name, &sysctl.value]
}

fn tuple(tuple: &Tuple) -> Cell {
    Cell::Object(
        Object::new()
            .with("src", ip(tuple.source))
            .with("sport", Cell::given(tuple.source_port))
            .with("dst", ip(tuple.destination))
            .with("dport", Cell::given(tuple.destination_port)),
    )
}

fn connection(network: &Network, connection: &Connection) -> Row {
    row![
        network.id.0,
        u32::from(connection.original.protocol),
        connection.tcp_state.map_or(Cell::NOT_APPLICABLE, |state| network::conntrack_state(state).into()),
        tuple(&connection.original),
        tuple(&connection.reply),
        Cell::Hex(connection.status.into()),
        Cell::given(connection.timeout),
        Cell::given(connection.mark),
    ]
}
