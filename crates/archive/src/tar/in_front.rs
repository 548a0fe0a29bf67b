//! What stands in front of the header that it is about.

use bstr::BString;

use super::pax::Records;

/// Long names and extended records that wait for their member.
#[derive(Debug, Default)]
pub(super) struct InFront {
    /// Where the first of it stands.
    pub(super) at: Option<u64>,
    pub(super) name: Option<BString>,
    pub(super) link: Option<BString>,
    records: Vec<u8>,
}

impl InFront {
    /// Puts the records of another extended header behind these, so that they win. `false`: they would be more than
    /// `limit` bytes together, and are left out. Any number of headers may stand in front of one member.
    pub(super) fn extend(&mut self, later: Records, limit: u64) -> bool {
        let later = later.into_bytes();
        if self.records.len().saturating_add(later.len()) as u64 > limit {
            return false;
        }
        if self.records.is_empty() {
            self.records = later;
        } else {
            self.records.extend(later);
        }
        true
    }

    /// The records of all extended headers, which are no longer here then.
    pub(super) fn take_records(&mut self) -> Records {
        Records::of_bytes(std::mem::take(&mut self.records))
    }
}
