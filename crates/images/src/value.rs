//! Struct fields and the values in them, from the wire and back.
//!
//! A struct field's Rust type says the label (`T` required, `Option<T>` optional, `Vec<T>` repeated) and, with
//! the coding, the schema type. [`Slot`] is a struct field of any label, [`Value`] one value in it.

use alloc::boxed::Box;
use alloc::vec::Vec;

use bstr::BString;

use crate::descriptor::{FieldType, Label};
use crate::error::Located;
use crate::message::{Decoder, Message};
use crate::wire;

/// The usual coding of a Rust type.
#[derive(Debug)]
pub(crate) struct Plain;
/// Signed integers with the sign in the lowest bit.
#[derive(Debug)]
pub(crate) struct Zigzag;
/// Eight bytes.
#[derive(Debug)]
pub(crate) struct Fixed;

/// One value of a field, in coding `C`.
pub(crate) trait Value<C>: Sized + Default {
    /// The schema type.
    const TYPE: FieldType;

    /// Takes a value, or adds to it where it is a message; `false` if the wire type is another.
    fn take<'a>(&mut self, value: wire::Value<'a>, decoder: &mut Decoder) -> Result<bool, Located<'a>>;

    /// Appends the value without its tag.
    fn put(&self, out: &mut Vec<u8>);
}

/// A struct field: one value, none, or many.
pub(crate) trait Slot<C> {
    /// How often the field occurs.
    const LABEL: Label;
    /// The schema type of a value.
    const TYPE: FieldType;

    /// Takes a field; `false` if the wire type is another.
    fn merge<'a>(&mut self, value: wire::Value<'a>, decoder: &mut Decoder) -> Result<bool, Located<'a>>;

    /// Appends the field with its tags.
    fn write(&self, number: u32, out: &mut Vec<u8>);
}

/// The three labels, for each coding. They are not generic over the coding, because then other crates could
/// make a list a value.
macro_rules! slots {
    ($($coding:ident)*) => {$(
        impl<T: Value<$coding>> Slot<$coding> for T {
            const LABEL: Label = Label::Required;
            const TYPE: FieldType = T::TYPE;

            #[inline]
            fn merge<'a>(&mut self, value: wire::Value<'a>, decoder: &mut Decoder) -> Result<bool, Located<'a>> {
                self.take(value, decoder)
            }

            fn write(&self, number: u32, out: &mut Vec<u8>) {
                put_tag(number, T::TYPE.wire_type(), out);
                self.put(out);
            }
        }

        impl<T: Value<$coding>> Slot<$coding> for Option<T> {
            const LABEL: Label = Label::Optional;
            const TYPE: FieldType = T::TYPE;

            #[inline]
            fn merge<'a>(&mut self, value: wire::Value<'a>, decoder: &mut Decoder) -> Result<bool, Located<'a>> {
                if value.wire_type() != T::TYPE.wire_type() {
                    return Ok(false);
                }
                self.get_or_insert_default().take(value, decoder)
            }

            fn write(&self, number: u32, out: &mut Vec<u8>) {
                if let Some(value) = self {
                    value.write(number, out);
                }
            }
        }

        impl<T: Value<$coding>> Slot<$coding> for Vec<T> {
            const LABEL: Label = Label::Repeated;
            const TYPE: FieldType = T::TYPE;

            fn merge<'a>(&mut self, value: wire::Value<'a>, decoder: &mut Decoder) -> Result<bool, Located<'a>> {
                match value {
                    wire::Value::Delimited(packed) if T::TYPE.is_packable() => {
                        for value in wire::packed(packed, T::TYPE.wire_type()) {
                            let mut item = T::default();
                            item.take(value?, decoder)?;
                            self.push(item);
                        }
                        Ok(true)
                    }
                    value => {
                        let mut item = T::default();
                        let fits = item.take(value, decoder)?;
                        if fits {
                            self.push(item);
                        }
                        Ok(fits)
                    }
                }
            }

            fn write(&self, number: u32, out: &mut Vec<u8>) {
                for value in self {
                    value.write(number, out);
                }
            }
        }
    )*};
}

slots! { Plain Zigzag Fixed }

/// A packed list: as any other list when read, one field when written.
pub(crate) trait PackedSlot {
    /// Appends the list as one field, nothing if it is empty.
    fn write_packed(&self, number: u32, out: &mut Vec<u8>);
}

impl<T: Value<Plain>> PackedSlot for Vec<T> {
    fn write_packed(&self, number: u32, out: &mut Vec<u8>) {
        if self.is_empty() {
            return;
        }
        let mut packed = Vec::new();
        for value in self {
            value.put(&mut packed);
        }
        put_tag(number, 2, out);
        put_bytes(&packed, out);
    }
}

/// Integers and the like: a varint, and a function each way.
macro_rules! varints {
    ($($type:ty as $coding:ident = $schema:ident: $read:path, $write:path;)*) => {$(
        impl Value<$coding> for $type {
            const TYPE: FieldType = FieldType::$schema;

            #[inline]
            fn take<'a>(&mut self, value: wire::Value<'a>, _: &mut Decoder) -> Result<bool, Located<'a>> {
                let wire::Value::Varint(raw) = value else { return Ok(false) };
                *self = $read(raw);
                Ok(true)
            }

            #[inline]
            fn put(&self, out: &mut Vec<u8>) {
                put_varint($write(*self), out);
            }
        }
    )*};
}

varints! {
    u32 as Plain = Uint32: integer::to_u32, u64::from;
    u64 as Plain = Uint64: u64::from, u64::from;
    i32 as Plain = Int32: integer::to_i32, integer::from_i32;
    i64 as Plain = Int64: u64::cast_signed, i64::cast_unsigned;
    i32 as Zigzag = Sint32: integer::unzigzag_32, integer::zigzag_32;
    i64 as Zigzag = Sint64: integer::unzigzag, integer::zigzag;
    bool as Plain = Bool: integer::to_bool, u64::from;
}

/// Integers in varints. One that is wider than its field is cut to the field, as protobuf does.
pub(crate) mod integer {
    pub(crate) fn to_u32(raw: u64) -> u32 {
        u32::try_from(raw & 0xffff_ffff).unwrap_or_default()
    }

    pub(crate) fn to_i32(raw: u64) -> i32 {
        to_u32(raw).cast_signed()
    }

    /// Negative numbers have ten bytes: they are extended to 64 bits.
    pub(crate) fn from_i32(value: i32) -> u64 {
        i64::from(value).cast_unsigned()
    }

    pub(crate) fn unzigzag(raw: u64) -> i64 {
        ((raw >> 1) ^ (raw & 1).wrapping_neg()).cast_signed()
    }

    pub(crate) fn zigzag(value: i64) -> u64 {
        ((value << 1) ^ (value >> 63)).cast_unsigned()
    }

    pub(crate) fn unzigzag_32(raw: u64) -> i32 {
        to_i32(unzigzag(to_u32(raw).into()).cast_unsigned())
    }

    pub(crate) fn zigzag_32(value: i32) -> u64 {
        zigzag(value.into())
    }

    pub(crate) fn to_bool(raw: u64) -> bool {
        raw != 0
    }
}

impl Value<Fixed> for u64 {
    const TYPE: FieldType = FieldType::Fixed64;

    fn take<'a>(&mut self, value: wire::Value<'a>, _: &mut Decoder) -> Result<bool, Located<'a>> {
        let wire::Value::Fixed64(raw) = value else { return Ok(false) };
        *self = raw;
        Ok(true)
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }
}

macro_rules! byte_strings {
    ($($type:ty = $schema:ident;)*) => {$(
        impl Value<Plain> for $type {
            const TYPE: FieldType = FieldType::$schema;

            fn take<'a>(&mut self, value: wire::Value<'a>, _: &mut Decoder) -> Result<bool, Located<'a>> {
                let wire::Value::Delimited(bytes) = value else { return Ok(false) };
                *self = bytes.into();
                Ok(true)
            }

            fn put(&self, out: &mut Vec<u8>) {
                put_bytes(self, out);
            }
        }
    )*};
}

byte_strings! {
    BString = String;
    Vec<u8> = Bytes;
}

/// Takes a message, one level deeper; of one that is too deep nothing.
pub(crate) fn take_message<'a, M: Message>(
    message: &mut M,
    value: wire::Value<'a>,
    decoder: &mut Decoder,
) -> Result<bool, Located<'a>> {
    let wire::Value::Delimited(bytes) = value else { return Ok(false) };
    let Some(depth) = decoder.depth.checked_sub(1) else {
        decoder.remarkable = true;
        return Ok(true);
    };
    decoder.depth = depth;
    message.merge(bytes, decoder)?;
    decoder.depth = depth.saturating_add(1);
    Ok(true)
}

/// A large message that is usually absent is boxed, so that its absence is small.
impl<M: Message> Value<Plain> for Box<M> {
    const TYPE: FieldType = FieldType::Message(M::descriptor);

    fn take<'a>(&mut self, value: wire::Value<'a>, decoder: &mut Decoder) -> Result<bool, Located<'a>> {
        take_message(&mut **self, value, decoder)
    }

    fn put(&self, out: &mut Vec<u8>) {
        put_bytes(&self.encode(), out);
    }
}

pub(crate) fn put_tag(number: u32, wire_type: u8, out: &mut Vec<u8>) {
    put_varint((u64::from(number) << 3) | u64::from(wire_type), out);
}

pub(crate) fn put_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    put_varint(wire::len(bytes), out);
    out.extend_from_slice(bytes);
}

/// Bytes of a varint that is as short as possible.
pub(crate) fn varint_width(value: u64) -> usize {
    // Seven bits a byte, and one byte for 0.
    let bits = u64::BITS.saturating_sub((value | 1).leading_zeros());
    usize::try_from(bits.div_ceil(7)).unwrap_or(wire::MAX_VARINT)
}

pub(crate) fn put_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push((value & 0x7f | 0x80).to_le_bytes()[0]);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

#[cfg(test)]
mod tests;
