//! JSON strings that are safe to show on a terminal and still exact.

use super::digits;
use super::escape;

/// Appends text as a JSON string in which characters that act or hide are written as `\u202e`.
///
/// A JSON reader gives the same text back; a terminal shows what is there.
pub(super) fn write(out: &mut String, text: &str) {
    out.push('"');
    if is_plain(text) {
        out.push_str(text);
    } else {
        text.chars().for_each(|character| write_character(out, character));
    }
    out.push('"');
}

/// Whether nothing of a text needs an escape: so are most. Eight bytes at once need little more time than one.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_odd = |byte: &u8| !matches!(byte, b' '..=b'~') | matches!(byte, b'"' | b'\\');
    // No branch within a piece, so that the compiler makes it one operation on all of its bytes.
    let is_odd_piece = |piece: &[u8; 8]| piece.iter().fold(false, |any, byte| any | is_odd(byte));
    match bytes.last_chunk() {
        // The last piece may overlap the one before it: that is cheaper than to go on byte by byte.
        Some(last) => !bytes.as_chunks().0.iter().any(is_odd_piece) && !is_odd_piece(last),
        None => !bytes.iter().any(is_odd),
    }
}

fn write_character(out: &mut String, character: char) {
    let short = match character {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\u{8}' => "\\b",
        '\t' => "\\t",
        '\n' => "\\n",
        '\u{c}' => "\\f",
        '\r' => "\\r",
        _ if escape::is_hazard(character) => {
            for unit in character.encode_utf16(&mut [0; 2]) {
                out.push_str("\\u");
                digits::push_hex(out, u64::from(*unit), 4);
            }
            return;
        }
        _ => return out.push(character),
    };
    out.push_str(short);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn json(text: &str) -> String {
        let mut out = String::new();
        write(&mut out, text);
        out
    }

    #[test]
    fn hazards_are_escaped_and_ink_is_not() {
        assert_eq!(json("a\u{202e}\u{7f}\u{9b}é"), r#""a\u202e\u007f\u009bé""#);
        assert_eq!(json("\u{1b}\"\n"), r#""\u001b\"\n""#);
        assert_eq!(json("\u{e0041}"), r#""\udb40\udc41""#);
        assert_eq!(json(r"~ plain\text"), r#""~ plain\\text""#);
    }

    proptest! {
        #[test]
        fn a_reader_gets_the_same_string(text in any::<String>()) {
            prop_assert_eq!(serde_json::from_str::<String>(&json(&text)).unwrap(), text);
        }

        #[test]
        fn what_no_character_of_asks_for_an_escape_is_as_others_write_it(text in "[ -~]*|[\u{0}-\u{1f}]*") {
            prop_assert_eq!(json(&text), serde_json::to_string(&text).unwrap());
        }

        #[test]
        fn nothing_written_acts(text in any::<String>()) {
            prop_assert!(!json(&text).chars().any(escape::is_hazard));
        }
    }
}
