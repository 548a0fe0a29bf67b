//! What extended headers say of a member: its own, and the global ones in front of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};

use super::pax::{self, Records};
use crate::member::Timestamp;

/// Records of global headers, for all members behind them.
#[derive(Debug, Default)]
pub(super) struct Global {
    /// All of them in their order, shared by the members.
    records: Arc<Records>,
    /// The last value of each key: every member asks for a dozen of them.
    last: BTreeMap<BString, BString>,
}

/// Bytes of global records. Each member looks through them and each further header has to copy what came before, so that
/// they are bounded by what they are used for: a comment of fifty bytes by `git archive`, and nothing by engines.
pub(super) const GLOBAL: usize = 16 << 10;

impl Global {
    /// Puts the records of another header behind these, so that they win. `false`: they would be too many.
    pub(super) fn extend(&mut self, later: Records) -> bool {
        if self.records.len().saturating_add(later.len()) > GLOBAL {
            return false;
        }
        self.last.extend(later.iter().map(|(key, value)| (key.to_owned(), value.to_owned())));
        Arc::make_mut(&mut self.records).extend(later);
        true
    }

    /// The records to be kept with a member, if there are any.
    pub(super) fn shared(&self) -> Option<Arc<Records>> {
        (!self.records.is_empty()).then(|| self.records.clone())
    }
}

/// All records that apply to a member; its own win.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'a> {
    pub(super) global: &'a Global,
    pub(super) own: &'a Records,
}

impl<'a> Facts<'a> {
    /// The value of a key; of several the last, as POSIX says. An empty value takes back what was said before it, so that
    /// the member's own header counts.
    pub(super) fn get(&self, key: &'a str) -> Option<&'a BStr> {
        let own = self.own.all(key).last();
        let global = || self.global.last.get(key.as_bytes().as_bstr()).map(|value| value.as_bstr());
        own.or_else(global).filter(|value| !value.is_empty())
    }

    /// A whole number.
    pub(super) fn number(&self, key: &'a str) -> Option<u64> {
        self.get(key)?.to_str().ok()?.parse().ok()
    }

    /// A time, with its fraction.
    pub(super) fn time(&self, key: &'a str) -> Option<Timestamp> {
        pax::time(self.get(key)?.to_str().ok()?)
    }

    /// All values of a key.
    pub(super) fn all(&self, key: &'a str) -> impl Iterator<Item = &'a BStr> + use<'a> {
        self.global.records.all(key).chain(self.own.all(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(pairs: &[(&str, &[u8])]) -> Records {
        Records::parse(&icecore_synth::pax_records(pairs)).0
    }

    #[test]
    fn the_last_value_counts_and_an_empty_one_takes_back() {
        let mut global = Global::default();
        assert!(global.extend(records(&[("uid", b"1"), ("uid", b"2"), ("gid", b"3"), ("path", b"x")])));
        assert!(global.extend(records(&[("gid", b"4")])));
        let own = records(&[("path", b""), ("size", b"5"), ("size", b"6")]);
        let facts = Facts { global: &global, own: &own };
        let numbers = ["uid", "gid", "size", "path", "mtime"].map(|key| facts.number(key));
        assert_eq!(numbers, [Some(2), Some(4), Some(6), None, None]);
        assert_eq!(facts.all("uid").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(facts.get("path"), None);
    }

    #[test]
    fn global_records_are_bounded_together() {
        let half = records(&[("comment", &[b'x'; GLOBAL / 2 - 20])]);
        let mut global = Global::default();
        assert!(global.shared().is_none());
        assert!(global.extend(half.clone()) && global.extend(half.clone()));
        let before = global.shared().unwrap();
        assert!(!global.extend(half) && global.extend(records(&[("a", b"b")])));
        assert_eq!((before.iter().count(), global.shared().unwrap().iter().count()), (2, 3));
    }
}
