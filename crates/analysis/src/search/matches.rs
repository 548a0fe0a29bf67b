//! Patterns over windows: match by match.

use super::{MAX_SHOWN, Needles};
use crate::windows::{Ground, Windows};

/// A match of a pattern.
#[derive(Debug)]
pub(super) struct Match {
    /// The place of its first byte.
    pub(super) at: u64,
    pub(super) pattern: usize,
    pub(super) length: u64,
    /// Its bytes, cut at [`MAX_SHOWN`].
    pub(super) matched: Vec<u8>,
}

/// All matches over windows, by rising place in each of them.
pub(super) struct Matches<'a, G> {
    windows: Windows<'a, G>,
    needles: &'a Needles,
    /// Up to where each expression has matched.
    cursors: Vec<u64>,
    /// Start, end and pattern of what is left in the window at hand.
    found: std::vec::IntoIter<(usize, usize, usize)>,
}

impl<'a, G: Ground> Matches<'a, G> {
    pub(super) fn new(windows: Windows<'a, G>, needles: &'a Needles) -> Self {
        Self { windows, needles, cursors: needles.cursors(), found: Vec::new().into_iter() }
    }
}

impl<G: Ground> Iterator for Matches<'_, G> {
    type Item = Match;

    fn next(&mut self) -> Option<Match> {
        loop {
            if let Some((start, end, pattern)) = self.found.next() {
                let window = self.windows.window();
                let bytes = window.bytes.get(start..end).unwrap_or_default();
                let (at, length) = (window.start.saturating_add(start as u64), bytes.len() as u64);
                let matched = bytes.get(..MAX_SHOWN.min(bytes.len())).unwrap_or_default().to_vec();
                return Some(Match { at, pattern, length, matched });
            }
            if !self.windows.advance() {
                return None;
            }
            let window = self.windows.window();
            let mut found = Vec::new();
            self.needles.find(window.bytes, window.start, window.limit, &mut self.cursors, &mut found);
            self.found = found.into_iter();
        }
    }
}
