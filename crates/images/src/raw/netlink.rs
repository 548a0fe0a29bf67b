//! Netlink messages, as `ip … save` and CRIU's connection tracking dump them.
//!
//! ```text
//! ifaddr, route, route6, rule   u32 magic of iproute2, then messages, each padded to 4 bytes
//! netns-ct, netns-exp           messages, without magic
//! message                       u32 length with this header, u16 type, u16 flags, u32 sequence, u32 port,
//!                               then a fixed body by type, then attributes
//! attribute                     u16 length with this header, u16 type, value, padded to 4 bytes
//! ```
//!
//! Words have the byte order of the machine; addresses, and all words of connection tracking, that of the
//! network. Where a file has a magic it tells the order; otherwise the length of the first message does.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use nom::bytes::complete::take;
use nom::number::complete::{u16, u32};

use crate::error::{Error, Fault, Located};
use crate::image::{ByteOrder, Image, word};
use crate::kinds::Kind;
use crate::wire::{self, Parsed};

/// Bytes of a message's header.
const HEADER: usize = 16;
/// Bytes of an attribute's header.
const ATTRIBUTE: usize = 4;

/// One message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// Number of the message in the image, from 0.
    pub index: usize,
    /// Type, such as 20 for an address.
    pub kind: u16,
    /// `NLM_F_*` bits.
    pub flags: u16,
    /// What follows the header.
    pub body: &'a [u8],
    /// Byte order of the words in it.
    pub order: ByteOrder,
}

/// The messages of an image of a kind that has them; of others there are none.
#[must_use]
pub fn messages<'a>(image: &Image<'a>) -> Messages<'a> {
    let (magic, bytes) = match image.kind() {
        Kind::Ifaddr => (Some(0x4736_1222), image.body()),
        Kind::Route | Kind::Route6 => (Some(0x4531_1224), image.body()),
        Kind::Rule => (Some(0x7170_6986), image.body()),
        Kind::NetnfCt | Kind::NetnfExp => (None, image.body()),
        _ => (None, &[][..]),
    };
    let order = order(bytes, magic);
    let rest = if magic.is_some() { bytes.get(4..).unwrap_or_default() } else { bytes };
    // A file that is not empty and has another magic is another file.
    let wrong_magic =
        magic.is_some_and(|magic| !bytes.is_empty() && word(bytes, order).map(|(_, w)| w) != Ok(magic));
    Messages { image: *image, rest, order, next: 0, wrong_magic }
}

fn order(bytes: &[u8], magic: Option<u32>) -> ByteOrder {
    let is_big = word(bytes, ByteOrder::Big).is_ok_and(|(_, first)| match magic {
        Some(magic) => first == magic,
        None => u64::from(first) <= wire::len(bytes),
    });
    let is_little = magic.is_none()
        && word(bytes, ByteOrder::Little).is_ok_and(|(_, w)| u64::from(w) <= wire::len(bytes));
    if is_big && !is_little { ByteOrder::Big } else { ByteOrder::Little }
}

/// Iterator over the messages of an image; it ends after the first error.
#[derive(Clone, Debug)]
pub struct Messages<'a> {
    image: Image<'a>,
    rest: &'a [u8],
    order: ByteOrder,
    next: usize,
    wrong_magic: bool,
}

impl<'a> Iterator for Messages<'a> {
    type Item = Result<Message<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let index = self.next;
        if core::mem::take(&mut self.wrong_magic) {
            self.rest = &[];
            let fault = Fault::Payload("no magic of iproute2 in front of the messages");
            return Some(Err(self.image.malformed(index, &Located { at: self.image.body(), fault })));
        }
        if self.rest.is_empty() {
            return None;
        }
        self.next = index.saturating_add(1);
        match message(self.rest, self.order, index) {
            Ok((rest, message)) => {
                self.rest = rest;
                Some(Ok(message))
            }
            Err(error) => {
                self.rest = &[];
                Some(Err(self.image.malformed(index, &wire::located(error))))
            }
        }
    }
}

fn message(start: &[u8], order: ByteOrder, index: usize) -> Parsed<'_, Message<'_>> {
    let e = order.endianness();
    let (rest, length) = u32(e)(start)?;
    let (rest, kind) = u16(e)(rest)?;
    let (rest, flags) = u16(e)(rest)?;
    let (rest, _sequence_and_port) = take(8usize)(rest)?;
    let Some(body) = usize::try_from(length).ok().and_then(|length| rest.get(..length.checked_sub(HEADER)?))
    else {
        let left = wire::len(start);
        return wire::fault(start, Fault::Length { what: "a netlink message", claimed: length.into(), left });
    };
    Ok((after(rest, body), Message { index, kind, flags, body, order }))
}

/// What follows a part and its padding; at the end the padding may be absent.
fn after<'a>(rest: &'a [u8], part: &[u8]) -> &'a [u8] {
    let padded = part.len().checked_next_multiple_of(4).unwrap_or(usize::MAX);
    rest.get(padded..).unwrap_or_default()
}

impl<'a> Message<'a> {
    /// The attributes behind a fixed body of that many bytes.
    #[must_use]
    pub fn attributes(&self, fixed: usize) -> Attributes<'a> {
        Attributes { rest: self.body.get(fixed..).unwrap_or_default(), order: self.order }
    }
}

/// Iterator over attributes; one that is cut ends it.
#[derive(Clone, Debug)]
pub struct Attributes<'a> {
    rest: &'a [u8],
    order: ByteOrder,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Attribute<'a>;

    fn next(&mut self) -> Option<Attribute<'a>> {
        let (rest, attribute) = attribute(self.rest, self.order).ok()?;
        self.rest = rest;
        Some(attribute)
    }
}

fn attribute(start: &[u8], order: ByteOrder) -> Parsed<'_, Attribute<'_>> {
    let (rest, length) = u16(order.endianness())(start)?;
    let (rest, kind) = u16(order.endianness())(rest)?;
    let Some(value) = usize::from(length).checked_sub(ATTRIBUTE).and_then(|length| rest.get(..length)) else {
        let left = wire::len(start);
        return wire::fault(
            start,
            Fault::Length { what: "a netlink attribute", claimed: length.into(), left },
        );
    };
    // The top two bits say "nested" and "network byte order".
    Ok((after(rest, value), Attribute { kind: kind & 0x3fff, value, order }))
}

/// One attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// Type, without its flags; what it means depends on where the attribute is.
    pub kind: u16,
    /// Its bytes.
    pub value: &'a [u8],
    order: ByteOrder,
}

/// The bytes of an IPv4 or IPv6 address.
pub(super) fn address(bytes: &[u8]) -> Option<IpAddr> {
    match *bytes {
        [a, b, c, d] => Some(Ipv4Addr::new(a, b, c, d).into()),
        _ => Some(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?).into()),
    }
}

impl<'a> Attribute<'a> {
    /// The attributes inside.
    #[must_use]
    pub fn nested(&self) -> Attributes<'a> {
        Attributes { rest: self.value, order: self.order }
    }

    /// A word in the byte order of the machine.
    #[must_use]
    pub fn word(&self) -> Option<u32> {
        word(self.value, self.order).ok().map(|(_, word)| word)
    }

    /// A number of one to eight bytes in the byte order of the network.
    #[must_use]
    pub fn network_number(&self) -> Option<u64> {
        let fits = (1..=8).contains(&self.value.len());
        fits.then(|| self.value.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    /// An IPv4 or IPv6 address.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        address(self.value)
    }

    /// A text up to its NUL.
    #[must_use]
    pub fn text(&self) -> &'a bstr::BStr {
        self.value.split(|&byte| byte == 0).next().unwrap_or_default().into()
    }
}

#[cfg(test)]
mod tests;
