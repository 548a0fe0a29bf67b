//! Text with crit's separators, indents and escapes.

use alloc::string::{String, ToString};
use core::fmt::{self, Display, Write};

use serde::ser::{self, Impossible, Serialize, SerializeMap, SerializeSeq, Serializer};

/// Bytes of text that are collected before they are given away.
const PIECE: usize = 32 << 10;

/// Writes the text of what this crate shows: objects, lists, strings, integers, booleans.
pub(crate) fn write(value: &impl Serialize, pretty: bool, out: &mut impl Write) -> fmt::Result {
    let text = String::with_capacity(PIECE);
    let mut writer = Writer { text, out, pretty, depth: 0, in_key: false };
    value.serialize(&mut writer).map_err(|_| fmt::Error)?;
    writer.out.write_str(&writer.text)
}

struct Writer<'o> {
    text: String,
    out: &'o mut dyn Write,
    pretty: bool,
    depth: usize,
    /// Whether what comes is a key: a name of the schema, or one of ours, in which nothing has to be escaped.
    in_key: bool,
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

impl Writer<'_> {
    /// Gives away what was collected, once it is enough.
    #[inline]
    fn pass_on(&mut self) -> Result<(), Unshown> {
        if self.text.len() < PIECE {
            return Ok(());
        }
        let written = self.out.write_str(&self.text);
        self.text.clear();
        written.map_err(ser::Error::custom)
    }

    /// Most of what is written is numbers.
    #[inline]
    fn integer(&mut self, value: impl itoa::Integer) {
        self.text.push_str(itoa::Buffer::new().format(value));
    }

    /// Between the items of a list or object, and in front of the first.
    #[inline]
    fn separate(&mut self, first: bool) {
        match (first, self.pretty) {
            (true, false) => {}
            (false, false) => self.text.push_str(", "),
            (first, true) => {
                if !first {
                    self.text.push(',');
                }
                self.break_line();
            }
        }
    }

    fn break_line(&mut self) {
        self.text.push('\n');
        (0..self.depth).for_each(|_| self.text.push_str("    "));
    }

    fn string(&mut self, text: &str) {
        self.text.push('"');
        let is_plain = |byte: u8| matches!(byte, b' '..=0x7f) && byte != b'"' && byte != b'\\';
        // Most texts have nothing to escape.
        if self.in_key || text.bytes().fold(true, |plain, byte| plain & is_plain(byte)) {
            self.text.push_str(text);
        } else {
            text.chars().for_each(|character| self.escape(character));
        }
        self.text.push('"');
    }

    fn escape(&mut self, character: char) {
        match character {
            '"' => self.text.push_str("\\\""),
            '\\' => self.text.push_str("\\\\"),
            '\n' => self.text.push_str("\\n"),
            '\r' => self.text.push_str("\\r"),
            '\t' => self.text.push_str("\\t"),
            '\x0c' => self.text.push_str("\\f"),
            '\x08' => self.text.push_str("\\b"),
            ' '..='\x7f' => self.text.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    // A string takes everything.
                    _ = write!(self.text, "\\u{unit:04x}");
                }
            }
        }
    }
}

/// A list or object that is being written.
struct Compound<'w, 'o> {
    writer: &'w mut Writer<'o>,
    first: bool,
    end: char,
}

impl<'w, 'o> Compound<'w, 'o> {
    fn begin(writer: &'w mut Writer<'o>, [begin, end]: [char; 2]) -> Self {
        writer.text.push(begin);
        writer.depth = writer.depth.saturating_add(1);
        Self { writer, first: true, end }
    }

    #[inline]
    fn item(&mut self) {
        self.writer.separate(self.first);
        self.first = false;
    }

    fn finish(self) -> Result<(), Unshown> {
        self.writer.depth = self.writer.depth.saturating_sub(1);
        if self.writer.pretty && !self.first {
            self.writer.break_line();
        }
        self.writer.text.push(self.end);
        self.writer.pass_on()
    }
}

impl SerializeSeq for Compound<'_, '_> {
    type Ok = ();
    type Error = Unshown;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unshown> {
        self.item();
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Unshown> {
        self.finish()
    }
}

impl SerializeMap for Compound<'_, '_> {
    type Ok = ();
    type Error = Unshown;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unshown> {
        self.item();
        self.writer.in_key = true;
        let written = key.serialize(&mut *self.writer);
        self.writer.in_key = false;
        written
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unshown> {
        self.writer.text.push_str(": ");
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Unshown> {
        self.finish()
    }
}

/// Methods that write integers, and those for what does not occur.
macro_rules! methods {
    (integers: $($name:ident $type:ty,)*) => {$(
        fn $name(self, value: $type) -> Result<(), Unshown> {
            self.integer(value);
            Ok(())
        }
    )*};
    (none: $($name:ident($($argument:ty),*) -> $ok:ty,)*) => {$(
        fn $name(self, $(_: $argument),*) -> Result<$ok, Unshown> {
            Err(Unshown(stringify!($name).into()))
        }
    )*};
}

impl<'w, 'o> Serializer for &'w mut Writer<'o> {
    type Ok = ();
    type Error = Unshown;
    type SerializeSeq = Compound<'w, 'o>;
    type SerializeMap = Compound<'w, 'o>;
    type SerializeTuple = Impossible<(), Unshown>;
    type SerializeTupleStruct = Impossible<(), Unshown>;
    type SerializeTupleVariant = Impossible<(), Unshown>;
    type SerializeStruct = Impossible<(), Unshown>;
    type SerializeStructVariant = Impossible<(), Unshown>;

    fn serialize_str(self, text: &str) -> Result<(), Unshown> {
        self.string(text);
        Ok(())
    }

    fn serialize_bool(self, value: bool) -> Result<(), Unshown> {
        self.text.push_str(if value { "true" } else { "false" });
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Compound<'w, 'o>, Unshown> {
        Ok(Compound::begin(self, ['[', ']']))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Compound<'w, 'o>, Unshown> {
        Ok(Compound::begin(self, ['{', '}']))
    }

    methods! {
        integers:
        serialize_i8 i8,
        serialize_i16 i16,
        serialize_i32 i32,
        serialize_i64 i64,
        serialize_u8 u8,
        serialize_u16 u16,
        serialize_u32 u32,
        serialize_u64 u64,
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
mod tests;
