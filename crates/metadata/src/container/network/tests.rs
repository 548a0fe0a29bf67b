//! Addresses, interfaces and ports.

use super::*;
use crate::{Documents, EngineName, Layout};

fn addresses(name: &str, text: &str) -> Vec<String> {
    let mut documents = Documents::default();
    documents.add(name, text.as_bytes());
    let has = |_: &str| false;
    let layout = Layout::new(&has);
    let s = Sources { documents: &documents, layout: &layout, engine: EngineName::Unknown };
    let mut container = Container::default();
    fill(&mut container, &s, &mut Findings::new(""));
    container.addresses.iter().map(|fact| fact.value.clone()).collect()
}

#[test]
fn all_forms_of_addresses() {
    // The forms of archives.md, section 2.6.
    let cni = r#"[{"cniVersion":"0.4.0","interfaces":[{"name":"cni-podman0"},{"name":"veth"},{"name":"eth0","mac":"f2:99","sandbox":"/run/netns/cni-1"}],
        "ips":[{"version":"4","interface":2,"address":"10.88.0.2/16","gateway":"10.88.0.1"}],"dns":{}}]"#;
    assert_eq!(addresses("network.status", cni), ["10.88.0.2/16"]);
    let map = r#"{"podman":{"interfaces":{"eth0":{"subnets":[{"ipnet":"10.88.0.9/16"},{"ipnet":"fd00::9/64"}],"mac_address":"f2:99"}}},"b":{}}"#;
    assert_eq!(addresses("network.status", map), ["10.88.0.9/16", "fd00::9/64"]);
    assert!(addresses("network.status", "null").is_empty());
    let spec = r#"{"annotations":{"io.kubernetes.cri-o.IP.10":"c","io.kubernetes.cri-o.IP.0":"a","io.kubernetes.cri-o.IP.2":"b","io.kubernetes.cri-o.IPx":"d"}}"#;
    assert_eq!(addresses("spec.dump", spec), ["a", "b", "c"]);
}

/// The network of an archive of these documents.
fn network(documents: &[(&str, &str)]) -> Container {
    let mut read = Documents::default();
    for (name, text) in documents {
        read.add(name, text.as_bytes());
    }
    let has = |_: &str| false;
    let layout = Layout::new(&has);
    let s = Sources { documents: &read, layout: &layout, engine: EngineName::Unknown };
    let mut container = Container::default();
    fill(&mut container, &s, &mut Findings::new("spec.dump"));
    container
}

#[test]
fn addresses_of_a_pod_are_in_the_order_of_their_numbers() {
    let container = network(&[(
        "spec.dump",
        r#"{"annotations": {"io.kubernetes.cri-o.IP.10": "c", "io.kubernetes.cri-o.IP.2": "b",
            "io.kubernetes.cri-o.IP.0": "a", "io.kubernetes.cri-o.IP.1": "", "io.kubernetes.cri-o.IP.x": "n",
            "io.kubernetes.cri-o.IPC": "n", "io.kubernetes.cri-o.IP.4294967296": "n"}}"#,
    )]);
    let found: Vec<_> = container.addresses.iter().map(|fact| fact.value.as_str()).collect();
    assert_eq!(found, ["a", "b", "c"]);
    assert_eq!(container.addresses[1].from.to_string(), "spec.dump io.kubernetes.cri-o.IP.2");
}

#[test]
fn interfaces_of_cni_are_those_inside() {
    let container = network(&[(
        "network.status",
        r#"[{"interfaces": [{"name": "cni0"}, {"name": "veth", "sandbox": ""}, {"name": "eth0", "mac": "m", "sandbox": "/n"}],
            "ips": [{"interface": 2, "address": "10.88.0.2/16", "gateway": "10.88.0.1"}, {"interface": 0, "address": "host"},
                {"interface": 99, "address": "nowhere"}, {"address": "loose"}]}]"#,
    )]);
    let found: Vec<_> = container
        .interfaces
        .iter()
        .map(|interface| (interface.name.as_deref(), interface.mac.as_deref(), interface.addresses.join(",")))
        .collect();
    assert_eq!(found, [(Some("eth0"), Some("m"), "10.88.0.2/16".into()), (None, None, "loose".into())]);
    assert_eq!(container.interfaces[0].gateways, ["10.88.0.1"]);
}

#[test]
fn published_ports_come_from_either_form() {
    let container = network(&[(
        "config.dump",
        r#"{"newPortMappings": [{"container_port": 80, "host_port": 8080, "host_ip": "", "range": 0, "protocol": "tcp,udp"}],
            "portMappings": [{"containerPort": 53, "hostPort": 5353, "hostIP": "127.0.0.1", "protocol": ""}]}"#,
    )]);
    let [new, old] = &container.ports[..] else { panic!("{:?}", container.ports) };
    assert_eq!(
        (new.container_port, new.host_port, new.host_ip.as_deref(), new.range),
        (Some(80), Some(8080), None, 1)
    );
    assert_eq!(new.protocol.as_deref(), Some("tcp,udp"));
    assert_eq!((old.host_ip.as_deref(), old.protocol.as_deref()), (Some("127.0.0.1"), None));
    assert_eq!((new.from.key.as_str(), old.from.key.as_str()), ("newPortMappings", "portMappings"));
}

#[test]
fn declared_ports_are_json_in_an_annotation() {
    let ports = |text: &str| {
        let spec = serde_json::json!({"annotations": {"io.kubernetes.container.ports": text}}).to_string();
        network(&[("spec.dump", &spec)]).ports
    };
    let [port] = &ports(r#"[{"name": "http", "hostPort": 0, "containerPort": 80, "protocol": "TCP"}]"#)[..]
    else {
        panic!("one port")
    };
    assert_eq!((port.name.as_deref(), port.container_port, port.host_port), (Some("http"), Some(80), None));
    assert_eq!(port.protocol.as_deref(), Some("tcp"));
    for other in ["", "null", "[]", "{}", "no JSON", "[7]", "[{\"containerPort\": 4294967296}]"] {
        let found = ports(other);
        assert!(found.iter().all(|port| port.container_port.is_none()), "{other}");
    }
}
