//! What can stand under a key in JSON: the kinds of values that columns and fields declare.

use serde_json::{Map, Value, json};

/// The kind of a value. It is `null` where the archive does not hold it.
///
/// The scalar kinds are those of [`Cell`](super::Cell), whose forms they describe.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// Anything: of documents that others define.
    Any,
    /// Bytes as a string, with a twin where that loses something.
    Bytes,
    /// Words.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A number that is not below zero: a count, an id, a size, a time in microseconds.
    Count,
    /// A number.
    Integer,
    /// Yes or no.
    Bool,
    /// `0x…`: an address, a register, bits.
    Hex,
    /// 16 hexadecimal digits: signals or capabilities.
    Mask,
    /// 8 hexadecimal digits.
    Personality,
    /// Octal digits behind a zero or of permissions.
    Octal,
    /// `major:minor`.
    Device,
    /// A point in time in RFC 3339, or what stands instead of one that is in no calendar.
    Time,
    /// Values of one kind in a row.
    List(&'static Kind),
    /// These names, any of which may be left out.
    Object(&'static [Field]),
    /// Names of any kind of thing, as registers, with values of one kind.
    Map(&'static Kind),
    /// Any of these.
    OneOf(&'static [Kind]),
}

/// A name in an object, and what stands under it.
pub type Field = (&'static str, Kind);

impl Kind {
    /// Whether it is lined up as a number in text.
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Count | Self::Integer | Self::Hex)
    }

    /// The JSON Schema of a value, which may be `null`.
    pub fn schema(self) -> Value {
        let mut schema = self.strict_schema();
        match schema.get_mut("type") {
            Some(name @ Value::String(_)) => *name = json!([name.take(), "null"]),
            _ => schema = json!({"anyOf": [schema, {"type": "null"}]}),
        }
        schema
    }

    /// The JSON Schema of a value that is there.
    pub fn strict_schema(self) -> Value {
        let pattern = |pattern: &str| json!({"type": "string", "pattern": pattern});
        match self {
            Self::Any => json!({}),
            Self::Bytes | Self::Text => json!({"type": "string"}),
            Self::Word(words) => json!({"enum": words}),
            Self::Count => json!({"type": "integer", "minimum": 0}),
            Self::Integer => json!({"type": "integer"}),
            Self::Bool => json!({"type": "boolean"}),
            Self::Hex => pattern("^0x[0-9a-f]+$"),
            Self::Mask => pattern("^[0-9a-f]{16}$"),
            Self::Personality => pattern("^[0-9a-f]{8}$"),
            Self::Octal => pattern("^[0-7]+$"),
            Self::Device => pattern("^[0-9]+:[0-9]+$"),
            Self::Time => json!({"anyOf": [{"type": "string"}, {"type": "integer"}]}),
            Self::List(kind) => json!({"type": "array", "items": kind.schema()}),
            Self::Object(fields) => object(fields.iter().map(|(name, kind)| (*name, *kind, false))),
            Self::Map(kind) => json!({"type": "object", "additionalProperties": kind.schema()}),
            Self::OneOf(kinds) => {
                json!({"anyOf": kinds.iter().map(|kind| kind.strict_schema()).collect::<Vec<_>>()})
            }
        }
    }

    /// The schema of the twin that stands beside a value whose bytes no string holds.
    fn twin(self) -> Option<Value> {
        let text = || json!({"type": ["string", "null"], "contentEncoding": "base64"});
        match self {
            Self::Bytes => Some(text()),
            Self::List(Self::Bytes) => Some(json!({"type": "array", "items": text()})),
            _ => None,
        }
    }
}

/// The schema of an object with these names and no others. Those that are always there are never `null`.
pub(crate) fn object(fields: impl Iterator<Item = (&'static str, Kind, bool)>) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for (name, kind, always) in fields {
        let schema = if always { kind.strict_schema() } else { kind.schema() };
        properties.insert(name.to_owned(), schema);
        properties.extend(kind.twin().map(|twin| (format!("{name}_b64"), twin)));
        required.extend(always.then_some(name));
    }
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(kind: Kind) -> String {
        kind.schema().to_string()
    }

    #[test]
    fn every_value_may_be_absent() {
        assert_eq!(schema(Kind::Text), r#"{"type":["string","null"]}"#);
        assert_eq!(schema(Kind::Count), r#"{"minimum":0,"type":["integer","null"]}"#);
        assert_eq!(schema(Kind::Word(&["a", "b"])), r#"{"anyOf":[{"enum":["a","b"]},{"type":"null"}]}"#);
        assert_eq!(
            schema(Kind::OneOf(&[Kind::Count, Kind::Bool])),
            r#"{"anyOf":[{"anyOf":[{"minimum":0,"type":"integer"},{"type":"boolean"}]},{"type":"null"}]}"#
        );
        assert_eq!(
            schema(Kind::List(&Kind::Hex)),
            r#"{"items":{"pattern":"^0x[0-9a-f]+$","type":["string","null"]},"type":["array","null"]}"#
        );
    }

    #[test]
    fn objects_are_closed_and_bytes_have_twins() {
        let fields = [("pid", Kind::Count, true), ("argv", Kind::List(&Kind::Bytes), false)];
        let schema = object(fields.into_iter());
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema["required"], json!(["pid"]));
        let properties: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
        assert_eq!(properties, ["argv", "argv_b64", "pid"]);
        assert_eq!(schema["properties"]["pid"], json!({"type": "integer", "minimum": 0}));
        assert_eq!(schema["properties"]["argv_b64"]["type"], "array");
    }

    #[test]
    fn numbers_stand_right() {
        assert!(Kind::Count.is_number() && Kind::Hex.is_number() && !Kind::Octal.is_number());
    }
}
