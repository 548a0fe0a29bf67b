//! The text of a document in a form that serde_json accepts wherever Go's decoder accepts the original.
//!
//! Three things are changed, and only in a copy that is made when one of them occurs: bytes that are not
//! UTF-8 become U+FFFD; half a surrogate pair becomes the escape of U+FFFD, which has the same length; a
//! number that is no 64-bit integer becomes a zero and spaces of the same length, its text set aside under
//! its ordinal.

use std::borrow::Cow;

use super::VALUE_LIMIT;
use crate::finding::{Code, Findings};

/// UTF-8's encoding of U+FEFF.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A document made ready for the parser.
pub(super) struct Prepared<'a> {
    /// The bytes as they came.
    original: &'a [u8],
    /// What the parser shall read.
    pub(super) text: Cow<'a, str>,
    /// Numbers that are no 64-bit integers: how many numbers stand before each, and its text.
    pub(super) numbers: Vec<(usize, String)>,
    skipped: usize,
    invalid_utf8: Option<usize>,
    lone_surrogate: Option<usize>,
}

impl<'a> Prepared<'a> {
    pub(super) fn new(original: &'a [u8]) -> Self {
        let bytes = original.strip_prefix(BYTE_ORDER_MARK).unwrap_or(original);
        let skipped = original.len().saturating_sub(bytes.len());
        let (text, invalid_utf8) = match std::str::from_utf8(bytes) {
            Ok(text) => (Cow::Borrowed(text), None),
            Err(error) => (String::from_utf8_lossy(bytes), Some(error.valid_up_to().saturating_add(skipped))),
        };
        let found = Scan::over(&text);
        let lone_surrogate = found.surrogates.first().copied();
        let text = if found.is_empty() { text } else { Cow::Owned(found.patch(text.into_owned())) };
        let mut prepared =
            Prepared { original, text, numbers: found.texts, skipped, invalid_utf8, lone_surrogate: None };
        prepared.lone_surrogate = lone_surrogate.map(|at| prepared.original_offset(at));
        prepared
    }

    /// Says what was changed.
    pub(super) fn report(&self, findings: &mut Findings) {
        if self.skipped > 0 {
            findings.at_offset(
                Code::JsonBom,
                0,
                format_args!("a byte order mark stands before the document; it was skipped"),
            );
        }
        if let Some(offset) = self.invalid_utf8 {
            let text =
                format_args!("bytes that are not UTF-8 were read as U+FFFD, as the engine's own reader does");
            findings.at_offset(Code::JsonUtf8, to_u64(offset), text);
        }
        if let Some(offset) = self.lone_surrogate {
            let text =
                format_args!("half a surrogate pair was read as U+FFFD, as the engine's own reader does");
            findings.at_offset(Code::JsonSurrogate, to_u64(offset), text);
        }
    }

    /// The offset in the original of the byte that an error of the parser means.
    pub(super) fn offset(&self, error: &serde_json::Error) -> u64 {
        let lines = error.line().saturating_sub(1);
        let start: usize =
            self.text.as_bytes().split_inclusive(|&byte| byte == b'\n').take(lines).map(<[u8]>::len).sum();
        to_u64(self.original_offset(start.saturating_add(error.column().saturating_sub(1))))
    }

    /// Undoes what the replaced bytes and the skipped mark did to an offset in the text.
    fn original_offset(&self, offset: usize) -> usize {
        if self.invalid_utf8.is_none() {
            return offset.saturating_add(self.skipped);
        }
        let (mut left, mut at) = (offset, self.skipped);
        for chunk in self.original.get(self.skipped..).unwrap_or_default().utf8_chunks() {
            let Some(after) = left.checked_sub(chunk.valid().len()) else { break };
            at = at.saturating_add(chunk.valid().len());
            let replaced =
                if chunk.invalid().is_empty() { 0 } else { char::REPLACEMENT_CHARACTER.len_utf8() };
            let Some(beyond) = after.checked_sub(replaced) else { return at };
            at = at.saturating_add(chunk.invalid().len());
            left = beyond;
        }
        at.saturating_add(left)
    }
}

/// What a walk over the tokens of a text finds. It knows strings and numbers only; the parser judges the
/// rest.
#[derive(Default)]
struct Scan {
    /// Where escapes of half a surrogate pair begin.
    surrogates: Vec<usize>,
    /// Where numbers that are no 64-bit integers begin.
    places: Vec<usize>,
    /// Those numbers: ordinal among all numbers, text.
    texts: Vec<(usize, String)>,
}

impl Scan {
    fn over(text: &str) -> Self {
        let (bytes, mut scan, mut at, mut ordinal) = (text.as_bytes(), Scan::default(), 0_usize, 0_usize);
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'"' => at = scan.string(bytes, at.saturating_add(1)),
                b'-' | b'0'..=b'9' => {
                    let rest = text.get(at..).unwrap_or_default();
                    let token =
                        rest.split(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E')).next();
                    let token = token.unwrap_or_default();
                    if is_odd(token) && scan.texts.len() <= VALUE_LIMIT {
                        scan.places.push(at);
                        scan.texts.push((ordinal, token.to_owned()));
                    }
                    ordinal = ordinal.saturating_add(1);
                    at = at.saturating_add(token.len().max(1));
                }
                _ => at = at.saturating_add(1),
            }
        }
        scan
    }

    fn is_empty(&self) -> bool {
        self.surrogates.is_empty() && self.texts.is_empty()
    }

    /// Walks over a string from behind its opening quote; returns where its closing one ends.
    fn string(&mut self, bytes: &[u8], mut at: usize) -> usize {
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            let Some(length) = rest.iter().position(|&byte| byte == b'"' || byte == b'\\') else {
                return bytes.len();
            };
            at = at.saturating_add(length);
            if bytes.get(at) == Some(&b'"') {
                return at.saturating_add(1);
            }
            at = at.saturating_add(self.escape(bytes, at));
        }
    }

    /// Looks at the escape that begins here; returns its length.
    fn escape(&mut self, bytes: &[u8], at: usize) -> usize {
        match unicode_escape(bytes, at) {
            Some(0xd800..=0xdbff) => match unicode_escape(bytes, at.saturating_add(6)) {
                Some(0xdc00..=0xdfff) => 12,
                _ => {
                    self.surrogates.push(at);
                    6
                }
            },
            Some(0xdc00..=0xdfff) => {
                self.surrogates.push(at);
                6
            }
            _ => 2,
        }
    }

    /// The text with everything found replaced by something of the same length.
    fn patch(&self, text: String) -> String {
        let mut bytes = text.into_bytes();
        for &at in &self.surrogates {
            overwrite(&mut bytes, at, b"\\ufffd");
        }
        for (&at, (_, token)) in self.places.iter().zip(&self.texts) {
            let zero: Vec<u8> =
                std::iter::once(b'0').chain(std::iter::repeat(b' ')).take(token.len()).collect();
            overwrite(&mut bytes, at, &zero);
        }
        // Only ASCII was replaced, by ASCII of the same length; were that wrong, the parser would say so.
        String::from_utf8(bytes).unwrap_or_default()
    }
}

fn overwrite(bytes: &mut [u8], at: usize, with: &[u8]) {
    if let Some(place) = bytes.get_mut(at..at.saturating_add(with.len())) {
        place.copy_from_slice(with);
    }
}

/// The code unit of a `\uXXXX` escape that begins at this place.
fn unicode_escape(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..at.saturating_add(6))?.strip_prefix(b"\\u")?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// True for a number that JSON allows and that `i64` and `u64` cannot hold with its exact text.
fn is_odd(token: &str) -> bool {
    let fits = token.parse::<i64>().is_ok() || token.parse::<u64>().is_ok();
    is_number(token) && (!fits || token == "-0")
}

/// JSON's grammar of numbers.
fn is_number(token: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = token.strip_prefix('-').unwrap_or(token);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}

fn to_u64(offset: usize) -> u64 {
    u64::try_from(offset).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_the_grammar() {
        for good in ["0", "-0", "10", "1.5", "1e9", "-1.25E-3", "1e+2"] {
            assert!(is_number(good), "{good}");
        }
        for bad in ["", "-", "01", "1.", ".5", "1e", "+1", "1e+", "--1", "0x1"] {
            assert!(!is_number(bad), "{bad}");
        }
    }

    #[test]
    fn a_plain_document_is_not_copied() {
        assert!(matches!(Prepared::new(b"{\"a\": [1, -2, \"\\u00e9\"]}").text, Cow::Borrowed(_)));
        assert!(matches!(Prepared::new(b"[1.5]").text, Cow::Owned(_)));
    }
}
