//! `icecore kinds`: the kinds of images that are known.

use icecore::images_format::{FileName, Framing, Kind};

use super::images;
use crate::output::{Absence, Cell, Column, Row, Table};
use crate::row;

/// One row for each name that files of a kind have or had.
pub const KINDS: Table = Table {
    name: "kinds",
    columns: &[
        Column::text("kind", "KIND"),
        Column::hex("magic", "MAGIC"),
        Column::text("framing", "FRAMING"),
        Column::text("pattern", "FILE"),
        Column::text("by", "NUMBER").for_machines(),
        Column::text("message", "MESSAGE"),
        Column::text("payload", "PAYLOAD"),
        Column::text("decoded", "DECODED"),
        Column::text("since", "SINCE"),
        Column::text("until", "UNTIL"),
        Column::text("about", "ABOUT").for_machines(),
    ],
};

/// The rows of a kind.
pub fn rows(kind: Kind) -> impl Iterator<Item = Row> {
    kind.row().files.iter().map(move |file| row(kind, file))
}

fn row(kind: Kind, file: &'static FileName) -> Row {
    let messages: Vec<&str> = kind.messages().map(|message| message.name).collect();
    let text = |text: &'static str| match text {
        "" => Cell::Absent(Absence::NotStored),
        text => Cell::from(text),
    };
    row![
        kind.row().name,
        kind.magic().map_or(Cell::Absent(Absence::NotStored), |magic| Cell::Hex(magic.into())),
        images::framing(kind.row().framing),
        file.pattern,
        text(file.by),
        // The first record has a message of its own in some kinds.
        Some(messages.join(", ")).filter(|messages| !messages.is_empty()),
        text(payload(kind)),
        decoded(kind),
        file.since,
        text(file.until),
        kind.row().about(),
    ]
}

/// What a file of the kind holds beside records.
fn payload(kind: Kind) -> &'static str {
    match kind.row().framing {
        Framing::Raw => "whole file",
        _ if kind.row().has_payload() => "behind records",
        Framing::Plugin if kind.messages().next().is_none() => "behind a length",
        _ if kind.messages().next().is_none() => "behind the magic",
        _ => "",
    }
}

/// What `decode` makes of it.
fn decoded(kind: Kind) -> &'static str {
    match kind.messages().next() {
        Some(_) if kind.row().has_payload() => "fields, payload",
        Some(_) => "fields",
        None => "bytes",
    }
}
