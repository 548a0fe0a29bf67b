//! Protocol buffer messages, written field by field.

/// A message in the making. Nothing is checked: fields may repeat, clash or be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    bytes: Vec<u8>,
}

impl Message {
    /// One without fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// A number, `bool`, or enum.
    #[must_use]
    pub fn varint(mut self, field: u32, value: u64) -> Self {
        self.key(field, 0);
        self.push_varint(value);
        self
    }

    /// A number of type `sint64` or `sint32`.
    #[must_use]
    pub fn signed(self, field: u32, value: i64) -> Self {
        self.varint(field, (value.cast_unsigned() << 1) ^ (value >> 63).cast_unsigned())
    }

    /// Eight bytes, little-endian.
    #[must_use]
    pub fn fixed64(mut self, field: u32, value: u64) -> Self {
        self.key(field, 1);
        self.raw(value.to_le_bytes())
    }

    /// Four bytes, little-endian.
    #[must_use]
    pub fn fixed32(mut self, field: u32, value: u32) -> Self {
        self.key(field, 5);
        self.raw(value.to_le_bytes())
    }

    /// The fields of a message between a start and an end, an old way to nest.
    #[must_use]
    pub fn group(mut self, field: u32, message: &Self) -> Self {
        self.key(field, 3);
        let mut group = self.raw(&message.bytes);
        group.key(field, 4);
        group
    }

    /// A varint without a field: one value of a packed list.
    #[must_use]
    pub fn number(mut self, value: u64) -> Self {
        self.push_varint(value);
        self
    }

    /// Bytes or a string.
    #[must_use]
    pub fn bytes(mut self, field: u32, bytes: impl AsRef<[u8]>) -> Self {
        self.key(field, 2);
        self.push_varint(bytes.as_ref().len() as u64);
        self.raw(bytes)
    }

    /// A message in the message.
    #[must_use]
    pub fn message(self, field: u32, message: &Self) -> Self {
        self.bytes(field, &message.bytes)
    }

    /// One field for each value.
    #[must_use]
    pub fn repeated(self, field: u32, values: &[u64]) -> Self {
        values.iter().fold(self, |message, value| message.varint(field, *value))
    }

    /// One more number of a packed list; the message is then the list's bytes, to be put into a field.
    #[must_use]
    pub fn packed(mut self, value: u64) -> Self {
        self.push_varint(value);
        self
    }

    /// Any bytes, as they are.
    #[must_use]
    pub fn raw(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.bytes.extend_from_slice(bytes.as_ref());
        self
    }

    /// The encoded message.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn key(&mut self, field: u32, wire_type: u64) {
        self.push_varint(u64::from(field) << 3 | wire_type);
    }

    fn push_varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value.to_le_bytes().first().copied().unwrap_or(0) | 0x80);
            value >>= 7;
        }
        self.bytes.push(value.to_le_bytes().first().copied().unwrap_or(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of the encoding's own documentation.
    #[test]
    fn fields_are_encoded_as_documented() {
        assert_eq!(Message::new().varint(1, 150).as_bytes(), [0x08, 0x96, 0x01]);
        assert_eq!(Message::new().bytes(2, "testing").as_bytes(), b"\x12\x07testing");
        let inner = Message::new().varint(1, 150);
        assert_eq!(Message::new().message(3, &inner).as_bytes(), [0x1a, 0x03, 0x08, 0x96, 0x01]);
        for (value, coded) in [(0, 0), (-1, 1), (1, 2), (-2, 3)] {
            assert_eq!(Message::new().signed(1, value), Message::new().varint(1, coded));
        }
        let packed = Message::new().packed(3).packed(270).packed(86942);
        assert_eq!(packed.as_bytes(), [0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05]);
        assert_eq!(Message::new().varint(1, u64::MAX).as_bytes().len(), 11);
        assert_eq!(Message::new().fixed64(1, 2).as_bytes(), b"\x09\x02\0\0\0\0\0\0\0");
        assert_eq!(Message::new().fixed32(1, 2).as_bytes(), b"\x0d\x02\0\0\0");
        assert_eq!(Message::new().group(4, &inner).as_bytes(), b"\x23\x08\x96\x01\x24");
        let packed = Message::new().number(3).number(270).number(86_942);
        assert_eq!(Message::new().message(4, &packed).as_bytes(), b"\x22\x06\x03\x8e\x02\x9e\xa7\x05");
    }
}
