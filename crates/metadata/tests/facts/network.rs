use crate::{at, check, metadata};

#[test]
fn networks_of_podman_are_interfaces() {
    let status = r#"{"podman": {"interfaces": {"eth0": {"mac_address": "f2:99:8d:fb:5a:57",
        "subnets": [{"ipnet": "10.88.0.9/16", "gateway": "10.88.0.1"}, {"ipnet": "fd00::9/64"}]}}},
        "internal": {"interfaces": {"eth1": {}}}, "none": {}}"#;
    let found = metadata(&[("network.status", status)], &[]);
    let expected = r#"[{"name":"eth1","network":"internal","mac":null,"addresses":[],"gateways":[]},{"name":"eth0","network":"podman","mac":"f2:99:8d:fb:5a:57","addresses":["10.88.0.9/16","fd00::9/64"],"gateways":["10.88.0.1"]}]"#;
    assert_eq!(at(&found, "/interfaces"), serde_json::from_str::<serde_json::Value>(expected).unwrap());
    let from = &found.container.addresses[0].from;
    assert_eq!(from.member, "network.status");
}

/// CNI: addresses point at interfaces, of which those with a namespace are the container's.
#[test]
fn results_of_cni_are_joined() {
    let status = r#"[{"interfaces": [{"name": "veth0"}, {"name": "eth0", "mac": "aa", "sandbox": "/run/netns/x"},
        {"name": "eth1", "sandbox": "/run/netns/x"}], "ips": [{"interface": 1, "address": "10.88.0.2/16", "gateway": "10.88.0.1"},
        {"interface": 0, "address": "10.88.0.1/16"}, {"interface": 9, "address": "10.0.0.1/8"}]}]"#;
    let found = metadata(&[("network.status", status)], &[]);
    let names: Vec<_> = found
        .container
        .interfaces
        .iter()
        .map(|it| (it.name.as_deref().unwrap(), it.addresses.len()))
        .collect();
    assert_eq!(names, [("eth0", 1), ("eth1", 0)]);
    assert_eq!(found.container.interfaces[0].gateways, ["10.88.0.1"]);
    // An address of no interface is still the container's.
    let status = r#"[{"ips": [{"address": "10.88.0.2/16"}]}]"#;
    check(("network.status", status), "/addresses", r#"["10.88.0.2/16"]"#);
    check(("network.status", "null"), "/addresses", "[]");
}

#[test]
fn ports_of_every_engine_are_read() {
    let new = r#"{"newPortMappings": [{"host_ip": "", "container_port": 80, "host_port": 8080, "range": 1, "protocol": "tcp"},
        {"host_ip": "127.0.0.1", "container_port": 5000, "host_port": 5000, "range": 10, "protocol": "tcp,udp"}]}"#;
    let found = metadata(&[("config.dump", new)], &[]);
    let ports: Vec<_> = found
        .container
        .ports
        .iter()
        .map(|p| (p.container_port, p.host_port, p.range, p.host_ip.as_deref()))
        .collect();
    assert_eq!(ports, [(Some(80), Some(8080), 1, None), (Some(5000), Some(5000), 10, Some("127.0.0.1"))]);
    let old =
        r#"{"portMappings": [{"hostPort": 8080, "containerPort": 80, "protocol": "tcp", "hostIP": ""}]}"#;
    let found = metadata(&[("config.dump", old)], &[]);
    assert_eq!((found.container.ports[0].range, found.container.ports[0].host_port), (1, Some(8080)));
    assert_eq!(found.container.ports[0].from.key, "portMappings");
    // Kubernetes has JSON in an annotation; a host port of 0 is none.
    let declared = r#"{"annotations": {"io.kubernetes.container.ports":
        "[{\"name\":\"http\",\"containerPort\":80,\"protocol\":\"TCP\",\"hostPort\":0}]"}}"#;
    let found = metadata(&[("spec.dump", declared)], &[]);
    let port = &found.container.ports[0];
    assert_eq!(
        (port.name.as_deref(), port.protocol.as_deref(), port.host_port),
        (Some("http"), Some("tcp"), None)
    );
}

#[test]
fn ports_that_are_no_json_are_told() {
    let spec = r#"{"annotations": {"io.kubernetes.container.ports": "[{"}}"#;
    let found = metadata(&[("spec.dump", spec)], &[]);
    assert!(found.container.ports.is_empty());
    assert!(
        found.findings.iter().any(|finding| finding.code.as_str() == "json-inner"),
        "{:?}",
        found.findings
    );
}
