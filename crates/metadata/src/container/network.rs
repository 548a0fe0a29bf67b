//! Addresses, interfaces and ports.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Container;
use crate::crio::{self, ContainerPort};
use crate::documents::Role;
use crate::fact::{Fact, Origin, Sources};
use crate::finding::Findings;
use crate::network_status::{CniAddress, CniInterface, CniResult, NetworkInterface, NetworkStatus};

/// Annotation with the ports of a container, JSON in a string.
const PORTS_KEY: &str = "io.kubernetes.container.ports";

/// Prefix of the annotations with the addresses of a pod, numbered from 0.
const ADDRESS_PREFIX: &str = "io.kubernetes.cri-o.IP.";

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Interface {
    /// Its name in the container.
    pub name: Option<String>,
    /// The network that it belongs to; not told by Podman up to 3.
    pub network: Option<String>,
    /// Its hardware address.
    pub mac: Option<String>,
    /// Its addresses with their prefix lengths.
    pub addresses: Vec<String>,
    /// Gateways.
    pub gateways: Vec<String>,
}

/// A port of a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Port {
    /// Its name in Kubernetes.
    pub name: Option<String>,
    /// First port in the container.
    pub container_port: Option<u32>,
    /// First port on the host, if published.
    pub host_port: Option<u32>,
    /// Address on the host, if published on that alone.
    pub host_ip: Option<String>,
    /// Number of ports.
    pub range: u32,
    /// `tcp`, `udp` or `sctp`, lower case; several with commas in Podman.
    pub protocol: Option<String>,
    /// Where it stands.
    #[serde(skip)]
    pub from: Origin,
}

/// Fills in addresses, interfaces and ports.
pub(super) fn fill(container: &mut Container, s: &Sources<'_>, findings: &mut Findings) {
    container.interfaces = interfaces(s);
    for interface in &container.interfaces {
        let origin = s.origin(Role::NetworkStatus, "addresses of the interfaces");
        container
            .addresses
            .extend(interface.addresses.iter().map(|address| Fact::new(address.clone(), origin.clone())));
    }
    container.addresses.extend(annotated_addresses(s));
    container.ports = published(s);
    container.ports.extend(annotated_ports(s, findings));
}

fn interfaces(s: &Sources<'_>) -> Vec<Interface> {
    match s.documents.network.get() {
        None | Some(NetworkStatus::None) => Vec::new(),
        Some(NetworkStatus::Cni(results)) => results.iter().flat_map(cni).collect(),
        Some(NetworkStatus::Networks(networks)) => networks
            .iter()
            .flat_map(|(network, status)| {
                let interfaces = status.interfaces.iter().flatten();
                interfaces.map(move |(name, interface)| named(network, name, interface))
            })
            .collect(),
    }
}

fn named(network: &str, name: &str, interface: &NetworkInterface) -> Interface {
    let subnets = interface.subnets.iter().flatten();
    Interface {
        name: Some(name.to_owned()),
        network: Some(network.to_owned()),
        mac: interface.mac_address.clone(),
        addresses: subnets.clone().filter_map(|subnet| subnet.address.clone()).collect(),
        gateways: subnets.filter_map(|subnet| subnet.gateway.clone()).collect(),
    }
}

/// The container's interfaces are those with a network namespace; addresses point at interfaces by their
/// index.
fn cni(result: &CniResult) -> Vec<Interface> {
    let mut addresses: BTreeMap<Option<u64>, Vec<&CniAddress>> = BTreeMap::new();
    for address in result.ips.iter().flatten() {
        addresses.entry(address.interface).or_default().push(address);
    }
    let with = |index: Option<u64>, name: Option<String>, mac: Option<String>| {
        let own = addresses.get(&index).map(Vec::as_slice).unwrap_or_default().iter();
        Interface {
            name,
            network: None,
            mac,
            addresses: own.clone().filter_map(|ip| ip.address.clone()).collect(),
            gateways: own.filter_map(|ip| ip.gateway.clone()).collect(),
        }
    };
    let inside = |interface: &CniInterface| interface.sandbox.as_deref().is_some_and(|path| !path.is_empty());
    let numbered = (0_u64..).zip(result.interfaces.iter().flatten());
    let mut list: Vec<Interface> = numbered
        .filter(|(_, interface)| inside(interface))
        .map(|(index, interface)| with(Some(index), interface.name.clone(), interface.mac.clone()))
        .collect();
    if addresses.contains_key(&None) {
        list.push(with(None, None, None));
    }
    list
}

/// The addresses of a pod of CRI-O, in the order of their numbers.
fn annotated_addresses(s: &Sources<'_>) -> Vec<Fact<String>> {
    let annotations = s.spec().and_then(|spec| spec.annotations.as_ref());
    let mut list: Vec<(u32, Fact<String>)> = annotations
        .into_iter()
        .flat_map(|annotations| annotations.range(ADDRESS_PREFIX.to_owned()..))
        .take_while(|(key, _)| key.starts_with(ADDRESS_PREFIX))
        .filter(|(_, address)| !address.is_empty())
        .filter_map(|(key, address)| {
            let number = key.strip_prefix(ADDRESS_PREFIX)?.parse().ok()?;
            Some((number, Fact::new(address.clone(), Origin::new(s.documents.spec_member(), key.clone()))))
        })
        .collect();
    list.sort_by_key(|(number, _)| *number);
    list.into_iter().map(|(_, fact)| fact).collect()
}

/// Ports that Podman published.
fn published(s: &Sources<'_>) -> Vec<Port> {
    let Some(config) = s.config() else { return Vec::new() };
    let nonempty = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let new = config.new_port_mappings.iter().flatten().map(|port| Port {
        name: None,
        container_port: port.container_port,
        host_port: port.host_port,
        host_ip: nonempty(&port.host_ip),
        range: port.range.unwrap_or(1).max(1),
        protocol: nonempty(&port.protocol),
        from: s.origin(Role::ConfigDump, "newPortMappings"),
    });
    let old = config.port_mappings.iter().flatten().map(|port| Port {
        name: None,
        container_port: port.container_port,
        host_port: port.host_port,
        host_ip: nonempty(&port.host_ip),
        range: 1,
        protocol: nonempty(&port.protocol),
        from: s.origin(Role::ConfigDump, "portMappings"),
    });
    new.chain(old).collect()
}

/// Ports that Kubernetes declares, from the first annotations that have them.
fn annotated_ports(s: &Sources<'_>, findings: &mut Findings) -> Vec<Port> {
    let status = s.status_dump().and_then(|status| status.annotations.as_ref());
    let spec = s.spec().and_then(|spec| spec.annotations.as_ref());
    let places = [
        (s.documents.spec_member(), s.documents.crio.annotations.as_ref()),
        ("status.dump", status),
        (s.documents.spec_member(), spec),
    ];
    let found = places
        .into_iter()
        .find_map(|(member, map)| Some((member, map.filter(|map| map.contains_key(PORTS_KEY))?)));
    let Some((member, annotations)) = found else { return Vec::new() };
    let ports: Vec<ContainerPort> = crio::inner(annotations, PORTS_KEY, findings).unwrap_or_default();
    ports
        .into_iter()
        .map(|port| Port {
            name: port.name,
            container_port: port.container_port,
            host_port: port.host_port.filter(|port| *port != 0),
            host_ip: port.host_ip,
            range: 1,
            protocol: port.protocol.map(|protocol| protocol.to_ascii_lowercase()),
            from: Origin::new(member, PORTS_KEY),
        })
        .collect()
}

#[cfg(test)]
mod tests;
