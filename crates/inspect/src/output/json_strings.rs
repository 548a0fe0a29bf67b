//! JSON that is safe to show on a terminal and still exact.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use super::escape;

/// Writes a value as compact JSON in which characters that act or hide are written as `\u202e`.
///
/// A JSON reader gives the same string back; a terminal shows what is there.
///
/// # Errors
/// Those of the writer.
pub(super) fn write(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    // Its many small pieces are put together before they go anywhere: `out` may be anything.
    let mut text = Vec::with_capacity(USUAL);
    value.serialize(&mut Serializer::with_formatter(&mut text, Visible))?;
    out.write_all(&text)
}

/// Bytes that most rows have at most.
const USUAL: usize = 1024;

struct Visible;

impl Formatter for Visible {
    /// Gets what needs no escape by the rules of JSON.
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        // What most words are made of.
        if fragment.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return writer.write_all(fragment.as_bytes());
        }
        let mut rest = fragment;
        while let Some((at, hazard)) =
            rest.char_indices().find(|&(_, character)| escape::is_hazard(character))
        {
            writer.write_all(rest.get(..at).unwrap_or_default().as_bytes())?;
            for unit in hazard.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = rest.get(at.saturating_add(hazard.len_utf8())..).unwrap_or_default();
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn json(text: &str) -> String {
        let mut out = Vec::new();
        write(&mut out, &text).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn hazards_are_escaped_and_ink_is_not() {
        assert_eq!(json("a\u{202e}\u{7f}\u{9b}é"), r#""a\u202e\u007f\u009bé""#);
        assert_eq!(json("\u{1b}\"\n"), r#""\u001b\"\n""#);
        assert_eq!(json("\u{e0041}"), r#""\udb40\udc41""#);
    }

    proptest! {
        #[test]
        fn a_reader_gets_the_same_string(text in any::<String>()) {
            prop_assert_eq!(serde_json::from_str::<String>(&json(&text)).unwrap(), text);
        }

        #[test]
        fn nothing_written_acts(text in any::<String>()) {
            prop_assert!(!json(&text).chars().any(escape::is_hazard));
        }
    }
}
