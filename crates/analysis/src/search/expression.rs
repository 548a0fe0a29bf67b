//! Patterns that are searched for as expressions: regular ones, and bytes of which some may be one of several.

use std::error::Error;

use regex_automata::Input;
use regex_automata::meta::Regex;
use regex_automata::util::syntax;

use super::pattern::Found;
use crate::windows::{BEHIND, Window};

/// Bytes that one compiled expression may take.
const REGEX_SIZE: usize = 16 << 20;

/// An expression made ready.
#[derive(Debug)]
pub(super) struct Expression {
    /// The index of its pattern.
    pattern: usize,
    regex: Regex,
    /// Bytes that a match and what it stands in front of may take, if it is to be found wherever it lies.
    pub(super) reach: usize,
    /// All matches have one length, and may overlap as those of a literal.
    is_fixed: bool,
}

impl Expression {
    /// A regular expression; `longest` is the longest match that is sure to be found.
    pub(super) fn regular(
        pattern: usize,
        text: &str,
        ignore_case: bool,
        longest: usize,
    ) -> Result<Self, String> {
        let syntax = syntax::Config::new().unicode(false).utf8(false).dot_matches_new_line(true);
        let parsed = syntax::parse_with(text, &syntax.case_insensitive(ignore_case));
        let parsed = parsed.map_err(|error| last_line(&error))?;
        let longest = match parsed.properties().maximum_len() {
            Some(0) => return Err("is empty, or matches nothing but emptiness".to_owned()),
            Some(most) => longest.min(most),
            None => longest,
        };
        let config = Regex::config().utf8_empty(false).nfa_size_limit(Some(REGEX_SIZE));
        let regex = Regex::builder().configure(config).build_from_hir(&parsed);
        let regex = regex.map_err(|error| causes(&error))?;
        Ok(Self { pattern, regex, reach: longest.max(1).saturating_add(BEHIND), is_fixed: false })
    }

    /// Bytes one behind the other, each one of those that are given for it.
    pub(super) fn bytes<'b>(
        pattern: usize,
        choices: impl Iterator<Item = Choice<'b>>,
    ) -> Result<Self, String> {
        let text: String = choices.map(|choice| choice.text()).collect();
        Ok(Self { is_fixed: true, ..Self::regular(pattern, &text, false, usize::MAX)? })
    }

    /// Finds what begins in what is new of a window, from `cursor` on, a place, and moves that. Says whether a match ends
    /// with the window, so that it may go on behind it.
    pub(super) fn find(&self, window: &Window<'_>, cursor: &mut u64, found: &mut Vec<Found>) -> bool {
        let begun = usize::try_from(cursor.saturating_sub(window.start)).unwrap_or(usize::MAX);
        let (mut at, mut is_cut) = (begun.max(window.from), false);
        let mut input = Input::new(window.bytes);
        while at < window.limit.min(window.bytes.len()) {
            input.set_start(at);
            let Some(hit) = self.regex.find(input.clone()).filter(|hit| hit.start() < window.limit) else {
                break;
            };
            let is_over = self.is_fixed || hit.is_empty();
            at = if is_over { hit.start().saturating_add(1) } else { hit.end() };
            if !hit.is_empty() {
                found.push((hit.start(), hit.end(), self.pattern));
                *cursor = window.start.saturating_add(at as u64);
                is_cut |= !self.is_fixed && hit.end() == window.bytes.len();
            }
        }
        is_cut
    }
}

/// What a byte may be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Choice<'b> {
    /// This one.
    Byte(&'b u8),
    /// This letter, large or small.
    Letter(&'b u8),
    /// Any.
    Any,
}

impl Choice<'_> {
    fn text(self) -> String {
        match self {
            Self::Byte(byte) => format!("\\x{byte:02x}"),
            Self::Letter(byte) => {
                format!("[\\x{:02x}\\x{:02x}]", byte.to_ascii_lowercase(), byte.to_ascii_uppercase())
            }
            Self::Any => ".".to_owned(),
        }
    }
}

/// What is wrong with an expression, without the picture of it.
fn last_line(error: &impl ToString) -> String {
    let text = error.to_string();
    let line = text.lines().last().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

/// An error and what it came of, in one line.
fn causes(error: &dyn Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", causes(cause)),
        None => error.to_string(),
    }
}
