#![expect(clippy::arithmetic_side_effects, reason = "tests state facts")]

use std::format;
use std::string::String;

use super::*;
use crate::encode::Writer;
use crate::json::to_string;

/// The entries of an image of one record, as text.
#[track_caller]
fn shown(kind: Kind, record: &[u8], form: Form) -> String {
    shown_in(ByteOrder::Little, kind, record, form)
}

#[track_caller]
fn shown_in(order: ByteOrder, kind: Kind, record: &[u8], form: Form) -> String {
    let mut writer = Writer::new(kind, kind.row().framing, order);
    writer.record(record, &[]);
    let bytes = writer.finish();
    let text = to_string(&Image::parse("x", &bytes).unwrap(), form);
    let text: Vec<&str> = text.lines().map(str::trim).collect();
    let text = text.join("");
    let start = text.find("\"entries\": [").unwrap() + "\"entries\": [".len();
    let end = text.find("],\"$frame\"").or(text.find("], \"$frame\"")).unwrap_or(text.rfind("]}").unwrap());
    text[start..end].into()
}

/// Both variants of a record: compact, and the fields of the pretty one.
#[track_caller]
fn check(kind: Kind, record: &[u8], compact: &str, pretty: &str) {
    assert_eq!(shown(kind, record, Form::COMPACT), compact);
    assert_eq!(shown(kind, record, Form::PRETTY), pretty);
}

#[test]
fn fields_stand_by_number_and_zeros_are_shown() {
    check(
        Kind::Fs,
        b"\x18\x00\x08\x05",
        r#"{"cwd_id": 5, "umask": 0, "$raw": "GAAIBQ==\n"}"#,
        r#"{"cwd_id": 5,"umask": 0,"$raw": "GAAIBQ==\n"}"#,
    );
    check(Kind::Fs, b"", "{}", "{}");
}

#[test]
fn pretty_numbers_have_the_form_of_their_field() {
    // start, prot, flags, status of an area.
    check(
        Kind::Vmas,
        b"\x08\x80\x20\x28\x03\x30\x22\x38\x81\x04",
        r#"{"start": 4096, "prot": 3, "flags": 34, "status": 513}"#,
        r#"{"start": "0x1000","prot": "PROT_READ | PROT_WRITE","flags": "MAP_PRIVATE | MAP_ANON","status": "VMA_AREA_REGULAR | VMA_ANON_PRIVATE"}"#,
    );
    // A device in CRIU's notation, and states by name where they have one.
    check(Kind::Mnts, b"\x18\x80\x80\x80\x7f", r#"{"root_dev": 266338304}"#, r#"{"root_dev": "254:0"}"#);
    check(Kind::Inetsk, b"\x30\x0a", r#"{"state": 10}"#, r#"{"state": "LISTEN"}"#);
    check(Kind::Inetsk, b"\x30\x63", r#"{"state": 99}"#, r#"{"state": 99}"#);
}

/// Every integer in a message that is marked: registers, signal actions.
#[test]
fn hexadecimal_is_handed_down() {
    // core_entry.thread_info.gpregs.ip of x86.
    let core = b"\x08\x01\x12\x07\x08\x00\x12\x03\x88\x01\x10";
    let compact = shown(Kind::Core, core, Form::COMPACT);
    let pretty = shown(Kind::Core, core, Form::PRETTY);
    assert!(compact.contains(r#""clear_tid_addr": 0, "gpregs": {"#), "{compact}");
    assert!(pretty.contains(r#""clear_tid_addr": "0x0","gpregs": {"#), "{pretty}");
    assert!(compact.contains(": 16}") && pretty.contains(": \"0x10\"}"), "{compact} {pretty}");
}

#[test]
fn addresses_are_texts_where_they_are_pretty() {
    // src_addr, unpacked.
    let entry = <crate::messages::InetSkEntry as crate::Message>::descriptor();
    let number = entry.named("src_addr").unwrap().number;
    let tag = u8::try_from(number << 3).unwrap();
    let record = [&[tag][..], b"\xff\x80\x80\x08"].concat();
    check(Kind::Inetsk, &record, r#"{"src_addr": [16777343]}"#, r#"{"src_addr": ["127.0.0.1"]}"#);
    let big = shown_in(ByteOrder::Big, Kind::Inetsk, &record, Form::PRETTY);
    assert_eq!(big, r#"{"src_addr": ["1.0.0.127"]}"#);
    // Two words are no address.
    let two = [record.clone(), record].concat();
    let pretty = shown(Kind::Inetsk, &two, Form::PRETTY);
    assert_eq!(pretty, r#"{"src_addr": [16777343,16777343]}"#);
}

#[test]
fn texts_bytes_and_names_have_forms_of_their_own() {
    check(Kind::Utsns, b"\x0a\x03w\xc3\xa9", r#"{"nodename": "w\u00e9"}"#, r#"{"nodename": "w\u00e9"}"#);
    check(Kind::TtyData, b"\x12\x02\x00\xff", r#"{"data": "AP8=\n"}"#, r#"{"data": "AP8=\n"}"#);
    check(Kind::TtyData, b"\x12\x00", r#"{"data": ""}"#, r#"{"data": ""}"#);
}

#[test]
fn messages_and_lists_may_be_empty() {
    check(Kind::Apparmor, b"\x0a\x00", r#"{"namespaces": [{}]}"#, r#"{"namespaces": [{}]}"#);
    check(Kind::Files, b"\x1a\x00", r#"{"reg": {}}"#, r#"{"reg": {}}"#);
}

/// Deeper than readers of JSON go: shown empty, and carried as bytes.
#[test]
fn what_is_too_deep_is_carried_by_its_bytes() {
    let deep = (0..DEPTH + 1).fold(Vec::new(), |inner: Vec<u8>, _| {
        let mut outer = Vec::new();
        crate::value::put_tag(3, 2, &mut outer);
        crate::value::put_bytes(&inner, &mut outer);
        outer
    });
    let mut record = Vec::new();
    crate::value::put_tag(1, 2, &mut record);
    crate::value::put_bytes(&deep, &mut record);
    let text = shown(Kind::Apparmor, &record, Form::COMPACT);
    // Those in the middle are not canonical only where something is lost: at the bottom nothing is.
    assert_eq!(text.matches("namespaces").count(), usize::try_from(DEPTH).unwrap() + 1, "{text}");
    assert!(text.contains("$raw"), "{text}");
}

#[test]
fn records_that_are_damaged_have_their_bytes() {
    let text = shown(Kind::Fs, b"\x08\x05\x10", Form::COMPACT);
    let said = "x: entry 0, offset 0xf: the bytes end inside a varint";
    assert_eq!(text, format!(r#"{{"$error": "{said}", "$raw": "CAUQ\n"}}"#));
    let inside = shown(Kind::Files, b"\x08\x01\x1a\x01\x08", Form::COMPACT);
    assert!(inside.contains("offset 0x11: the bytes end inside a varint"), "{inside}");
}

#[test]
fn an_entry_can_be_checked_without_being_shown() {
    let check = |record: &[u8]| {
        let mut writer = Writer::new(Kind::Fs, Framing::Common, ByteOrder::Little);
        writer.record(record, &[]);
        let bytes = writer.finish();
        let image = Image::parse("fs-1.img", &bytes).unwrap();
        let entry = image.entries().next().unwrap().unwrap();
        crate::json::check(&entry).map_err(|error| error.to_string())
    };
    assert_eq!(check(b"\x08\x05\xa0\x06\x01"), Ok(()));
    assert_eq!(check(b"\x08"), Err("fs-1.img: entry 0, offset 0xd: the bytes end inside a varint".into()));
}
