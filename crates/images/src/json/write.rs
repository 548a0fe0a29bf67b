//! Text with crit's separators, indents and escapes.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::{self, Display};

use serde::ser::{self, Impossible, Serialize, SerializeMap, SerializeSeq, Serializer};

/// The text of what this crate shows: objects, lists, strings, integers, booleans.
pub(crate) fn to_string(value: &impl Serialize, pretty: bool) -> String {
    let mut writer = Writer { text: Vec::new(), pretty, depth: 0 };
    // Only what cannot be shown fails, and then what was written so far stands for itself.
    _ = value.serialize(&mut writer);
    // All that is written is ASCII.
    String::from_utf8(writer.text).unwrap_or_default()
}

struct Writer {
    text: Vec<u8>,
    pretty: bool,
    depth: usize,
}

/// Something that crit's JSON has no form for.
#[derive(Debug)]
pub(crate) struct Unshown(String);

impl Display for Unshown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for Unshown {}

impl ser::Error for Unshown {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

impl Writer {
    fn display(&mut self, value: impl Display) -> Result<(), Unshown> {
        self.push_str(&value.to_string());
        Ok(())
    }

    fn push_str(&mut self, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
    }

    fn push(&mut self, character: u8) {
        self.text.push(character);
    }

    /// Digits from the last to the first: most of what is written is numbers.
    fn unsigned(&mut self, mut value: u64) {
        let mut digits = [b'0'; 20];
        let mut unused = digits.len();
        for digit in digits.iter_mut().rev() {
            *digit |= (value % 10).to_le_bytes()[0];
            value = value.div_euclid(10);
            unused = unused.saturating_sub(1);
            if value == 0 {
                break;
            }
        }
        let digits = digits.get(unused..).unwrap_or_default();
        self.text.extend_from_slice(digits);
    }

    /// Between the items of a list or object, and in front of the first.
    fn separate(&mut self, first: bool) {
        match (first, self.pretty) {
            (true, false) => {}
            (false, false) => self.push_str(", "),
            (first, true) => {
                if !first {
                    self.push(b',');
                }
                self.break_line();
            }
        }
    }

    fn break_line(&mut self) {
        self.push(b'\n');
        let indent = self.depth.saturating_mul(4);
        self.text.resize(self.text.len().saturating_add(indent), b' ');
    }

    fn string(&mut self, text: &str) {
        self.push(b'"');
        let is_plain = |byte: u8| matches!(byte, b' '..=0x7f) && byte != b'"' && byte != b'\\';
        // Keys, and most texts, have nothing to escape.
        if text.bytes().fold(true, |plain, byte| plain & is_plain(byte)) {
            self.push_str(text);
        } else {
            text.chars().for_each(|character| self.escape(character));
        }
        self.push(b'"');
    }

    fn escape(&mut self, character: char) {
        match character {
            '"' => self.push_str("\\\""),
            '\\' => self.push_str("\\\\"),
            '\n' => self.push_str("\\n"),
            '\r' => self.push_str("\\r"),
            '\t' => self.push_str("\\t"),
            '\x0c' => self.push_str("\\f"),
            '\x08' => self.push_str("\\b"),
            ' '..='\x7f' => self.push_str(character.encode_utf8(&mut [0; 4])),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    self.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
}

/// A list or object that is being written.
struct Compound<'w> {
    writer: &'w mut Writer,
    first: bool,
    end: u8,
}

impl<'w> Compound<'w> {
    fn begin(writer: &'w mut Writer, [begin, end]: [u8; 2]) -> Self {
        writer.push(begin);
        writer.depth = writer.depth.saturating_add(1);
        Self { writer, first: true, end }
    }

    fn item(&mut self) {
        self.writer.separate(self.first);
        self.first = false;
    }

    fn finish(self) {
        self.writer.depth = self.writer.depth.saturating_sub(1);
        if self.writer.pretty && !self.first {
            self.writer.break_line();
        }
        self.writer.push(self.end);
    }
}

impl SerializeSeq for Compound<'_> {
    type Ok = ();
    type Error = Unshown;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unshown> {
        self.item();
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Unshown> {
        self.finish();
        Ok(())
    }
}

impl SerializeMap for Compound<'_> {
    type Ok = ();
    type Error = Unshown;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unshown> {
        self.item();
        key.serialize(&mut *self.writer)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unshown> {
        self.writer.push_str(": ");
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Unshown> {
        self.finish();
        Ok(())
    }
}

/// Methods that write a value as it displays itself, and those for what does not occur.
macro_rules! methods {
    (display: $($name:ident $type:ty,)*) => {$(
        fn $name(self, value: $type) -> Result<(), Unshown> {
            self.display(value)
        }
    )*};
    (none: $($name:ident($($argument:ty),*) -> $ok:ty,)*) => {$(
        fn $name(self, $(_: $argument),*) -> Result<$ok, Unshown> {
            Err(Unshown(stringify!($name).into()))
        }
    )*};
}

impl<'w> Serializer for &'w mut Writer {
    type Ok = ();
    type Error = Unshown;
    type SerializeSeq = Compound<'w>;
    type SerializeMap = Compound<'w>;
    type SerializeTuple = Impossible<(), Unshown>;
    type SerializeTupleStruct = Impossible<(), Unshown>;
    type SerializeTupleVariant = Impossible<(), Unshown>;
    type SerializeStruct = Impossible<(), Unshown>;
    type SerializeStructVariant = Impossible<(), Unshown>;

    fn serialize_str(self, text: &str) -> Result<(), Unshown> {
        self.string(text);
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Compound<'w>, Unshown> {
        Ok(Compound::begin(self, *b"[]"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Compound<'w>, Unshown> {
        Ok(Compound::begin(self, *b"{}"))
    }

    methods! {
        display:
        serialize_bool bool,
        serialize_i8 i8,
        serialize_i16 i16,
        serialize_i32 i32,
        serialize_i64 i64,
        serialize_u8 u8,
        serialize_u16 u16,
        serialize_u32 u32,
    }

    fn serialize_u64(self, value: u64) -> Result<(), Unshown> {
        self.unsigned(value);
        Ok(())
    }

    methods! {
        none:
        serialize_f32(f32) -> (),
        serialize_f64(f64) -> (),
        serialize_char(char) -> (),
        serialize_bytes(&[u8]) -> (),
        serialize_none() -> (),
        serialize_unit() -> (),
        serialize_unit_struct(&'static str) -> (),
        serialize_unit_variant(&'static str, u32, &'static str) -> (),
        serialize_tuple(usize) -> Self::SerializeTuple,
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct,
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant,
        serialize_struct(&'static str, usize) -> Self::SerializeStruct,
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeStructVariant,
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unshown> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Unshown> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: &T,
    ) -> Result<(), Unshown> {
        Err(ser::Error::custom(name))
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;
    use alloc::vec;

    use super::*;

    #[test]
    fn text_is_that_of_python() {
        let value = BTreeMap::from([("a", vec![1, 2]), ("b", vec![])]);
        assert_eq!(to_string(&value, false), r#"{"a": [1, 2], "b": []}"#);
        assert_eq!(
            to_string(&value, true),
            "{\n    \"a\": [\n        1,\n        2\n    ],\n    \"b\": []\n}"
        );
        assert_eq!(
            to_string(&"é\u{1f600}\"\\\n\u{1}\x7f/<&", false),
            "\"\\u00e9\\ud83d\\ude00\\\"\\\\\\n\\u0001\x7f/<&\""
        );
    }
}
