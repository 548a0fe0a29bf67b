//! Codes, caps and quotes.

use super::*;

#[test]
fn codes_are_told_apart_by_their_text() {
    let texts: std::collections::BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(texts.len(), Code::ALL.len());
    assert!(Code::ALL.iter().all(|code| !code.advice().is_empty() && !code.advice().ends_with('.')));
}

#[test]
fn more_than_the_cap_are_counted() {
    let mut findings = Findings::new("config.dump");
    for _ in 0..1000 {
        findings.add(Code::JsonType, format_args!("found a number"));
    }
    let list = findings.finish();
    assert_eq!(list.len(), PER_CODE + 1);
    assert_eq!(list[PER_CODE].text, "980 more findings of this kind");
}

#[test]
fn values_are_escaped_and_cut() {
    assert_eq!(Brief("a\u{1b}[2J\u{202e}b").to_string(), "\"a\\u{1b}[2J\\u{202e}b\"");
    let long = "x".repeat(50_000);
    assert_eq!(Brief(long.as_str()).to_string().chars().count(), SHOWN + 1);
}
