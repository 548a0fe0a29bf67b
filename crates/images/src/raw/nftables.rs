//! Firewall rules as `nft list ruleset` prints them: `nftables-NS.img`.
//!
//! ```text
//! table inet filter {
//!         chain input {
//!                 type filter hook input priority filter; policy accept;
//!                 iifname "lo" accept
//!         }
//! }
//! ```
//!
//! CRIU's own lock of the network can be among the tables: `inet CRIU-` and the run id, cut at 18 characters. It
//! was not there before the dump.

use alloc::vec::Vec;

use bstr::{BStr, ByteSlice};

use crate::image::Image;

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Table<'a> {
    /// Family: `inet`, `ip`, `ip6`, `arp`, `bridge`, `netdev`.
    pub family: &'a BStr,
    /// Its name.
    pub name: &'a BStr,
    /// Chains, sets, maps and other blocks.
    pub blocks: Vec<Block<'a>>,
}

/// A chain, or something else with a body.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Block<'a> {
    /// What it is: `chain`, `set`, `map` …
    pub kind: &'a BStr,
    /// Its name.
    pub name: &'a BStr,
    /// Its lines, without indent; those of a chain are its hook and its rules.
    pub lines: Vec<&'a BStr>,
}

impl Table<'_> {
    /// Whether the table is the lock that CRIU puts on the network for the dump.
    #[must_use]
    pub fn is_criu_lock(&self) -> bool {
        self.family == "inet" && self.name.starts_with(b"CRIU-")
    }
}

/// Whether the text ends where `nft` would have ended it: all braces are closed, and the last line ends with a newline.
#[must_use]
pub fn is_whole(image: &Image<'_>) -> bool {
    let text = image.body();
    let open = text.lines().map(<[u8]>::trim_ascii).fold(0_usize, after);
    open == 0 && (text.is_empty() || text.ends_with(b"\n"))
}

/// How many braces are open behind a line.
fn after(open: usize, line: &[u8]) -> usize {
    match line {
        [.., b'{'] => open.saturating_add(1),
        b"}" => open.saturating_sub(1),
        _ => open,
    }
}

/// The tables of an image. The text is taken line by line as `nft` prints it; what stands outside of a table is
/// passed over.
#[must_use]
pub fn tables<'a>(image: &Image<'a>) -> Vec<Table<'a>> {
    let mut tables: Vec<Table<'a>> = Vec::new();
    // Braces that are open: 0 outside, 1 in a table, 2 in a block, more inside of a block.
    let mut depth = 0usize;
    for line in image.body().lines().map(<[u8]>::trim_ascii) {
        let opens = line.ends_with(b"{");
        match (depth, line) {
            (_, b"") => {}
            (0, _) if opens && line.starts_with(b"table ") => {
                let (family, name) = two_words(line);
                tables.push(Table { family, name, blocks: Vec::new() });
            }
            (1, _) if opens => {
                let mut words = line.split(|&byte| byte == b' ');
                let kind = words.next().unwrap_or_default().as_bstr();
                let name = words.next().unwrap_or_default().as_bstr();
                if let Some(table) = tables.last_mut() {
                    table.blocks.push(Block { kind, name, lines: Vec::new() });
                }
            }
            (1 | 2, b"}") => {}
            (2.., _) => {
                if let Some(block) = tables.last_mut().and_then(|table| table.blocks.last_mut()) {
                    block.lines.push(line.as_bstr());
                }
            }
            _ => {}
        }
        depth = after(depth, line);
    }
    tables
}

/// The words between the first one and the brace.
fn two_words(line: &[u8]) -> (&BStr, &BStr) {
    let mut words = line.split(|&byte| byte == b' ').skip(1).map(ByteSlice::as_bstr);
    (words.next().unwrap_or_default(), words.next().unwrap_or_default())
}

#[cfg(test)]
mod tests;
