use super::*;
use crate::image::Image;
use crate::messages::PstreeEntry;

const PSTREE: &[u8] = b"\x19CVT\x30\x30\x27\x50";

fn check(record: &[u8]) -> Remarks {
    let bytes = [PSTREE, &u32::try_from(record.len()).unwrap().to_le_bytes(), record].concat();
    let image = Image::parse("pstree.img", &bytes).unwrap();
    let remarks = image.entries().next().unwrap().unwrap().remarks();
    assert_eq!(remarks, image.records::<PstreeEntry>().next().unwrap().unwrap().remarks());
    remarks
}

#[test]
fn what_nobody_can_read_is_counted() {
    // pid twice, ppid as bytes, an unknown group; ppid, pgid and sid absent.
    let remarks = check(b"\x08\x05\x08\x07\x12\x01\x02\xa3\x06\x08\x05\xa4\x06");
    assert_eq!((remarks.listed.len(), remarks.unknown), (6, 2));
    assert_eq!(
        remarks.listed.iter().map(Remark::text).next().unwrap(),
        "single field `pid` occurs again, the last one counts"
    );
    assert_eq!(check(&b"\xa0\x06\x01".repeat(1000)).unknown, 1000);
    assert_eq!(check(b"\x08\x07\x10\x01\x18\x07\x20\x07"), Remarks::default());
}

/// A record of 16 bytes of frame, and its remarks as text.
#[track_caller]
fn texts(record: &[u8]) -> Vec<String> {
    check(record).listed.iter().map(ToString::to_string).collect()
}

const SOUND: &[u8] = b"\x08\x07\x10\x01\x18\x07\x20\x07";

/// The record begins at byte 12 of the image: two magics and a length.
#[test]
fn each_oddity_has_its_place_and_words() {
    let with = |more: &[u8]| texts(&[SOUND, more].concat());
    assert_eq!(with(b"\xa0\x06\x01"), ["offset 0x14: unknown field `100` of wire type 0"]);
    assert_eq!(with(b"\xa2\x06\x01x"), ["offset 0x14: unknown field `100` of wire type 2"]);
    assert_eq!(with(b"\x08\x08"), ["offset 0x14: single field `pid` occurs again, the last one counts"]);
    assert_eq!(
        with(b"\x0a\x01x"),
        ["offset 0x14: field `pid` has wire type 2 instead of 0, it counts as absent"]
    );
    // A list may be packed or not, and occurs as often as it likes.
    assert_eq!(with(b"\x28\x01\x2a\x02\x02\x03\x28\x04"), <[&str; 0]>::default());
    assert_eq!(
        with(b"\x29\0\0\0\0\0\0\0\0"),
        ["offset 0x14: field `threads` has wire type 1 instead of 0, it counts as absent"]
    );
}

#[test]
fn required_fields_that_are_absent_are_said() {
    let remarks = check(b"\x08\x07");
    assert!(["ppid", "pgid", "sid"].iter().all(|name| remarks.is_missing(name)));
    assert!(!remarks.is_missing("pid") && !remarks.is_missing("threads"));
    assert_eq!(texts(b"\x08\x07\x10\x01\x18\x07"), ["offset 0xc: required field `sid` is absent"]);
    // One of another wire type is absent, too.
    let remarks = check(b"\x08\x07\x10\x01\x18\x07\x22\x00");
    assert!(remarks.is_missing("sid"));
    assert_eq!(remarks.unknown, 1);
}

#[test]
fn a_flood_of_oddities_is_counted() {
    let remarks = check(&[SOUND, &b"\xa0\x06\x01".repeat(100)].concat());
    assert_eq!((remarks.listed.len(), remarks.omitted, remarks.unknown), (MAX_LISTED, 36, 100));
    assert!(!remarks.is_empty() && check(SOUND).is_empty());
}

/// Fields inside of messages have the names around them, joined by dots.
#[test]
fn paths_lead_into_messages() {
    // thread_info without its required fields; its registers with an unknown field.
    let record = b"\x08\x01\x12\x06\x12\x04\xfa\x3f\x01x";
    let start = 100;
    let message = crate::messages::all().find(|message| message.name == "core_entry").unwrap();
    let found = remarks(record, message, start);
    assert!(found.is_missing("thread_info.clear_tid_addr"));
    assert!(found.is_missing("thread_info.gpregs.r15"));
    let unknown = found.listed.iter().find(|remark| remark.what.is_unknown()).unwrap();
    assert_eq!((unknown.path.as_str(), unknown.offset), ("thread_info.gpregs.1023", start + 6));
}

/// A single message in two parts lacks only what both lack.
#[test]
fn parts_of_a_message_are_one() {
    let message = crate::messages::all().find(|message| message.name == "file_entry").unwrap();
    // fown of a regular file: uid in one part, euid in the other.
    let record = b"\x08\x01\x10\x05\x1a\x04\x2a\x02\x08\x00\x1a\x04\x2a\x02\x10\x00";
    let found = remarks(record, message, 0);
    assert!(!found.is_missing("reg.fown.uid") && !found.is_missing("reg.fown.euid"));
    assert!(found.is_missing("reg.fown.signum") && found.is_missing("reg.id"));
    assert!(found.listed.iter().any(|remark| (remark.path.as_str(), remark.what) == ("reg", What::Repeated)));
}

#[test]
fn messages_that_are_too_deep_are_said_once() {
    let deep = (0..MAX_DEPTH + 5).fold(b"\x0a\x01x".to_vec(), |inner, _| {
        let mut outer = Vec::new();
        crate::value::put_tag(3, 2, &mut outer);
        crate::value::put_bytes(&inner, &mut outer);
        outer
    });
    let message = crate::messages::all().find(|message| message.name == "aa_namespace").unwrap();
    let found = remarks(&deep, message, 0);
    // The innermost first; then the record and every level that was followed lack their name.
    assert_eq!(found.listed[0].what, What::TooDeep);
    assert_eq!(found.listed.iter().filter(|remark| remark.what == What::TooDeep).count(), 1);
    assert_eq!(found.listed[0].path.matches("namespaces").count(), MAX_DEPTH as usize + 1);
    assert_eq!(found.listed.len() + usize::try_from(found.omitted).unwrap(), 1 + 1 + MAX_DEPTH as usize);
}
