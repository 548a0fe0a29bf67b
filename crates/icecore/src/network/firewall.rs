//! The firewall of a network namespace, CRIU's own lock told apart.

use bstr::{BStr, BString, ByteSlice, ByteVec};
use icecore_archive::Member;
use icecore_images::Image;
use icecore_images::raw::{iptables, nftables};
use serde::Serialize;

use crate::diagnostic::IMAGE_DAMAGED;
use crate::images::Images;
use crate::{Diagnostic, NamespaceId};

/// A chain, set or map of a firewall with its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Rules {
    /// The program that printed it: `iptables`, `ip6tables` or `nft`.
    pub program: &'static str,
    /// `ip`, `ip6`, `inet` …
    pub family: BString,
    /// The table that it is in.
    pub table: BString,
    /// What it is: `chain`, `set`, `map` …
    pub kind: BString,
    /// Its name.
    pub name: BString,
    /// What becomes of packets that no rule decides; of built-in chains of iptables.
    pub policy: Option<BString>,
    /// Its lines.
    pub text: BString,
    /// Whether it is the lock that CRIU put on the network for the dump: it was not there before.
    pub own: bool,
}

/// Reads a firewall image: its rules, and whether it ends where its program would have ended it.
type Read = fn(&Image<'_>) -> (Vec<Rules>, bool);

/// All rules of a namespace, in the order of the programs. Of a text that was cut, those in front of the cut.
pub(super) fn read(images: &Images, id: NamespaceId, diagnostics: &mut Vec<Diagnostic>) -> Vec<Rules> {
    let programs: [(&str, Read); 3] = [
        ("iptables", |image| (of_iptables(image, "iptables", "ip"), iptables::is_whole(image))),
        ("ip6tables", |image| (of_iptables(image, "ip6tables", "ip6"), iptables::is_whole(image))),
        ("nftables", |image| (of_nftables(image), nftables::is_whole(image))),
    ];
    let mut all = Vec::new();
    for (program, read) in programs {
        let name = format!("{program}-{id}.img");
        let Some((rules, is_whole)) = images.with_image(&name, diagnostics, |image| read(&image)) else {
            continue;
        };
        all.extend(rules);
        if let (false, Some(member)) = (is_whole, images.member(&name)) {
            diagnostics.push(cut(member));
        }
    }
    all
}

/// That the text of a program has no end.
fn cut(member: &Member) -> Diagnostic {
    let text = "the text ends in the middle of a table; the rules behind it are not in the archive";
    Diagnostic { offset: Some(member.available()), ..Diagnostic::new(IMAGE_DAMAGED, text) }
        .of(member.name.as_bytes())
}

fn of_iptables(image: &Image<'_>, program: &'static str, family: &str) -> Vec<Rules> {
    let mut all = Vec::new();
    for table in iptables::tables(image) {
        for chain in &table.chains {
            // Rules that lead into CRIU's chain belong to its lock, too.
            let (own, others): (Vec<&BStr>, Vec<&BStr>) =
                chain.rules.iter().copied().partition(|rule| chain.is_criu_lock() || leads_to_lock(rule));
            let rules = |text: &[&BStr], own| Rules {
                program,
                family: family.into(),
                table: table.name.into(),
                kind: "chain".into(),
                name: chain.name.into(),
                policy: chain.policy.map(Into::into),
                text: joined(text),
                own,
            };
            if !chain.is_criu_lock() {
                all.push(rules(&others, false));
            }
            if chain.is_criu_lock() || !own.is_empty() {
                all.push(rules(&own, true));
            }
        }
    }
    all
}

/// Whether a rule jumps to CRIU's chain.
fn leads_to_lock(rule: &BStr) -> bool {
    let mut words = rule.split(|&byte| byte == b' ').skip_while(|&word| word != b"-j");
    words.nth(1) == Some(b"CRIU")
}

fn of_nftables(image: &Image<'_>) -> Vec<Rules> {
    let mut all = Vec::new();
    for table in nftables::tables(image) {
        let own = table.is_criu_lock();
        all.extend(table.blocks.iter().map(|block| Rules {
            program: "nft",
            family: table.family.into(),
            table: table.name.into(),
            kind: block.kind.into(),
            name: block.name.into(),
            policy: None,
            text: joined(&block.lines),
            own,
        }));
    }
    all
}

fn joined(lines: &[&BStr]) -> BString {
    let mut text = BString::default();
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            text.push_byte(b'\n');
        }
        text.push_str(line.as_bytes());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_of_criu_is_told_apart() {
        let text = "*filter\n:INPUT ACCEPT [0:0]\n:CRIU - [0:0]\n-A INPUT -i lo -j ACCEPT\n-A INPUT -j CRIU\n\
                    -A CRIU -m mark --mark 0xc114 -j ACCEPT\n-A CRIU -j DROP\nCOMMIT\n";
        let image = Image::parse("iptables-5.img", text.as_bytes()).unwrap();
        let rules = of_iptables(&image, "iptables", "ip");
        let found: Vec<_> =
            rules.iter().map(|it| (it.name.to_string(), it.text.to_string(), it.own)).collect();
        let lock = "-m mark --mark 0xc114 -j ACCEPT\n-j DROP";
        let expected =
            [("INPUT", "-i lo -j ACCEPT", false), ("INPUT", "-j CRIU", true), ("CRIU", lock, true)];
        assert_eq!(found, expected.map(|(name, text, own)| (name.into(), text.into(), own)));
    }
}
