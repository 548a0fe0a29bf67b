use std::format;
use std::string::ToString;

use proptest::prelude::*;

use super::*;
use crate::image::Image;
use crate::json::{Form, to_string};

fn read(text: &str) -> Result<Vec<u8>, String> {
    let tree: Tree = serde_json::from_str(text).unwrap();
    encode(&tree).map_err(|error| error.to_string())
}

/// The bytes of the one record of an image that is made of an entry.
#[track_caller]
fn record(magic: &str, entry: &str) -> Vec<u8> {
    let bytes = read(&format!(r#"{{"magic": "{magic}", "entries": [{entry}]}}"#)).unwrap();
    let image = Image::parse("x", &bytes).unwrap();
    image.entries().next().unwrap().unwrap().bytes.to_vec()
}

fn error(magic: &str, entries: &str) -> String {
    read(&format!(r#"{{"magic": "{magic}", "entries": [{entries}]}}"#)).unwrap_err()
}

/// Every form that python crit, go-crit and people write numbers in.
#[test]
fn numbers_are_read_in_all_their_forms() {
    for form in ["76", "\"76\"", "\"0x4c\""] {
        assert_eq!(record("FS", &format!(r#"{{"cwd_id": {form}}}"#)), b"\x08\x4c", "{form}");
    }
    assert_eq!(record("FILE_LOCKS", r#"{"pid": -1}"#), b"\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
    assert_eq!(record("FILE_LOCKS", r#"{"pid": "-0x1"}"#), b"\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
    assert_eq!(record("PAGEMAP", r#"{"pages_id": "3"}"#), b"\x08\x03");
    // sint64 has its sign in the lowest bit.
    assert_eq!(record("VMAS", r#"{"fd": -1}"#), b"\x40\x01");
    assert_eq!(record("VMAS", r#"{"fd": "-1"}"#), b"\x40\x01");
}

#[test]
fn names_and_numbers_of_an_enumeration_are_one() {
    for form in ["\"REG\"", "1", "\"1\""] {
        assert_eq!(
            record("FILES", &format!(r#"{{"type": {form}, "id": 5}}"#)),
            b"\x08\x01\x10\x05",
            "{form}"
        );
    }
    assert_eq!(error("FILES", r#"{"type": "REGULAR"}"#), "entries[0].type: not a value of fd_types");
    assert_eq!(record("FILES", r#"{"type": 4242}"#), b"\x08\x92\x21", "a type of a later CRIU");
}

#[test]
fn flags_devices_and_states_are_read_by_name() {
    let area =
        record("VMAS", r#"{"prot": "PROT_READ | PROT_EXEC", "flags": "MAP_PRIVATE | MAP_ANON | 0x4000"}"#);
    assert_eq!(area, b"\x28\x05\x30\xa2\x80\x01");
    assert_eq!(record("VMAS", r#"{"prot": ""}"#), b"\x28\x00");
    assert_eq!(error("VMAS", r#"{"prot": "PROT_FLY"}"#), "entries[0].prot: not a value of uint32");
    assert_eq!(record("MNTS", r#"{"root_dev": "254:0"}"#), b"\x18\x80\x80\x80\x7f");
    assert_eq!(error("MNTS", r#"{"root_dev": "254:"}"#), "entries[0].root_dev: not a value of uint32");
    assert_eq!(record("INETSK", r#"{"state": "LISTEN", "proto": "TCP"}"#), b"\x28\x06\x30\x0a");
}

#[test]
fn addresses_are_read_as_words_of_the_machine() {
    let little = record("INETSK", r#"{"src_addr": ["127.0.0.1"]}"#);
    assert!(little.ends_with(b"\xff\x80\x80\x08"), "{little:x?}");
    assert_eq!(record("INETSK", r#"{"src_addr": [16777343]}"#), little);
    assert_eq!(
        record("INETSK", r#"{"src_addr": ["::1"]}"#),
        record("INETSK", r#"{"src_addr": [0, 0, 0, 16777216]}"#)
    );
    assert_eq!(
        error("INETSK", r#"{"src_addr": ["localhost"]}"#),
        "entries[0].src_addr[0]: not a value of uint32"
    );
    let big = read(
        r#"{"magic": "INETSK", "entries": [{"src_addr": ["127.0.0.1"]}], "$frame": {"byte_order": "big"}}"#,
    )
    .unwrap();
    let words = read(
        r#"{"magic": "INETSK", "entries": [{"src_addr": [2130706433]}], "$frame": {"byte_order": "big"}}"#,
    );
    assert_eq!(Ok(big), words);
}

#[test]
fn what_a_field_cannot_hold_is_refused() {
    let cases = [
        ("FS", r#"{"cwd_id": 4294967296}"#, "entries[0].cwd_id: not a value of uint32"),
        ("FS", r#"{"cwd_id": "x"}"#, "entries[0].cwd_id: not a value of uint32"),
        ("FS", r#"{"cwd_id": true}"#, "entries[0].cwd_id: not a value of uint32"),
        ("FS", r#"{"cwd_id": [1]}"#, "entries[0].cwd_id: not a value of uint32"),
        ("FILE_LOCKS", r#"{"pid": 2147483648}"#, "entries[0].pid: not a value of int32"),
        ("FILE_LOCKS", r#"{"start": 9223372036854775808}"#, "entries[0].start: not a value of int64"),
        ("UTSNS", r#"{"nodename": 7}"#, "entries[0].nodename: not a text"),
        ("TTY_DATA", r#"{"data": 7}"#, "entries[0].data: not a text of base64"),
        ("TTY_DATA", r#"{"data": "*"}"#, "entries[0].data: not base64"),
        ("BINFMT_MISC", r#"{"enabled": 1}"#, "entries[0].enabled: not true or false"),
        ("PSTREE", r#"{"threads": 1}"#, "entries[0].threads: not a list"),
        ("FILES", r#"{"reg": [1]}"#, "entries[0].reg: not an object of `reg_file_entry`"),
        ("FILES", r#"{"reg": {"fown": {"uid": "x"}}}"#, "entries[0].reg.fown.uid: not a value of uint32"),
        ("FILES", r#"{"reg": {"extra": ""}}"#, "entries[0].reg.extra: `reg_file_entry` has no such field"),
        (
            "FILES",
            r#"{"$note": 1, "reg": {"$raw": ""}}"#,
            "entries[0].reg.$raw: `reg_file_entry` has no such field",
        ),
        ("FS", "7", "entries[0]: not an object of `fs_entry`"),
        ("LOG", "{}", "magic: \"LOG\" is no kind of image"),
        ("log", "{}", "entries[0]: images of kind log have no records"),
    ];
    for (magic, entries, text) in cases {
        assert_eq!(error(magic, entries), text, "{entries}");
    }
}

#[test]
fn extras_that_are_none_are_refused() {
    let cases = [
        ("IPCNS_SEM", r#"{"nsems": 1, "extra": [65536]}"#, "extra: not a list of numbers up to 65535"),
        ("IPCNS_SEM", r#"{"nsems": 1, "extra": [-1]}"#, "extra: not a list of numbers up to 65535"),
        ("IPCNS_SEM", r#"{"nsems": 1, "extra": "1,2"}"#, "extra: not a list of numbers up to 65535"),
        ("IPCNS_SEM", r#"{"nsems": 1, "extra": {}}"#, "extra: not a list of numbers up to 65535"),
        ("IPCNS_SEM", r#"{"nsems": 1, "extra": "... <2B>"}"#, "extra: the payload was left out"),
        ("IPCNS_SEM", r#"{"nsems": 5, "extra": [1]}"#, "extra: the record says 16 bytes, but there are 8"),
        ("IPCNS_MSG", r#"{"qnum": 1, "extra": [{"msize": 0}]}"#, "extra: a message without its text"),
        ("IPCNS_MSG", r#"{"qnum": 1, "extra": [{"x": 0}, ""]}"#, "extra[0].x: `ipc_msg` has no such field"),
        ("IPCNS_MSG", r#"{"qnum": 1, "extra": [{"msize": 1}, "?"]}"#, "extra[0]: not base64"),
        ("IPCNS_MSG", r#"{"qnum": 1, "extra": "... <9B>"}"#, "extra: the payload was left out"),
        (
            "TCP_STREAM",
            r#"{"inq_len": 1, "outq_len": 0, "extra": {"inq": 7}}"#,
            "extra.inq: not a text of base64",
        ),
        ("TCP_STREAM", r#"{"inq_len": 1, "outq_len": 0}"#, "extra: the record says 1 bytes, but there are 0"),
        ("SK_QUEUES", r#"{"length": 0, "$payload": "?"}"#, "$payload: not base64"),
    ];
    for (magic, entry, text) in cases {
        assert_eq!(error(magic, entry), format!("entries[0].{text}"), "{entry}");
    }
}

/// go-crit has other keys for queues and text for semaphores.
#[test]
fn extras_of_go_crit_are_read() {
    let python = read(
        r#"{"magic": "TCP_STREAM", "entries": [{"inq_len": 2, "outq_len": 1, "extra": {"inq": "aW4=\n", "outq": ""}}]}"#,
    );
    assert_eq!(python.unwrap_err(), "entries[0].extra: the record says 3 bytes, but there are 2");
    let queues = |inq: &str, outq: &str| {
        read(&format!(
            r#"{{"magic": "TCP_STREAM", "entries": [{{"inq_len": 2, "outq_len": 1, "extra": {{"{inq}": "aW4=", "{outq}": "eA=="}}}}]}}"#
        ))
        .unwrap()
    };
    assert_eq!(queues("inq", "outq"), queues("in_q", "out_q"));
    assert!(queues("inq", "outq").ends_with(b"inx"));
    let semaphores = |extra: &str| {
        read(&format!(r#"{{"magic": "IPCNS_SEM", "entries": [{{"nsems": 3, "extra": {extra}}}]}}"#)).unwrap()
    };
    assert_eq!(semaphores("[0, 42, 1]"), semaphores(r#""[0,42,1]""#));
    assert!(semaphores("[0, 42, 1]").ends_with(b"\0\0\x2a\0\x01\0\0\0"));
}

#[test]
fn frames_that_are_none_are_refused() {
    let with = |frame: &str| read(&format!(r#"{{"magic": "FS", "entries": [], "$frame": {frame}}}"#));
    assert_eq!(with("{}"), with(r#"{"magic": "common", "byte_order": "little"}"#));
    assert_eq!(with(r#"{"magic": "two"}"#).unwrap_err(), "$frame.magic: not one, common or service");
    assert_eq!(with(r#"{"magic": 1}"#).unwrap_err(), "$frame.magic: not one, common or service");
    assert_eq!(with(r#"{"byte_order": "pdp"}"#).unwrap_err(), "$frame.byte_order: not little or big");
    assert_eq!(read(r#"{"magic": "FS", "$tail": 5}"#).unwrap_err(), "$tail: not a text of base64");
    assert_eq!(read("[]").unwrap_err(), "magic: no text");
}

#[test]
fn damaged_records_need_their_bytes() {
    assert_eq!(error("FS", r#"{"$error": "cut"}"#), "entries[0]: a record with `$error` needs `$raw`");
    assert_eq!(record("FS", r#"{"$error": "cut", "$raw": "CA=="}"#), b"\x08");
}

/// The last of two keys counts, and `null` is no value.
#[test]
fn keys_that_occur_twice_and_null() {
    assert_eq!(record("FS", r#"{"cwd_id": 1, "cwd_id": 2}"#), b"\x08\x02");
    assert_eq!(record("FS", r#"{"cwd_id": 1, "umask": null}"#), b"\x08\x01");
}

#[test]
fn packed_lists_are_packed() {
    let entries = r#"{"pages_id": 1}, {"vaddr": 4096, "compat_nr_pages": 0, "blocks": {"block_sizes": [300, 1],
        "total_payload_size": 301, "pages_per_block": 16}}"#;
    let bytes = read(&format!(r#"{{"magic": "PAGEMAP", "entries": [{entries}]}}"#)).unwrap();
    assert!(bytes.ends_with(b"\x32\x0a\x0a\x03\xac\x02\x01\x10\xad\x02\x18\x10"), "{bytes:x?}");
    let text = to_string(&Image::parse("pagemap-1.img", &bytes).unwrap(), Form::COMPACT);
    assert_eq!(read(&text).unwrap(), bytes);
}

/// Nested as deep as records are, which is as deep as readers of JSON go.
#[test]
fn depth_has_a_bound() {
    let nested = |levels: usize| {
        let open = r#"{"namespaces": ["#.repeat(levels);
        format!("{open}{}", "]}".repeat(levels))
    };
    assert!(read(&format!(r#"{{"magic": "APPARMOR", "entries": [{}]}}"#, nested(50))).is_ok());
    let mut tree = Tree::Object(Vec::new());
    for _ in 0..200 {
        tree = Tree::Object(alloc::vec![("namespaces".into(), Tree::List(alloc::vec![tree]))]);
    }
    let image = Tree::Object(alloc::vec![
        ("magic".into(), Tree::Text("APPARMOR".into())),
        ("entries".into(), Tree::List(alloc::vec![tree])),
    ]);
    assert!(encode(&image).unwrap_err().to_string().ends_with("messages are nested too deep"));
}

proptest! {
    /// Whatever JSON it is, it is an image that is shown and read again, or an error that says where.
    #[test]
    fn arbitrary_trees_are_read_or_refused(tree in trees(), kind in 0..Kind::ALL.len()) {
        let entries = Tree::List(alloc::vec![tree]);
        let magic = Tree::Text(Kind::ALL[kind].row().name.into());
        let image = Tree::Object(alloc::vec![("magic".into(), magic), ("entries".into(), entries)]);
        match encode(&image) {
            Ok(bytes) => {
                let name = Kind::ALL[kind].row().files[0].pattern.replace("{u}", "1");
                if let Ok(image) = Image::parse(&name, &bytes) {
                    prop_assert_eq!(read(&to_string(&image, Form::PRETTY)).unwrap(), bytes);
                }
            }
            Err(error) => prop_assert!(error.path.starts_with("entries[0]"), "{}", error),
        }
    }
}

/// Objects with keys of the schema and values of all types.
fn trees() -> impl Strategy<Value = Tree> {
    let names: Vec<&'static str> =
        crate::messages::all().flat_map(|message| message.fields).map(|field| field.name).collect();
    let key = prop_oneof![
        8 => proptest::sample::select(names),
        1 => proptest::sample::select(alloc::vec!["extra", "$raw", "$payload", "$error"]),
    ];
    let leaf = prop_oneof![
        any::<u64>().prop_map(Tree::Unsigned),
        any::<u8>().prop_map(|value| Tree::Unsigned(value.into())),
        (i64::MIN..0).prop_map(Tree::Negative),
        any::<bool>().prop_map(Tree::Bool),
        "[a-zA-Z0-9+/=:|. ]{0,12}".prop_map(Tree::Text),
        Just(Tree::Null),
    ];
    leaf.prop_recursive(3, 24, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Tree::List),
            proptest::collection::vec((key.clone().prop_map(Into::into), inner), 0..6).prop_map(Tree::Object),
        ]
    })
}
