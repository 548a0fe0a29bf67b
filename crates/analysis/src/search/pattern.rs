//! What is searched for, and how it is made ready.

use std::collections::BTreeMap;

use aho_corasick::AhoCorasick;
use bstr::{BStr, BString, ByteSlice};
use memchr::memmem;

use super::expression::{Choice, Expression};
use crate::windows::Window;

/// One thing to search for.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Pattern {
    /// What hits are called by: the words of the user.
    pub name: BString,
    form: Form,
    ignore_case: bool,
}

#[derive(Debug, Clone)]
enum Form {
    Literal(Vec<u8>),
    /// A text in UTF-16.
    Wide(Vec<u8>),
    /// `None` is any byte.
    Bytes(Vec<Option<u8>>),
    Regex(String),
}

/// Why a pattern cannot be searched for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("pattern `{pattern}`: {why}")]
#[non_exhaustive]
pub struct BadPattern {
    /// The pattern.
    pub pattern: String,
    /// What is wrong with it.
    pub why: String,
}

impl Pattern {
    /// Exactly these bytes.
    pub fn literal(bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        Self { name: bytes.into(), form: Form::Literal(bytes.to_vec()), ignore_case: false }
    }

    /// A text in UTF-16, in both byte orders.
    pub fn utf16(text: &str) -> [Self; 2] {
        let little = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        [little, big].map(|bytes| Self { name: text.into(), form: Form::Wide(bytes), ignore_case: false })
    }

    /// Bytes in hexadecimal, `??` being any byte; spaces do not count.
    ///
    /// # Errors
    /// If it is not made of pairs of digits.
    pub fn hex(text: &str) -> Result<Self, BadPattern> {
        let bad = || BadPattern {
            pattern: text.to_owned(),
            why: "expected pairs of hexadecimal digits, or ?? for any byte".to_owned(),
        };
        let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let pair = |pair: &[u8]| match pair {
            b"??" => Ok(None),
            pair if pair.len() == 2 && pair.iter().all(u8::is_ascii_hexdigit) => {
                u8::from_str_radix(&pair.to_str_lossy(), 16).map(Some).map_err(|_| bad())
            }
            _ => Err(bad()),
        };
        let bytes = digits.chunks(2).map(pair).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { name: text.into(), form: Form::Bytes(bytes), ignore_case: false })
    }

    /// A regular expression over bytes: `.` and classes match bytes unless they are switched to Unicode by `(?u)`.
    pub fn regex(expression: impl Into<String>) -> Self {
        let expression = expression.into();
        Self { name: expression.as_str().into(), form: Form::Regex(expression), ignore_case: false }
    }

    /// The same without regard to the case of ASCII letters in texts and expressions; bytes in hexadecimal stay as they are.
    #[must_use]
    pub fn ignoring_case(self) -> Self {
        Self { ignore_case: true, ..self }
    }

    /// Makes it ready as an expression.
    fn compile(&self, index: usize, max_match: usize) -> Result<Expression, String> {
        let letter = |byte, is_letter| if is_letter { Choice::Letter(byte) } else { Choice::Byte(byte) };
        match &self.form {
            Form::Literal(bytes) => {
                let choices = bytes.iter().map(|byte| letter(byte, byte.is_ascii_alphabetic()));
                Expression::bytes(index, choices)
            }
            Form::Wide(bytes) => {
                let units = bytes.chunks(2).flat_map(|unit| {
                    // Of two bytes, one is a letter only beside a zero.
                    let is_narrow = unit.contains(&0);
                    unit.iter().map(move |byte| letter(byte, is_narrow && byte.is_ascii_alphabetic()))
                });
                Expression::bytes(index, units)
            }
            Form::Bytes(bytes) => {
                let choices = bytes.iter().map(|byte| byte.as_ref().map_or(Choice::Any, Choice::Byte));
                Expression::bytes(index, choices)
            }
            Form::Regex(text) => Expression::regular(index, text, self.ignore_case, max_match),
        }
    }

    fn bad(&self, why: impl Into<String>) -> BadPattern {
        BadPattern { pattern: self.name.to_string(), why: why.into() }
    }
}

/// Patterns made ready.
#[derive(Debug)]
pub struct Needles {
    names: Vec<BString>,
    literals: Literals,
    expressions: Vec<Expression>,
    longest: usize,
    /// Whether each pattern is a regular expression.
    is_regular: Vec<bool>,
    /// Of each pattern, the first that is made of the same text.
    words: Vec<usize>,
    max_match: usize,
}

#[derive(Debug)]
enum Literals {
    None,
    /// One alone, which is what is searched for most.
    One(usize, usize, Box<memmem::Finder<'static>>),
    Many(Vec<(usize, usize)>, Box<AhoCorasick>),
}

/// The longest match of an expression that is sure to be found, in bytes, unless another is set. A longer one that begins
/// in one piece of what is stored is found in its length up to the end of the piece, or at least of 8 MiB, wherever it would match
/// in a part too; elsewhere it may be missed, or found in part.
pub const MAX_MATCH: usize = 64 << 10;

/// Start, end and pattern of a match in a window.
pub(super) type Found = (usize, usize, usize);

impl Needles {
    /// Makes patterns ready, with [`MAX_MATCH`].
    ///
    /// # Errors
    /// If one is empty, matches nothing but emptiness, is no expression, or would be too large.
    pub fn new(patterns: &[Pattern]) -> Result<Self, BadPattern> {
        Self::with_max_match(patterns, MAX_MATCH)
    }

    /// Makes patterns ready; `max_match` is the longest match of an expression that is sure to be found,
    /// in bytes.
    ///
    /// # Errors
    /// As [`Needles::new`].
    pub fn with_max_match(patterns: &[Pattern], max_match: usize) -> Result<Self, BadPattern> {
        let (mut literals, mut expressions, mut longest) = (Vec::new(), Vec::new(), 1);
        for (index, pattern) in patterns.iter().enumerate() {
            match &pattern.form {
                Form::Literal(bytes) | Form::Wide(bytes) if bytes.is_empty() => {
                    return Err(pattern.bad("is empty"));
                }
                Form::Literal(bytes) | Form::Wide(bytes) if !pattern.ignore_case => {
                    longest = longest.max(bytes.len());
                    literals.push((index, bytes.clone()));
                }
                _ => {
                    let expression = pattern.compile(index, max_match).map_err(|why| pattern.bad(why))?;
                    longest = longest.max(expression.reach);
                    expressions.push(expression);
                }
            }
        }
        let names = patterns.iter().map(|pattern| pattern.name.clone()).collect();
        let literals = Literals::new(literals).map_err(|why| BadPattern { pattern: String::new(), why })?;
        let is_regular = patterns.iter().map(|pattern| matches!(pattern.form, Form::Regex(_))).collect();
        let words = words(patterns);
        Ok(Self { names, literals, expressions, longest, is_regular, words, max_match })
    }

    /// How many patterns there are.
    #[expect(clippy::len_without_is_empty, reason = "a search for nothing is never made")]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// What a pattern is called.
    pub fn name(&self, index: usize) -> &BStr {
        self.names.get(index).map(AsRef::as_ref).unwrap_or_default()
    }

    /// The first pattern that is made of the same text: another one than this, if this is that text in UTF-16.
    pub fn words(&self, index: usize) -> usize {
        self.words.get(index).copied().unwrap_or(index)
    }

    /// Whether a pattern is a regular expression, of which only matches up to a length are sure to be found.
    pub fn is_expression(&self, index: usize) -> bool {
        self.is_regular.get(index).copied().unwrap_or(false)
    }

    /// That length, in bytes, if there is any expression.
    pub fn max_match(&self) -> Option<usize> {
        self.is_regular.contains(&true).then_some(self.max_match)
    }

    /// The longest match that is found wherever it lies, in bytes.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// A cursor for each expression.
    pub(super) fn cursors(&self) -> Vec<u64> {
        vec![0; self.expressions.len()]
    }

    /// Finds all matches that begin in what is new of a window; `cursors` are places up to which expressions have matched.
    /// Says whether one of an expression ends with the window, so that it may go on behind it.
    pub(super) fn find(&self, window: &Window<'_>, cursors: &mut [u64], found: &mut Vec<Found>) -> bool {
        self.literals.find(window, self.longest, found);
        let mut is_cut = false;
        for (expression, cursor) in self.expressions.iter().zip(cursors) {
            is_cut |= expression.find(window, cursor, found);
        }
        found.sort_unstable();
        is_cut
    }
}

/// The first text of the same name of each text, and of others themselves.
fn words(patterns: &[Pattern]) -> Vec<usize> {
    let mut first = BTreeMap::new();
    let words = patterns.iter().enumerate().map(|(index, pattern)| match pattern.form {
        Form::Literal(_) | Form::Wide(_) => *first.entry(&pattern.name).or_insert(index),
        Form::Bytes(_) | Form::Regex(_) => index,
    });
    words.collect()
}

impl Literals {
    fn new(mut literals: Vec<(usize, Vec<u8>)>) -> Result<Self, String> {
        match literals.len() {
            0 => Ok(Self::None),
            1 => {
                let Some((index, bytes)) = literals.pop() else { return Ok(Self::None) };
                let finder = memmem::Finder::new(&bytes).into_owned();
                Ok(Self::One(index, bytes.len(), Box::new(finder)))
            }
            _ => {
                let automaton = AhoCorasick::new(literals.iter().map(|(_, bytes)| bytes));
                let automaton = automaton.map_err(|error| error.to_string())?;
                let lengths = literals.into_iter().map(|(index, bytes)| (index, bytes.len())).collect();
                Ok(Self::Many(lengths, Box::new(automaton)))
            }
        }
    }

    fn find(&self, window: &Window<'_>, longest: usize, found: &mut Vec<Found>) {
        // A window may have grown far beyond what a literal can reach.
        let end = window.limit.saturating_add(longest).min(window.bytes.len());
        let bytes = window.bytes.get(window.from..end).unwrap_or_default();
        let mut add = |start: usize, length: usize, index: usize| {
            let start = start.saturating_add(window.from);
            let is_new = start < window.limit;
            if is_new {
                found.push((start, start.saturating_add(length), index));
            }
            is_new
        };
        match self {
            Self::None => {}
            Self::One(index, length, finder) => {
                let mut from = 0_usize;
                while let Some(at) = bytes.get(from..).and_then(|rest| finder.find(rest)) {
                    let at = from.saturating_add(at);
                    if !add(at, *length, *index) {
                        break;
                    }
                    from = at.saturating_add(1);
                }
            }
            Self::Many(lengths, automaton) => {
                for hit in automaton.find_overlapping_iter(bytes) {
                    if let Some((index, length)) = lengths.get(hit.pattern().as_usize()) {
                        add(hit.start(), *length, *index);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(patterns: &[Pattern], bytes: &[u8]) -> Vec<(usize, usize, usize)> {
        let needles = Needles::new(patterns).unwrap();
        let mut found = Vec::new();
        let window = Window { start: 0, bytes, from: 0, limit: bytes.len() };
        needles.find(&window, &mut needles.cursors(), &mut found);
        found
    }

    #[test]
    fn every_form_finds_its_bytes() {
        let bytes = b"xxSecretxx\xff\x00\x01\x7fs\0e\0";
        assert_eq!(found(&[Pattern::literal("Secret")], bytes), [(2, 8, 0)]);
        assert_eq!(found(&[Pattern::literal("sECRET").ignoring_case()], bytes), [(2, 8, 0)]);
        assert_eq!(found(&[Pattern::hex("ff ??01").unwrap()], bytes), [(10, 13, 0)]);
        assert_eq!(found(&[Pattern::regex("[A-Z]ec.*t")], bytes), [(2, 8, 0)]);
        assert_eq!(found(&Pattern::utf16("se"), bytes), [(14, 18, 0)]);
    }

    #[test]
    fn literals_may_overlap() {
        assert_eq!(found(&[Pattern::literal("aa")], b"aaa"), [(0, 2, 0), (1, 3, 0)]);
        let both = [Pattern::literal("abc"), Pattern::literal("bc")];
        assert_eq!(found(&both, b"abc"), [(0, 3, 0), (1, 3, 1)]);
    }

    /// All bytes of such a pattern have their place, so that its matches overlap as those of a literal.
    #[test]
    fn matches_of_one_length_overlap_in_every_form() {
        let hex = Pattern::hex("61 ?? 61").unwrap();
        assert_eq!(found(&[hex], b"aaaxa"), [(0, 3, 0), (2, 5, 0)]);
        assert_eq!(found(&[Pattern::literal("AA").ignoring_case()], b"aAa"), [(0, 2, 0), (1, 3, 0)]);
        assert_eq!(found(&[Pattern::regex("aa")], b"aaa"), [(0, 2, 0)]);
    }

    #[test]
    fn case_is_that_of_letters() {
        assert_eq!(found(&[Pattern::hex("41 42").unwrap().ignoring_case()], b"abAB"), [(2, 4, 0)]);
        assert_eq!(found(&[Pattern::literal("ä[1").ignoring_case()], "Ä[1ä[1".as_bytes()), [(4, 8, 0)]);
        let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
        let patterns = |text| Pattern::utf16(text).map(Pattern::ignoring_case);
        assert_eq!(found(&patterns("kEy"), &wide("KeY")), [(0, 6, 0)]);
        // U+6161 is made of the bytes of two letters, and U+4161 is another character.
        assert_eq!(found(&patterns("\u{6161}"), &wide("\u{4161}\u{6161}")), [(2, 4, 0), (2, 4, 1)]);
    }

    #[test]
    fn what_cannot_match_is_refused() {
        for pattern in [
            Pattern::literal(""),
            Pattern::regex(""),
            Pattern::hex("").unwrap(),
            Pattern::regex("("),
            Pattern::regex(r"\b"),
            Pattern::regex("^$|()"),
            Pattern::regex("(a{1000}){100000}"),
        ] {
            assert!(Needles::new(&[pattern]).is_err());
        }
        for hex in ["1", "zz", "1?", "??1"] {
            assert!(Pattern::hex(hex).is_err(), "{hex}");
        }
    }

    #[test]
    fn what_is_wrong_with_an_expression_is_said_in_a_line() {
        for (text, why) in
            [("a(", "unclosed group"), ("[z-a]", "invalid character class range"), (r"\p{Ab}", "Unicode")]
        {
            let told = Needles::new(&[Pattern::regex(text)]).unwrap_err().to_string();
            assert!(told.contains(why) && !told.contains('\n'), "{told}");
        }
        let told = Needles::new(&[Pattern::regex("(a{1000}){100000}")]).unwrap_err().to_string();
        assert!(told.contains("exceeded limit"), "{told}");
    }
}
