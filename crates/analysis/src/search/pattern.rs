//! What is searched for, and how it is made ready.

use aho_corasick::AhoCorasick;
use bstr::ByteSlice;
use memchr::memmem;
use regex_automata::Input;
use regex_automata::meta::Regex;
use regex_automata::util::syntax;

/// One thing to search for.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Pattern {
    /// What hits are called by: the words of the user.
    pub name: String,
    form: Form,
    ignore_case: bool,
}

#[derive(Debug, Clone)]
enum Form {
    Literal(Vec<u8>),
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
        Self {
            name: bytes.to_str_lossy().into_owned(),
            form: Form::Literal(bytes.to_vec()),
            ignore_case: false,
        }
    }

    /// A text in UTF-16, in both byte orders.
    pub fn utf16(text: &str) -> [Self; 2] {
        let little = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        [little, big].map(|bytes| Self {
            name: text.to_owned(),
            form: Form::Literal(bytes),
            ignore_case: false,
        })
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
        Ok(Self { name: text.to_owned(), form: Form::Bytes(bytes), ignore_case: false })
    }

    /// A regular expression over bytes: `.` and classes match bytes unless they are switched to Unicode by `(?u)`.
    pub fn regex(expression: impl Into<String>) -> Self {
        let expression = expression.into();
        Self { name: expression.clone(), form: Form::Regex(expression), ignore_case: false }
    }

    /// The same without regard to the case of ASCII letters.
    #[must_use]
    pub fn ignoring_case(self) -> Self {
        Self { ignore_case: true, ..self }
    }

    fn bad(&self, why: impl Into<String>) -> BadPattern {
        BadPattern { pattern: self.name.clone(), why: why.into() }
    }
}

/// Patterns made ready.
#[derive(Debug)]
pub struct Needles {
    names: Vec<String>,
    literals: Literals,
    /// Expressions with the index of their pattern.
    regexes: Vec<(usize, Regex)>,
    longest: usize,
    /// Whether each pattern is an expression.
    expressions: Vec<bool>,
    max_match: usize,
}

#[derive(Debug)]
enum Literals {
    None,
    /// One alone, which is what is searched for most.
    One(usize, usize, Box<memmem::Finder<'static>>),
    Many(Vec<(usize, usize)>, Box<AhoCorasick>),
}

/// The longest match of an expression that is sure to be found, in bytes, unless another is set: a longer one may be
/// missed, or found in part.
pub const MAX_MATCH: usize = 64 << 10;

/// Bytes that one compiled expression may take.
const REGEX_SIZE: usize = 16 << 20;

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
        let (mut literals, mut regexes, mut longest) = (Vec::new(), Vec::new(), 1);
        for (index, pattern) in patterns.iter().enumerate() {
            match &pattern.form {
                Form::Literal(bytes) if !pattern.ignore_case => {
                    if bytes.is_empty() {
                        return Err(pattern.bad("is empty"));
                    }
                    longest = longest.max(bytes.len());
                    literals.push((index, bytes.clone()));
                }
                form => {
                    let (expression, length) = match form {
                        Form::Literal(bytes) => (escaped(bytes.iter().copied().map(Some)), bytes.len()),
                        Form::Bytes(bytes) => (escaped(bytes.iter().copied()), bytes.len()),
                        Form::Regex(expression) => (expression.clone(), max_match.max(1)),
                    };
                    longest = longest.max(length);
                    regexes.push((index, compile(pattern, &expression)?));
                }
            }
        }
        let names = patterns.iter().map(|pattern| pattern.name.clone()).collect();
        let literals = Literals::new(literals).map_err(|why| BadPattern { pattern: String::new(), why })?;
        let is_expression = |pattern: &Pattern| matches!(pattern.form, Form::Regex(_));
        let expressions = patterns.iter().map(is_expression).collect();
        Ok(Self { names, literals, regexes, longest, expressions, max_match })
    }

    /// How many patterns there are.
    #[expect(clippy::len_without_is_empty, reason = "a search for nothing is never made")]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// What a pattern is called.
    pub fn name(&self, index: usize) -> &str {
        self.names.get(index).map_or("", String::as_str)
    }

    /// Whether a pattern is a regular expression, of which only matches up to a length are sure to be found.
    pub fn is_expression(&self, index: usize) -> bool {
        self.expressions.get(index).copied().unwrap_or(false)
    }

    /// That length, in bytes, if there is any expression.
    pub fn max_match(&self) -> Option<usize> {
        self.expressions.contains(&true).then_some(self.max_match)
    }

    /// The longest match that is found wherever it lies, in bytes.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// A cursor for each expression.
    pub(super) fn cursors(&self) -> Vec<u64> {
        vec![0; self.regexes.len()]
    }

    /// Finds all matches that begin in front of `limit`; `cursors` are addresses up to which expressions have matched.
    pub(super) fn find(
        &self,
        bytes: &[u8],
        start: u64,
        limit: usize,
        cursors: &mut [u64],
        found: &mut Vec<(usize, usize, usize)>,
    ) {
        self.literals.find(bytes, limit, found);
        for ((index, regex), cursor) in self.regexes.iter().zip(cursors) {
            let from = usize::try_from(cursor.saturating_sub(start)).unwrap_or(usize::MAX).min(bytes.len());
            let mut input = Input::new(bytes);
            input.set_start(from);
            for hit in regex.find_iter(input) {
                if hit.start() >= limit {
                    break;
                }
                if hit.end() > hit.start() {
                    found.push((hit.start(), hit.end(), *index));
                    *cursor = start.saturating_add(hit.end() as u64);
                }
            }
        }
        found.sort_unstable();
    }
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

    fn find(&self, bytes: &[u8], limit: usize, found: &mut Vec<(usize, usize, usize)>) {
        match self {
            Self::None => {}
            Self::One(index, length, finder) => {
                let mut from = 0_usize;
                while let Some(at) = bytes.get(from..).and_then(|rest| finder.find(rest)) {
                    let at = from.saturating_add(at);
                    if at >= limit {
                        break;
                    }
                    found.push((at, at.saturating_add(*length), *index));
                    from = at.saturating_add(1);
                }
            }
            Self::Many(lengths, automaton) => {
                for hit in automaton.find_overlapping_iter(bytes) {
                    if hit.start() < limit
                        && let Some((index, _)) = lengths.get(hit.pattern().as_usize())
                    {
                        found.push((hit.start(), hit.end(), *index));
                    }
                }
            }
        }
    }
}

fn compile(pattern: &Pattern, expression: &str) -> Result<Regex, BadPattern> {
    let syntax = syntax::Config::new().unicode(false).utf8(false).dot_matches_new_line(true);
    let config = Regex::config().utf8_empty(false).nfa_size_limit(Some(REGEX_SIZE));
    let regex = Regex::builder()
        .syntax(syntax.case_insensitive(pattern.ignore_case))
        .configure(config)
        .build(expression)
        .map_err(|error| pattern.bad(error.to_string()))?;
    if expression.is_empty() {
        return Err(pattern.bad("is empty"));
    }
    Ok(regex)
}

/// Bytes as an expression.
fn escaped(bytes: impl Iterator<Item = Option<u8>>) -> String {
    bytes.map(|byte| byte.map_or_else(|| ".".to_owned(), |byte| format!("\\x{byte:02x}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(patterns: &[Pattern], bytes: &[u8]) -> Vec<(usize, usize, usize)> {
        let needles = Needles::new(patterns).unwrap();
        let mut found = Vec::new();
        needles.find(bytes, 0, bytes.len(), &mut needles.cursors(), &mut found);
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

    #[test]
    fn what_cannot_match_is_refused() {
        for pattern in [
            Pattern::literal(""),
            Pattern::regex(""),
            Pattern::regex("("),
            Pattern::regex("(a{1000}){100000}"),
        ] {
            assert!(Needles::new(&[pattern]).is_err());
        }
        for hex in ["1", "zz", "1?", "??1"] {
            assert!(Pattern::hex(hex).is_err(), "{hex}");
        }
    }
}
