//! Payloads written by hand, byte by byte.

use std::string::ToString;
use std::vec::Vec;

use super::*;
use crate::image::{ByteOrder, IMG_COMMON, Image};
use crate::json::{self, Form, Tree};
use crate::kinds::Kind;
use crate::messages::*;

/// The magics of a kind and what follows, with `words` written in the byte order of the machine.
struct Bytes(Vec<u8>, ByteOrder);

impl Bytes {
    fn of(kind: Kind, order: ByteOrder) -> Self {
        Self(Vec::new(), order).word(IMG_COMMON).word(kind.magic().unwrap())
    }

    fn word(mut self, word: u32) -> Self {
        self.0.extend(match self.1 {
            ByteOrder::Little => word.to_le_bytes(),
            ByteOrder::Big => word.to_be_bytes(),
        });
        self
    }

    fn record(self, record: &[u8]) -> Self {
        self.word(record.len().try_into().unwrap()).bytes(record)
    }

    fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }
}

/// Checks that JSON shows what is expected as first entry, and gives the bytes back.
#[track_caller]
fn check_json(name: &str, bytes: &[u8], entries: &str) {
    let image = Image::parse(name, bytes).unwrap();
    let text = json::to_string(&image, Form::COMPACT);
    assert!(text.contains(&std::format!("\"entries\": {entries}")), "{text}");
    let tree: Tree = serde_json::from_str(&text).unwrap();
    assert_eq!(json::encode(&tree).unwrap(), bytes);
}

const ORDERS: [ByteOrder; 2] = [ByteOrder::Little, ByteOrder::Big];

#[test]
fn bytes_of_pipes_and_fifos() {
    for (kind, name) in [(Kind::PipesData, "pipes-data.img"), (Kind::FifoData, "fifo-data.img")] {
        // Pipe 5 with three bytes, pipe 6 with none.
        let bytes = Bytes::of(kind, ByteOrder::Little)
            .record(b"\x08\x05\x10\x03\x18\x80\x80\x04")
            .bytes(b"abc")
            .record(b"\x08\x06\x10\x00")
            .0;
        let image = Image::parse(name, &bytes).unwrap();
        let found: Vec<_> = image
            .records::<PipeDataEntry>()
            .map(|r| r.unwrap())
            .map(|r| (r.message.pipe_id, r.entry.payload))
            .collect();
        assert_eq!(found, [(5, &b"abc"[..]), (6, b"")]);
        check_json(
            name,
            &bytes,
            r#"[{"pipe_id": 5, "bytes": 3, "size": 65536, "extra": "YWJj\n"}, {"pipe_id": 6, "bytes": 0, "extra": ""}]"#,
        );
    }
}

#[test]
fn packets_of_queues() {
    // For socket 9, two bytes and the rights to file 7.
    let bytes = Bytes::of(Kind::SkQueues, ByteOrder::Little)
        .record(b"\x08\x09\x10\x02\x22\x04\x08\x01\x10\x07")
        .bytes(b"hi")
        .0;
    check_json(
        "sk-queues.img",
        &bytes,
        r#"[{"id_for": 9, "length": 2, "scm": [{"type": 1, "rights": [7]}], "extra": "aGk=\n"}]"#,
    );
}

#[test]
fn queues_of_a_connection() {
    let record = b"\x08\x02\x10\x0a\x18\x03\x20\x14\x28\x07\x30\x00\x38\x80\x04";
    let bytes = Bytes::of(Kind::TcpStream, ByteOrder::Little).record(record).bytes(b"inout").0;
    let image = Image::parse("tcp-stream-1f.img", &bytes).unwrap();
    let record = image.records::<TcpStreamEntry>().next().unwrap().unwrap();
    assert_eq!(tcp_stream::queues(&record), tcp_stream::Queues { received: b"in", written: b"out" });
    let shown = r#"[{"inq_len": 2, "inq_seq": 10, "outq_len": 3, "outq_seq": 20, "opt_mask": 7, "snd_wscale": 0, "mss_clamp": 512, "extra": {"inq": "aW4=\n", "outq": "b3V0\n"}}]"#;
    check_json("tcp-stream-1f.img", &bytes, shown);
}

#[test]
fn bytes_of_terminals_stand_in_the_record() {
    let record = b"\x08\x06\x12\x05typed";
    let twice = b"\x12\x03old\x08\x06\x12\x03new\x1a\x01x";
    let bytes = Bytes::of(Kind::TtyData, ByteOrder::Big).record(record).record(twice).record(b"\x08\x07").0;
    let image = Image::parse("tty-data.img", &bytes).unwrap();
    let found: Vec<(u32, &[u8], u64)> = image
        .records::<TtyDataEntry>()
        .map(|record| record.unwrap())
        .map(|record| (record.message.tty_id, tty_data::data(&record)))
        .map(|(id, data)| (id, data, image.offset_of(data)))
        .collect();
    // Of a field that occurs twice the last one counts; bytes of nowhere are at 0.
    assert_eq!(found, [(6, &b"typed"[..], 16), (6, b"new", 34), (7, b"", 0)]);
}

#[test]
fn a_payload_that_cannot_be_read_is_given_as_cut() {
    let message = |kind, text: &[u8]| [&[8, kind, 16, 8][..], text].concat();
    let bytes = Bytes::of(Kind::IpcnsMsg, ByteOrder::Little).record(b"\x0a\x00\x10\x20\x18\x02");
    let bytes = bytes.word(4).bytes(&message(1, b"12345678")).word(4).bytes(&message(2, b"short")).0;
    let image = Image::parse("ipcns-msg-9.img", &bytes).unwrap();
    let mut entries = image.entries();
    assert!(entries.next().unwrap().is_err());
    let cut = entries.cut().unwrap().decode::<IpcMsgEntry>().unwrap();
    let messages: Vec<_> = sysv::messages(&cut).collect();
    assert_eq!(messages[0].as_ref().unwrap().text, b"12345678");
    assert_eq!(messages.len(), 2);
    assert!(messages[1].is_err());
}

#[test]
fn a_plain_ghost_file() {
    let bytes = Bytes::of(Kind::GhostFile, ByteOrder::Little)
        .record(b"\x08\x00\x10\x00\x18\xa4\x83\x02")
        .bytes(b"content")
        .0;
    let image = Image::parse("ghost-file-1f.img", &bytes).unwrap();
    let ghost = ghost_file::GhostFile::of(&image).unwrap().unwrap();
    let chunks: Vec<_> = ghost.chunks().map(Result::unwrap).collect();
    assert_eq!((ghost.len(), chunks), (7, [(0, &b"content"[..])].into()));
    check_json(
        "ghost-file-1f.img",
        &bytes,
        r#"[{"uid": 0, "gid": 0, "mode": 33188, "extra": "Y29udGVudA==\n"}]"#,
    );
}

#[test]
fn a_ghost_file_with_holes() {
    for order in ORDERS {
        let bytes = Bytes::of(Kind::GhostFile, order)
            .record(b"\x08\x00\x10\x00\x18\xa4\x83\x02\x48\x01\x50\x80\x80\x04")
            .record(b"\x08\x02\x10\x80\x20")
            .bytes(b"ab")
            .record(b"\x08\x01\x10\x80\x40")
            .bytes(b"c")
            .0;
        let image = Image::parse("ghost-file-2.img", &bytes).unwrap();
        let ghost = ghost_file::GhostFile::of(&image).unwrap().unwrap();
        let chunks: Vec<_> = ghost.chunks().map(Result::unwrap).collect();
        assert_eq!((ghost.len(), chunks), (65536, [(4096, &b"ab"[..]), (8192, b"c")].into()));
        let shown = r#"[{"uid": 0, "gid": 0, "mode": 33188, "chunks": true, "size": 65536}, {"len": 2, "off": 4096, "extra": "YWI=\n"}, {"len": 1, "off": 8192, "extra": "Yw==\n"}]"#;
        check_json("ghost-file-2.img", &bytes, shown);
    }
}

/// Key 1, everything else 0, id 4.
const DESC: &[u8] = b"\x0a\x0e\x08\x01\x10\x00\x18\x00\x20\x00\x28\x00\x30\x00\x38\x04";
const DESC_JSON: &str = r#""desc": {"key": 1, "uid": 0, "gid": 0, "cuid": 0, "cgid": 0, "mode": 0, "id": 4}"#;

#[test]
fn semaphores_are_padded_to_eight_bytes() {
    for (order, values) in [
        (ByteOrder::Little, b"\x00\x00\x2a\x00\x00\x01\x00\x00"),
        (ByteOrder::Big, b"\x00\x00\x00\x2a\x01\x00\x00\x00"),
    ] {
        let bytes = Bytes::of(Kind::IpcnsSem, order)
            .record(&[DESC, b"\x10\x03"].concat())
            .bytes(values)
            .record(&[DESC, b"\x10\x04"].concat())
            .bytes(&[0; 8])
            .0;
        let image = Image::parse("ipcns-sem-11.img", &bytes).unwrap();
        let sets: Vec<Vec<_>> = image
            .records::<IpcSemEntry>()
            .map(|record| sysv::semaphores(&record.unwrap()).collect())
            .collect();
        assert_eq!(sets, [&[0, 42, 256][..], &[0, 0, 0, 0]]);
        let shown = std::format!(
            r#"[{{{DESC_JSON}, "nsems": 3, "extra": [0, 42, 256]}}, {{{DESC_JSON}, "nsems": 4, "extra": [0, 0, 0, 0]}}]"#
        );
        check_json("ipcns-sem-11.img", &bytes, &shown);
    }
}

#[test]
fn messages_are_records_with_padded_texts() {
    for order in ORDERS {
        let bytes = Bytes::of(Kind::IpcnsMsg, order)
            .record(&[DESC, b"\x10\x80\x01\x18\x02"].concat())
            .record(b"\x08\x03\x10\x07")
            .bytes(b"msg-one\0")
            .record(b"\x08\x04\x10\x08")
            .bytes(b"eight!!!")
            .record(&[DESC, b"\x10\x00\x18\x00"].concat())
            .0;
        let image = Image::parse("ipcns-msg-11.img", &bytes).unwrap();
        let queues: Vec<_> = image.records::<IpcMsgEntry>().map(Result::unwrap).collect();
        let texts: Vec<_> = sysv::messages(&queues[0]).map(|message| message.unwrap().text).collect();
        assert_eq!((queues.len(), texts), (2, [&b"msg-one"[..], b"eight!!!"].into()));
        let shown = std::format!(
            r#"[{{{DESC_JSON}, "qbytes": 128, "qnum": 2, "extra": [{{"mtype": 3, "msize": 7}}, "bXNnLW9uZQ==\n", {{"mtype": 4, "msize": 8}}, "ZWlnaHQhISE=\n"]}}, {{{DESC_JSON}, "qbytes": 0, "qnum": 0, "extra": []}}]"#
        );
        check_json("ipcns-msg-11.img", &bytes, &shown);
    }
}

#[test]
fn segments_have_their_content_before_3_0() {
    let bytes = Bytes::of(Kind::IpcnsShm, ByteOrder::Little)
        .record(&[DESC, b"\x10\x05"].concat())
        .bytes(b"12345\0\0\0")
        .record(&[DESC, b"\x10\x05\x18\x01"].concat())
        .record(&[DESC, b"\x10\x00\x18\x01"].concat())
        .0;
    let image = Image::parse("ipcns-shm-11.img", &bytes).unwrap();
    let contents: Vec<_> =
        image.records::<IpcShmEntry>().map(|record| sysv::memory(&record.unwrap())).collect();
    assert_eq!(contents, [Some(&b"12345"[..]), None, None]);
    let shown = std::format!(
        r#"[{{{DESC_JSON}, "size": 5, "extra": "MTIzNDU=\n"}}, {{{DESC_JSON}, "size": 5, "in_pagemaps": true}}, "#
    );
    check_json("ipcns-shm-11.img", &bytes, &shown);
}

#[test]
fn maps_have_all_keys_and_then_all_values() {
    let bytes = Bytes::of(Kind::BpfmapData, ByteOrder::Little)
        .record(b"\x08\x07\x10\x08\x18\x04\x20\x02")
        .bytes(b"key1key2v1v2")
        .0;
    let image = Image::parse("bpfmap-data.img", &bytes).unwrap();
    let record = image.records::<BpfmapDataEntry>().next().unwrap().unwrap();
    let pairs: Vec<_> = bpf_map::pairs(&record).collect();
    assert_eq!(pairs, [(&b"key1"[..], &b"v1"[..]), (b"key2", b"v2")]);
    check_json(
        "bpfmap-data.img",
        &bytes,
        r#"[{"map_id": 7, "keys_bytes": 8, "values_bytes": 4, "count": 2, "extra": "a2V5MWtleTJ2MXYy\n"}]"#,
    );
}

#[test]
fn a_payload_past_the_end_is_said_and_comes_back() {
    let bytes = Bytes::of(Kind::SkQueues, ByteOrder::Little)
        .record(b"\x08\x09\x10\x02")
        .bytes(b"hi")
        .record(b"\x08\x09\x10\xff\xff\x03")
        .bytes(b"cut")
        .0;
    let image = Image::parse("sk-queues.img", &bytes).unwrap();
    let last = image.entries().last().unwrap().unwrap_err().to_string();
    assert_eq!(last, "sk-queues.img: entry 1, offset 0x1c: a payload of 65535 bytes, but only 3 are left");
    check_json("sk-queues.img", &bytes, r#"[{"id_for": 9, "length": 2, "extra": "aGk=\n"}], "$tail": "#);
}

#[test]
fn padding_that_is_not_zero_is_kept() {
    let bytes = Bytes::of(Kind::IpcnsSem, ByteOrder::Little)
        .record(&[DESC, b"\x10\x01"].concat())
        .bytes(b"\x01\0garbag")
        .0;
    let shown = std::format!(r#"[{{{DESC_JSON}, "nsems": 1, "extra": [1], "$payload": "AQBnYXJiYWc=\n"}}]"#);
    check_json("ipcns-sem-11.img", &bytes, &shown);
}

/// Lengths that claim more than there is, in every record that has one: an error that says where, and nothing is lost.
#[test]
fn payloads_that_claim_too_much_are_said() {
    // Kind, name, record, where its payload begins.
    let cases: [(Kind, &str, &[u8]); 7] = [
        (Kind::PipesData, "pipes-data.img", b"\x08\x05\x10\xff\xff\xff\xff\x0f"),
        (Kind::SkQueues, "sk-queues.img", b"\x08\x05\x10\xff\xff\xff\xff\x0f"),
        (Kind::TcpStream, "tcp-stream-1.img", b"\x08\xff\xff\xff\xff\x0f\x18\xff\xff\xff\xff\x0f"),
        (Kind::IpcnsSem, "ipcns-sem-1.img", b"\x10\xff\xff\xff\xff\x0f"),
        (Kind::IpcnsMsg, "ipcns-msg-1.img", b"\x18\xff\xff\xff\xff\x0f"),
        (Kind::IpcnsShm, "ipcns-shm-1.img", b"\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
        (Kind::BpfmapData, "bpfmap-data.img", b"\x10\xff\xff\xff\xff\x0f\x18\xff\xff\xff\xff\x0f"),
    ];
    for (kind, name, record) in cases {
        let bytes = Bytes::of(kind, ByteOrder::Little).record(record).bytes(b"few").0;
        let image = Image::parse(name, &bytes).unwrap();
        let mut entries = image.entries();
        let error = entries.next().unwrap().unwrap_err().to_string();
        assert!(error.starts_with(&std::format!("{name}: entry 0, offset 0x")), "{error}");
        assert!(error.contains("but only") || error.contains("the bytes end"), "{error}");
        assert!(entries.next().is_none(), "{name}: nothing leads on");
        assert!(entries.unframed().ends_with(b"few"), "{name}");
        check_json(name, &bytes, "[]");
    }
}

/// A record that does not say how much follows it counts as one that says 0.
#[test]
fn payloads_that_nothing_tells_of_are_none() {
    for (kind, name) in [
        (Kind::PipesData, "pipes-data.img"),
        (Kind::SkQueues, "sk-queues.img"),
        (Kind::TcpStream, "tcp-stream-1.img"),
        (Kind::IpcnsSem, "ipcns-sem-1.img"),
        (Kind::IpcnsMsg, "ipcns-msg-1.img"),
        (Kind::IpcnsShm, "ipcns-shm-1.img"),
        (Kind::BpfmapData, "bpfmap-data.img"),
    ] {
        let bytes = Bytes::of(kind, ByteOrder::Little).record(b"").record(b"").0;
        let image = Image::parse(name, &bytes).unwrap();
        assert_eq!(image.entries().filter(Result::is_ok).count(), 2, "{name}");
        assert!(image.entries().all(|entry| entry.unwrap().payload.is_empty()), "{name}");
    }
}

#[test]
fn pairs_that_do_not_come_out_even_are_none() {
    let pairs = |record: &[u8], payload: &[u8]| {
        let bytes = Bytes::of(Kind::BpfmapData, ByteOrder::Little).record(record).bytes(payload).0;
        let image = Image::parse("bpfmap-data.img", &bytes).unwrap();
        let record = image.records::<BpfmapDataEntry>().next().unwrap().unwrap();
        bpf_map::pairs(&record).count()
    };
    assert_eq!(pairs(b"\x08\x07\x10\x04\x18\x02\x20\x02", b"k1k2vw"), 2);
    assert_eq!(pairs(b"\x08\x07\x10\x03\x18\x02\x20\x02", b"k1kvw"), 0, "three bytes are no two keys");
    assert_eq!(pairs(b"\x08\x07\x10\x04\x18\x00\x20\x02", b"k1k2"), 0, "no values");
    assert_eq!(pairs(b"\x08\x07\x10\x04\x18\x02\x20\x00", b"k1k2vw"), 0, "a count of 0");
    assert_eq!(pairs(b"\x08\x07\x10\x04\x18\x02\x20\xff\xff\xff\xff\x0f", b"k1k2vw"), 0, "more than bytes");
}

#[test]
fn ghosts_of_what_has_no_content_are_empty() {
    let ghost = |record: &[u8], payload: &[u8]| {
        let bytes = Bytes::of(Kind::GhostFile, ByteOrder::Little).record(record).bytes(payload).0;
        let image = Image::parse("ghost-file-1.img", &bytes).unwrap();
        let ghost = ghost_file::GhostFile::of(&image).unwrap().unwrap();
        (ghost.len(), ghost.is_empty(), ghost.chunks().count())
    };
    assert_eq!(ghost(b"\x08\x00\x10\x00\x18\xed\x81\x01", b""), (0, true, 0));
    // A size without chunks is none: the content tells.
    assert_eq!(ghost(b"\x08\x00\x10\x00\x18\xa4\x83\x02\x50\x64", b"abc"), (3, false, 1));
    // Chunks without a size.
    assert_eq!(ghost(b"\x08\x00\x10\x00\x18\xa4\x83\x02\x48\x01", b""), (0, true, 0));
    // All hole.
    assert_eq!(ghost(b"\x08\x00\x10\x00\x18\xa4\x83\x02\x48\x01\x50\x80\x60", b""), (12288, false, 0));
    let other = Bytes::of(Kind::PipesData, ByteOrder::Little).0;
    let image = Image::parse("pipes-data.img", &other).unwrap();
    assert!(matches!(ghost_file::GhostFile::of(&image), Some(Err(_))), "of another kind");
    let none = Bytes::of(Kind::GhostFile, ByteOrder::Little).0;
    let image = Image::parse("ghost-file-1.img", &none).unwrap();
    assert!(ghost_file::GhostFile::of(&image).is_none(), "without a record");
}

#[test]
fn queues_that_are_cut_are_read_as_far_as_they_go() {
    let record = b"\x18\x03";
    let messages = b"\x04\0\0\0\x08\x01\x10\x03one\0\0\0\0\0\x02\0\0\0\x08\x02";
    let bytes = Bytes::of(Kind::IpcnsMsg, ByteOrder::Little).record(record).bytes(messages).0;
    let image = Image::parse("ipcns-msg-1.img", &bytes).unwrap();
    let mut entries = image.entries();
    // The third message is not there.
    let error = entries.next().unwrap().unwrap_err().to_string();
    assert!(error.contains("the length of a record"), "{error}");
    // Without the frame's help, what is there is read.
    let order = ByteOrder::Little;
    let found: Vec<_> = sysv::queued(messages, 3, order).collect();
    assert_eq!((found.len(), found[0].as_ref().unwrap().text, found[2].is_err()), (3, &b"one"[..], true));
    assert_eq!(sysv::queued(messages, u32::MAX, order).count(), 3, "a count is not believed");
}

#[test]
fn padding_is_counted_to_the_multiple() {
    let cases =
        [(0, 8, 0), (1, 8, 8), (7, 8, 8), (8, 8, 8), (9, 8, 16), (6, 4, 8), (usize::MAX, 8, usize::MAX)];
    for (length, multiple, padded) in cases {
        assert_eq!(sysv::padded(length, multiple), padded, "{length} to {multiple}");
    }
}
