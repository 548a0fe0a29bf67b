//! Network namespaces against `ip -json`, asked in that namespace.

use std::collections::{BTreeMap, BTreeSet};

use icecore::Pid;
use icecore::namespaces::NamespaceKind;
use icecore::network::{self, Network, Route};
use serde_json::Value;

use crate::testimony::{self, Book, number};

const EXCEPTIONS: &str = include_str!("exceptions/net.tsv");

#[test]
fn networks_are_those_of_the_kernel() {
    let mut book = Book::new(EXCEPTIONS);
    testimony::each(|testified| {
        for kernel in
            testified.truth["namespaces"].as_array().unwrap().iter().filter(|it| it["kind"] == "net")
        {
            let pid = number(&kernel["seen_from_pid"]);
            let namespace = testified.checkpoint.namespaces().find(Pid(pid), NamespaceKind::Net);
            let network = namespace.and_then(|namespace| testified.checkpoint.networks().get(namespace.id));
            match network.filter(|network| network.external.is_none()) {
                Some(network) => compare((&testified.case, pid), kernel, network, &mut book),
                None => book.not_stored("addr"),
            }
        }
    });
    book.close(300);
}

fn compare((case, pid): (&str, u32), kernel: &Value, network: &Network, book: &mut Book) {
    let list = |key: &str| kernel[key].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut addresses: Vec<String> = Vec::new();
    for device in list("addr") {
        let name = text(&device["ifname"]);
        let place = (case, pid, name.as_str());
        let Some(ours) = network.interfaces.iter().find(|interface| interface.name == name) else {
            book.compare(place, "interface", &true, &false);
            continue;
        };
        book.compare(place, "ifindex", &number(&device["ifindex"]), &ours.index);
        book.compare(place, "mtu", &number(&device["mtu"]), &ours.mtu);
        let flags: Vec<String> = device["flags"].as_array().unwrap().iter().map(text).collect();
        book.compare(place, "flags", &flags.join(" "), &ours.flag_names().join(" "));
        if let Some(address) = &ours.address {
            let address: Vec<String> = address.iter().map(|byte| format!("{byte:02x}")).collect();
            book.compare(place, "address", &text(&device["address"]), &address.join(":"));
        }
        let master = ours.master.and_then(|index| network.device(index)).map(|name| name.to_string());
        book.compare(place, "master", &text(&device["master"]), &master.unwrap_or_default());
        for entry in device["addr_info"].as_array().unwrap() {
            let [family, local, scope, label] =
                ["family", "local", "scope", "label"].map(|key| text(&entry[key]));
            addresses.push(format!("{name} {family} {local}/{} {scope} {label}", entry["prefixlen"]));
        }
    }
    book.compare((case, pid, ""), "interfaces", &list("addr").len(), &network.interfaces.len());
    let ours = network.addresses.iter().map(|it| {
        let (name, label) = (network.device(it.interface).unwrap(), it.label.clone().unwrap_or_default());
        let family = if it.family == 2 { "inet" } else { "inet6" };
        let (local, scope) = (it.local.or(it.address).unwrap(), network::scope(it.scope));
        format!("{name} {family} {local}/{} {scope} {label}", it.prefix_length)
    });
    same((case, pid, ""), "addresses", addresses, ours.collect(), book);
    routes((case, pid, ""), [list("route"), list("route6")].concat(), network, book);
    rules((case, pid, ""), list("rule"), network, book);
}

/// Compares what has no order, item by item.
fn same(
    place: (&str, u32, &str),
    field: &'static str,
    mut kernel: Vec<String>,
    mut ours: Vec<String>,
    book: &mut Book,
) {
    kernel.sort();
    ours.sort();
    book.compare(place, field, &kernel.len(), &ours.len());
    for (kernel, ours) in kernel.iter().zip(&ours) {
        book.compare(place, field, kernel, ours);
    }
}

fn routes(place: (&str, u32, &str), kernel: Vec<Value>, network: &Network, book: &mut Book) {
    // Only the main table is saved.
    let main = kernel.iter().filter(|route| route["table"] == "main" || route["table"].is_null());
    let kernel = main.map(|route| {
        let text = |key: &str| route[key].as_str().unwrap_or_default();
        let parts = ["type", "dst", "gateway", "dev", "protocol", "scope", "prefsrc"].map(text);
        format!("{} {}", parts.join(" "), route["metric"].as_u64().unwrap_or_default())
    });
    let ours = network.routes.iter().map(|route| {
        let device = route.interface.and_then(|index| network.device(index)).map(|name| name.to_string());
        let ip = |address: Option<std::net::IpAddr>| address.map(|it| it.to_string()).unwrap_or_default();
        let parts = [
            network::route_kind(route.kind).to_string(),
            destination(route),
            ip(route.gateway),
            device.unwrap_or_default(),
            network::protocol(route.protocol).to_string(),
            network::scope(route.scope).to_string(),
            ip(route.source),
        ];
        format!("{} {}", parts.join(" "), route.priority.unwrap_or_default())
    });
    // Some were asked for both families twice.
    let kernel: BTreeSet<String> = kernel.collect();
    same(place, "routes", kernel.into_iter().collect(), ours.collect(), book);
}

fn destination(route: &Route) -> String {
    match (route.destination, route.destination_length) {
        (None, _) => "default".into(),
        (Some(address), length) if length == if address.is_ipv4() { 32 } else { 128 } => address.to_string(),
        (Some(address), length) => format!("{address}/{length}"),
    }
}

fn rules(place: (&str, u32, &str), kernel: Vec<Value>, network: &Network, book: &mut Book) {
    let kernel = kernel.iter().map(|rule| {
        let text = |key: &str| rule[key].as_str().unwrap_or_default();
        format!("{} {} {} {}", rule["priority"], text("src"), text("fwmark"), text("table"))
    });
    // The kernel was asked for IPv4.
    let ours = network.rules.iter().filter(|rule| rule.family == 2).map(|rule| {
        let source = rule.source.map_or("all".into(), |(address, _)| address.to_string());
        let mark = rule.mark.map(|mark| format!("{mark:#x}")).unwrap_or_default();
        format!("{} {source} {mark} {}", rule.priority.unwrap_or_default(), network::table(rule.table))
    });
    same(place, "rules", kernel.collect(), ours.collect(), book);
}

/// What kitchen-sink planted: firewall, sysctls, connections.
#[test]
fn what_was_planted_is_found() {
    let Some(case) = icecore_tests::find("kitchen-sink") else { return };
    let checkpoint = icecore::Checkpoint::open(&case.archives()[0].path).unwrap();
    let network = &checkpoint.networks().namespaces[0];
    let sysctls: BTreeMap<String, String> =
        network.sysctls.iter().map(|it| (it.name.to_string(), it.value.to_string())).collect();
    for (name, value) in
        case.expected["sysctls"].as_object().unwrap().iter().filter(|(name, _)| name.starts_with("net."))
    {
        let wanted = value.as_str().map_or_else(|| value.to_string(), String::from);
        let found = sysctls.get(name).map(|found| found.replace('\t', " "));
        assert_eq!(found.as_ref(), Some(&wanted), "{name}");
    }
    for table in case.expected["network"]["nft_tables"].as_array().unwrap() {
        let is_it =
            |rules: &&network::Rules| format!("{} {}", rules.family, rules.table) == table.as_str().unwrap();
        assert!(network.firewall.iter().filter(is_it).all(|rules| !rules.own), "{table}");
        assert!(network.firewall.iter().any(|rules| is_it(&rules)), "{table}");
    }
    assert!(network.firewall.iter().any(|rules| rules.own && rules.table.starts_with(b"CRIU-")));
    assert!(network.connections.iter().any(|it| it.original.destination_port == Some(6469)));
}
