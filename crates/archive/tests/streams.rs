//! Streams of criu-image-streamer, as it wrote them and as somebody hostile would.
//!
//! What is expected comes from `expected.json` of each case, which the generator of the case wrote.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test states facts, also in the functions that its cases share"
)]

use std::path::{Path, PathBuf};

use icecore_archive::{Archive, Code, Compression, Kind, Options};
use serde_json::Value;

/// The folder of a case, in the corpus or among the fixtures. `None`: it is in neither.
fn case(name: &str) -> Option<PathBuf> {
    // Hostile cases lie in a folder of their own, and are named with it here.
    icecore_tests::find(name).map(|case| case.dir)
}

fn expected(case: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(case.join("expected.json")).unwrap()).unwrap()
}

fn open(path: &Path) -> Archive {
    Archive::open_path(path, &Options::default())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn codes(archive: &Archive) -> Vec<Code> {
    archive.findings().iter().map(|finding| finding.code).collect()
}

/// The images of `minimal` lie in its tar as CRIU wrote them, and in the streams as the streamer took them.
#[test]
fn real_streams_hold_what_criu_wrote() {
    let (Some(case), Some(minimal)) = (case("stream-minimal"), case("minimal")) else { return };
    let truth = open(&minimal.join("checkpoint.tar"));
    let root = truth.roots().first().unwrap();
    for archive in expected(&case).pointer("/archives").and_then(Value::as_array).unwrap() {
        let text = |key: &str| archive.get(key).and_then(Value::as_str).unwrap();
        let archive = open(&case.join(text("file")));
        assert_eq!(archive.kind().name(), text("kind"));
        assert_eq!(archive.compression().name(), text("compression"), "{}", text("file"));
        assert_eq!(codes(&archive), [], "{}", text("file"));
        let mut images = 0;
        for member in archive.members().iter().filter(|member| member.name.file_name().ends_with(b".img")) {
            let stream = member.bytes(("image", 1 << 30)).unwrap();
            let name = member.name.to_string();
            let Some(file) = root.file(&format!("checkpoint/{name}")).or_else(|| root.file(&name)) else {
                panic!("{name} is not in the tar")
            };
            assert!(stream == file.bytes(("image", 1 << 30)).unwrap(), "{name}");
            images += 1;
        }
        assert!(images >= 15, "{images} images");
    }
}

#[test]
fn the_external_file_is_a_member() {
    let Some(case) = case("stream-minimal") else { return };
    let archive = open(&case.join("one.stream"));
    let note = archive.members().file(b"note.txt").unwrap();
    assert_eq!(note.bytes(("document", 100)).unwrap().as_ref(), b"kept with the image\n");
    assert_eq!((note.offset, note.size, note.mode), (0x16, 20, 0));
}

#[test]
fn broken_streams_give_what_they_have() {
    let cases = [
        ("stream-out-of-order", vec![]),
        ("stream-names", vec![]),
        ("stream-shard-twice", vec![Code::StreamTwice]),
        ("stream-shard-missing", vec![Code::StreamGap]),
        ("stream-numbers-extreme", vec![Code::StreamGap]),
        ("stream-no-end", vec![Code::StreamNoEnd]),
        ("stream-truncated", vec![Code::StreamNoEnd]),
        ("stream-data-huge", vec![Code::StreamNoEnd]),
        ("stream-marker-huge", vec![Code::BadSize, Code::StreamNoEnd]),
        ("stream-data-first", vec![Code::StreamStray]),
    ];
    for (name, findings) in cases {
        let Some(case) = case(&format!("broken/{name}")) else { continue };
        let expected = expected(&case);
        let archive = open(&case.join(expected.pointer("/file").and_then(Value::as_str).unwrap()));
        assert_eq!((archive.kind(), archive.compression()), (Kind::Stream, Compression::None), "{name}");
        let about_names = [Code::NameClimbs, Code::NameAbsolute];
        let found: Vec<_> = codes(&archive).into_iter().filter(|code| !about_names.contains(code)).collect();
        assert_eq!(found, findings, "{name}");
        if let Some(members) = expected.pointer("/facts/members").and_then(Value::as_u64) {
            assert_eq!(archive.members().len() as u64, members, "{name}");
        }
        assert!(!archive.members().is_empty(), "{name}");
    }
}

#[test]
fn the_member_at_a_cut_is_marked() {
    for (name, member, size) in
        [("stream-truncated", "pages-1.img", None), ("stream-data-huge", "zz.img", Some(u64::from(u32::MAX)))]
    {
        let Some(case) = case(&format!("broken/{name}")) else { continue };
        let archive = open(&case.join("images.stream"));
        let cut: Vec<_> = archive.members().iter().filter(|member| member.is_cut()).collect();
        let names: Vec<_> = cut.iter().map(|member| member.name.to_string()).collect();
        assert_eq!(names, [member], "{name}");
        let claimed = cut.first().map(|member| member.size);
        assert!(size.is_none_or(|size| claimed == Some(size)), "{name}: {claimed:?}");
    }
}

#[test]
fn a_missing_shard_is_counted() {
    let Some(case) = case("broken/stream-shard-missing") else { return };
    let archive = open(&case.join("shards"));
    let gap = archive.findings().iter().find(|finding| finding.code == Code::StreamGap).unwrap();
    // Markers were given to three shards in turn, of which the second is not there.
    assert!(gap.text.starts_with("marker 1 is missing, 31 in all"), "{}", gap.text);
}

/// What else the corpus has is never taken for a stream.
#[test]
fn nothing_else_is_a_stream() {
    for name in ["minimal", "crun-busybox", "podman-pod", "restore-image", "podman-depot-image", "ctr-batchd"]
    {
        let Some(case) = case(name) else { continue };
        for entry in std::fs::read_dir(case).unwrap() {
            let path = entry.unwrap().path();
            if let Ok(archive) = Archive::open_path(&path, &Options::default()) {
                assert_ne!(archive.kind(), Kind::Stream, "{}", path.display());
            }
        }
    }
}
