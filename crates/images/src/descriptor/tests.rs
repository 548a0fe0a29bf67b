use std::collections::HashSet;

use super::*;
use crate::messages;

fn message(name: &str) -> &'static Descriptor {
    messages::all().find(|message| message.name == name).unwrap()
}

#[test]
fn fields_are_found_by_number_and_name() {
    let pagemap = message("pagemap_entry");
    assert_eq!(pagemap.field(1).map(|field| field.name), Some("vaddr"));
    assert_eq!(pagemap.field(6).map(|field| field.name), Some("blocks"));
    assert_eq!(pagemap.named("flags").map(|field| field.number), Some(4));
    for number in [0, 7, 15, 1000, u32::MAX] {
        assert!(pagemap.field(number).is_none(), "{number}");
    }
    assert!(pagemap.named("nr").is_none() && pagemap.named("").is_none());
    // Numbers with gaps in front.
    assert_eq!(message("file_entry").field(5).map(|field| field.name), Some("nsf"));
}

#[test]
fn every_field_finds_itself() {
    for message in messages::all() {
        for (index, field) in message.fields.iter().enumerate() {
            let (found, known) = message.find(field.number).unwrap();
            assert_eq!((found, known.name), (index, field.name), "{}", message.name);
        }
    }
}

/// The names of some fields are keywords of the language.
#[test]
fn names_are_those_of_the_schema() {
    assert!(message("file_entry").named("type").is_some());
    assert!(messages::all().flat_map(|message| message.fields).all(|field| !field.name.contains('#')));
    let names: HashSet<_> = messages::all().map(|message| message.name).collect();
    assert_eq!(names.len(), messages::all().count(), "no name occurs twice");
}

#[test]
fn required_fields_are_listed() {
    let names: Vec<_> = message("pagemap_entry").required().map(|field| field.name).collect();
    assert_eq!(names, ["vaddr", "compat_nr_pages"]);
}

#[test]
fn bits_are_those_of_the_labels() {
    let fields = message("pstree_entry").fields;
    // pid, ppid, pgid and sid are required; threads is a list.
    assert_eq!((bits(fields, true), bits(fields, false)), (0b1_1110, 0b1_1110));
    let fields = message("fs_entry").fields;
    assert_eq!((bits(fields, true), bits(fields, false)), (0b0110, 0b1110));
    assert_eq!((bits(&[], true), bit(0), bit(63), bit(64), bit(u32::MAX)), (0, 1, 1 << 63, 0, 0));
}

#[test]
fn records_are_recoded_without_what_is_unknown() {
    let fs = message("fs_entry");
    assert_eq!(fs.recode(b"\x10\x02\xa0\x06\x01\x08\xcc\x00").unwrap(), b"\x08\x4c\x10\x02");
    // Required fields that are absent have their default.
    assert_eq!(fs.recode(b"").unwrap(), b"\x08\0\x10\0");
    assert!(fs.recode(b"\x08").is_err());
}

#[test]
fn lists_that_may_be_packed_are_known() {
    let threads = message("pstree_entry").named("threads").unwrap();
    assert!(threads.is_packed_when(2) && !threads.is_packed_when(0) && !threads.packed);
    let pid = message("pstree_entry").named("pid").unwrap();
    assert!(!pid.is_packed_when(2));
    assert!(message("pagemap_blocks").named("block_sizes").unwrap().packed);
    let namespaces = message("aa_namespace").named("namespaces").unwrap();
    assert!(!namespaces.is_packed_when(2), "messages are never packed");
}

#[test]
fn varints_are_cut_to_the_type() {
    let cases = [
        (FieldType::Uint32, u64::MAX, 0xffff_ffff),
        (FieldType::Int32, 0xffff_ffff, u64::MAX),
        (FieldType::Int32, 0x1_0000_0005, 5),
        (FieldType::Sint32, u64::MAX, 0xffff_ffff),
        (FieldType::Bool, 77, 1),
        (FieldType::Uint64, u64::MAX, u64::MAX),
        (FieldType::Sint64, 1 << 63, 1 << 63),
        (FieldType::Enum("x", &[]), 0x8000_0000, 0xffff_ffff_8000_0000),
    ];
    for (kind, raw, cut) in cases {
        assert_eq!(kind.cut(raw), cut, "{kind:?}");
        assert_eq!(kind.cut(cut), cut, "{kind:?}");
    }
}
