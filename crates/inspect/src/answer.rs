//! What a command answers with `--format json`: the documents that the schema describes.

use serde_json::{Map, Value, json};

use crate::output::kind::{self, Field};
use crate::output::table::{Audience, Column};
use crate::output::{Kind, SCHEMA, Table};
use crate::sections::SECTIONS;
use crate::views::show::kinds::CHECKPOINT;

/// The documents of a command.
#[derive(Debug, Clone, Copy)]
pub enum Answer {
    /// No document of ours: bytes, or JSON as others define it.
    Raw,
    /// Lists; several of them are not all in every document.
    Lists(&'static [&'static Table<'static>]),
    /// Facts that stand at the top of the document.
    Facts(&'static [Field]),
    /// The lists of all commands, and the facts of `show`.
    Everything,
    /// Those of subcommands.
    Each(&'static [(&'static str, Answer)]),
}

impl Answer {
    /// The schemas of the documents, each by the words of its command.
    pub(crate) fn schemas(self, command: &str) -> Vec<(String, Value)> {
        let one = |schema| vec![(command.to_owned(), schema)];
        match self {
            Self::Raw => Vec::new(),
            Self::Lists(tables) => {
                let is_always_there = tables.len() == 1;
                one(document(tables.iter().map(|table| (table.name, rows(table.columns), is_always_there))))
            }
            Self::Facts(fields) => {
                one(document(fields.iter().map(|(name, kind)| (*name, kind.schema(), true))))
            }
            Self::Everything => one(everything()),
            Self::Each(answers) => {
                let answers = answers.iter();
                answers.flat_map(|(word, answer)| answer.schemas(&format!("{command} {word}"))).collect()
            }
        }
    }
}

/// The document of `inspect`: whatever is picked.
fn everything() -> Value {
    let facts = kind::object(CHECKPOINT.iter().map(|(name, kind)| (*name, *kind, false)));
    let lists = SECTIONS.iter().flat_map(|section| section.tables());
    let lists = lists.map(|(name, columns)| (name, rows(&columns), false));
    document([("checkpoint", facts, false)].into_iter().chain(lists))
}

/// A document: where it comes from, its own keys, and what was told.
fn document(own: impl Iterator<Item = (&'static str, Value, bool)>) -> Value {
    let mut properties = Map::new();
    let mut required = vec!["schema", "archive", "container", "diagnostics"];
    properties.insert("schema".into(), json!({"const": SCHEMA}));
    properties.insert("archive".into(), Kind::Text.strict_schema());
    properties.insert("archive_b64".into(), Kind::Text.strict_schema());
    properties.insert("container".into(), Kind::Bytes.schema());
    properties.insert("container_b64".into(), Kind::Text.strict_schema());
    properties
        .insert("diagnostics".into(), json!({"type": "array", "items": {"$ref": "#/$defs/diagnostic"}}));
    for (name, schema, is_always_there) in own {
        properties.insert(name.into(), schema);
        required.extend(is_always_there.then_some(name).filter(|name| !required.contains(name)));
    }
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

/// The rows of a list, as machines get them.
fn rows(columns: &[Column]) -> Value {
    let shown = columns.iter().filter(|column| column.audience != Audience::People);
    let row = kind::object(shown.map(|column| (column.key, column.kind, column.is_always_there)));
    json!({"type": "array", "items": row})
}

/// A diagnostic of any document.
pub(crate) fn diagnostic() -> Value {
    const SEVERITY: Kind = Kind::Word(&["note", "warning", "error"]);
    kind::object(
        [
            ("code", Kind::Text, true),
            ("severity", SEVERITY, true),
            ("member", Kind::Bytes, false),
            ("offset", Kind::Count, false),
            ("text", Kind::Text, true),
        ]
        .into_iter(),
    )
}

#[cfg(test)]
mod tests;
