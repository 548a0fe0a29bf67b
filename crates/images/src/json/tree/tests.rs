use std::string::ToString;
use std::vec::Vec;

use super::*;

fn read(text: &str) -> Result<Tree, serde_json::Error> {
    serde_json::from_str(text)
}

#[test]
fn every_value_has_its_form() {
    let cases = [
        ("null", Tree::Null),
        ("true", Tree::Bool(true)),
        ("0", Tree::Unsigned(0)),
        ("18446744073709551615", Tree::Unsigned(u64::MAX)),
        ("-1", Tree::Negative(-1)),
        ("-9223372036854775808", Tree::Negative(i64::MIN)),
        (r#""a\u00e9\n""#, Tree::Text("aé\n".into())),
        ("[]", Tree::List(Vec::new())),
        ("[1, null]", Tree::List(alloc::vec![Tree::Unsigned(1), Tree::Null])),
        ("{}", Tree::Object(Vec::new())),
    ];
    for (text, tree) in cases {
        assert_eq!(read(text).unwrap(), tree, "{text}");
    }
}

/// No image has fractions: a number that lost digits on its way is better refused.
#[test]
fn fractions_are_refused() {
    for text in ["1.5", "1e3", "18446744073709551616", "-9223372036854775809", "[1.0]"] {
        assert!(read(text).unwrap_err().to_string().contains("JSON without fractions"), "{text}");
    }
}

#[test]
fn objects_keep_order_and_every_key() {
    let tree = read(r#"{"b": 1, "a": 2, "b": 3}"#).unwrap();
    let Tree::Object(pairs) = &tree else { panic!("{tree:?}") };
    let keys: Vec<_> = pairs.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["b", "a", "b"]);
    assert_eq!(tree.get("b"), Some(&Tree::Unsigned(3)), "the last one counts");
}

#[test]
fn null_counts_as_absent() {
    let tree = read(r#"{"a": null, "b": "x"}"#).unwrap();
    assert_eq!((tree.get("a"), tree.get("c")), (None, None));
    assert_eq!(tree.get("b").and_then(Tree::as_str), Some("x"));
    // The last one counts, also where it is null.
    assert_eq!(read(r#"{"a": 1, "a": null}"#).unwrap().get("a"), None);
    for tree in [Tree::Null, Tree::Unsigned(1), Tree::List(Vec::new()), Tree::Text("a".into())] {
        assert_eq!(tree.get("a"), None, "{tree:?}");
    }
    assert_eq!(Tree::Unsigned(1).as_str(), None);
}

/// Readers of JSON bound the depth, so that no tree is deeper than a stack.
#[test]
fn depth_is_bounded_by_the_reader() {
    let nested = |levels: usize| alloc::format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(read(&nested(120)).is_ok());
    assert!(read(&nested(100_000)).unwrap_err().to_string().contains("recursion limit"));
}
