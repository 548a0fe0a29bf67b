//! Values of JSON as they are read, against another reader of JSON.

use icecore_metadata::Documents;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Map, Value};

/// Any JSON without fractions, which are kept as text.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            // Keys that differ by case alone are one key to Go.
            btree_map("[a-z0-9 \"\\\\/é]{0,8}", inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// The value of a key that no field has.
fn kept(text: &str) -> Option<Value> {
    let mut documents = Documents::default();
    documents.add("config.dump", text.as_bytes());
    let config = documents.config.get()?;
    Some(serde_json::to_value(config.other.get("kept")?).unwrap())
}

proptest! {
    #[test]
    fn values_are_what_others_read(value in values(), pretty: bool) {
        let document = Value::Object(Map::from_iter([("kept".to_string(), value.clone())]));
        let text = if pretty { serde_json::to_string_pretty(&document) } else { serde_json::to_string(&document) };
        prop_assert_eq!(kept(&text.unwrap()), Some(value));
    }

    /// Damage of one byte: the document is read, or refused with a place; it never ends the program.
    #[test]
    fn damage_ends_in_a_finding(value in values(), at: prop::sample::Index, byte: u8) {
        let mut bytes = serde_json::to_vec(&Value::Object(Map::from_iter([("kept".into(), value)]))).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let mut documents = Documents::default();
        documents.add("config.dump", &bytes);
        if documents.config.get().is_none() {
            prop_assert!(!documents.findings.is_empty());
            let offset = documents.findings[0].offset.unwrap_or(0);
            prop_assert!(offset <= bytes.len() as u64);
        }
    }

    /// Whatever others refuse is refused or read with a finding.
    #[test]
    fn what_others_refuse_is_told(text in "[\\[\\]{}:,\"0-9a-z\\\\ .eE+-]{0,24}") {
        if serde_json::from_str::<Value>(&text).is_err() {
            let mut documents = Documents::default();
            documents.add("config.dump", text.as_bytes());
            prop_assert!(!documents.findings.is_empty(), "{}", text);
        }
    }
}

#[test]
fn escapes_are_those_of_json() {
    let cases = [
        (r#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
        (r#""\u0041\u00e9\ud83d\ude00""#, "Aé😀"),
        ("\"\u{7f}é😀\"", "\u{7f}é😀"),
    ];
    for (text, value) in cases {
        assert_eq!(kept(&format!("{{\"kept\": {text}}}")), Some(value.into()), "{text}");
    }
    for text in [r#""\x""#, r#""\u12""#, r#""\u12g4""#, "\"\n\"", "\"a"] {
        assert_eq!(kept(&format!("{{\"kept\": {text}}}")), None, "{text}");
    }
}

#[test]
fn numbers_are_kept_as_they_were_written() {
    for text in ["0", "18446744073709551616", "1.50", "1e400", "-1E-7"] {
        let value = kept(&format!("{{\"kept\": {text}}}")).unwrap();
        let shown = value.as_str().map_or_else(|| value.to_string(), str::to_string);
        assert_eq!(shown, text);
    }
}
