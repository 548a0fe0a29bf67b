//! Makes bytes that came out of a checkpoint safe to show.
//!
//! A checkpoint was written inside the thing under investigation: a file name may carry terminal commands,
//! a comm may reverse the reading order of a line. Every path to a terminal goes through this file, and
//! through one decision in it ([`is_hazard`]), so that nothing can act on the terminal or hide from the eye.
//!
//! | in the bytes | shown as |
//! |---|---|
//! | newline, tab, carriage return | `\n` `\t` `\r` |
//! | other control characters below 0x80, and DEL | `\x1b`, `\x7f` |
//! | a byte that is not part of valid UTF-8 | `\xff` (always 0x80 or above, so never mistaken for the row before) |
//! | C1 controls, bidirectional controls, zero-width and other characters without ink | `\u{9b}` `\u{202e}` `\u{200b}` |
//! | combining marks beyond four on one base, or with no base in front | `\u{301}` |
//! | a backslash, in a field | `\\` |
//!
//! [`field()`] is injective: two different names never look the same, and undoing the table gives the bytes
//! back. [`line()`] and [`text()`] serve prose, where exactness matters less than reading; they leave the
//! backslash alone.

use std::fmt::{self, Display};

use unicode_width::UnicodeWidthChar as _;

/// Marks that may stand on one base character; more are a smear over the lines around it.
const MAX_MARKS: u32 = 4;

/// A value from the archive: one line, exact, backslashes doubled.
pub fn field(bytes: &[u8]) -> Escaped<'_> {
    Escaped { bytes, keep: Keep::NOTHING }
}

/// A sentence, such as an error, that may quote values from the archive: one line, backslashes as they are.
pub fn line(text: &str) -> Escaped<'_> {
    Escaped { bytes: text.as_bytes(), keep: Keep { backslash: true, breaks: false } }
}

/// Text of many lines, such as a log: newlines, tabs and backslashes as they are.
pub fn text(bytes: &[u8]) -> Escaped<'_> {
    Escaped { bytes, keep: Keep::TEXT }
}

/// Whether a character must not reach a terminal: it acts on it, or it leaves no ink.
///
/// The space is the one character without ink that is let through. Combining marks are not judged here,
/// because whether they harm depends on how many there are.
pub fn is_hazard(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_control();
    }
    let code = u32::from(character);
    let row = INVISIBLE.partition_point(|&(_, last)| last < code);
    INVISIBLE.get(row).is_some_and(|&(first, _)| first <= code)
}

/// Bytes that escape themselves when displayed; made by [`field()`], [`line()`] and [`text()`].
#[derive(Debug, Clone, Copy)]
pub struct Escaped<'a> {
    bytes: &'a [u8],
    keep: Keep,
}

/// What is let through although it is not plain.
#[derive(Debug, Clone, Copy)]
struct Keep {
    backslash: bool,
    /// Newline and tab.
    breaks: bool,
}

impl Keep {
    const NOTHING: Self = Self { backslash: false, breaks: false };
    const TEXT: Self = Self { backslash: true, breaks: true };

    fn is_plain(self, character: char) -> bool {
        match character {
            '\\' => self.backslash,
            '\n' | '\t' => self.breaks,
            _ => !is_hazard(character),
        }
    }
}

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_escaped(f, self.bytes, self.keep, &mut Marks::default())
    }
}

/// How many marks stand on the character written last.
#[derive(Debug)]
pub(super) struct Marks(u32);

/// At the very start there is no base: a mark would sit on whatever was printed before.
impl Default for Marks {
    fn default() -> Self {
        Self(MAX_MARKS)
    }
}

impl Marks {
    /// Takes note of a character; tells whether it is a mark too many.
    fn is_excess(&mut self, character: char, is_plain: bool) -> bool {
        let is_mark = !character.is_ascii() && character.width() == Some(0);
        let is_excess = is_mark && self.0 >= MAX_MARKS;
        self.0 = match (is_mark, is_plain) {
            (true, _) => self.0.saturating_add(1),
            (false, true) => 0,
            // What was escaped ends in a brace or a digit, which is no base for a mark.
            (false, false) => MAX_MARKS,
        };
        is_excess
    }
}

/// A piece of a longer text, as [`text()`] shows it; `marks` carries over from piece to piece.
pub(super) fn write_text_piece(out: &mut String, piece: &[u8], marks: &mut Marks) -> fmt::Result {
    write_escaped(out, piece, Keep::TEXT, marks)
}

fn write_escaped(f: &mut impl fmt::Write, bytes: &[u8], keep: Keep, marks: &mut Marks) -> fmt::Result {
    for chunk in bytes.utf8_chunks() {
        write_valid(f, chunk.valid(), keep, marks)?;
        for byte in chunk.invalid() {
            write!(f, "\\x{byte:02x}")?;
            *marks = Marks::default();
        }
    }
    Ok(())
}

/// Writes a stretch of valid UTF-8; plain runs go out in one piece.
fn write_valid(f: &mut impl fmt::Write, valid: &str, keep: Keep, marks: &mut Marks) -> fmt::Result {
    let mut run_start = 0;
    for (at, character) in valid.char_indices() {
        let is_plain = keep.is_plain(character);
        if marks.is_excess(character, is_plain) || !is_plain {
            f.write_str(valid.get(run_start..at).unwrap_or_default())?;
            write_escape(f, character)?;
            run_start = at.saturating_add(character.len_utf8());
        }
    }
    f.write_str(valid.get(run_start..).unwrap_or_default())
}

fn write_escape(f: &mut impl fmt::Write, character: char) -> fmt::Result {
    match character {
        '\n' => f.write_str("\\n"),
        '\r' => f.write_str("\\r"),
        '\t' => f.write_str("\\t"),
        '\\' => f.write_str("\\\\"),
        _ if character.is_ascii() => write!(f, "\\x{:02x}", u32::from(character)),
        _ => write!(f, "\\u{{{:x}}}", u32::from(character)),
    }
}

/// Characters beyond ASCII that act or leave no ink, as ranges of code points, sorted.
///
/// Unicode's general categories Cc (C1), Cf, Zs, Zl and Zp, its property Default_Ignorable_Code_Point
/// (UAX #44), and the blank braille pattern.
const INVISIBLE: &[(u32, u32)] = &[
    (0x80, 0xa0),       // C1 controls, no-break space
    (0xad, 0xad),       // soft hyphen
    (0x34f, 0x34f),     // combining grapheme joiner
    (0x600, 0x605),     // Arabic number signs
    (0x61c, 0x61c),     // Arabic letter mark
    (0x6dd, 0x6dd),     // Arabic end of ayah
    (0x70f, 0x70f),     // Syriac abbreviation mark
    (0x890, 0x891),     // Arabic currency marks above
    (0x8e2, 0x8e2),     // Arabic disputed end of ayah
    (0x115f, 0x1160),   // Hangul fillers
    (0x1680, 0x1680),   // Ogham space
    (0x17b4, 0x17b5),   // Khmer inherent vowels
    (0x180b, 0x180f),   // Mongolian selectors
    (0x2000, 0x200f),   // spaces, zero-width characters, direction marks
    (0x2028, 0x202f),   // line and paragraph separators, bidirectional controls, narrow space
    (0x205f, 0x206f),   // mathematical space, invisible operators, isolates
    (0x2800, 0x2800),   // blank braille pattern
    (0x3000, 0x3000),   // ideographic space
    (0x3164, 0x3164),   // Hangul filler
    (0xfe00, 0xfe0f),   // variation selectors
    (0xfeff, 0xfeff),   // byte order mark
    (0xffa0, 0xffa0),   // halfwidth Hangul filler
    (0xfff0, 0xfffb),   // ignorable, interlinear annotation
    (0x110bd, 0x110bd), // Kaithi number sign
    (0x110cd, 0x110cd), // Kaithi number sign above
    (0x13430, 0x1343f), // Egyptian joiners
    (0x1bca0, 0x1bca3), // shorthand controls
    (0x1d173, 0x1d17a), // musical controls
    (0xe0000, 0xe0fff), // tags and further selectors
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_row_of_the_front_table_holds() {
        for (bytes, shown) in [
            (&b"a\nb\tc\rd"[..], r"a\nb\tc\rd"),
            (b"\x1b[2J\x07\x7f\0", r"\x1b[2J\x07\x7f\x00"),
            (b"caf\xe9\xff", r"caf\xe9\xff"),
            ("\u{9b}31m\u{202e}gpj\u{200b}".as_bytes(), r"\u{9b}31m\u{202e}gpj\u{200b}"),
            (b"C:\\x1b", r"C:\\x1b"),
            ("größe 日本 🦀".as_bytes(), "größe 日本 🦀"),
        ] {
            assert_eq!(field(bytes).to_string(), shown);
        }
    }

    #[test]
    fn marks_need_a_base_and_end_at_four() {
        assert_eq!(field("e\u{301}".as_bytes()).to_string(), "e\u{301}");
        assert_eq!(field("\u{301}e".as_bytes()).to_string(), "\\u{301}e");
        assert_eq!(field("\n\u{301}".as_bytes()).to_string(), "\\n\\u{301}");
        let smear = format!("e{}", "\u{301}".repeat(6));
        assert_eq!(field(smear.as_bytes()).to_string(), "e\u{301}\u{301}\u{301}\u{301}\\u{301}\\u{301}");
    }

    #[test]
    fn prose_keeps_backslashes_and_only_text_keeps_breaks() {
        assert_eq!(line("a\\b\nc\u{1b}").to_string(), r"a\b\nc\x1b");
        assert_eq!(text(b"a\\b\n\tc\x1b").to_string(), "a\\b\n\tc\\x1b");
    }

    #[test]
    fn the_ranges_are_sorted_and_apart() {
        assert!(INVISIBLE.iter().all(|(first, last)| first <= last));
        assert!(INVISIBLE.is_sorted_by(|before, after| before.1 < after.0));
    }

    /// The reverse of the front table, written apart from the code it judges.
    fn undo(shown: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut rest = shown.chars();
        while let Some(character) = rest.next() {
            if character != '\\' {
                bytes.extend(character.to_string().bytes());
                continue;
            }
            match rest.next().unwrap() {
                'n' => bytes.push(b'\n'),
                't' => bytes.push(b'\t'),
                'r' => bytes.push(b'\r'),
                '\\' => bytes.push(b'\\'),
                'x' => {
                    bytes.push(u8::from_str_radix(&rest.by_ref().take(2).collect::<String>(), 16).unwrap())
                }
                'u' => {
                    assert_eq!(rest.next(), Some('{'));
                    let digits: String = rest.by_ref().take_while(|&c| c != '}').collect();
                    let code = u32::from_str_radix(&digits, 16).unwrap();
                    bytes.extend(char::from_u32(code).unwrap().to_string().bytes());
                }
                other => panic!("unknown escape {other}"),
            }
        }
        bytes
    }

    fn hides_or_acts(character: char) -> bool {
        let bidirectional = ['\u{61c}', '\u{200e}', '\u{200f}'].contains(&character)
            || ('\u{202a}'..='\u{202e}').contains(&character)
            || ('\u{2066}'..='\u{2069}').contains(&character);
        character.is_control() || bidirectional || (character.is_whitespace() && character != ' ')
    }

    /// Bytes with many of the characters that matter among them.
    fn names() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            any::<Vec<u8>>(),
            any::<String>().prop_map(String::into_bytes),
            "[\\\\xun{}0-9\u{301}\u{202e}\u{1b}\u{9b}]{0,8}".prop_map(String::into_bytes),
        ];
        prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn nothing_shown_acts_or_hides(bytes in names()) {
            let shown = field(&bytes).to_string();
            prop_assert!(!shown.chars().any(hides_or_acts), "{shown:?}");
            let shown = line(&String::from_utf8_lossy(&bytes)).to_string();
            prop_assert!(!shown.chars().any(hides_or_acts), "{shown:?}");
            let shown = text(&bytes).to_string();
            prop_assert!(!shown.chars().any(|c| hides_or_acts(c) && c != '\n' && c != '\t'), "{shown:?}");
        }

        #[test]
        fn a_field_can_be_undone(bytes in names()) {
            prop_assert_eq!(undo(&field(&bytes).to_string()), bytes);
        }
    }
}
