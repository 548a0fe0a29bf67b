//! How a typed document is read from a JSON tree: as the engine's own decoder (Go's `encoding/json`) would.
//!
//! Keys of structs match whatever their case; the last of several counts, and nested objects of one key are
//! merged; keys of maps match exactly. A value of another type leaves its field as it was. What Go would drop
//! is kept: keys that are not known here, and values of another type, stand in the document's `other`
//! members.

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde::Serialize;

use crate::finding::{Brief, Code, Findings};
use crate::json::{self, Members, Node, Path};
use crate::time::Time;

/// A document of an archive: "not there" is not "broken", and neither is "empty".
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Document<T> {
    /// The archive has no such member.
    #[default]
    Absent,
    /// The member is there, but it cannot be read; a finding says why.
    Unreadable,
    /// The document. A field that is absent in it is `None`.
    Read(Box<T>),
}

impl<T> Document<T> {
    /// The document, if it is there and could be read.
    pub fn get(&self) -> Option<&T> {
        match self {
            Document::Read(document) => Some(document),
            _ => None,
        }
    }

    /// True if the archive has no such member.
    pub fn is_absent(&self) -> bool {
        matches!(self, Document::Absent)
    }
}

/// Reads the bytes of a JSON document.
pub(crate) fn read<T: Value>(bytes: &[u8], findings: &mut Findings) -> Document<T> {
    let Some(node) = json::parse(bytes, findings) else { return Document::Unreadable };
    let mut slot = None;
    if T::read(&mut slot, node, &Path::Root, findings).is_err() {
        return Document::Unreadable;
    }
    slot.map_or(Document::Unreadable, |document| Document::Read(Box::new(document)))
}

/// A type that a value of a document can have.
pub(crate) trait Value: Sized + Debug {
    /// Reads a node over what stood in the slot before. A node of another type comes back, with a finding
    /// made.
    fn read(slot: &mut Option<Self>, node: Node, at: &Path<'_>, findings: &mut Findings) -> Result<(), Node>;
}

/// Reports a value of another type than expected, and gives it back.
pub(crate) fn mismatch(
    node: Node,
    expected: &str,
    at: &Path<'_>,
    findings: &mut Findings,
) -> Result<(), Node> {
    let (code, shown) = match &node {
        Node::Number(text) if expected.contains("integer") => {
            (Code::JsonNumber, format!("the number {}", Brief(text)))
        }
        Node::Number(text) => (Code::JsonType, format!("the number {}", Brief(text))),
        Node::String(text) => (Code::JsonType, format!("the string {}", Brief(text))),
        Node::Bool(value) => (Code::JsonType, value.to_string()),
        other => (Code::JsonType, other.kind().to_owned()),
    };
    findings.at_path(code, at, format_args!("expected {expected}, found {shown}; taken as absent"));
    Err(node)
}

impl Value for String {
    fn read(slot: &mut Option<Self>, node: Node, at: &Path<'_>, findings: &mut Findings) -> Result<(), Node> {
        match node {
            Node::String(text) => *slot = Some(text),
            other => return mismatch(other, "a string", at, findings),
        }
        Ok(())
    }
}

impl Value for bool {
    fn read(slot: &mut Option<Self>, node: Node, at: &Path<'_>, findings: &mut Findings) -> Result<(), Node> {
        match node {
            Node::Bool(value) => *slot = Some(value),
            other => return mismatch(other, "true or false", at, findings),
        }
        Ok(())
    }
}

/// Integers: only a number whose text is exactly one is taken.
macro_rules! integers {
    ($($type:ty: $expected:literal)*) => {$(
        impl Value for $type {
            fn read(slot: &mut Option<Self>, node: Node, at: &Path<'_>, findings: &mut Findings) -> Result<(), Node> {
                match &node {
                    Node::Number(text) => match text.parse() {
                        Ok(value) => *slot = Some(value),
                        Err(_) => return mismatch(node, $expected, at, findings),
                    },
                    _ => return mismatch(node, $expected, at, findings),
                }
                Ok(())
            }
        }
    )*};
}

integers! {
    u64: "an integer from 0 to 2^64-1"
    i64: "an integer from -2^63 to 2^63-1"
    u32: "an integer from 0 to 2^32-1"
}

impl Value for Time {
    /// `<zero>`, Go's year 1, leaves the field absent.
    fn read(slot: &mut Option<Self>, node: Node, at: &Path<'_>, findings: &mut Findings) -> Result<(), Node> {
        match node {
            Node::String(text) => {
                *slot = Time::new(text);
                if let Some(Time { text, instant: None }) = slot.as_ref() {
                    let shown = Brief(text);
                    let text = format_args!(
                        "{shown} is no time that a checkpoint can have; it is shown as it stands"
                    );
                    findings.at_path(Code::TimeOdd, at, text);
                }
            }
            other => return mismatch(other, "a time in RFC 3339", at, findings),
        }
        Ok(())
    }
}

impl Value for Node {
    fn read(slot: &mut Option<Self>, node: Node, _: &Path<'_>, _: &mut Findings) -> Result<(), Node> {
        *slot = (node != Node::Null).then_some(node);
        Ok(())
    }
}

impl<T: Value> Value for Vec<T> {
    /// Go writes `null` for a list that was never made. Items of another type are left out, each with a
    /// finding.
    fn read(slot: &mut Option<Self>, node: Node, at: &Path<'_>, findings: &mut Findings) -> Result<(), Node> {
        let items = match node {
            Node::Array(items) => items,
            Node::Null => {
                *slot = None;
                return Ok(());
            }
            other => return mismatch(other, "a list", at, findings),
        };
        let mut list = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            let mut value = None;
            // The finding says all about an item that is left out.
            let _ = T::read(&mut value, item, &Path::Index(at, index), findings);
            list.extend(value);
        }
        *slot = Some(list);
        Ok(())
    }
}

impl<T: Value> Value for BTreeMap<String, T> {
    /// Keys match exactly; of equal ones the last counts. `null` is Go's map that was never made.
    fn read(slot: &mut Option<Self>, node: Node, at: &Path<'_>, findings: &mut Findings) -> Result<(), Node> {
        let members = match node {
            Node::Object(Members(members)) => members,
            Node::Null => {
                *slot = None;
                return Ok(());
            }
            other => return mismatch(other, "an object", at, findings),
        };
        let map = slot.get_or_insert_default();
        for (key, node) in members {
            let path = Path::Key(at, &key);
            let mut value = None;
            let _ = T::read(&mut value, node, &path, findings);
            let Some(value) = value else { continue };
            if let Some(earlier) = map.get(&key) {
                report_duplicate(&Brief(earlier).to_string(), &value, &path, findings);
            }
            map.insert(key, value);
        }
        Ok(())
    }
}

fn report_duplicate<T: Debug>(earlier: &str, later: &T, path: &Path<'_>, findings: &mut Findings) {
    let later = Brief(later);
    let text = format_args!("the key occurs twice, first with {earlier}, then with {later}; the last counts");
    findings.at_path(Code::JsonDuplicateKey, path, text);
}

/// Reads one member of a struct. What cannot be read goes to the other members.
pub(crate) fn read_field<T: Value>(
    field: &mut Option<T>,
    (key, node): (String, Node),
    at: &Path<'_>,
    other: &mut Members,
    findings: &mut Findings,
) {
    let path = Path::Key(at, &key);
    // Only a repeated key pays for remembering what stood there, and a few letters of it at most.
    let earlier = field.as_ref().filter(|_| node != Node::Null).map(|earlier| Brief(earlier).to_string());
    match T::read(field, node, &path, findings) {
        Ok(()) => {
            if let (Some(earlier), Some(later)) = (&earlier, field.as_ref()) {
                report_duplicate(earlier, later, &path, findings);
            }
        }
        Err(node) => other.0.push((key, node)),
    }
}

/// The field that a key of a document means: the exact one, else one that differs only in case.
pub(crate) fn matching(fields: &[&'static str], key: &str) -> Option<&'static str> {
    let exact = fields.iter().find(|field| **field == key);
    exact.or_else(|| fields.iter().find(|field| folds(field, key))).copied()
}

/// Go's folding: ASCII case, and the two letters outside ASCII whose other case is in it.
fn folds(field: &str, key: &str) -> bool {
    if key.is_ascii() {
        return field.eq_ignore_ascii_case(key);
    }
    let fold = |letter: char| match letter {
        '\u{212a}' => 'k',
        '\u{17f}' => 's',
        letter => letter.to_ascii_lowercase(),
    };
    key.len() <= field.len().saturating_mul(3) && key.chars().map(fold).eq(field.chars().map(fold))
}

/// Declares the objects of a document: one line a field.
///
/// ```text
/// documents! { /// doc  Root { /// doc  path: String = "path", } }   becomes
/// pub struct Root { /// doc  pub path: Option<String>, pub other: Members }  and how it is read
/// ```
macro_rules! documents {
    ($($(#[$doc:meta])* $name:ident {
        $($(#[$field_doc:meta])* $field:ident: $type:ty = $key:literal,)*
    })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
        #[non_exhaustive]
        pub struct $name {
            $(
                $(#[$field_doc])*
                ///
                #[doc = concat!("Key `", $key, "`.")]
                #[serde(rename = $key, skip_serializing_if = "Option::is_none")]
                pub $field: Option<$type>,
            )*
            /// Keys that are not known here, and values of another type than expected, as they stand in the
            /// document.
            #[serde(skip_serializing_if = "crate::json::Members::is_empty")]
            pub other: crate::json::Members,
        }

        impl crate::document::Value for $name {
            fn read(
                slot: &mut Option<Self>,
                node: crate::json::Node,
                at: &crate::json::Path<'_>,
                findings: &mut crate::finding::Findings,
            ) -> Result<(), crate::json::Node> {
                let members = match node {
                    crate::json::Node::Object(members) => members.0,
                    crate::json::Node::Null => {
                        *slot = None;
                        return Ok(());
                    }
                    other => return crate::document::mismatch(other, "an object", at, findings),
                };
                let document = slot.get_or_insert_default();
                for (key, node) in members {
                    match crate::document::matching(&[$($key,)*], &key) {
                        $(Some($key) => crate::document::read_field(
                            &mut document.$field, (key, node), at, &mut document.other, findings,
                        ),)*
                        _ => document.other.0.push((key, node)),
                    }
                }
                Ok(())
            }
        }
    )*};
}
pub(crate) use documents;

#[cfg(test)]
#[expect(unreachable_pub, reason = "the macro makes public types; here they serve these tests alone")]
mod tests {
    use super::*;
    use crate::finding::Finding;

    documents! {
        /// An inner object.
        Inner {
            /// A number.
            count: u64 = "count",
            /// A flag.
            flag: bool = "flag",
        }
        /// An outer object.
        Outer {
            /// A text.
            id: String = "id",
            /// A time.
            created: Time = "createdTime",
            /// An object.
            inner: Inner = "inner",
            /// A list.
            list: Vec<String> = "list",
            /// A map.
            map: BTreeMap<String, String> = "map",
        }
    }

    fn outer(text: &str) -> (Outer, Vec<Finding>) {
        let mut findings = Findings::new("config.dump");
        let document = read::<Outer>(text.as_bytes(), &mut findings);
        (document.get().cloned().unwrap_or_default(), findings.finish())
    }

    #[test]
    fn absent_is_none_and_zero_time_is_absent() {
        let (document, findings) =
            outer(r#"{"createdTime": "0001-01-01T00:00:00Z", "list": null, "new": 1}"#);
        assert_eq!((document.id, document.created, document.list), (None, None, None));
        assert_eq!(document.other.get("new"), Some(&Node::Number("1".into())));
        assert!(findings.is_empty());
    }

    #[test]
    fn the_last_key_counts_whatever_its_case() {
        let (document, findings) = outer(r#"{"id": "a", "ID": "b", "map": {"x": "1", "X": "2", "x": "3"}}"#);
        assert_eq!(document.id.as_deref(), Some("b"));
        let map = document.map.unwrap();
        assert_eq!((map["x"].as_str(), map["X"].as_str()), ("3", "2"));
        let texts: Vec<_> = findings.iter().map(Finding::to_string).collect();
        assert_eq!(
            texts,
            [
                "config.dump: ID: the key occurs twice, first with \"a\", then with \"b\"; the last counts",
                "config.dump: map.x: the key occurs twice, first with \"1\", then with \"3\"; the last counts",
            ]
        );
    }

    #[test]
    fn objects_of_one_key_are_merged_and_null_unmakes_them() {
        let (document, _) = outer(r#"{"inner": {"count": 1, "flag": true}, "inner": {"count": 2}}"#);
        let inner = document.inner.unwrap();
        assert_eq!((inner.count, inner.flag), (Some(2), Some(true)));
        let (document, _) = outer(r#"{"inner": {"count": 1}, "inner": null, "id": "a", "id": null}"#);
        assert_eq!((document.inner, document.id.as_deref()), (None, Some("a")));
    }

    #[test]
    fn a_wrong_type_is_absent_kept_and_told() {
        let (document, findings) =
            outer(r#"{"id": 7, "list": [1, null, "ok"], "inner": {"count": 1e3}, "map": []}"#);
        assert_eq!(document.id, None);
        assert_eq!(document.list.as_deref(), Some(&["ok".to_owned()][..]));
        assert_eq!(document.other.get("id"), Some(&Node::Number("7".into())));
        assert_eq!(document.inner.unwrap().other.get("count"), Some(&Node::Number("1e3".into())));
        let places: Vec<_> = findings.iter().map(|finding| finding.path.as_deref().unwrap()).collect();
        assert_eq!(places, ["id", "list[0]", "list[1]", "inner.count", "map"]);
        assert_eq!(findings[3].code, Code::JsonNumber);
    }

    #[test]
    fn kelvin_and_long_s_fold_as_in_go() {
        assert!(folds("masked", "MA\u{17f}\u{212a}ED"));
        assert!(!folds("masked", "masksd"));
        assert_eq!(matching(&["Pid", "pid"], "pid"), Some("pid"));
    }
}
