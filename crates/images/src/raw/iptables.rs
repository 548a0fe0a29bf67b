//! Firewall rules as `iptables-save` prints them: `iptables-NS.img`, `ip6tables-NS.img`.
//!
//! ```text
//! *filter
//! :INPUT ACCEPT [12:3456]
//! -A INPUT -i lo -j ACCEPT
//! COMMIT
//! ```
//!
//! An empty image has no tables. CRIU's own lock of the network can be among the rules: a chain `CRIU` that lets
//! pass what has mark 0xc114 and drops the rest. It was not there before the dump.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use bstr::{BStr, ByteSlice};

use crate::image::Image;

/// A table of rules.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Table<'a> {
    /// Its name, such as `filter` or `nat`.
    pub name: &'a BStr,
    /// Its chains.
    pub chains: Vec<Chain<'a>>,
}

/// A chain of rules.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Chain<'a> {
    /// Its name.
    pub name: &'a BStr,
    /// What becomes of packets that no rule decides; absent for chains that are not built in.
    pub policy: Option<&'a BStr>,
    /// Its rules, without `-A` and the chain.
    pub rules: Vec<&'a BStr>,
}

impl Chain<'_> {
    /// Whether the chain is the lock that CRIU puts on the network for the dump.
    #[must_use]
    pub fn is_criu_lock(&self) -> bool {
        self.name == "CRIU"
    }
}

/// The tables of an image. Lines that are none of the format are passed over.
#[must_use]
pub fn tables<'a>(image: &Image<'a>) -> Vec<Table<'a>> {
    let mut tables: Vec<Table<'a>> = Vec::new();
    let mut chains = BTreeMap::new();
    for line in image.body().lines() {
        let Some((&first, rest)) = line.split_first() else { continue };
        if first == b'*' {
            tables.push(Table { name: rest.as_bstr(), chains: Vec::new() });
            chains.clear();
            continue;
        }
        let Some(table) = tables.last_mut() else { continue };
        if first == b':' {
            let mut words = rest.split(|&byte| byte == b' ');
            let name = words.next().unwrap_or_default().as_bstr();
            let policy = words.next().map(ByteSlice::as_bstr).filter(|policy| *policy != "-");
            chains.insert(name, table.chains.len());
            table.chains.push(Chain { name, policy, rules: Vec::new() });
        } else if let Some((name, rule)) = rule(line)
            && let Some(chain) = chains.get(name).and_then(|&index| table.chains.get_mut(index))
        {
            chain.rules.push(rule);
        }
    }
    tables
}

/// Chain and rule of a line `-A CHAIN RULE`, with counters in front or not.
fn rule(line: &[u8]) -> Option<(&BStr, &BStr)> {
    let line = match line.strip_prefix(b"[") {
        Some(counters) => counters.split_once_str(b"] ")?.1,
        None => line,
    };
    let rest = line.strip_prefix(b"-A ")?;
    let (name, rule) = rest.split_once_str(b" ").unwrap_or((rest, b""));
    Some((name.as_bstr(), rule.as_bstr()))
}

#[cfg(test)]
mod tests;
