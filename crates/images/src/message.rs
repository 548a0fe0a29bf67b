//! From wire fields to struct fields and back: the traits, and the macros that declare messages and
//! enumerations.
//!
//! A struct field's Rust type says the label (`T` required, `Option<T>` optional, `Vec<T>` repeated) and, with
//! the coding, the schema type. [`Slot`] is a struct field of any label, [`Value`] one value in it.

use alloc::boxed::Box;
use alloc::vec::Vec;

use bstr::BString;

use crate::descriptor::{Descriptor, FieldType, Label};
use crate::error::Located;
use crate::wire;

/// Deepest nesting of messages that is followed; one that is deeper is taken for empty. CRIU's own go 5 deep, but
/// for the two that nest themselves: control groups and AppArmor namespaces.
pub const MAX_DEPTH: u32 = 100;

/// A message of CRIU's schema.
///
/// Implemented by the structs of [`messages`](crate::messages); what they hold is listed by
/// [`descriptor`](Self::descriptor).
pub trait Message: Sized + Default {
    /// Bit n is set if field n is required.
    #[doc(hidden)]
    const REQUIRED: u64;
    /// Bit n is set if field n is not repeated.
    #[doc(hidden)]
    const SINGLE: u64;

    /// Name and fields, as data.
    fn descriptor() -> &'static Descriptor;

    /// Takes one field; `false` if the message does not have it or has it with another wire type.
    #[doc(hidden)]
    fn merge_field<'a>(
        &mut self,
        number: u32,
        value: wire::Value<'a>,
        decoder: &mut Decoder,
    ) -> Result<bool, Located<'a>>;

    /// Appends the message in its canonical form: fields by rising number, varints minimal, nothing packed
    /// that the schema does not pack.
    fn write(&self, out: &mut Vec<u8>);

    /// Reads a message from its bytes, leniently: an absent required field has its default value, the last of
    /// several values of a single field wins, messages that occur twice are merged, what is unknown is skipped.
    ///
    /// # Errors
    ///
    /// Where the bytes are no protobuf.
    fn decode(bytes: &[u8]) -> Result<Self, Located<'_>> {
        let mut message = Self::default();
        message.merge(bytes, &mut Decoder::new())?;
        Ok(message)
    }

    /// The message in its canonical form, see [`write`](Self::write).
    #[must_use]
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    /// Takes all fields of some bytes.
    #[doc(hidden)]
    #[inline]
    fn merge<'a>(&mut self, bytes: &'a [u8], decoder: &mut Decoder) -> Result<(), Located<'a>> {
        let mut seen = 0u64;
        let mut rest = bytes;
        while !rest.is_empty() {
            let number;
            let value;
            (rest, (number, value)) = wire::numbered(rest).map_err(wire::located)?;
            let bit = bit(number);
            let known = self.merge_field(number, value, decoder)?;
            decoder.remarkable |= !known || seen & bit & Self::SINGLE != 0;
            seen |= bit;
        }
        decoder.remarkable |= seen & Self::REQUIRED != Self::REQUIRED;
        Ok(())
    }
}

/// The bit of a field number, 0 for numbers that no message has.
#[must_use]
pub(crate) const fn bit(number: u32) -> u64 {
    match 1u64.checked_shl(number) {
        Some(bit) => bit,
        None => 0,
    }
}

/// State of one decoding.
#[doc(hidden)]
#[derive(Debug)]
pub struct Decoder {
    /// Levels of nesting that are still allowed.
    depth: u32,
    /// Whether something was seen that [`remarks`](crate::remarks) would list.
    pub(crate) remarkable: bool,
}

impl Decoder {
    pub(crate) fn new() -> Self {
        Self { depth: MAX_DEPTH, remarkable: false }
    }
}

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

pub(crate) fn put_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push((value & 0x7f | 0x80).to_le_bytes()[0]);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

/// Declares messages. One declaration
///
/// ```text
/// messages! {
///     /// One mapped area.
///     Vma("vma_entry") {
///         /// First address.
///         1 start: u64 as hex,
///         /// Advice, one bit for each.
///         9 madv: Option<u64> as hex,
///     }
/// }
/// ```
///
/// becomes `pub struct Vma { pub start: u64, pub madv: Option<u64> }` with these docs, and its
/// `impl Message`: the descriptor, one `match` arm and one line of writing for each field. The word behind
/// `as` is a coding (`zigzag`, `fixed`, `packed`) or a way of showing (`hex`, `dev`, `odev`, `address`,
/// `unix_name`, `flags(NAMES)`, `dict(NAMES)`).
macro_rules! messages {
    ($($(#[$meta:meta])* $name:ident($schema:literal) {
        $($(#[$doc:meta])* $number:literal $field:ident: $type:ty $(as $form:ident $(($names:path))?)?,)*
    })*) => {
        /// The messages of this file.
        pub(super) const MESSAGES: &[fn() -> &'static $crate::descriptor::Descriptor] =
            &[$(<$name as $crate::message::Message>::descriptor),*];

        $(
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$doc])* pub $field: $type,)*
        }

        impl $crate::message::Message for $name {
            const REQUIRED: u64 = $crate::descriptor::bits(Self::FIELDS, true);
            const SINGLE: u64 = $crate::descriptor::bits(Self::FIELDS, false);

            fn descriptor() -> &'static $crate::descriptor::Descriptor {
                static DESCRIPTOR: $crate::descriptor::Descriptor =
                    $crate::descriptor::Descriptor::of::<$name>($schema, $name::FIELDS);
                &DESCRIPTOR
            }

            #[inline]
            fn merge_field<'a>(
                &mut self,
                number: u32,
                value: $crate::wire::Value<'a>,
                decoder: &mut $crate::message::Decoder,
            ) -> Result<bool, $crate::wire::Located<'a>> {
                match number {
                    $($number => <$type as $crate::message::Slot<$crate::message::coding!($($form)?)>>::merge(
                        &mut self.$field, value, decoder,
                    ),)*
                    _ => Ok(false),
                }
            }

            fn write(&self, out: &mut ::alloc::vec::Vec<u8>) {
                $($crate::message::write_slot!(out, $number, self.$field, $type, $($form)?);)*
            }
        }

        impl $crate::message::Value<$crate::message::Plain> for $name {
            const TYPE: $crate::descriptor::FieldType =
                $crate::descriptor::FieldType::Message(<Self as $crate::message::Message>::descriptor);

            fn take<'a>(
                &mut self,
                value: $crate::wire::Value<'a>,
                decoder: &mut $crate::message::Decoder,
            ) -> Result<bool, $crate::wire::Located<'a>> {
                $crate::message::take_message(self, value, decoder)
            }

            fn put(&self, out: &mut ::alloc::vec::Vec<u8>) {
                $crate::message::put_bytes(&$crate::message::Message::encode(self), out);
            }
        }

        impl $name {
            const FIELDS: &'static [$crate::descriptor::FieldDescriptor] = &[
                $($crate::descriptor::FieldDescriptor::new(
                    $number,
                    stringify!($field),
                    <$type as $crate::message::Slot<$crate::message::coding!($($form)?)>>::LABEL,
                    <$type as $crate::message::Slot<$crate::message::coding!($($form)?)>>::TYPE,
                    $crate::message::form!($($form $(($names))?)?),
                ),)*
            ];
        }
        )*
    };
}

/// The coding that a word behind `as` names.
macro_rules! coding {
    (zigzag) => {
        $crate::message::Zigzag
    };
    (fixed) => {
        $crate::message::Fixed
    };
    ($($other:ident)?) => {
        $crate::message::Plain
    };
}

/// What a word behind `as` says besides the coding.
macro_rules! form {
    (hex) => { $crate::message::form!(@Hex) };
    (dev) => { $crate::message::form!(@Dev) };
    (odev) => { $crate::message::form!(@Odev) };
    (address) => { $crate::message::form!(@Address) };
    (unix_name) => { $crate::message::form!(@UnixName) };
    (flags($names:path)) => { $crate::message::form!(@Flags($names)) };
    (dict($names:path)) => { $crate::message::form!(@Dict($names)) };
    (packed) => { $crate::descriptor::Form { packed: true, show: $crate::descriptor::Show::Plain } };
    (@$show:ident $(($names:path))?) => {
        $crate::descriptor::Form::shown($crate::descriptor::Show::$show $(($names))?)
    };
    ($($coding:ident)?) => { $crate::message::form!(@Plain) };
}

/// Writes one struct field.
macro_rules! write_slot {
    ($out:ident, $number:literal, $slot:expr, $type:ty, packed) => {
        $crate::message::PackedSlot::write_packed(&$slot, $number, $out)
    };
    ($out:ident, $number:literal, $slot:expr, $type:ty, $($form:ident)?) => {
        <$type as $crate::message::Slot<$crate::message::coding!($($form)?)>>::write(&$slot, $number, $out)
    };
}

/// Declares enumerations. One declaration
///
/// ```text
/// enums! {
///     /// What a descriptor is.
///     FdTypes("fd_types") {
///         /// A regular file.
///         REG = 1,
///     }
/// }
/// ```
///
/// becomes `pub struct FdTypes(pub i32)` with a constant for each name: a value that a later CRIU invents is
/// kept, prints as its number and survives a round trip.
macro_rules! enums {
    ($($(#[$meta:meta])* $name:ident($schema:literal) { $($(#[$doc:meta])* $constant:ident = $value:literal,)* })*) => {
        /// The enumerations of this file.
        pub(super) const ENUMS: &[(&str, $crate::descriptor::Names)] = &[$(($schema, $name::NAMES)),*];

        $(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i32);

        #[allow(non_upper_case_globals, reason = "names are the schema's, some of them in lower case")]
        impl $name {
            $($(#[$doc])* pub const $constant: Self = Self($value);)*

            /// All names and their values.
            pub const NAMES: $crate::descriptor::Names = &[$((stringify!($constant), $value)),*];

            /// The name of the value in CRIU's schema, if it has one.
            #[must_use]
            pub fn name(self) -> Option<&'static str> {
                Self::NAMES.iter().find(|&&(_, value)| value == i64::from(self.0)).map(|&(name, _)| name)
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, "{}", self.0),
                }
            }
        }

        impl $crate::message::Value<$crate::message::Plain> for $name {
            const TYPE: $crate::descriptor::FieldType =
                $crate::descriptor::FieldType::Enum($schema, Self::NAMES);

            fn take<'a>(
                &mut self,
                value: $crate::wire::Value<'a>,
                decoder: &mut $crate::message::Decoder,
            ) -> Result<bool, $crate::wire::Located<'a>> {
                <i32 as $crate::message::Value<$crate::message::Plain>>::take(&mut self.0, value, decoder)
            }

            fn put(&self, out: &mut ::alloc::vec::Vec<u8>) {
                <i32 as $crate::message::Value<$crate::message::Plain>>::put(&self.0, out);
            }
        }
        )*
    };
}

pub(crate) use {coding, enums, form, messages, write_slot};
