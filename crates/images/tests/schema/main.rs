//! Our declarations against CRIU's schema, row by row: `fixtures/schema/*.tsv`, made from CRIU's own files.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests state facts"
)]

mod json;
mod memory;
mod random;

use std::collections::BTreeSet;

use icecore_images::messages;
use icecore_images::{FieldDescriptor, FieldType, Framing, Kind, Label, Show, names};
use icecore_synth::schema;

/// Message, number, name, label, type, packed, options of crit.
type Field = (String, u32, String, String, String, bool, String);

#[test]
fn every_field_is_declared_as_the_schema_says() {
    let expected: BTreeSet<Field> = schema::messages()
        .values()
        .flatten()
        .map(|field| {
            let schema::Field { message, number, name, label, kind, packed, options } = *field;
            (message.into(), number, name.into(), label.into(), kind.into(), packed, options.into())
        })
        .collect();
    let declared: BTreeSet<Field> = messages::all()
        .flat_map(|message| message.fields.iter().map(|field| as_row(message.name, field)))
        .collect();
    assert!(declared.len() > 1000);
    assert_eq!(declared.difference(&expected).collect::<Vec<_>>(), <Vec<&Field>>::new(), "not in the schema");
    assert_eq!(expected.difference(&declared).collect::<Vec<_>>(), <Vec<&Field>>::new(), "not declared");
}

fn as_row(message: &str, field: &FieldDescriptor) -> Field {
    let label = match field.label {
        Label::Required => "required",
        Label::Optional => "optional",
        Label::Repeated => "repeated",
    };
    let kind = match field.kind {
        FieldType::Message(inner) => format!("message:{}", inner().name),
        FieldType::Enum(name, _) => format!("enum:{name}"),
        plain => format!("{plain:?}").to_lowercase(),
    };
    let shown = match field.show {
        Show::Plain => "",
        Show::Hex => "hex",
        Show::Dev => "dev",
        Show::Odev => "dev,odev",
        Show::Address => "ipadd",
        Show::UnixName => "conv=unix_name",
        Show::Flags(names) => flags(names),
        Show::Dict(names) if names == names::TASK_STATE => "dict=gen",
        Show::Dict(_) => "dict=sk",
        _ => panic!("{:?} has no column", field.show),
    };
    let name = field.name.to_string();
    (message.into(), field.number, name, label.into(), kind, field.packed, shown.into())
}

fn flags(names: icecore_images::Names) -> &'static str {
    match names {
        names::MMAP_PROT => "flags=mmap.prot",
        names::MMAP_FLAGS => "flags=mmap.flags",
        names::MMAP_STATUS => "flags=mmap.status",
        names::RFILE_FLAGS => "flags=rfile.flags",
        names::PAGEMAP_FLAGS => "flags=pmap.flags",
        names::SEALS => "flags=seals.flags",
        _ => panic!("{names:?} is no map of crit"),
    }
}

#[test]
fn fields_rise_and_required_ones_are_known() {
    for message in messages::all() {
        assert!(message.fields.is_sorted_by(|a, b| a.number < b.number), "{}", message.name);
        assert!(
            message.fields.iter().all(|field| field.number < 64),
            "{}: presence is 64 bits",
            message.name
        );
        for field in message.fields {
            assert_eq!(message.field(field.number).map(|found| found.name), Some(field.name));
            assert_eq!(message.named(field.name).map(|found| found.number), Some(field.number));
        }
    }
}

#[test]
fn every_enumeration_is_declared_as_the_schema_says() {
    let expected: BTreeSet<(&str, &str, i64)> = schema::enums()
        .iter()
        .flat_map(|(name, values)| values.iter().map(|&(n, v)| (*name, n, v.into())))
        .collect();
    let declared: BTreeSet<(&str, &str, i64)> = messages::enums()
        .flat_map(|(name, names)| names.iter().map(move |&(n, value)| (name, n, value)))
        .collect();
    assert_eq!(declared, expected);
}

/// Rows that are no files of CRIU.
const NOT_KINDS: [&str; 1] = ["cuda"];

#[test]
fn every_kind_is_declared_as_the_table_says() {
    let table = || schema::images().filter(|row| !NOT_KINDS.contains(&row["kind"]));
    for row in table() {
        for file in row["file"].split(", ") {
            let kind = find(row["kind"], file);
            let known = kind.row();
            let name = known.files.iter().find(|name| printf(name.pattern) == signed(file)).unwrap();
            let until = if row["until"] == "never written" { "never written" } else { row["until"] };
            assert_eq!((name.since, name.until), (row["since"], until), "{file}");
            let magic =
                row["magic"].strip_prefix("0x").map(|digits| u32::from_str_radix(digits, 16).unwrap());
            assert_eq!(known.magic, magic, "{file}");
            assert_eq!(known.single, row["multiplicity"] == "single", "{file}");
            let messages: Vec<_> = kind.messages().map(|message| message.name).collect();
            assert!(messages.iter().all(|name| row["record"].contains(name)), "{file}: {messages:?}");
            let has_message = messages::all().any(|message| row["record"].starts_with(message.name));
            assert_eq!(has_message, !messages.is_empty(), "{file}");
            let framing = match row["framing"] {
                // These are written as present CRIU would; before 1.6 every image had one magic.
                "one" if kind != Kind::Inventory && has_message => known.framing,
                "one" => Framing::One,
                "common" => Framing::Common,
                "service" => Framing::Service,
                "raw" | "symlink" => Framing::Raw,
                _ => Framing::Plugin,
            };
            assert_eq!(known.framing, framing, "{file}");
            assert_eq!(known.has_payload(), row["extra"] != "none" && has_message, "{file}");
        }
    }
    let names: BTreeSet<_> = table().map(|row| row["kind"]).collect();
    let declared: BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.row().name).collect();
    assert_eq!(names, declared);
}

fn find(name: &str, file: &str) -> Kind {
    let has = |kind: &Kind| {
        let row = kind.row();
        row.name == name && row.files.iter().any(|file_name| printf(file_name.pattern) == signed(file))
    };
    *Kind::ALL.iter().find(|kind| has(kind)).unwrap_or_else(|| panic!("{name} {file} is not declared"))
}

/// A pattern as printf(3) would take it.
fn printf(pattern: &str) -> String {
    pattern.replace("{u}", "%u").replace("{lu}", "%lu").replace("{x}", "%x").replace("{04x}", "%04x")
}

/// Numbers above 2^31 were printed negative once; such names are not known.
fn signed(file: &str) -> String {
    file.replace("%d", "%u").replace("%ld", "%lu")
}
