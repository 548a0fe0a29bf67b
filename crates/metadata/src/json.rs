//! A JSON document as a tree that loses nothing: keys keep their order and their duplicates, numbers their
//! digits.
//!
//! The engines read these documents with Go's `encoding/json`. It accepts what Rust's parser refuses (bytes
//! that are not UTF-8, halves of surrogate pairs, numbers beyond 64 bits) and so does this reader, with a
//! finding for each.

mod lenient;
mod path;

use std::cell::Cell;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::finding::{Code, Findings};
use lenient::Prepared;
pub(crate) use path::Path;

/// Values in one document, keys not counted. The largest real one (a Podman config.dump with its seccomp
/// profile) has 2,000.
pub const VALUE_LIMIT: usize = 2_000_000;

/// One JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as its text stands in the document: never rounded.
    Number(String),
    /// A string, unescaped.
    String(String),
    /// A list.
    Array(Vec<Node>),
    /// An object.
    Object(Members),
}

impl Node {
    /// What kind of value this is, with its article, for a finding.
    pub fn kind(&self) -> &'static str {
        match self {
            Node::Null => "null",
            Node::Bool(_) => "a boolean",
            Node::Number(_) => "a number",
            Node::String(_) => "a string",
            Node::Array(_) => "a list",
            Node::Object(_) => "an object",
        }
    }

    /// The value behind a key of an object, the last one if it stands there several times.
    pub fn get(&self, key: &str) -> Option<&Node> {
        match self {
            Node::Object(members) => members.get(key),
            _ => None,
        }
    }

    /// The text, if this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Node::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if this is one that `u64` holds exactly.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Node::Number(text) => text.parse().ok(),
            _ => None,
        }
    }
}

impl Serialize for Node {
    /// Numbers beyond 64 bits, which serde has no form for, are written as strings of their digits.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Node::Null => serializer.serialize_unit(),
            Node::Bool(value) => serializer.serialize_bool(*value),
            Node::Number(text) => match (text.parse::<u64>(), text.parse::<i64>()) {
                (Ok(value), _) => serializer.serialize_u64(value),
                (_, Ok(value)) => serializer.serialize_i64(value),
                _ => serializer.serialize_str(text),
            },
            Node::String(text) => serializer.serialize_str(text),
            Node::Array(items) => items.serialize(serializer),
            Node::Object(members) => members.serialize(serializer),
        }
    }
}

/// The members of an object in the order of the document, duplicates included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Members(pub Vec<(String, Node)>);

impl Members {
    /// The value behind a key, the last one if it stands there several times.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.0.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// Reads one document. What is wrong with it becomes findings; `None` means that it is no JSON at all.
pub(crate) fn parse(bytes: &[u8], findings: &mut Findings) -> Option<Node> {
    let prepared = Prepared::new(bytes);
    prepared.report(findings);
    let mut numbers = prepared.numbers.iter();
    let mut state = State { values: 0, ordinal: 0, next: numbers.next(), rest: numbers };
    // A borrowed copy of the ordinal is not needed after the parse; the cell tells a limit from a syntax
    // error.
    let limited = Cell::new(false);
    let mut parser = serde_json::Deserializer::from_str(&prepared.text);
    match (Seed { state: &mut state, limited: &limited }).deserialize(&mut parser) {
        Ok(node) => {
            if let Err(error) = parser.end() {
                let offset = prepared.offset(&error);
                findings.at_offset(
                    Code::JsonTrailing,
                    offset,
                    format_args!("something stands behind the end of the document, which ends there"),
                );
            }
            Some(node)
        }
        Err(error) => {
            report_failure(&error, &prepared, limited.get(), findings);
            None
        }
    }
}

fn report_failure(
    error: &serde_json::Error,
    prepared: &Prepared<'_>,
    limited: bool,
    findings: &mut Findings,
) {
    let (line, column, offset) = (error.line(), error.column(), prepared.offset(error));
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    let place = format_args!("line {line}, column {column}");
    if limited {
        let text = format_args!("{place}: more than {VALUE_LIMIT} values; the document is not read");
        findings.at_offset(Code::JsonLimit, offset, text);
    } else if message.starts_with("recursion limit") {
        let text = format_args!("{place}: nested more than 127 deep; the document is not read");
        findings.at_offset(Code::JsonLimit, offset, text);
    } else {
        findings.at_offset(Code::JsonInvalid, offset, format_args!("{place}: no JSON document: {message}"));
    }
}

/// What the parse carries along.
struct State<'n> {
    values: usize,
    /// How many numbers were seen.
    ordinal: usize,
    /// The next number whose text was set aside, as (ordinal, text).
    next: Option<&'n (usize, String)>,
    rest: std::slice::Iter<'n, (usize, String)>,
}

impl State<'_> {
    /// The text of a number: the one set aside for it, or that of the integer as the parser gives it.
    fn number(&mut self, plain: &dyn fmt::Display) -> Node {
        let ordinal = self.ordinal;
        self.ordinal = ordinal.saturating_add(1);
        match self.next {
            Some((at, text)) if *at == ordinal => {
                self.next = self.rest.next();
                Node::Number(text.clone())
            }
            _ => Node::Number(plain.to_string()),
        }
    }
}

/// Builds a node from whatever the parser meets next.
struct Seed<'s, 'n> {
    state: &'s mut State<'n>,
    limited: &'s Cell<bool>,
}

impl<'n> Seed<'_, 'n> {
    fn child(&mut self) -> Seed<'_, 'n> {
        Seed { state: &mut *self.state, limited: self.limited }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_, '_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        self.state.values = self.state.values.saturating_add(1);
        if self.state.values > VALUE_LIMIT {
            self.limited.set(true);
            return Err(de::Error::custom("too many values"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_, '_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(self.state.number(&value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(self.state.number(&value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(self.state.number(&value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        Ok(Node::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.child())? {
            list.push(item);
        }
        Ok(Node::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<Node, A::Error> {
        let mut members = Vec::new();
        while let Some(key) = entries.next_key::<String>()? {
            members.push((key, entries.next_value_seed(self.child())?));
        }
        Ok(Node::Object(Members(members)))
    }
}

#[cfg(test)]
mod tests;
