//! The generated part of `docs/formats.md`: what the table of kinds says. `BLESS=1` writes it.
#![expect(clippy::unwrap_used, reason = "tests state facts")]

use std::fmt::Write;
use std::fs;
use std::path::Path;

use icecore_images::{FileName, Framing, Kind, messages};

const BEGIN: &str = "<!-- generated: kinds -->\n";
const END: &str = "<!-- end -->\n";

#[test]
fn the_document_says_what_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/formats.md");
    let document = fs::read_to_string(&path).unwrap();
    let (before, rest) = document.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let expected = format!("{before}{BEGIN}{}{END}{after}", table());
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, expected).unwrap();
    } else {
        assert!(document == expected, "docs/formats.md is not what the table says: BLESS=1 writes it");
    }
}

/// A row for each kind.
fn table() -> String {
    let mut table = String::from(
        "| kind | magic | files | records | payload | number in the name |\n|---|---|---|---|---|---|\n",
    );
    for kind in Kind::ALL {
        let row = kind.row();
        let magic = row.magic.map_or(String::new(), |magic| format!("`{magic:#010x}`"));
        let magic = match row.framing {
            Framing::Common => magic,
            Framing::One => format!("{magic} alone"),
            Framing::Service => format!("{magic}, service"),
            Framing::Raw => "none".into(),
            Framing::Plugin => "none, plugin".into(),
        };
        let files: Vec<_> = row.files.iter().map(file).collect();
        let records: Vec<_> = kind.messages().map(|message| format!("`{}`", message.name)).collect();
        let records = if records.is_empty() { "whole file".into() } else { records.join(", then ") };
        let payload = if row.has_payload() { "yes" } else { "" };
        let number = row.files.first().map_or("", |file| file.by);
        writeln!(
            table,
            "| {} | {magic} | {} | {records} | {payload} | {number} |",
            row.name,
            files.join(", ")
        )
        .unwrap();
    }
    let fields: usize = messages::all().map(|message| message.fields.len()).sum();
    let (kinds, count) = (Kind::ALL.len(), messages::all().count());
    writeln!(table, "\n{kinds} kinds, {count} messages, {fields} fields.").unwrap();
    table
}

/// A name, and which CRIU wrote it.
fn file(file: &FileName) -> String {
    let name =
        file.pattern.replace("{u}", "N").replace("{lu}", "N").replace("{x}", "HEX").replace("{04x}", "HEX");
    match (file.since, file.until) {
        ("0.1" | "runtime", "") => format!("`{name}`"),
        (_, "never written") => format!("`{name}` (never written)"),
        (since, "") => format!("`{name}` ({since} on)"),
        ("0.1", until) => format!("`{name}` (to {until})"),
        (since, until) => format!("`{name}` ({since} to {until})"),
    }
}
