use std::string::ToString;
use std::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::messages::{CgroupEntry, FsEntry, InventoryEntry, PagemapEntry, PagemapHead, PstreeEntry};
use crate::remarks::What;
use crate::value::put_varint;

/// Words and records as a machine of that byte order writes them.
fn image(order: ByteOrder, magics: &[u32], records: &[&[u8]]) -> Vec<u8> {
    let word = |value: u32| match order {
        ByteOrder::Little => value.to_le_bytes(),
        ByteOrder::Big => value.to_be_bytes(),
    };
    let mut bytes: Vec<u8> = magics.iter().flat_map(|&magic| word(magic)).collect();
    for record in records {
        bytes.extend(word(record.len().try_into().unwrap()));
        bytes.extend(*record);
    }
    bytes
}

const PSTREE: u32 = 0x5027_3030;
const PID_7: &[u8] = b"\x08\x07\x10\x00\x18\x07\x20\x07\x28\x07";

#[test]
fn magics_say_kind_and_byte_order() {
    for order in [ByteOrder::Little, ByteOrder::Big] {
        let check = |name: &str, magics: &[u32], kind, framing| {
            let bytes = image(order, magics, &[]);
            let image = Image::parse(name, &bytes).unwrap();
            assert_eq!((image.kind(), image.framing(), image.byte_order()), (kind, framing, order));
            assert_eq!(image.entries().count(), 0);
        };
        check("inventory.img", &[0x5831_3116], Kind::Inventory, Framing::One);
        check("pstree.img", &[IMG_COMMON, PSTREE], Kind::Pstree, Framing::Common);
        check("pstree.img", &[PSTREE], Kind::Pstree, Framing::One);
        check("stats-dump", &[IMG_SERVICE, 0x5709_3306], Kind::Stats, Framing::Service);
        check("pagemap-1.img", &[IMG_COMMON, 0x5608_4025], Kind::Pagemap, Framing::Common);
        check("pagemap-shmem-1.img", &[IMG_COMMON, 0x5608_4025], Kind::ShmemPagemap, Framing::Common);
        check("core-1.img", &[IMG_COMMON, PSTREE], Kind::Pstree, Framing::Common);
    }
}

#[test]
fn raw_images_are_known_by_name_only() {
    let bytes = image(ByteOrder::Little, &[IMG_COMMON, PSTREE], &[]);
    let pages = Image::parse("checkpoint/pages-1.img", &bytes).unwrap();
    assert_eq!((pages.kind(), pages.framing(), pages.body()), (Kind::Pages, Framing::Raw, &bytes[..]));
    assert_eq!(Image::parse("iptables-9.img", b"").unwrap().kind(), Kind::Iptables);
}

#[test]
fn what_has_no_magic_is_refused() {
    let error = |name: &str, bytes: &[u8]| Image::parse(name, bytes).unwrap_err().to_string();
    assert_eq!(error("files.img", b""), "files.img: 0 bytes are too short for a magic of 4 bytes");
    assert_eq!(
        error("x.img", b"\x19\x43\x56\x54\x12"),
        "x.img: 5 bytes are too short for a magic of 8 bytes"
    );
    assert_eq!(
        error("core-7.img", b"\x19\x43\x56\x54\x01\x02\x03\x04"),
        "core-7.img: offset 0x4: magic 0x04030201 is of no known image kind, the name stands for CORE with 0x55053847"
    );
    assert_eq!(
        error("other.img", b"PK\x03\x04"),
        "other.img: offset 0x0: magic 0x04034b50 is of no known image kind"
    );
}

#[test]
fn records_carry_number_and_offset() {
    for order in [ByteOrder::Little, ByteOrder::Big] {
        let bytes = image(order, &[IMG_COMMON, PSTREE], &[PID_7, b"", PID_7]);
        let image = Image::parse("pstree.img", &bytes).unwrap();
        let records: Vec<_> = image.records::<PstreeEntry>().map(Result::unwrap).collect();
        let places: Vec<_> = records.iter().map(|record| (record.entry.index, record.entry.offset)).collect();
        assert_eq!(places, [(0, 8), (1, 22), (2, 26)]);
        assert_eq!(records[0].message, PstreeEntry { pid: 7, ppid: 0, pgid: 7, sid: 7, threads: [7].into() });
        assert!(records[0].remarks().is_empty());
        let missing: Vec<_> = records[1].remarks().listed.into_iter().map(|remark| remark.path).collect();
        assert_eq!(missing, ["pid", "ppid", "pgid", "sid"]);
    }
}

#[test]
fn a_damaged_record_does_not_end_the_image_but_a_damaged_frame_does() {
    let mut bytes = image(ByteOrder::Little, &[IMG_COMMON, PSTREE], &[b"\x08", PID_7]);
    bytes.extend(b"\xf0\xff\xff\xff\x08\x01");
    let image = Image::parse("pstree.img", &bytes).unwrap();
    let texts: Vec<_> = image
        .records::<PstreeEntry>()
        .map(|record| record.map_or_else(|error| error.to_string(), |record| record.message.pid.to_string()))
        .collect();
    let expected = [
        "pstree.img: entry 0, offset 0xd: the bytes end inside a varint",
        "7",
        "pstree.img: entry 2, offset 0x1b: a record of 4294967280 bytes, but only 2 are left",
    ];
    assert_eq!(texts, expected);
}

#[test]
fn a_kind_with_two_messages_gives_each_its_own() {
    let bytes =
        image(ByteOrder::Little, &[IMG_COMMON, 0x5608_4025], &[b"\x08\x03", b"\x08\x80\x20\x10\x00\x28\x01"]);
    let image = Image::parse("pagemap-1.img", &bytes).unwrap();
    let heads: Vec<_> =
        image.records::<PagemapHead>().map(|record| record.unwrap().message.pages_id).collect();
    let runs: Vec<_> = image.records::<PagemapEntry>().map(|record| record.unwrap().message).collect();
    assert_eq!(heads, [3]);
    assert_eq!((runs[0].vaddr, runs[0].nr_pages, runs.len()), (0x1000, Some(1), 1));
    let refused: Vec<_> = image.records::<FsEntry>().map(|record| record.unwrap_err().to_string()).collect();
    assert_eq!(refused, ["pagemap-1.img: an image of kind PAGEMAP has no `fs_entry` records"]);
}

#[test]
fn oddities_are_remarked_and_read_on() {
    // pid twice, ppid as bytes, an unknown group, threads packed, pgid and sid absent.
    let record = b"\x08\x05\x08\x07\x12\x01\x02\xa3\x06\x08\x05\xa4\x06\x2a\x02\x01\x06";
    let bytes = image(ByteOrder::Little, &[IMG_COMMON, PSTREE], &[record]);
    let record =
        Image::parse("pstree.img", &bytes).unwrap().records::<PstreeEntry>().next().unwrap().unwrap();
    assert_eq!((record.message.pid, record.message.ppid, &record.message.threads[..]), (7, 0, &[1, 6][..]));
    let remarks: Vec<_> = record.remarks().listed.iter().map(ToString::to_string).collect();
    let expected = [
        "offset 0xe: single field `pid` occurs again, the last one counts",
        "offset 0x10: field `ppid` has wire type 2 instead of 0, it counts as absent",
        "offset 0x13: unknown field `100` of wire type 3",
        "offset 0xc: required field `ppid` is absent",
        "offset 0xc: required field `pgid` is absent",
        "offset 0xc: required field `sid` is absent",
    ];
    assert_eq!(remarks, expected);
}

#[test]
fn messages_that_occur_twice_are_merged() {
    // root_ids in two parts, which together have all required fields.
    let record = b"\x08\x02\x1a\x04\x08\x01\x10\x02\x1a\x04\x18\x03\x20\x04";
    let bytes = image(ByteOrder::Little, &[0x5831_3116], &[record]);
    let record =
        Image::parse("inventory.img", &bytes).unwrap().records::<InventoryEntry>().next().unwrap().unwrap();
    let ids = record.message.root_ids.clone().unwrap();
    assert_eq!((ids.vm_id, ids.files_id, ids.fs_id, ids.sighand_id), (1, 2, 3, 4));
    let remarks = record.remarks();
    assert_eq!((remarks.listed.len(), remarks.listed[0].what), (1, What::Repeated));
}

/// A group in groups, so many times.
fn groups(depth: usize) -> Vec<u8> {
    let mut group = b"\x0a\x04deep".to_vec();
    for _ in 0..depth {
        let mut outer = b"\x0a\x01g\x12".to_vec();
        put_varint(wire::len(&group), &mut outer);
        outer.extend(&group);
        group = outer;
    }
    group
}

#[test]
fn nesting_is_followed_a_hundred_levels_and_the_rest_kept() {
    // cgroup_entry.controllers, its dirs, and then groups in groups: the record's groups begin at level 2.
    for (depth, too_deep) in [(98, 0), (99, 1), (5000, 1)] {
        let dirs = groups(depth);
        let mut controller = b"\x12".to_vec();
        put_varint(wire::len(&dirs), &mut controller);
        controller.extend(&dirs);
        let mut record = b"\x12".to_vec();
        put_varint(wire::len(&controller), &mut record);
        record.extend(&controller);
        let bytes = image(ByteOrder::Little, &[IMG_COMMON, Kind::Cgroup.magic().unwrap()], &[&record]);
        let image = Image::parse("cgroup.img", &bytes).unwrap();
        let mut cgroup = image.records::<CgroupEntry>().next().unwrap().unwrap();
        let remarks = cgroup.remarks().listed;
        assert_eq!(remarks.len(), too_deep, "{remarks:?}");
        assert!(remarks.iter().all(|remark| remark.what == What::TooDeep));
        cgroup.message.sets.clear();
        assert_eq!(cgroup.encode().unwrap(), record);
        let text = crate::json::to_string(&image, crate::json::Form::COMPACT);
        assert!(text.contains("$raw"), "JSON goes less deep");
        let tree = serde_json::from_str(&text).unwrap();
        assert_eq!(crate::json::encode(&tree).unwrap(), bytes);
    }
}

#[test]
fn a_payload_that_is_cut_is_given_as_far_as_it_goes() {
    let mut bytes =
        image(ByteOrder::Little, &[IMG_COMMON, Kind::PipesData.magic().unwrap()], &[b"\x08\x05\x10\x09"]);
    bytes.extend(b"cut");
    let image = Image::parse("pipes-data.img", &bytes).unwrap();
    let mut entries = image.entries();
    let error = entries.next().unwrap().unwrap_err().to_string();
    assert_eq!(error, "pipes-data.img: entry 0, offset 0x10: a payload of 9 bytes, but only 3 are left");
    let cut = entries.cut().unwrap();
    assert_eq!((cut.index, cut.payload, entries.next().is_none()), (0, &b"cut"[..], true));
}

#[test]
fn remarks_are_bounded() {
    let record: Vec<u8> = b"\xa0\x06\x01".repeat(1000);
    let bytes = image(ByteOrder::Little, &[IMG_COMMON, PSTREE], &[&record]);
    let record =
        Image::parse("pstree.img", &bytes).unwrap().records::<PstreeEntry>().next().unwrap().unwrap();
    let remarks = record.remarks();
    assert_eq!((remarks.listed.len(), remarks.omitted), (64, 1000 + 4 - 64));
}

proptest! {
    #[test]
    fn arbitrary_images_end(kind in 0..Kind::ALL.len(), order: bool, body: Vec<u8>) {
        let kind = Kind::ALL[kind];
        let order = if order { ByteOrder::Big } else { ByteOrder::Little };
        let mut bytes = image(order, &[IMG_COMMON, kind.magic().unwrap_or(0)], &[]);
        bytes.extend(&body);
        let Ok(image) = Image::parse("unnamed", &bytes) else { return Ok(()) };
        for entry in image.entries().flatten() {
            prop_assert!(entry.bytes.len() <= body.len());
        }
        for record in image.records::<PstreeEntry>().flatten() {
            prop_assert!(record.remarks().listed.len() <= 64);
        }
    }
}
