//! Editing JSON, and reading what others write.

use std::string::{String, ToString};
use std::vec::Vec;

use super::*;
use crate::encode::Writer;
use crate::image::ByteOrder;
use crate::kinds::{Framing, Kind};

fn image(kind: Kind, records: &[&[u8]]) -> Vec<u8> {
    let mut writer = Writer::new(kind, kind.row().framing, ByteOrder::Little);
    records.iter().for_each(|record| writer.record(record, &[]));
    writer.finish()
}

fn read(text: &str) -> Result<Vec<u8>, String> {
    let tree: Tree = serde_json::from_str(text).unwrap();
    encode(&tree).map_err(|error| error.to_string())
}

/// Shows an image, replaces some text, and reads it again.
fn edited(name: &str, bytes: &[u8], from: &str, to: &str) -> Result<Vec<u8>, String> {
    let text = to_string(&Image::parse(name, bytes).unwrap(), Form::COMPACT);
    assert!(text.contains(from), "{text}");
    read(&text.replace(from, to))
}

#[test]
fn an_edit_leaves_what_is_not_visible() {
    // cwd_id as a varint of two bytes, an unknown field, root_id.
    let bytes = image(Kind::Fs, &[b"\x08\xcc\x00\xa0\x06\x05\x10\x4d"]);
    let changed = edited("fs-1.img", &bytes, "\"root_id\": 77", "\"root_id\": 78").unwrap();
    assert_eq!(changed, image(Kind::Fs, &[b"\x08\xcc\x00\xa0\x06\x05\x10\x4e"]));
    let added = edited("fs-1.img", &bytes, "\"root_id\": 77", "\"root_id\": 77, \"umask\": 18").unwrap();
    assert_eq!(added, image(Kind::Fs, &[b"\x08\xcc\x00\xa0\x06\x05\x10\x4d\x18\x12"]));
    let removed = edited("fs-1.img", &bytes, ", \"root_id\": 77", "").unwrap();
    assert_eq!(removed, image(Kind::Fs, &[b"\x08\xcc\x00\xa0\x06\x05"]));
}

#[test]
fn text_that_is_not_utf_8_comes_back() {
    let bytes = image(Kind::Utsns, &[b"\x0a\x02a\xff\x12\x01d"]);
    let text = to_string(&Image::parse("utsns-9.img", &bytes).unwrap(), Form::COMPACT);
    assert!(text.contains(r#""nodename": "b'a\\xff'", "domainname": "d", "$raw": "#), "{text}");
    assert_eq!(read(&text).unwrap(), bytes);
    let changed = edited("utsns-9.img", &bytes, "\"d\"", "\"e\"").unwrap();
    assert_eq!(changed, image(Kind::Utsns, &[b"\x0a\x02a\xff\x12\x01e"]));
}

#[test]
fn frames_come_back() {
    for framing in [Framing::One, Framing::Common, Framing::Service] {
        for order in [ByteOrder::Little, ByteOrder::Big] {
            let mut writer = Writer::new(Kind::Pstree, framing, order);
            writer.record(b"\x08\x07", &[]);
            let bytes = writer.finish();
            let text = to_string(&Image::parse("pstree.img", &bytes).unwrap(), Form::COMPACT);
            let usual = framing == Framing::Common && order == ByteOrder::Little;
            assert_eq!(text.contains("$frame"), !usual, "{text}");
            assert_eq!(read(&text).unwrap(), bytes);
        }
    }
}

#[test]
fn damaged_records_come_back() {
    let bytes = image(Kind::Pstree, &[b"\x08\x07", b"\x08", b"\x08\x09"]);
    let text = to_string(&Image::parse("pstree.img", &bytes).unwrap(), Form::PRETTY);
    assert!(
        text.contains("\"$error\": \"pstree.img: entry 1, offset 0x13: the bytes end inside a varint\""),
        "{text}"
    );
    assert_eq!(read(&text).unwrap(), bytes);
}

#[test]
fn values_without_a_name_are_numbers() {
    // A descriptor of a type that does not exist yet.
    let bytes = image(Kind::Fdinfo, &[b"\x08\x01\x10\x00\x18\x63\x20\x03"]);
    let text = to_string(&Image::parse("fdinfo-2.img", &bytes).unwrap(), Form::COMPACT);
    assert!(text.contains("\"type\": 99"), "{text}");
    assert_eq!(read(&text).unwrap(), bytes);
}

#[test]
fn what_go_crit_writes_is_read() {
    let options = r#"{"so_sndbuf":1,"so_rcvbuf":1,"so_snd_tmo_sec":"0","so_snd_tmo_usec":"0","so_rcv_tmo_sec":"0","so_rcv_tmo_usec":"0"}"#;
    let owner = r#"{"uid":0,"euid":0,"signum":0,"pid_type":0,"pid":0}"#;
    let socket = |name: &str, options: &str| {
        std::format!(
            r#"{{"magic":"FILES","entries":[{{"type":"UNIXSK","id":1,"usk":{{"id":1,"ino":2,"type":1,"state":7,"flags":2,"uflags":0,"backlog":0,"peer":0,"fown":{owner},"opts":{options},"name":"{name}"}}}}]}}"#
        )
    };
    let go = read(&socket("L3RtcC9zAA==", options)).unwrap();
    let python = read(&socket("/tmp/s=00", &options.replace("\"0\"", "0"))).unwrap();
    assert_eq!(go, python);
    assert_eq!(read(r#"{"magic":"FS","entries":null}"#).unwrap(), image(Kind::Fs, &[]));
    let mm = read(
        r#"{"magic":"PAGEMAP","entries":[{"pages_id":3},{"vaddr":"4321280","compat_nr_pages":0,"flags":4,"nr_pages":"1"}]}"#,
    );
    assert_eq!(
        mm.unwrap(),
        image(Kind::Pagemap, &[b"\x08\x03", b"\x08\x80\xe0\x87\x02\x10\x00\x20\x04\x28\x01"])
    );
}

#[test]
fn pretty_forms_are_read() {
    let text = r#"{"magic": "PAGEMAP", "entries": [{"pages_id": 3}, {"vaddr": "0x41f000", "compat_nr_pages": 0, "flags": "PE_LAZY | PE_PRESENT", "nr_pages": 1}]}"#;
    let expected = image(Kind::Pagemap, &[b"\x08\x03", b"\x08\x80\xe0\x87\x02\x10\x00\x20\x06\x28\x01"]);
    assert_eq!(read(text).unwrap(), expected);
}

#[test]
fn what_is_no_image_is_refused_with_its_place() {
    let error = |text: &str| read(text).unwrap_err();
    assert_eq!(error(r#"{"entries": []}"#), "magic: no text");
    assert_eq!(error(r#"{"magic": "NONE", "entries": []}"#), "magic: \"NONE\" is no kind of image");
    assert_eq!(error(r#"{"magic": "FS", "entries": 7}"#), "entries: not a list");
    assert_eq!(
        error(r#"{"magic": "FS", "entries": [{"cwd": 7}]}"#),
        "entries[0].cwd: `fs_entry` has no such field"
    );
    assert_eq!(
        error(r#"{"magic": "FS", "entries": [{"cwd_id": -1}]}"#),
        "entries[0].cwd_id: not a value of uint32"
    );
    assert_eq!(
        error(r#"{"magic": "PSTREE", "entries": [{"pid": 1}, {"threads": [1, "x"]}]}"#),
        "entries[1].threads[1]: not a value of uint32"
    );
    assert_eq!(
        error(r#"{"magic": "PIPES_DATA", "entries": [{"pipe_id": 1, "bytes": 3, "extra": "YQ=="}]}"#),
        "entries[0].extra: the record says 3 bytes, but there are 1"
    );
    assert_eq!(
        error(r#"{"magic": "PIPES_DATA", "entries": [{"pipe_id": 1, "bytes": 3, "extra": "... <3B>"}]}"#),
        "entries[0].extra: the payload was left out"
    );
    assert_eq!(
        error(r#"{"magic": "FS", "entries": [{"$raw": "!", "cwd_id": 1}]}"#),
        "entries[0].$raw: not base64"
    );
}

#[test]
fn payloads_can_be_left_out() {
    let mut writer = Writer::new(Kind::PipesData, Framing::Common, ByteOrder::Little);
    writer.record(b"\x08\x05\x10\x03", b"abc");
    let bytes = writer.finish();
    let text = to_string(&Image::parse("pipes-data.img", &bytes).unwrap(), Form::NO_PAYLOADS);
    assert!(text.contains("\"extra\": \"... <3B>\""), "{text}");
}
