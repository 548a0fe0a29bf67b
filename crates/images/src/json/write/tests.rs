use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn text(value: &impl Serialize, pretty: bool) -> String {
    let mut text = String::new();
    write(value, pretty, &mut text).unwrap();
    text
}

#[test]
fn text_is_that_of_python() {
    let value = BTreeMap::from([("a", alloc::vec![1, 2]), ("b", alloc::vec![])]);
    assert_eq!(text(&value, false), r#"{"a": [1, 2], "b": []}"#);
    assert_eq!(text(&value, true), "{\n    \"a\": [\n        1,\n        2\n    ],\n    \"b\": []\n}");
    assert_eq!(text(&BTreeMap::<&str, u8>::new(), true), "{}");
    assert_eq!(text(&alloc::vec![Vec::<u8>::new()], true), "[\n    []\n]");
}

/// `json.dumps` of Python with its default settings: ASCII alone, five short escapes, the rest by UTF-16 units.
#[test]
fn escapes_are_those_of_python() {
    let cases = [
        ("plain ~/<&>'", r#""plain ~/<&>'""#),
        ("\"\\", r#""\"\\""#),
        ("\n\r\t\x0c\x08", r#""\n\r\t\f\b""#),
        ("\0\x01\x1b\x1f", r#""\u0000\u0001\u001b\u001f""#),
        ("\x7f", "\"\x7f\""),
        ("é\u{ffff}", r#""\u00e9\uffff""#),
        ("\u{1f600}", r#""\ud83d\ude00""#),
        ("\u{202e}", r#""\u202e""#),
    ];
    for (value, expected) in cases {
        assert_eq!(text(&value, false), expected);
    }
}

#[test]
fn integers_of_all_widths_are_decimal() {
    assert_eq!(text(&alloc::vec![u64::MIN, u64::MAX], false), "[0, 18446744073709551615]");
    assert_eq!(
        text(&alloc::vec![i64::MIN, i64::MAX, -1], false),
        "[-9223372036854775808, 9223372036854775807, -1]"
    );
    assert_eq!(text(&alloc::vec![u8::MAX], false), "[255]");
    assert_eq!(text(&alloc::vec![i8::MIN], false), "[-128]");
    assert_eq!(text(&alloc::vec![u16::MAX], false), "[65535]");
    assert_eq!(text(&alloc::vec![i16::MIN], false), "[-32768]");
    assert_eq!(text(&alloc::vec![u32::MAX], false), "[4294967295]");
    assert_eq!(text(&alloc::vec![i32::MIN], false), "[-2147483648]");
    assert_eq!(text(&alloc::vec![true, false], false), "[true, false]");
    assert_eq!(text(&Some(7u8), false), "7");
}

#[test]
fn what_crit_has_no_form_for_is_refused() {
    let refused = |value: &dyn Fn(&mut String) -> fmt::Result| value(&mut String::new()).is_err();
    assert!(refused(&|out| write(&1.5f64, false, out)));
    assert!(refused(&|out| write(&(), false, out)));
    assert!(refused(&|out| write(&None::<u8>, false, out)));
    assert!(refused(&|out| write(&(1, 2), false, out)));
    assert!(refused(&|out| write(&'x', false, out)));
}

/// Remembers the pieces that it gets.
#[derive(Default)]
struct Pieces(Vec<String>);

impl Write for Pieces {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        self.0.push(piece.into());
        Ok(())
    }
}

#[test]
fn long_text_is_given_away_in_pieces() {
    let value: Vec<Vec<u64>> = alloc::vec![alloc::vec![u64::MAX; 100]; 100];
    for pretty in [false, true] {
        let mut pieces = Pieces::default();
        write(&value, pretty, &mut pieces).unwrap();
        assert_eq!(pieces.0.concat(), text(&value, pretty));
        assert!(pieces.0.len() > 3, "{}", pieces.0.len());
        // A list of a hundred is the most that comes on top.
        assert!(pieces.0.iter().all(|piece| piece.len() < PIECE + 4096));
    }
}

/// Takes some pieces and then no more, as a closed pipe.
struct Closing(usize);

impl Write for Closing {
    fn write_str(&mut self, _: &str) -> fmt::Result {
        self.0 = self.0.checked_sub(1).ok_or(fmt::Error)?;
        Ok(())
    }
}

#[test]
fn an_error_of_the_writer_ends_it() {
    let value = alloc::vec![alloc::vec![u64::MAX; 100]; 1000];
    for pieces in 0..3 {
        let mut out = Closing(pieces);
        assert_eq!(write(&value, false, &mut out), Err(fmt::Error));
        assert_eq!(out.0, 0, "nothing is tried again");
    }
}

proptest! {
    #[test]
    fn every_string_is_read_by_others(value: String, pretty: bool) {
        let written = text(&alloc::vec![&value], pretty);
        prop_assert!(written.is_ascii());
        prop_assert_eq!(serde_json::from_str::<Vec<String>>(&written).unwrap(), [value]);
    }

    /// Keys are names, which are never escaped.
    #[test]
    fn nested_values_are_read_by_others(
        value in btree_map("[a-z$_]{1,9}", vec(btree_map("[a-z]", any::<i64>(), 0..4), 0..4), 0..4),
        pretty: bool,
    ) {
        let read: Value = serde_json::from_str(&text(&value, pretty)).unwrap();
        prop_assert_eq!(read, serde_json::to_value(&value).unwrap());
    }
}
