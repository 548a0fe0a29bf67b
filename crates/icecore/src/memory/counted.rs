//! What occurs often and is told once.

/// How often something was seen, and where first: a damaged image may have it a million times.
#[derive(Debug, Default)]
pub(super) struct Counted {
    pub(super) count: u64,
    /// Start and end.
    pub(super) first: Option<(u64, u64)>,
}

impl Counted {
    pub(super) fn add(&mut self, start: u64, end: u64) {
        self.count = self.count.saturating_add(1);
        self.first = self.first.or(Some((start, end)));
    }
}
