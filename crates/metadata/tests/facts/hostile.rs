//! Documents that nobody's engine wrote: each ends in a finding with its place, and the rest is read.

use icecore_metadata::{Code, Document, Documents};

/// The codes that a document of a name is answered with.
fn codes(name: &str, bytes: &[u8]) -> Vec<Code> {
    let mut documents = Documents::default();
    documents.add(name, bytes);
    documents.findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn text_that_is_odd_is_read_and_told() {
    let cases: [(&[u8], &[Code]); 8] = [
        (b"\xef\xbb\xbf{\"id\": \"a\"}", &[Code::JsonBom]),
        (b"{\"id\": \"a\xff\"}", &[Code::JsonUtf8]),
        (br#"{"id": "\ud800"}"#, &[Code::JsonSurrogate]),
        (b"{\"id\": \"a\"} {}", &[Code::JsonTrailing]),
        (br#"{"id": "a", "id": "b"}"#, &[Code::JsonDuplicateKey]),
        (br#"{"id": 1}"#, &[Code::JsonType]),
        (br#"{"lockID": 18446744073709551616}"#, &[Code::JsonNumber]),
        (br#"{"createdTime": "1970-01-01T00:00:00Z"}"#, &[Code::TimeOdd]),
    ];
    for (bytes, expected) in cases {
        assert_eq!(codes("config.dump", bytes), expected, "{}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn what_is_no_json_is_unreadable() {
    for bytes in [
        &b""[..],
        b" ",
        b"{",
        b"{\"id\"",
        b"[1,",
        b"nul",
        b"'a'",
        b"{id: 1}",
        b"\0",
        b"{\"a\": 01}",
        b"{\"a\": .5}",
    ] {
        let mut documents = Documents::default();
        documents.add("config.dump", bytes);
        assert_eq!(documents.config, Document::Unreadable, "{}", String::from_utf8_lossy(bytes));
        assert_eq!(documents.findings[0].code, Code::JsonInvalid);
        assert!(documents.findings[0].offset.is_some_and(|offset| offset <= bytes.len() as u64));
    }
}

/// Depth and number of values are bounded; neither is a danger to stack or memory.
#[test]
fn documents_beyond_measure_are_refused() {
    let deep = [b"[".repeat(1_000_000), b"]".repeat(1_000_000)].concat();
    assert_eq!(codes("config.dump", &deep), [Code::JsonLimit]);
    let objects = [br#"{"a":"#.repeat(200_000), b"1".to_vec(), b"}".repeat(200_000)].concat();
    assert_eq!(codes("spec.dump", &objects), [Code::JsonLimit]);
    let wide = format!("[{}1]", "1,".repeat(icecore_metadata::VALUE_LIMIT));
    assert_eq!(codes("deleted.files", wide.as_bytes()), [Code::JsonLimit]);
}

/// A key that stands a million times is one finding and a count.
#[test]
fn floods_of_findings_are_counted() {
    let members = r#""a": 1, "#.repeat(100_000);
    let text = format!(r#"{{"annotations": {{{members}"a": 1}}}}"#);
    let mut documents = Documents::default();
    documents.add("spec.dump", text.as_bytes());
    assert!(documents.findings.len() < 100, "{}", documents.findings.len());
    assert!(documents.findings.last().unwrap().text.contains("more findings of this kind"));
}

/// What a document says comes to a terminal: findings show no control characters of it.
#[test]
fn findings_are_escaped() {
    let text = "{\"id\": [\"\u{1b}[2J\u{202e}\"], \"\u{1b}]0;x\u{7}\": 1, \"\u{1b}]0;x\u{7}\": 2}";
    let mut documents = Documents::default();
    documents.add("config.dump", text.as_bytes());
    assert!(!documents.findings.is_empty());
    for finding in &documents.findings {
        let shown = finding.to_string();
        assert!(!shown.chars().any(|c| c.is_control() || c == '\u{202e}'), "{shown:?}");
    }
}

/// Blobs of `ctr`: an `Any` of a type URL and a value, written by hand.
#[test]
fn blobs_of_containerd_are_read_or_told() {
    use icecore_metadata::Role;
    let any = |url: &str, value: &[u8]| {
        let url_length = u8::try_from(url.len()).unwrap();
        let length = u8::try_from(value.len()).unwrap();
        [&[0x0a, url_length][..], url.as_bytes(), &[0x12, length], value].concat()
    };
    let mut documents = Documents::default();
    let spec = any("types.containerd.io/opencontainers/runtime-spec/1/Spec", br#"{"hostname": "web-1"}"#);
    documents.add_as(Role::CtrSpec, "blob-1", &spec);
    let flags = b"\x08\x01\x10\x01\x18\x00\x20\x01\x28\x01\x32\x03net\x3a\x04soft\x42\x02/i\x4a\x02/w";
    documents.add_as(
        Role::CtrCheckpointOptions,
        "blob-2",
        &any("containerd.runc.v1.CheckpointOptions", flags),
    );
    documents.add_as(Role::CtrRuntimeOptions, "blob-3", &any("containerd.runc.v1.Options", b"\x32\x04crun"));
    assert!(documents.findings.is_empty(), "{:?}", documents.findings);
    assert_eq!(documents.spec.get().unwrap().hostname.as_deref(), Some("web-1"));
    let options = documents.ctr_options.get().unwrap();
    assert_eq!(
        (options.exit, options.open_tcp, options.external_unix_sockets, options.terminal, options.file_locks),
        (true, true, false, true, true)
    );
    assert_eq!((options.empty_namespaces.join(","), options.cgroups_mode.as_str()), ("net".into(), "soft"));
    assert_eq!((options.image_path.as_str(), options.work_path.as_str()), ("/i", "/w"));
    assert_eq!(documents.ctr_runtime.get().unwrap().binary_name, "crun");

    for damaged in
        [&b"\x0a\xff\xff\xff\xff\x0f"[..], b"\x0b", b"\x0a", b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"]
    {
        let mut documents = Documents::default();
        documents.add_as(Role::CtrCheckpointOptions, "blob-2", damaged);
        assert_eq!(documents.findings[0].code, Code::WireInvalid, "{damaged:x?}");
        assert_eq!(documents.findings[0].member, "blob-2");
        assert!(documents.ctr_options.get().is_none());
    }
}
