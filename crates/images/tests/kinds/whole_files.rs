//! Images that are one content from the first byte to the last: what their readers make of bytes written by hand.

use std::fmt::Write;

use icecore_images::raw::{conntrack, ip_dump, iptables, nftables};
use icecore_images::{Image, Kind};
use serde_json::Value;

use crate::there_and_back;

/// What is read: a reader of the kind, and what it has to find.
type Reading = (fn(&Image<'_>) -> String, &'static str);

/// Kind, name, bytes, reading.
pub(crate) const CASES: &[(Kind, &str, &[u8], Reading)] = &[
    // 20 RTM_NEWADDR: IPv4, /24, scope universe, device 2; ADDRESS, LABEL.
    (
        Kind::Ifaddr,
        "ifaddr-7.img",
        b"\x22\x12\x36\x47\x2c\0\0\0\x14\0\x02\0\0\0\0\0\0\0\0\0\x02\x18\x80\0\x02\0\0\0\
          \x08\0\x01\0\x0a\x01\x02\x03\x09\0\x03\0eth0\0\0\0\0",
        (addresses, "2: 10.1.2.3/24 eth0\n"),
    ),
    // 24 RTM_NEWROUTE: default by 10.1.2.1 through device 2, metric 100.
    (
        Kind::Route,
        "route-7.img",
        b"\x24\x12\x31\x45\x34\0\0\0\x18\0\x02\0\0\0\0\0\0\0\0\0\x02\0\0\0\xfe\x03\0\x01\0\0\0\0\
          \x08\0\x05\0\x0a\x01\x02\x01\x08\0\x04\0\x02\0\0\0\x08\0\x06\0\x64\0\0\0",
        (routes, "-/0 by 10.1.2.1 through 2 table 254 metric 100\n"),
    ),
    (
        Kind::Route6,
        "route6-7.img",
        b"\x24\x12\x31\x45\x38\0\0\0\x18\0\x02\0\0\0\0\0\0\0\0\0\x0a\x40\0\0\xfe\x02\0\x01\0\0\0\0\
          \x14\0\x01\0\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x08\0\x04\0\x02\0\0\0",
        (routes, "fe80::/64 by - through 2 table 254 metric -\n"),
    ),
    // 32 RTM_NEWRULE: all to the main table, priority 32766.
    (
        Kind::Rule,
        "rule-7.img",
        b"\x86\x69\x70\x71\x24\0\0\0\x20\0\x02\0\0\0\0\0\0\0\0\0\x02\0\0\0\xfe\0\0\x01\0\0\0\0\
          \x08\0\x06\0\xfe\x7f\0\0",
        (rules, "32766: table 254 action 1\n"),
    ),
    // A connection 10.0.0.1:40000 to 10.0.0.2:80, of which only the first direction is given, as on a big-endian machine.
    (
        Kind::NetnfCt,
        "netns-ct-7.img",
        b"\0\0\0\x48\x01\0\0\0\0\0\0\0\0\0\0\0\x02\0\0\0\0\x34\x80\x01\0\x14\x80\x01\0\x08\0\x01\x0a\0\0\x01\
          \0\x08\0\x02\x0a\0\0\x02\0\x1c\x80\x02\0\x05\0\x01\x06\0\0\0\0\x06\0\x02\x9c\x40\0\0\0\x06\0\x03\0\x50\0\0",
        (connections, "6 10.0.0.1:40000 10.0.0.2:80\n"),
    ),
    (
        Kind::NetnfExp,
        "netns-exp-7.img",
        b"\x48\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\x02\0\0\0\x34\0\x01\x80\x14\0\x01\x80\x08\0\x01\0\x0a\0\0\x01\
          \x08\0\x02\0\x0a\0\0\x02\x1c\0\x02\x80\x05\0\x01\0\x11\0\0\0\x06\0\x02\0\0\x35\0\0\x06\0\x03\0\xff\xff\0\0",
        (connections, "17 10.0.0.1:53 10.0.0.2:65535\n"),
    ),
    (
        Kind::Iptables,
        "iptables-7.img",
        b"*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -j DNAT --to 10.0.0.2\nCOMMIT\n",
        (firewall, "nat PREROUTING ACCEPT: -p tcp -j DNAT --to 10.0.0.2\n"),
    ),
    (
        Kind::Ip6tables,
        "ip6tables-7.img",
        b"*filter\n:CRIU - [0:0]\n[1:52] -A CRIU -j DROP\nCOMMIT\n",
        (firewall, "filter CRIU - (lock): -j DROP\n"),
    ),
    (
        Kind::Nftables,
        "nftables-7.img",
        b"table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy accept;\n\t}\n}\n",
        (rulesets, "inet filter: chain input 1\n"),
    ),
    (Kind::Pages, "pages-7.img", b"\x19\x43\x56\x54 is no magic here", (content, "21 bytes")),
    (Kind::TmpfsDev, "tmpfs-dev-42.tar.gz.img", b"\x1f\x8b\x08\0\0\0\0\0", (content, "8 bytes")),
    (Kind::TmpfsImg, "tmpfs-7.tar.gz.img", b"\x1f\x8b", (content, "2 bytes")),
    (Kind::Parent, "parent", b"../dump-1", (content, "9 bytes")),
    (Kind::DescriptorsJson, "descriptors.json", b"[\"/dev/null\"]", (content, "13 bytes")),
    (Kind::Log, "dump.log", b"(00.000001) Version: 4.2\n", (content, "25 bytes")),
    // Before CRIU 0.5: the magic of a pagemap, then addresses with a page each.
    (Kind::PagesOld, "pages-7.img", b"", (content, "0 bytes")),
    (Kind::ShmemPagesOld, "pages-shmem-7.img", b"\x25\x40\x08\x56\0\x10\0\0\0\0\0\0", (content, "8 bytes")),
];

fn or_dash<T: ToString>(value: Option<T>) -> String {
    value.map_or("-".into(), |value| value.to_string())
}

fn lines<T>(items: impl Iterator<Item = T>, mut line: impl FnMut(T, &mut String)) -> String {
    let mut text = String::new();
    items.for_each(|item| line(item, &mut text));
    text
}

fn addresses(image: &Image<'_>) -> String {
    lines(ip_dump::addresses(image).map(Result::unwrap), |address, text| {
        let ip_dump::Address { interface, prefix_length, label, .. } = &address;
        let ip = or_dash(address.address);
        writeln!(text, "{interface}: {ip}/{prefix_length} {}", or_dash(label.as_ref())).unwrap();
    })
}

fn routes(image: &Image<'_>) -> String {
    lines(ip_dump::routes(image).map(Result::unwrap), |route, text| {
        let (to, by) = (or_dash(route.destination), or_dash(route.gateway));
        let (through, metric) = (or_dash(route.interface), or_dash(route.priority));
        let ip_dump::Route { destination_length, table, .. } = route;
        writeln!(text, "{to}/{destination_length} by {by} through {through} table {table} metric {metric}")
            .unwrap();
    })
}

fn rules(image: &Image<'_>) -> String {
    lines(ip_dump::rules(image).map(Result::unwrap), |rule, text| {
        writeln!(text, "{}: table {} action {}", or_dash(rule.priority), rule.table, rule.action).unwrap();
    })
}

fn connections(image: &Image<'_>) -> String {
    lines(conntrack::connections(image).map(Result::unwrap), |connection, text| {
        let conntrack::Tuple { source, destination, source_port, destination_port, protocol, .. } =
            connection.original;
        let (from, to) = (or_dash(source), or_dash(destination));
        writeln!(text, "{protocol} {from}:{} {to}:{}", or_dash(source_port), or_dash(destination_port))
            .unwrap();
    })
}

fn firewall(image: &Image<'_>) -> String {
    lines(iptables::tables(image).into_iter(), |table, text| {
        for chain in table.chains {
            let lock = if chain.is_criu_lock() { " (lock)" } else { "" };
            let rules: Vec<_> = chain.rules.iter().map(ToString::to_string).collect();
            let policy = or_dash(chain.policy);
            writeln!(text, "{} {} {policy}{lock}: {}", table.name, chain.name, rules.join("; ")).unwrap();
        }
    })
}

fn rulesets(image: &Image<'_>) -> String {
    lines(nftables::tables(image).into_iter(), |table, text| {
        for block in table.blocks {
            let count = block.lines.len();
            writeln!(text, "{} {}: {} {} {count}", table.family, table.name, block.kind, block.name).unwrap();
        }
    })
}

fn content(image: &Image<'_>) -> String {
    format!("{} bytes", image.body().len())
}

#[test]
fn contents_are_read() {
    for (kind, file, bytes, (read, expected)) in CASES {
        let image = Image::parse(*file, bytes).unwrap();
        // The old pages have no name of their own.
        if *kind != Kind::PagesOld {
            assert_eq!(image.kind(), *kind, "{file}");
        }
        assert_eq!(read(&image), *expected, "{file}");
        assert_eq!(image.entries().count(), 0, "{file}");
    }
}

/// JSON has no form for them but all bytes.
#[test]
fn contents_come_back_from_json() {
    for (_, file, bytes, _) in CASES {
        let (text, back) = there_and_back(file, bytes).unwrap();
        let shown: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(shown["entries"], Value::Array(Vec::new()), "{file}");
        assert_eq!(back, *bytes, "{file}: {text}");
    }
}

#[test]
fn empty_files_are_as_good_as_any() {
    for (kind, file, ..) in CASES.iter().filter(|(kind, ..)| kind.magic().is_none()) {
        let image = Image::parse(*file, b"").unwrap();
        assert_eq!((image.kind(), image.body()), (*kind, &b""[..]), "{file}");
        assert_eq!(there_and_back(file, b"").unwrap().1, b"", "{file}");
    }
}
