//! `network.status`: the addresses that Podman gave to the container.
//!
//! Three forms, told by the JSON alone: `null` (no network known), a list (results of CNI plugins, Podman up
//! to 3), an object (networks by name, since 4.0).

use std::collections::BTreeMap;

use serde::Serialize;

use crate::document::{Value, documents, mismatch};
use crate::finding::Findings;
use crate::json::{Node, Path};

/// The document.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum NetworkStatus {
    /// `null`: network `none` or `host`, a network program of the user's, or a container in a pod.
    None,
    /// Results of CNI plugins, one a network. Podman up to 3.
    Cni(Vec<CniResult>),
    /// Networks by name. Podman since 4.0.
    Networks(BTreeMap<String, Network>),
}

impl Value for NetworkStatus {
    fn read(slot: &mut Option<Self>, node: Node, at: &Path<'_>, findings: &mut Findings) -> Result<(), Node> {
        match node {
            Node::Null => *slot = Some(NetworkStatus::None),
            Node::Array(_) => {
                let mut list = None;
                Value::read(&mut list, node, at, findings)?;
                *slot = list.map(NetworkStatus::Cni);
            }
            Node::Object(_) => {
                let mut map = None;
                Value::read(&mut map, node, at, findings)?;
                *slot = map.map(NetworkStatus::Networks);
            }
            other => return mismatch(other, "null, a list or an object", at, findings),
        }
        Ok(())
    }
}

documents! {
    /// What a CNI plugin answered.
    CniResult {
        /// Version of the form.
        version: String = "cniVersion",
        /// Interfaces on the host and in the container.
        interfaces: Vec<CniInterface> = "interfaces",
        /// Addresses.
        ips: Vec<CniAddress> = "ips",
        /// Routes.
        routes: Vec<Node> = "routes",
        /// DNS servers.
        dns: Node = "dns",
    }

    /// An interface.
    CniInterface {
        /// Its name.
        name: String = "name",
        /// Its hardware address.
        mac: String = "mac",
        /// Path of the network namespace; absent for the host's side.
        sandbox: String = "sandbox",
    }

    /// An address.
    CniAddress {
        /// `4` or `6`.
        version: String = "version",
        /// Which interface has it, an index.
        interface: u64 = "interface",
        /// Address and prefix length.
        address: String = "address",
        /// Gateway.
        gateway: String = "gateway",
    }

    /// A network.
    Network {
        /// Interfaces in the container, by name.
        interfaces: BTreeMap<String, NetworkInterface> = "interfaces",
        /// DNS servers.
        dns_server_ips: Vec<String> = "dns_server_ips",
        /// DNS search domains.
        dns_search_domains: Vec<String> = "dns_search_domains",
    }

    /// An interface.
    NetworkInterface {
        /// Its addresses.
        subnets: Vec<Subnet> = "subnets",
        /// Its hardware address.
        mac_address: String = "mac_address",
    }

    /// An address of an interface.
    Subnet {
        /// The address of the interface (not of the network) and the prefix length.
        address: String = "ipnet",
        /// Gateway.
        gateway: String = "gateway",
    }
}
