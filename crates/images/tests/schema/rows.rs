//! The tables of `fixtures/schema`, made from CRIU's own files.

use std::collections::BTreeMap;

/// A row: from column to cell.
pub(crate) type Row = BTreeMap<&'static str, &'static str>;

/// CRIU 4.2, its development branch, and its plugins.
const SCHEMA: [&str; 3] = [
    include_str!("../../../../fixtures/schema/schema.tsv"),
    include_str!("../../../../fixtures/schema/schema-criu-dev.tsv"),
    include_str!("../../../../fixtures/schema/schema-plugins.tsv"),
];

/// The fields of all messages that are in images.
pub(crate) fn fields() -> impl Iterator<Item = Row> {
    SCHEMA.into_iter().flat_map(table).filter(|row| matches!(row["scope"], "image" | "plugin"))
}

/// The values of all enumerations that are in images.
pub(crate) fn enums() -> impl Iterator<Item = Row> {
    table(include_str!("../../../../fixtures/schema/enums.tsv")).filter(|row| row["scope"] == "image")
}

/// The kinds of image.
pub(crate) fn images() -> impl Iterator<Item = Row> {
    table(include_str!("../../../../fixtures/schema/images.tsv"))
}

/// The rows of a table below its header.
fn table(text: &'static str) -> impl Iterator<Item = Row> {
    let mut lines = text.lines();
    let header: Vec<_> = lines.next().unwrap().split('\t').collect();
    lines.map(move |line| header.iter().copied().zip(line.split('\t')).collect())
}
