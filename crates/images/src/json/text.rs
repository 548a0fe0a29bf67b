//! Text that is not UTF-8, as crit shows it: in Python's notation for bytes.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt::Write;

use super::quoted_printable;
use crate::descriptor::{FieldDescriptor, FieldType, Show};

/// Text of a `string` field.
pub(crate) fn of(bytes: &[u8]) -> Cow<'_, str> {
    match core::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(python_bytes(bytes)),
    }
}

/// What a reader of the JSON would take the bytes of a field for.
pub(crate) fn as_shown<'a>(field: &FieldDescriptor, bytes: &'a [u8]) -> Cow<'a, [u8]> {
    match (field.kind, field.show) {
        (FieldType::String, _) => match of(bytes) {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        },
        (_, Show::UnixName) => Cow::Owned(quoted_printable::decode(&quoted_printable::encode(bytes))),
        _ => Cow::Borrowed(bytes),
    }
}

fn python_bytes(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    let mut text = String::with_capacity(bytes.len().saturating_add(3));
    text.push('b');
    text.push(quote);
    for &byte in bytes {
        match (byte, char::from(byte)) {
            (b'\n', _) => text.push_str("\\n"),
            (b'\r', _) => text.push_str("\\r"),
            (b'\t', _) => text.push_str("\\t"),
            (_, c) if c == '\\' || c == quote => text.extend(['\\', c]),
            (0x20..0x7f, c) => text.push(c),
            // Writing to a string cannot fail.
            _ => _ = write!(text, "\\x{byte:02x}"),
        }
    }
    text.push(quote);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_as_python_does() {
        assert_eq!(of(b"a\xff\xfe"), r"b'a\xff\xfe'");
        assert_eq!(of(b"it's\xff"), r#"b"it's\xff""#);
        assert_eq!(of(b"it's \"\xff\\"), r#"b'it\'s "\xff\\'"#);
        assert_eq!(of(b"\n\r\t\x1b\x7f\xe9"), r"b'\n\r\t\x1b\x7f\xe9'");
        assert_eq!(of("é\u{1b}".as_bytes()), "é\u{1b}");
    }
}
