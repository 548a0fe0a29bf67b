//! Protobuf's wire format: the fields of a record without knowledge of its message.
//!
//! A record is a row of fields. A field is a tag (varint of `number << 3 | wire type`), then a value:
//! a varint (0), eight bytes (1), a length and that many bytes (2), or four bytes (5). Groups (3 … 4) are
//! obsolete but legal in unknown fields; they are stepped over flat, whatever their depth.
//!
//! ```
//! use icecore_images::wire::{self, Value};
//!
//! let field = wire::fields(b"\x08\x96\x01").next().unwrap().unwrap();
//! assert_eq!((field.number, field.value), (1, Value::Varint(150)));
//! ```

use nom::bytes::complete::take;
use nom::error::{ErrorKind, ParseError};
use nom::number::complete::{le_u32, le_u64};

pub use crate::error::Located;
use crate::error::{Fault, distance};

/// Bytes of the longest varint.
pub const MAX_VARINT: usize = 10;

/// The value of a field, by its wire type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// Wire type 0: integers, booleans, enumerations.
    Varint(u64),
    /// Wire type 1, little-endian.
    Fixed64(u64),
    /// Wire type 2: text, bytes, messages, packed numbers.
    Delimited(&'a [u8]),
    /// Wire types 3 and 4: the fields between start and end.
    Group(&'a [u8]),
    /// Wire type 5, little-endian.
    Fixed32(u32),
}

impl Value<'_> {
    /// The three bits that name the wire type (3 for a group).
    #[must_use]
    pub fn wire_type(&self) -> u8 {
        match self {
            Self::Varint(_) => 0,
            Self::Fixed64(_) => 1,
            Self::Delimited(_) => 2,
            Self::Group(_) => 3,
            Self::Fixed32(_) => 5,
        }
    }
}

/// One field of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// Number of the field, never 0.
    pub number: u32,
    /// Its value.
    pub value: Value<'a>,
    /// Tag and value as they stand in the record.
    pub bytes: &'a [u8],
}

/// The fields of a record, in the order of the bytes.
#[must_use]
pub fn fields(record: &[u8]) -> Fields<'_> {
    Fields { rest: record }
}

/// Iterator over the fields of a record; it ends after the first fault.
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, Located<'a>>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        match field(self.rest) {
            Ok((rest, field)) => {
                self.rest = rest;
                Some(Ok(field))
            }
            Err(error) => {
                self.rest = &[];
                Some(Err(located(error)))
            }
        }
    }
}

/// What a parser of this crate gives: the rest and the value, or where and why not.
pub(crate) type Parsed<'a, T> = nom::IResult<&'a [u8], T, Located<'a>>;

impl<'a> ParseError<&'a [u8]> for Located<'a> {
    fn from_error_kind(input: &'a [u8], _: ErrorKind) -> Self {
        // Only `take` and the number parsers are used: they fail for want of bytes and for nothing else.
        Self { at: input, fault: Fault::Truncated("a value") }
    }

    fn append(_: &'a [u8], _: ErrorKind, other: Self) -> Self {
        other
    }
}

/// The error of a parser. `Incomplete` does not occur: all parsers are complete.
pub(crate) fn located(error: nom::Err<Located<'_>>) -> Located<'_> {
    match error {
        nom::Err::Error(located) | nom::Err::Failure(located) => located,
        nom::Err::Incomplete(_) => Located { at: &[], fault: Fault::Truncated("a value") },
    }
}

pub(crate) fn fault<T>(at: &[u8], fault: Fault) -> Parsed<'_, T> {
    Err(nom::Err::Error(Located { at, fault }))
}

#[inline]
fn field(input: &[u8]) -> Parsed<'_, Field<'_>> {
    let (rest, (number, value)) = numbered(input)?;
    let bytes = input.get(..distance(input, rest)).unwrap_or(input);
    Ok((rest, Field { number, value, bytes }))
}

/// A field without its bytes.
#[inline]
pub(crate) fn numbered(input: &[u8]) -> Parsed<'_, (u32, Value<'_>)> {
    match simple(input) {
        Some((rest, number, raw)) => Ok((rest, (number, Value::Varint(raw)))),
        None => general(input),
    }
}

/// A field as nearly all are: a tag of one byte, then a varint. `None` for all others, damage among them, which
/// take the general way.
///
/// Pagemaps have millions of such fields; this is half the work.
#[inline]
fn simple(input: &[u8]) -> Option<(&[u8], u32, u64)> {
    let (&tag, mut rest) = input.split_first()?;
    // Field numbers 1 to 15, wire type 0.
    if !matches!(tag, 8..0x80) || tag & 7 != 0 {
        return None;
    }
    let mut value = 0u64;
    let mut shift = 0u32;
    // Nine bytes have 63 bits: nothing is lost.
    while shift < 63 {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        value |= u64::from(byte & 0x7f).wrapping_shl(shift);
        if byte < 0x80 {
            return Some((rest, u32::from(tag >> 3), value));
        }
        shift = shift.wrapping_add(7);
    }
    None
}

/// A field of any number and wire type.
fn general(input: &[u8]) -> Parsed<'_, (u32, Value<'_>)> {
    let (rest, (number, wire_type)) = tag(input)?;
    let (rest, value) = match wire_type {
        0 => varint(rest).map(|(rest, value)| (rest, Value::Varint(value)))?,
        1 => le_u64(rest).map(|(rest, value)| (rest, Value::Fixed64(value)))?,
        2 => delimited(rest).map(|(rest, value)| (rest, Value::Delimited(value)))?,
        3 => group(rest, number).map(|(rest, value)| (rest, Value::Group(value)))?,
        5 => le_u32(rest).map(|(rest, value)| (rest, Value::Fixed32(value)))?,
        _ => return fault(input, Fault::WireType { number, wire_type }),
    };
    Ok((rest, (number, value)))
}

/// Number and wire type.
#[inline]
fn tag(input: &[u8]) -> Parsed<'_, (u32, u8)> {
    let (rest, tag) = varint(input)?;
    match (u32::try_from(tag >> 3), u8::try_from(tag & 7)) {
        (Ok(number), Ok(wire_type)) if number != 0 && number < 1 << 29 => Ok((rest, (number, wire_type))),
        _ => fault(input, Fault::Tag(tag)),
    }
}

/// Seven bits a byte, lowest first; the top bit says that more follow.
#[inline]
pub(crate) fn varint(input: &[u8]) -> Parsed<'_, u64> {
    match input.split_first() {
        Some((&byte, rest)) if byte < 0x80 => Ok((rest, u64::from(byte))),
        _ => long_varint(input),
    }
}

#[inline]
fn long_varint(input: &[u8]) -> Parsed<'_, u64> {
    let mut value = 0u64;
    for (index, &byte) in input.iter().take(MAX_VARINT).enumerate() {
        // The tenth byte has the 64th bit and no other.
        if index == 9 && byte > 1 {
            break;
        }
        let shift = u32::try_from(index).unwrap_or(0).wrapping_mul(7);
        value |= u64::from(byte & 0x7f).wrapping_shl(shift);
        if byte < 0x80 {
            return Ok((input.get(index.wrapping_add(1)..).unwrap_or_default(), value));
        }
    }
    let what = if input.len() < MAX_VARINT { Fault::Truncated("a varint") } else { Fault::Varint };
    fault(input, what)
}

/// A length, then that many bytes.
#[inline]
pub(crate) fn delimited(input: &[u8]) -> Parsed<'_, &[u8]> {
    let (rest, claimed) = varint(input)?;
    match usize::try_from(claimed) {
        Ok(length) if length <= rest.len() => take(length)(rest),
        _ => fault(input, Fault::Length { what: "a value", claimed, left: len(rest) }),
    }
}

/// The fields of a group up to its end. Groups inside are counted, not followed, so depth costs nothing;
/// only the outermost end has to carry the right number.
fn group(input: &[u8], number: u32) -> Parsed<'_, &[u8]> {
    let mut open = 1usize;
    let mut rest = input;
    loop {
        if rest.is_empty() {
            return fault(input, Fault::Truncated("a group"));
        }
        let (after, (inner, wire_type)) = tag(rest)?;
        let after = match wire_type {
            0 => varint(after)?.0,
            1 => take(8usize)(after)?.0,
            2 => delimited(after)?.0,
            3 => {
                open = open.saturating_add(1);
                after
            }
            4 => {
                open = open.saturating_sub(1);
                after
            }
            5 => take(4usize)(after)?.0,
            _ => return fault(rest, Fault::WireType { number: inner, wire_type }),
        };
        if open == 0 {
            let content = input.get(..distance(input, rest)).unwrap_or(input);
            return match inner == number {
                true => Ok((after, content)),
                false => fault(rest, Fault::Group { began: number, ended: inner }),
            };
        }
        rest = after;
    }
}

/// The values of a packed list; it ends after the first fault.
pub(crate) fn packed(mut rest: &[u8], wire_type: u8) -> impl Iterator<Item = Result<Value<'_>, Located<'_>>> {
    core::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let parsed = match wire_type {
            1 => le_u64(rest).map(|(rest, value)| (rest, Value::Fixed64(value))),
            _ => varint(rest).map(|(rest, value)| (rest, Value::Varint(value))),
        };
        Some(match parsed {
            Ok((after, value)) => {
                rest = after;
                Ok(value)
            }
            Err(error) => {
                rest = &[];
                Err(located(error))
            }
        })
    })
}

/// The length of a slice as a number of a file.
pub(crate) fn len(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    fn values(bytes: &[u8]) -> Result<Vec<(u32, Value<'_>)>, (usize, Fault)> {
        fields(bytes)
            .map(|field| match field {
                Ok(field) => Ok((field.number, field.value)),
                Err(error) => Err((error.offset_in(bytes), error.fault)),
            })
            .collect()
    }

    #[test]
    fn every_wire_type_is_read() {
        let bytes = b"\x08\x96\x01\x11\x01\0\0\0\0\0\0\0\x1a\x02hi\x25\x02\0\0\0";
        let expected = [
            (1, Value::Varint(150)),
            (2, Value::Fixed64(1)),
            (3, Value::Delimited(b"hi")),
            (4, Value::Fixed32(2)),
        ];
        assert_eq!(values(bytes).unwrap(), expected);
    }

    #[test]
    fn a_varint_has_64_bits_at_most() {
        let max = b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
        assert_eq!(varint(max), Ok((&[][..], u64::MAX)));
        for bad in
            [&b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"[..], b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\0"]
        {
            assert_eq!(varint(bad).map_err(located), Err(Located { at: bad, fault: Fault::Varint }));
        }
        assert_eq!(varint(b"\x80\x00"), Ok((&[][..], 0)), "not minimal, but legal");
        assert_eq!(varint(b"\x80").map_err(|e| located(e).fault), Err(Fault::Truncated("a varint")));
    }

    #[test]
    fn a_length_is_compared_with_the_bytes_left() {
        let fault = Fault::Length { what: "a value", claimed: 0xffff_ffff, left: 1 };
        assert_eq!(values(b"\x08\x01\x12\xff\xff\xff\xff\x0fx"), Err((3, fault)));
    }

    #[test]
    fn groups_are_stepped_over_flat() {
        assert_eq!(
            values(b"\x0b\x08\x05\x0c\x10\x07"),
            Ok([(1, Value::Group(b"\x08\x05")), (2, Value::Varint(7))].into())
        );
        let mut deep = std::vec![0x0b; 50_000];
        deep.extend(std::iter::repeat_n(0x0c, 50_000));
        assert_eq!(values(&deep).unwrap().len(), 1);
        assert_eq!(values(b"\x0b\x08\x05"), Err((1, Fault::Truncated("a group"))));
        assert_eq!(values(b"\x0b\x14"), Err((1, Fault::Group { began: 1, ended: 2 })));
    }

    #[test]
    fn tags_that_are_none_are_refused() {
        assert_eq!(values(b"\x00"), Err((0, Fault::Tag(0))));
        assert_eq!(values(b"\x0c"), Err((0, Fault::WireType { number: 1, wire_type: 4 })));
        assert_eq!(values(b"\x0f"), Err((0, Fault::WireType { number: 1, wire_type: 7 })));
        assert_eq!(values(b"\x80\x80\x80\x80\x10"), Err((0, Fault::Tag(1 << 32))));
    }

    proptest! {
        #[test]
        fn the_short_way_and_the_general_one_agree(bytes: Vec<u8>) {
            if let Some((rest, number, raw)) = simple(&bytes) {
                prop_assert_eq!(general(&bytes), Ok((rest, (number, Value::Varint(raw)))));
            }
        }

        #[test]
        fn arbitrary_bytes_end(bytes: Vec<u8>) {
            let mut covered = 0usize;
            for field in fields(&bytes) {
                match field {
                    Ok(field) => covered = covered.saturating_add(field.bytes.len()),
                    Err(error) => prop_assert!(error.offset_in(&bytes) >= covered),
                }
            }
            prop_assert!(covered <= bytes.len());
        }
    }
}
