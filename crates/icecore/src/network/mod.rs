//! Network namespaces: devices, addresses, routes, rules, firewall, tracked connections, sysctls.
//!
//! Of a namespace that the engine made (pods, runc, crun) only a key is stored: whoever restores hands it in.

mod firewall;
mod interfaces;
mod sysctls;
mod words;

use std::collections::BTreeMap;

use bstr::{BStr, BString, ByteSlice};
use icecore_images::messages::{NetDeviceEntry, NetnsEntry};
use icecore_images::raw::{conntrack, ip_dump};
use icecore_images::{Error, Image, Kind};
use serde::Serialize;

use crate::images::Images;
use crate::{Diagnostic, NamespaceId};

pub use firewall::Rules;
pub use icecore_images::raw::conntrack::{Connection, Tuple};
pub use icecore_images::raw::ip_dump::{Address, NextHop, Route, Rule};
pub use interfaces::{Interface, Link};
pub use sysctls::Sysctl;
pub use words::{conntrack_state, protocol, route_kind, scope, table};

/// The network namespaces of a checkpoint that images tell of, by rising id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Networks {
    /// The namespaces.
    pub namespaces: Vec<Network>,
}

/// One network namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Network {
    /// Its id, as processes and sockets refer to it.
    pub id: NamespaceId,
    /// The key by which whoever restores hands it in; then nothing else of it is stored. Source: `netns-N.img`, since CRIU 3.11.
    pub external: Option<BString>,
    /// Its devices, by index. Source: `netdev-N.img`.
    pub interfaces: Vec<Interface>,
    /// Addresses of the devices. Source: `ifaddr-N.img`.
    pub addresses: Vec<Address>,
    /// Routes of the main table, IPv4 first: those of other tables are not stored. Source: `route-N.img`, `route6-N.img`.
    pub routes: Vec<Route>,
    /// Which table is asked when, by priority. Source: `rule-N.img`.
    pub rules: Vec<Rule>,
    /// The firewall. Source: `iptables-N.img`, `ip6tables-N.img`, `nftables-N.img`.
    pub firewall: Vec<Rules>,
    /// Connections that the firewall tracks. Source: `netns-ct-N.img`.
    pub connections: Vec<Connection>,
    /// Sysctls of the namespace and its devices, by name. Source: `netns-N.img`, `netdev-N.img`.
    pub sysctls: Vec<Sysctl>,
}

impl Networks {
    pub(crate) fn of(images: &Images, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let ids: BTreeMap<u64, ()> = images
            .known()
            .filter(|(_, kind, _)| is_of_network(*kind))
            .filter_map(|(name, ..)| Some((Kind::of_name(name)?.number()?, ())))
            .collect();
        let ids = ids.into_keys().filter_map(|id| u32::try_from(id).ok());
        Self { namespaces: ids.map(|id| Network::read(images, NamespaceId(id), diagnostics)).collect() }
    }

    /// The namespace of this id.
    pub fn get(&self, id: NamespaceId) -> Option<&Network> {
        self.namespaces.iter().find(|network| network.id == id)
    }
}

/// Kinds whose images are numbered by network namespace.
fn is_of_network(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Netns
            | Kind::Netdev
            | Kind::Ifaddr
            | Kind::Route
            | Kind::Route6
            | Kind::Rule
            | Kind::Iptables
            | Kind::Ip6tables
            | Kind::Nftables
            | Kind::NetnfCt
    )
}

impl Network {
    fn read(images: &Images, id: NamespaceId, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let netns: Option<NetnsEntry> = images.first(&format!("netns-{id}.img"), diagnostics);
        let mut devices: Vec<NetDeviceEntry> =
            images.records(&format!("netdev-{id}.img"), diagnostics).unwrap_or_default();
        devices.sort_by_key(|device| device.ifindex);
        let sysctls = sysctls::of(netns.as_ref(), &devices);
        let mut routes =
            all(images, &format!("route-{id}.img"), |image| good(ip_dump::routes(image)), diagnostics);
        routes.extend(all(
            images,
            &format!("route6-{id}.img"),
            |image| good(ip_dump::routes(image)),
            diagnostics,
        ));
        Self {
            id,
            external: netns.and_then(|netns| netns.ext_key),
            interfaces: devices.into_iter().map(Interface::from).collect(),
            addresses: all(
                images,
                &format!("ifaddr-{id}.img"),
                |image| good(ip_dump::addresses(image)),
                diagnostics,
            ),
            routes,
            rules: all(images, &format!("rule-{id}.img"), |image| good(ip_dump::rules(image)), diagnostics),
            firewall: firewall::read(images, id, diagnostics),
            connections: all(
                images,
                &format!("netns-ct-{id}.img"),
                |image| good(conntrack::connections(image)),
                diagnostics,
            ),
            sysctls,
        }
    }

    /// The name of a device.
    pub fn device(&self, index: u32) -> Option<&BStr> {
        let at = self.interfaces.binary_search_by_key(&index, |interface| interface.index).ok()?;
        self.interfaces.get(at).map(|interface| interface.name.as_bstr())
    }
}

/// What an image holds up to its end or its first damage, and that damage.
type Good<T> = (Vec<T>, Option<Error>);

fn good<T>(items: impl Iterator<Item = Result<T, Error>>) -> Good<T> {
    let mut damage = None;
    let good = items.map_while(|item| item.map_err(|error| damage = Some(error)).ok()).collect();
    (good, damage)
}

/// Everything that an image has of a kind. Where it is damaged, what comes before; the rest is told.
fn all<T>(
    images: &Images,
    name: &str,
    read: impl FnOnce(&Image<'_>) -> Good<T>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<T> {
    let (good, damage) =
        images.with_image(name, diagnostics, |image| read(&image)).unwrap_or((Vec::new(), None));
    if let (Some(error), Some(member)) = (damage, images.member(name)) {
        diagnostics.push(images.damaged_member(member, &error));
    }
    good
}

#[cfg(test)]
mod tests;
