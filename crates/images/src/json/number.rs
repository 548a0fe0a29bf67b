//! Numbers in their pretty forms, and back: hexadecimal, device numbers, flags, names.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::descriptor::{FieldDescriptor, FieldType, Names, Show};
use crate::image::ByteOrder;
use crate::value::integer;

/// A number of a field, as the schema understands its varint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Number {
    Unsigned(u64),
    Signed(i64),
}

impl Number {
    /// The number that a varint or eight bytes are in a field of that type.
    pub(crate) fn of(raw: u64, kind: FieldType) -> Self {
        match kind {
            FieldType::Uint32 => Self::Unsigned(integer::to_u32(raw).into()),
            FieldType::Int32 | FieldType::Enum(..) => Self::Signed(integer::to_i32(raw).into()),
            FieldType::Int64 => Self::Signed(raw.cast_signed()),
            FieldType::Sint32 => Self::Signed(integer::unzigzag_32(raw).into()),
            FieldType::Sint64 => Self::Signed(integer::unzigzag(raw)),
            _ => Self::Unsigned(raw),
        }
    }

    /// The varint or eight bytes of the number; `None` if the type does not hold it.
    pub(crate) fn raw(self, kind: FieldType) -> Option<u64> {
        let signed = || match self {
            Self::Signed(value) => Some(value),
            Self::Unsigned(value) => i64::try_from(value).ok(),
        };
        let small = || signed().and_then(|value| i32::try_from(value).ok());
        let unsigned = || match self {
            Self::Signed(value) => u64::try_from(value).ok(),
            Self::Unsigned(value) => Some(value),
        };
        match kind {
            FieldType::Uint32 => unsigned().filter(|&value| value <= u32::MAX.into()),
            FieldType::Int32 | FieldType::Enum(..) => small().map(integer::from_i32),
            FieldType::Int64 => signed().map(i64::cast_unsigned),
            FieldType::Sint32 => small().map(integer::zigzag_32),
            FieldType::Sint64 => signed().map(integer::zigzag),
            _ => unsigned(),
        }
    }
}

/// The pretty form of a number; `None` if it is shown as a number.
pub(crate) fn pretty(number: Number, show: Show, hex: bool) -> Option<String> {
    if hex || show == Show::Hex {
        return Some(match number {
            Number::Unsigned(value) => format!("{value:#x}"),
            Number::Signed(value) if value < 0 => format!("-{:#x}", value.unsigned_abs()),
            Number::Signed(value) => format!("{value:#x}"),
        });
    }
    let Number::Unsigned(value) = number else { return None };
    match show {
        Show::Dev => Some(format!("{}:{}", value >> 20, value & 0xf_ffff)),
        Show::Odev => Some(format!("{}:{}", value >> 8 & 0xfff, value & 0xff | value >> 12 & 0xf_ff00)),
        Show::Flags(names) => Some(flags(value, names)),
        Show::Dict(names) => name(value, names).map(ToString::to_string),
        _ => None,
    }
}

fn flags(value: u64, names: Names) -> String {
    let named = |&&(_, bit): &&(&str, i64)| value & bit.cast_unsigned() != 0;
    let mut parts: Vec<String> = names.iter().filter(named).map(|(name, _)| name.to_string()).collect();
    let rest = names.iter().fold(value, |rest, (_, bit)| rest & !bit.cast_unsigned());
    if rest != 0 {
        parts.push(format!("{rest:#x}"));
    }
    parts.join(" | ")
}

fn name(value: u64, names: Names) -> Option<&'static str> {
    names.iter().find(|(_, known)| known.cast_unsigned() == value).map(|(name, _)| *name)
}

/// The number that a text of any form is in a field; `None` if it is none.
pub(crate) fn parse(text: &str, field: &FieldDescriptor) -> Option<Number> {
    let shown = match field.show {
        Show::Dev => {
            device(text).and_then(|(major, minor)| Some(major.checked_mul(1 << 20)? | (minor & 0xf_ffff)))
        }
        Show::Odev => device(text)
            .map(|(major, minor)| major << 8 & 0xf_ff00 | minor & 0xff | minor << 12 & 0xfff0_0000),
        Show::Flags(names) => parse_flags(text, names),
        Show::Dict(names) => value(text, names),
        _ => None,
    };
    shown.map(Number::Unsigned).or_else(|| digits(text))
}

/// Decimal, or hexadecimal behind `0x`, with a sign or without.
pub(crate) fn digits(text: &str) -> Option<Number> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(text) => (true, text),
        None => (false, text),
    };
    let value = match text.strip_prefix("0x") {
        Some(hex) => unsigned(hex, 16)?,
        None => unsigned(text, 10)?,
    };
    match negative {
        true => Some(Number::Signed(0i64.checked_sub_unsigned(value)?)),
        false => Some(Number::Unsigned(value)),
    }
}

/// Digits alone: the standard library would also take a sign.
fn unsigned(text: &str, radix: u32) -> Option<u64> {
    text.chars().all(|c| c.is_digit(radix)).then(|| u64::from_str_radix(text, radix).ok())?
}

fn device(text: &str) -> Option<(u64, u64)> {
    let (major, minor) = text.split_once(':')?;
    Some((unsigned(major, 10)?, unsigned(minor, 10)?))
}

fn parse_flags(text: &str, names: Names) -> Option<u64> {
    let mut parts = text.split('|').map(str::trim).filter(|part| !part.is_empty());
    parts.try_fold(0, |flags, part| {
        let bits = value(part, names).or_else(|| match digits(part)? {
            Number::Unsigned(bits) => Some(bits),
            Number::Signed(_) => None,
        });
        Some(flags | bits?)
    })
}

fn value(text: &str, names: Names) -> Option<u64> {
    names.iter().find(|(name, _)| *name == text).map(|(_, value)| value.cast_unsigned())
}

/// The address that some words are: one of IPv4 or four of IPv6, each in the memory order of the machine.
pub(crate) fn address(words: &[u64], order: ByteOrder) -> Option<String> {
    let words: Vec<u32> = words.iter().map(|&word| integer::to_u32(word)).collect();
    let octets = |word: u32| match order {
        ByteOrder::Little => word.to_le_bytes(),
        ByteOrder::Big => word.to_be_bytes(),
    };
    match *words {
        [v4] => Some(Ipv4Addr::from(octets(v4)).to_string()),
        [a, b, c, d] => {
            let octets: Vec<u8> = [a, b, c, d].into_iter().flat_map(octets).collect();
            Some(ipv6(<[u8; 16]>::try_from(octets).ok()?.into()))
        }
        _ => None,
    }
}

/// crit shows an IPv4 address inside IPv6 in groups like any other.
fn ipv6(address: Ipv6Addr) -> String {
    match (address.to_ipv4_mapped(), address.segments()) {
        (Some(_), [.., high, low]) => format!("::ffff:{high:x}:{low:x}"),
        _ => address.to_string(),
    }
}

/// The words of an address; `None` if the text is no address.
pub(crate) fn words(text: &str, order: ByteOrder) -> Option<Vec<u64>> {
    let octets = match text.parse().ok()? {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    let (words, _) = octets.as_chunks::<4>();
    let word = |octets: &[u8; 4]| match order {
        ByteOrder::Little => u32::from_le_bytes(*octets),
        ByteOrder::Big => u32::from_be_bytes(*octets),
    };
    Some(words.iter().map(|octets| word(octets).into()).collect())
}

/// How much a payload is that is not shown: steps of 1024, one decimal where it does not come out even.
pub(crate) fn size(bytes: u64) -> String {
    let units = ["", "K", "M", "G", "T", "P", "E"];
    let power = (0..6u32).find(|&power| bytes >> power.saturating_mul(10) < 1024).unwrap_or(6);
    let unit = usize::try_from(power).ok().and_then(|power| units.get(power)).unwrap_or(&"");
    let bits = power.saturating_mul(10);
    let step = 1u128 << bits;
    let mask = step.wrapping_sub(1);
    if u128::from(bytes) & mask == 0 {
        return format!("... <{}{unit}B>", bytes >> bits);
    }
    // Rounded to even where it is in the middle, as Python formats a number that is exact.
    let tenths = u128::from(bytes).saturating_mul(10);
    let (whole, rest) = (tenths >> bits, tenths & mask);
    let up = rest.saturating_mul(2) > step || rest.saturating_mul(2) == step && whole % 2 == 1;
    let tenths = whole.saturating_add(up.into());
    format!("... <{}.{}{unit}B>", tenths.div_euclid(10), tenths % 10)
}

#[cfg(test)]
mod tests;
