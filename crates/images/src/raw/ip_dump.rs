//! Addresses, routes and rules of a network namespace: `ifaddr-NS.img`, `route-NS.img`, `route6-NS.img`,
//! `rule-NS.img`.
//!
//! Only the main routing table is in an image; a file of four bytes has the magic and no message.

use alloc::vec::Vec;
use core::net::IpAddr;

use bstr::BString;
use serde::Serialize;

use super::netlink::{self, Attribute, Message, messages};
use crate::error::Error;
use crate::image::{ByteOrder, Image, word};

const NEW_ADDRESS: u16 = 20;
const NEW_ROUTE: u16 = 24;
const NEW_RULE: u16 = 32;

/// An address of a device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Address {
    /// 2 IPv4, 10 IPv6.
    pub family: u8,
    /// Bits of the network.
    pub prefix_length: u8,
    /// `IFA_F_*` bits: 0x80 is permanent.
    pub flags: u32,
    /// 0 everywhere, 253 link, 254 host.
    pub scope: u8,
    /// Index of the device.
    pub interface: u32,
    /// The address; of a point-to-point device that of the peer.
    pub address: Option<IpAddr>,
    /// The own address, where it differs.
    pub local: Option<IpAddr>,
    /// The broadcast address.
    pub broadcast: Option<IpAddr>,
    /// Name of the device or alias.
    pub label: Option<BString>,
    /// Seconds that the address is preferred; 4294967295 for ever.
    pub preferred_lifetime: Option<u32>,
    /// Seconds that the address is valid; 4294967295 for ever.
    pub valid_lifetime: Option<u32>,
}

/// A route.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Route {
    /// 2 IPv4, 10 IPv6.
    pub family: u8,
    /// Bits of the destination; 0 is the default route.
    pub destination_length: u8,
    /// Type of service.
    pub tos: u8,
    /// Routing table; 254 is the main one.
    pub table: u32,
    /// Who made it: 2 the kernel, 3 at boot, 4 the administrator, 16 DHCP.
    pub protocol: u8,
    /// 0 everywhere, 253 link, 254 host.
    pub scope: u8,
    /// 1 unicast, 2 local, 3 broadcast, 6 blackhole, 7 unreachable.
    pub kind: u8,
    /// `RTM_F_*` and `RTNH_F_*` bits.
    pub flags: u32,
    /// Destination; absent for the default route.
    pub destination: Option<IpAddr>,
    /// Gateway.
    pub gateway: Option<IpAddr>,
    /// Preferred source address.
    pub source: Option<IpAddr>,
    /// Index of the device.
    pub interface: Option<u32>,
    /// Metric.
    pub priority: Option<u32>,
    /// Hops of a route that has several.
    pub next_hops: Vec<NextHop>,
}

/// One hop of a route that has several.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NextHop {
    /// Index of the device.
    pub interface: u32,
    /// Weight, from 0 for 1.
    pub weight: u8,
    /// Gateway.
    pub gateway: Option<IpAddr>,
}

/// A routing rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Rule {
    /// 2 IPv4, 10 IPv6.
    pub family: u8,
    /// 1 look up a table, 2 go to another rule, 6 blackhole, 7 unreachable, 8 prohibit.
    pub action: u8,
    /// Order; absent is 0.
    pub priority: Option<u32>,
    /// Routing table.
    pub table: u32,
    /// Destination and its bits.
    pub destination: Option<(IpAddr, u8)>,
    /// Source and its bits.
    pub source: Option<(IpAddr, u8)>,
    /// Name of the device that a packet came from.
    pub input: Option<BString>,
    /// Name of the device that a socket is bound to.
    pub output: Option<BString>,
    /// Firewall mark.
    pub mark: Option<u32>,
    /// Bits of the mark that count.
    pub mark_mask: Option<u32>,
}

/// The addresses of an `ifaddr` image.
pub fn addresses<'a>(image: &Image<'a>) -> impl Iterator<Item = Result<Address, Error>> + use<'a> {
    of_kind(image, NEW_ADDRESS).map(|message| message.map(|message| address(&message)))
}

/// The routes of a `route` or `route6` image.
pub fn routes<'a>(image: &Image<'a>) -> impl Iterator<Item = Result<Route, Error>> + use<'a> {
    of_kind(image, NEW_ROUTE).map(|message| message.map(|message| route(&message)))
}

/// The rules of a `rule` image.
pub fn rules<'a>(image: &Image<'a>) -> impl Iterator<Item = Result<Rule, Error>> + use<'a> {
    of_kind(image, NEW_RULE).map(|message| message.map(|message| rule(&message)))
}

fn of_kind<'a>(image: &Image<'a>, kind: u16) -> impl Iterator<Item = Result<Message<'a>, Error>> + use<'a> {
    messages(image).filter(move |message| !matches!(message, Ok(message) if message.kind != kind))
}

/// The first bytes of a body, zeros where it is shorter, and the word at an offset.
struct Body<'a>(&'a [u8], ByteOrder);

impl Body<'_> {
    fn byte(&self, at: usize) -> u8 {
        self.0.get(at).copied().unwrap_or_default()
    }

    fn word(&self, at: usize) -> u32 {
        let bytes = self.0.get(at..).unwrap_or_default();
        word(bytes, self.1).map_or(0, |(_, word)| word)
    }
}

/// u8 family, prefix length, flags, scope; u32 index.
fn address(message: &Message<'_>) -> Address {
    let body = Body(message.body, message.order);
    let mut address = Address {
        family: body.byte(0),
        prefix_length: body.byte(1),
        flags: body.byte(2).into(),
        scope: body.byte(3),
        interface: body.word(4),
        ..Address::default()
    };
    for attribute in message.attributes(8) {
        match attribute.kind {
            1 => address.address = attribute.address(),
            2 => address.local = attribute.address(),
            3 => address.label = Some(attribute.text().into()),
            4 => address.broadcast = attribute.address(),
            6 => {
                let cache = Body(attribute.value, message.order);
                address.preferred_lifetime = Some(cache.word(0));
                address.valid_lifetime = Some(cache.word(4));
            }
            8 => address.flags = attribute.word().unwrap_or(address.flags),
            _ => {}
        }
    }
    address
}

/// u8 family, destination length, source length, tos, table, protocol, scope, type; u32 flags.
fn route(message: &Message<'_>) -> Route {
    let body = Body(message.body, message.order);
    let mut route = Route {
        family: body.byte(0),
        destination_length: body.byte(1),
        tos: body.byte(3),
        table: body.byte(4).into(),
        protocol: body.byte(5),
        scope: body.byte(6),
        kind: body.byte(7),
        flags: body.word(8),
        ..Route::default()
    };
    for attribute in message.attributes(12) {
        match attribute.kind {
            1 => route.destination = attribute.address(),
            4 => route.interface = attribute.word(),
            5 => route.gateway = attribute.address(),
            18 => route.gateway = via(&attribute).or(route.gateway),
            6 => route.priority = attribute.word(),
            7 => route.source = attribute.address(),
            9 => route.next_hops = next_hops(&attribute, message.order),
            15 => route.table = attribute.word().unwrap_or(route.table),
            _ => {}
        }
    }
    route
}

/// A gateway of the other family, as IPv4 routes through IPv6 neighbours have it: u16 family, then the address.
fn via(attribute: &Attribute<'_>) -> Option<IpAddr> {
    let (_family, bytes) = attribute.value.split_first_chunk::<2>()?;
    netlink::address(bytes)
}

/// One behind the other: u16 length, u8 flags, u8 weight, u32 index, attributes.
fn next_hops(attribute: &Attribute<'_>, order: ByteOrder) -> Vec<NextHop> {
    let mut hops = Vec::new();
    let mut rest = attribute.value;
    while let Some((length, _)) = rest.split_first_chunk::<2>() {
        let length = match order {
            ByteOrder::Little => u16::from_le_bytes(*length),
            ByteOrder::Big => u16::from_be_bytes(*length),
        };
        let length = usize::from(length);
        let Some(hop) = rest.get(..length).filter(|hop| hop.len() >= 8) else { break };
        let inner = Message { index: 0, kind: 0, flags: 0, body: hop, order };
        let gateway = inner.attributes(8).find_map(|attribute| match attribute.kind {
            5 => attribute.address(),
            18 => via(&attribute),
            _ => None,
        });
        let body = Body(hop, order);
        hops.push(NextHop { interface: body.word(4), weight: body.byte(3), gateway });
        rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    hops
}

/// u8 family, destination length, source length, tos, table, two reserved, action; u32 flags.
fn rule(message: &Message<'_>) -> Rule {
    let body = Body(message.body, message.order);
    let mut rule =
        Rule { family: body.byte(0), table: body.byte(4).into(), action: body.byte(7), ..Rule::default() };
    for attribute in message.attributes(12) {
        match attribute.kind {
            1 => rule.destination = attribute.address().map(|address| (address, body.byte(1))),
            2 => rule.source = attribute.address().map(|address| (address, body.byte(2))),
            3 => rule.input = Some(attribute.text().into()),
            6 => rule.priority = attribute.word(),
            10 => rule.mark = attribute.word(),
            15 => rule.table = attribute.word().unwrap_or(rule.table),
            16 => rule.mark_mask = attribute.word(),
            17 => rule.output = Some(attribute.text().into()),
            _ => {}
        }
    }
    rule
}

#[cfg(test)]
mod tests;
