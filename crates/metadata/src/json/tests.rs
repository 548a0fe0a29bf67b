//! Documents written by hand: what is kept of them, and what is told.

use super::*;
use crate::finding::Finding;
use proptest::prelude::*;

fn read(bytes: &[u8]) -> (Option<Node>, Vec<Finding>) {
    let mut findings = Findings::new("config.dump");
    let node = parse(bytes, &mut findings);
    (node, findings.finish())
}

/// The codes and offsets found in a document, and whether it could be read.
fn check(bytes: &[u8], readable: bool, expected: &[(Code, Option<u64>)]) {
    let (node, findings) = read(bytes);
    assert_eq!(node.is_some(), readable, "{findings:?}");
    let got: Vec<_> = findings.iter().map(|finding| (finding.code, finding.offset)).collect();
    assert_eq!(got, expected);
}

#[test]
fn keys_keep_order_and_duplicates() {
    let (node, findings) = read(br#"{"b":1,"a":2,"b":3}"#);
    let Some(Node::Object(Members(members))) = node else { panic!("no object") };
    assert_eq!(members.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["b", "a", "b"]);
    assert_eq!(members[2].1, Node::Number("3".into()));
    assert!(findings.is_empty());
}

#[test]
fn numbers_keep_their_text() {
    let text = "[9223372036854771712, 1e999, -0, 123456789012345678901234567890, 1.50, 7, \"8e8\", \
                -9223372036854775809, 18446744073709551615]";
    let (node, findings) = read(text.as_bytes());
    let Some(Node::Array(items)) = node else { panic!("no list: {findings:?}") };
    let texts: Vec<_> = items
        .iter()
        .map(|item| match item {
            Node::Number(text) => text.as_str(),
            Node::String(text) => text.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        texts,
        [
            "9223372036854771712",
            "1e999",
            "-0",
            "123456789012345678901234567890",
            "1.50",
            "7",
            "8e8",
            "-9223372036854775809",
            "18446744073709551615"
        ]
    );
}

#[test]
fn faults_have_an_offset() {
    check(b"{\"id\": \"6b1f", false, &[(Code::JsonInvalid, Some(11))]);
    check(b"{\n \"a\": [,1]}", false, &[(Code::JsonInvalid, Some(9))]);
    check(b"", false, &[(Code::JsonInvalid, Some(0))]);
    check(b"{\"a\": 007}", false, &[(Code::JsonInvalid, Some(7))]);
    check(b"{\"a\": \"x\x01\"}", false, &[(Code::JsonInvalid, Some(8))]);
    check(b"{} x", true, &[(Code::JsonTrailing, Some(3))]);
    check(b"\xef\xbb\xbf{}", true, &[(Code::JsonBom, Some(0))]);
    check(b"{\"a\": \"run\xff\xfe\"}", true, &[(Code::JsonUtf8, Some(10))]);
    check(b"{\"a\": \"\\ud800 alone\"}", true, &[(Code::JsonSurrogate, Some(7))]);
    check(b"{\"a\": \"\xff\", \"b\": }", false, &[(Code::JsonUtf8, Some(7)), (Code::JsonInvalid, Some(16))]);
}

#[test]
fn pairs_and_escapes_are_no_fault() {
    let (node, findings) = read(br#"["\ud83d\ude00", "\\ud800", "a\u0000b"]"#);
    assert!(findings.is_empty());
    let expected = ["\u{1f600}", "\\ud800", "a\0b"].map(|text| Node::String(text.to_owned()));
    assert_eq!(node, Some(Node::Array(expected.to_vec())));
}

#[test]
fn depth_and_count_are_bounded() {
    let deep = "[".repeat(10_000);
    let (node, findings) = read(deep.as_bytes());
    assert!(node.is_none());
    assert_eq!(findings[0].code, Code::JsonLimit);
    let many = format!("[{}0]", "0,".repeat(VALUE_LIMIT));
    let (node, findings) = read(many.as_bytes());
    assert!(node.is_none());
    assert_eq!(findings[0].code, Code::JsonLimit);
}

proptest! {
    #[test]
    fn any_bytes_end(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        read(&bytes);
    }

    #[test]
    fn near_documents_end(text in r#"[\[\]{}:,"\\ud8c00-9eE+. a\n-]{0,80}"#) {
        read(text.as_bytes());
    }

    #[test]
    fn numbers_agree_with_serde_json(value in any::<i64>(), fraction in any::<f64>()) {
        let (node, _) = read(format!("[{value},{fraction:e}]").as_bytes());
        let Some(Node::Array(items)) = node else { return Err(TestCaseError::fail("no list")) };
        prop_assert_eq!(&items[0], &Node::Number(value.to_string()));
    }
}

/// What a document is read as, and the codes and offsets of what is told.
fn told(bytes: &[u8]) -> (Option<Node>, Vec<(Code, Option<u64>)>) {
    let mut findings = Findings::new("config.dump");
    let node = parse(bytes, &mut findings);
    (node, findings.finish().iter().map(|finding| (finding.code, finding.offset)).collect())
}

fn string(text: &str) -> Option<Node> {
    Some(Node::String(text.to_owned()))
}

/// Bytes, what they are read as, and the codes and offsets of what is told.
type Case<'a> = (&'a [u8], Option<Node>, &'a [(Code, Option<u64>)]);

#[test]
fn what_go_accepts_is_read_and_told() {
    let cases: [Case<'_>; 12] = [
        (b"\"a\"", string("a"), &[]),
        (b"\xef\xbb\xbf\"a\"", string("a"), &[(Code::JsonBom, Some(0))]),
        (b"\"a\xff\"", string("a\u{fffd}"), &[(Code::JsonUtf8, Some(2))]),
        (b"\"\xc3\"", string("\u{fffd}"), &[(Code::JsonUtf8, Some(1))]),
        (b"\"\xed\xa0\x80\"", string("\u{fffd}\u{fffd}\u{fffd}"), &[(Code::JsonUtf8, Some(1))]),
        (br#""\ud800""#, string("\u{fffd}"), &[(Code::JsonSurrogate, Some(1))]),
        (br#""x\udc00y""#, string("x\u{fffd}y"), &[(Code::JsonSurrogate, Some(2))]),
        (br#""\ud83d\ude00""#, string("\u{1f600}"), &[]),
        (br#""\ud83d\ud83d\ude00""#, string("\u{fffd}\u{1f600}"), &[(Code::JsonSurrogate, Some(1))]),
        (br#""\\ud800""#, string(r"\ud800"), &[]),
        (b"\"a\" x", string("a"), &[(Code::JsonTrailing, Some(4))]),
        (
            b"\xef\xbb\xbf\"\xff\\ud800\"",
            string("\u{fffd}\u{fffd}"),
            &[(Code::JsonBom, Some(0)), (Code::JsonUtf8, Some(4)), (Code::JsonSurrogate, Some(5))],
        ),
    ];
    for (bytes, node, findings) in cases {
        assert_eq!(told(bytes), (node, findings.to_vec()), "{}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn what_go_refuses_is_refused_where_it_stands() {
    for (text, offset) in [
        ("", 0),
        ("   ", 2),
        ("{", 0),
        ("{\"a\"}", 4),
        ("{\"a\":}", 5),
        ("{\"a\":1,}", 7),
        ("[1,]", 3),
        ("{a:1}", 1),
        ("'a'", 0),
        ("01", 1),
        ("+1", 0),
        (".5", 0),
        ("NaN", 0),
        ("// note\n{}", 0),
        ("[1\n,\n2\n;]", 7),
    ] {
        let (node, findings) = told(text.as_bytes());
        assert_eq!(node, None, "{text}");
        let [(code, at)] = findings[..] else { panic!("{text}: {findings:?}") };
        assert_eq!(code, Code::JsonInvalid, "{text}");
        assert!(at.is_some_and(|at| at.abs_diff(offset) <= 1), "{text}: {at:?}");
    }
}

#[test]
fn depth_is_bounded_in_lists_and_objects_alike() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let nested = |depth: usize| format!("{}1{}", open.repeat(depth), close.repeat(depth));
        assert!(told(nested(100).as_bytes()).0.is_some());
        let (node, findings) = told(nested(100_000).as_bytes());
        assert_eq!((node, findings[0].0), (None, Code::JsonLimit));
        let (node, findings) = told(open.repeat(100_000).as_bytes());
        assert_eq!((node, findings[0].0), (None, Code::JsonLimit));
    }
}

#[test]
fn numbers_of_any_length_keep_their_digits() {
    let long = "9".repeat(5000);
    for text in ["0", "-0", "1e400", "-1E-400", "0.1", "123456789012345678901234567890", &long] {
        let (node, findings) = told(format!("[{text}, 7, {text}]").as_bytes());
        let number = |text: &str| Node::Number(text.to_owned());
        assert_eq!(node, Some(Node::Array(vec![number(text), number("7"), number(text)])));
        assert_eq!(findings, []);
    }
}

#[test]
fn values_are_asked_by_their_type() {
    let node =
        told(br#"{"s": "x", "n": 7, "big": 18446744073709551616, "l": [1], "b": true, "z": null, "s": "y"}"#)
            .0
            .unwrap();
    assert_eq!(node.get("s").and_then(Node::as_str), Some("y"), "the last of a repeated key");
    assert_eq!(node.get("n").and_then(Node::as_u64), Some(7));
    assert_eq!(node.get("big").and_then(Node::as_u64), None);
    assert_eq!((node.get("none"), node.get("l").and_then(|list| list.get("0"))), (None, None));
    let kinds: Vec<_> = ["s", "n", "l", "b", "z"].iter().map(|key| node.get(key).unwrap().kind()).collect();
    assert_eq!(kinds, ["a string", "a number", "a list", "a boolean", "null"]);
    assert_eq!(node.kind(), "an object");
    // Numbers that no other reader holds are written as text.
    let written = serde_json::to_string(&node).unwrap();
    assert_eq!(written, r#"{"s":"x","n":7,"big":"18446744073709551616","l":[1],"b":true,"z":null,"s":"y"}"#);
}

proptest! {
    /// What serde_json writes is read as it was.
    #[test]
    fn sound_documents_read_back(keys in prop::collection::vec(("[a-z]{0,3}", any::<i64>(), ".{0,8}", any::<bool>()), 0..8)) {
        let list: Vec<serde_json::Value> = keys
            .iter()
            .map(|(key, number, text, flag)| serde_json::json!({"k": key, "n": number, "t": text, "b": flag, "z": null}))
            .collect();
        let text = serde_json::to_string_pretty(&list).unwrap();
        let (node, findings) = told(text.as_bytes());
        prop_assert_eq!(serde_json::to_value(node.unwrap()).unwrap(), serde_json::Value::Array(list));
        prop_assert_eq!(findings, []);
    }

    /// Bytes changed in a sound document: read or refused, and every offset lies in it.
    #[test]
    fn offsets_lie_in_the_document(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut bytes = br#"{"id": "8755", "n": [1, -2.5e3, {"x": "\ud83d\ude00"}], "t": null}"#.to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        for (_, offset) in told(&bytes).1 {
            prop_assert!(offset.is_none_or(|offset| offset <= bytes.len() as u64));
        }
    }
}
