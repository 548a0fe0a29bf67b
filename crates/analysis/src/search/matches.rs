//! Patterns over windows: match by match.

use super::pattern::Found;
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
    /// What is left in the window at hand.
    found: std::vec::IntoIter<Found>,
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
            self.found = self.look().into_iter();
        }
    }
}

impl<G: Ground> Matches<'_, G> {
    /// What is found in the window at hand, which grows where an expression matches up to its end.
    fn look(&mut self) -> Vec<Found> {
        let before = self.cursors.clone();
        loop {
            let mut found = Vec::new();
            let is_cut = self.needles.find(&self.windows.window(), &mut self.cursors, &mut found);
            if !is_cut || !self.windows.grow() {
                return found;
            }
            self.cursors.clone_from(&before);
        }
    }
}
