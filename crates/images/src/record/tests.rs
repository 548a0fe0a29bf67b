use std::string::ToString;

use super::*;
use crate::image::Image;
use crate::messages::{FsEntry, MmEntry, PagemapEntry, PagemapHead, PstreeEntry, VmaEntry};

/// Two magics of a pstree and records behind them.
fn pstree(records: &[&[u8]]) -> Vec<u8> {
    let mut bytes = b"\x19CVT\x30\x30\x27\x50".to_vec();
    for record in records {
        bytes.extend(u32::try_from(record.len()).unwrap().to_le_bytes());
        bytes.extend(*record);
    }
    bytes
}

const INIT: &[u8] = b"\x08\x01\x10\x00\x18\x01\x20\x01\x28\x01";

#[test]
fn records_know_where_they_are_from() {
    let bytes = pstree(&[INIT, INIT]);
    let image = Image::parse("pstree.img", &bytes).unwrap();
    let places: Vec<_> = image
        .records::<PstreeEntry>()
        .map(|record| record.unwrap().entry)
        .map(|entry| (entry.index, entry.offset, entry.bytes.len(), entry.payload.len()))
        .collect();
    assert_eq!(places, [(0, 8, 10, 0), (1, 22, 10, 0)]);
}

#[test]
fn a_record_that_cannot_be_decoded_does_not_end_the_others() {
    let bytes = pstree(&[b"\x08", INIT, b"\x0f", INIT]);
    let image = Image::parse("pstree.img", &bytes).unwrap();
    let found: Vec<_> = image
        .records::<PstreeEntry>()
        .map(|record| record.map(|record| record.message.pid).map_err(|error| error.to_string()))
        .collect();
    let expected = [
        Err("pstree.img: entry 0, offset 0xd: the bytes end inside a varint".into()),
        Ok(1),
        Err("pstree.img: entry 2, offset 0x1f: field 1 has wire type 7, which starts no value".into()),
        Ok(1),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_frame_that_leads_nowhere_ends_them() {
    let mut bytes = pstree(&[INIT]);
    bytes.extend(b"\xff\0\0\0rest");
    let image = Image::parse("pstree.img", &bytes).unwrap();
    let mut records = image.records::<PstreeEntry>();
    assert!(records.next().unwrap().is_ok());
    let error = records.next().unwrap().unwrap_err().to_string();
    assert_eq!(error, "pstree.img: entry 1, offset 0x16: a record of 255 bytes, but only 4 are left");
    assert!(records.next().is_none() && records.next().is_none());
}

#[test]
fn messages_that_a_kind_does_not_have_are_refused_once() {
    let bytes = pstree(&[INIT]);
    let image = Image::parse("pstree.img", &bytes).unwrap();
    let found: Vec<_> = image.records::<FsEntry>().map(|record| record.unwrap_err().to_string()).collect();
    assert_eq!(found, ["pstree.img: an image of kind PSTREE has no `fs_entry` records"]);
}

#[test]
fn kinds_of_two_messages_give_each_its_records() {
    let bytes =
        b"\x19CVT\x25\x40\x08\x56\x02\0\0\0\x08\x03\x04\0\0\0\x08\x01\x10\x02\x04\0\0\0\x08\x05\x10\x06";
    let image = Image::parse("pagemap-7.img", bytes).unwrap();
    let heads: Vec<_> = image.records::<PagemapHead>().map(|head| head.unwrap().message.pages_id).collect();
    let runs: Vec<_> = image.records::<PagemapEntry>().map(|run| run.unwrap().message.vaddr).collect();
    assert_eq!((heads, runs), (alloc::vec![3], alloc::vec![1, 5]));
}

/// pid in a varint of two bytes, an unknown field.
#[test]
fn what_was_not_edited_is_its_own_bytes() {
    let odd = b"\x08\x81\x00\x10\x00\xa0\x06\x07\x18\x01\x20\x01";
    let bytes = pstree(&[odd]);
    let image = Image::parse("pstree.img", &bytes).unwrap();
    let mut record = image.records::<PstreeEntry>().next().unwrap().unwrap();
    assert_eq!(record.encode().unwrap(), odd);
    record.message.sid = 300;
    assert_eq!(record.encode().unwrap(), b"\x08\x81\x00\x10\x00\xa0\x06\x07\x18\x01\x20\xac\x02");
    record.message.sid = 1;
    assert_eq!(record.encode().unwrap(), odd, "and back");
}

#[test]
fn sound_records_have_no_remarks() {
    let bytes = pstree(&[INIT, b"\x08\x01"]);
    let image = Image::parse("pstree.img", &bytes).unwrap();
    let remarks: Vec<_> = image.records::<PstreeEntry>().map(|record| record.unwrap().remarks()).collect();
    assert!(remarks[0].is_empty() && remarks[1].is_missing("sid"));
}

/// The iterator can be cloned, and the clone goes its own way.
#[test]
fn a_walk_can_be_taken_up_again() {
    let bytes = pstree(&[INIT, INIT, INIT]);
    let image = Image::parse("pstree.img", &bytes).unwrap();
    let mut records = image.records::<PstreeEntry>();
    records.next();
    let again = records.clone();
    assert_eq!((records.count(), again.count()), (2, 2));
}

#[test]
fn parts_are_the_messages_of_a_repeated_field_where_they_stand() {
    let vma = |start| VmaEntry { start, end: start + 1, ..VmaEntry::default() }.encode();
    let (first, second) = (vma(1), vma(300));
    let mut record = MmEntry::default().encode();
    let mut bytes = Vec::new();
    // Two messages of field 14 around what is none of it.
    for part in [&first, &second] {
        record.extend([14 << 3 | 2, u8::try_from(part.len()).unwrap()]);
        record.extend(part);
        record.extend([0x78, 7]);
    }
    bytes.extend(crate::Kind::Mm.magic().unwrap().to_le_bytes());
    bytes.extend(u32::try_from(record.len()).unwrap().to_le_bytes());
    bytes.extend(&record);
    let image = Image::parse("mm-7.img", &bytes).unwrap();
    let record = image.records::<MmEntry>().next().unwrap().unwrap();
    let parts: Vec<&[u8]> = record.parts("vmas").collect();
    assert_eq!(parts, [&first[..], &second[..]]);
    let starts: Vec<u64> = record.message.vmas.iter().map(|vma| vma.start).collect();
    assert_eq!(starts, [1, 300]);
    let offset = usize::try_from(image.offset_of(parts[1])).unwrap();
    assert_eq!(&bytes[offset..offset + second.len()], second);
    assert_eq!(record.parts("no_such_field").count(), 0);
    assert_eq!(record.parts("mm_brk").count(), 0);
}
