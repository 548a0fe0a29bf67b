//! CRIU's messages, as its own sources declare them: the tables of `fixtures/schema`.
//!
//! The tables were made of CRIU's files. Nothing here comes from the declarations that are tested, so a wrong number in
//! one of these meets the right one here.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// CRIU 4.2, its development branch, and its plugins.
const FIELDS: [&str; 3] = [
    include_str!("../../../fixtures/schema/schema.tsv"),
    include_str!("../../../fixtures/schema/schema-criu-dev.tsv"),
    include_str!("../../../fixtures/schema/schema-plugins.tsv"),
];

/// A row of a table: from column to cell.
pub type Row = BTreeMap<&'static str, &'static str>;

/// One field of a message. What is text stands as in the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Message that has it.
    pub message: &'static str,
    /// Number on the wire.
    pub number: u32,
    /// Name, which is its key in JSON.
    pub name: &'static str,
    /// `required`, `optional`, `repeated`.
    pub label: &'static str,
    /// `uint32`, `bytes`, `enum:NAME`, `message:NAME` …
    pub kind: &'static str,
    /// Whether CRIU writes a list of it as one field.
    pub packed: bool,
    /// How crit shows it: `hex`, `dev`, `flags=NAME` …
    pub options: &'static str,
}

impl Field {
    fn of(row: &Row) -> Self {
        let cell = |column| row.get(column).copied().unwrap_or_default();
        Self {
            message: cell("message"),
            number: cell("number").parse().unwrap_or_default(),
            name: cell("field"),
            label: cell("label"),
            kind: cell("type"),
            packed: cell("packed") == "yes",
            options: cell("criu_opts"),
        }
    }

    /// The message that its values are.
    pub fn message_kind(&self) -> Option<&'static str> {
        self.kind.strip_prefix("message:")
    }

    /// The enumeration that its values are of.
    pub fn enum_kind(&self) -> Option<&'static str> {
        self.kind.strip_prefix("enum:")
    }
}

/// All messages that are in images: their names, and their fields by rising number.
pub fn messages() -> &'static BTreeMap<&'static str, Vec<Field>> {
    static MESSAGES: LazyLock<BTreeMap<&'static str, Vec<Field>>> = LazyLock::new(|| {
        let rows = FIELDS.into_iter().flat_map(table);
        let of_images = rows.filter(|row| matches!(row.get("scope"), Some(&("image" | "plugin"))));
        let mut messages = BTreeMap::<_, Vec<Field>>::new();
        for field in of_images.map(|row| Field::of(&row)) {
            messages.entry(field.message).or_default().push(field);
        }
        messages.values_mut().for_each(|fields| fields.sort_by_key(|field| field.number));
        messages
    });
    &MESSAGES
}

/// The enumerations that are in images: their names, and the names and values of each.
pub fn enums() -> &'static BTreeMap<&'static str, Vec<(&'static str, i32)>> {
    static ENUMS: LazyLock<BTreeMap<&'static str, Vec<(&'static str, i32)>>> = LazyLock::new(|| {
        let mut enums = BTreeMap::<_, Vec<_>>::new();
        for row in table(include_str!("../../../fixtures/schema/enums.tsv")) {
            let cell = |column| row.get(column).copied().unwrap_or_default();
            if cell("scope") == "image" {
                let value = cell("value").parse().unwrap_or_default();
                enums.entry(cell("enum")).or_default().push((cell("name"), value));
            }
        }
        enums
    });
    &ENUMS
}

/// The kinds of image, a row for each of their names.
pub fn images() -> impl Iterator<Item = Row> {
    table(include_str!("../../../fixtures/schema/images.tsv"))
}

/// The rows of a table below its header.
fn table(text: &'static str) -> impl Iterator<Item = Row> {
    let mut lines = text.lines();
    let header: Vec<_> = lines.next().unwrap_or_default().split('\t').collect();
    lines.map(move |line| header.iter().copied().zip(line.split('\t')).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_the_fields_of_all_tables() {
        let pagemap = &messages()["pagemap_entry"];
        let numbers: Vec<_> = pagemap.iter().map(|field| field.number).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6], "1 to 5 are of 4.2, 6 is of its development branch");
        let expected = Field {
            message: "pagemap_entry",
            number: 1,
            name: "vaddr",
            label: "required",
            kind: "uint64",
            packed: false,
            options: "hex",
        };
        assert_eq!(pagemap[0], expected);
        assert_eq!(pagemap[5].message_kind(), Some("pagemap_blocks"));
        assert!(messages()["pagemap_blocks"][0].packed);
        assert_eq!(messages()["criu_kfd"][0].name, "pid", "a message of a plugin");
        assert!(!messages().contains_key("criu_opts"), "a message of no image");
    }

    #[test]
    fn every_reference_leads_somewhere() {
        for field in messages().values().flatten() {
            assert!((1..64).contains(&field.number), "{field:?}");
            assert!(matches!(field.label, "required" | "optional" | "repeated"), "{field:?}");
            assert!(field.message_kind().is_none_or(|name| messages().contains_key(name)), "{field:?}");
            assert!(field.enum_kind().is_none_or(|name| enums().contains_key(name)), "{field:?}");
        }
    }

    #[test]
    fn enumerations_have_their_values() {
        assert_eq!(enums()["seccomp_mode"], [("disabled", 0), ("strict", 1), ("filter", 2)]);
        assert!(enums()["fd_types"].contains(&("REG", 1)));
    }

    #[test]
    fn images_are_rows_with_a_record() {
        let pstree = images().find(|row| row["kind"] == "PSTREE").unwrap();
        assert_eq!((pstree["magic"], pstree["record"]), ("0x50273030", "pstree_entry"));
    }
}
