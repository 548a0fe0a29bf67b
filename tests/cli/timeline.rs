//! `timeline`: the list, and the body file, checked by a strict reader.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use icecore_synth::{Tar, image};
use icecore_tests::case;

use crate::body_file::read as body;
use crate::command::{icecore, json};

fn relay() -> PathBuf {
    case("podman-precopy").dir.join("relay-final.tar.zst")
}

fn timeline(archive: &Path, more: &[&str]) -> crate::command::Answer {
    let words = [OsStr::new("timeline"), archive.as_os_str()];
    icecore(&words.into_iter().chain(more.iter().map(OsStr::new)).collect::<Vec<_>>())
}

#[test]
fn rows_are_in_the_order_of_their_times() {
    let document = json(&["timeline".as_ref(), relay().as_os_str()]);
    let events = document["events"].as_array().unwrap();
    let times: Vec<_> = events
        .iter()
        .map(|event| chrono::DateTime::parse_from_rfc3339(event["time"].as_str().unwrap()).unwrap())
        .collect();
    assert!(times.is_sorted() && times.len() > 20, "{}", times.len());
    for kind in
        ["container-created", "container-checkpointed", "file-modified", "file-accessed", "member-modified"]
    {
        assert!(events.iter().any(|event| event["kind"] == kind), "{kind}");
    }
    let file = events.iter().find(|event| event["kind"] == "file-modified").unwrap();
    assert!(file["path"].as_str().unwrap().starts_with('/') && file["member"].is_string());
}

#[test]
fn kinds_and_times_can_be_picked() {
    let lines = |more: &[&str]| {
        let answer = timeline(&relay(), &[more, &["--format", "jsonl"]].concat());
        assert_eq!(answer.code, 0, "{}", answer.err);
        answer.out.iter().filter(|byte| **byte == b'\n').count()
    };
    let all = lines(&[]);
    let split = "2026-11-25T20:00:00Z";
    assert_eq!(lines(&["--since", split]) + lines(&["--until", split]), all);
    assert_eq!(lines(&["--kind", "container-created"]), 1);
    assert_eq!(lines(&["--until", "1970-01-01"]), 0);
    assert_eq!(timeline(&relay(), &["--since", "yesterday"]).code, 2);
    assert_eq!(timeline(&relay(), &["--kind", "nothing"]).code, 2);
}

#[test]
fn a_body_file_has_the_files_of_the_list() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("relay.body");
    let answer = timeline(&relay(), &["--body", target.to_str().unwrap()]);
    assert_eq!((answer.code, answer.out.len(), answer.err.as_str()), (0, 0, ""));
    let lines = body(&fs::read(target).unwrap());
    let document = json(&["timeline".as_ref(), relay().as_os_str()]);
    let modified =
        document["events"].as_array().unwrap().iter().filter(|event| event["kind"] == "file-modified");
    let mut count = 0;
    for event in modified {
        let time = chrono::DateTime::parse_from_rfc3339(event["time"].as_str().unwrap()).unwrap();
        let path = event["path"].as_str().unwrap();
        let found = lines.iter().any(|line| {
            let name = line.name.split(" -> ").next().unwrap();
            name.trim_end_matches(" (deleted)") == path.trim_end_matches(" (deleted)")
                && line.numbers[4] == time.timestamp()
        });
        assert!(found, "{event}");
        count += 1;
    }
    assert!(count > 3, "{count}");
    assert!(lines.iter().any(|line| line.name.starts_with("[container-created] ")));
}

/// Names with newlines, separators, escapes and bytes that are no text: one line each, and nothing raw.
#[test]
fn odd_names_stay_in_their_field_and_off_the_terminal() {
    let odd: [&[u8]; 3] = [b"a\nb|c", b"\x1b[2J\xff", "\u{202e}tab\t\\".as_bytes()];
    let diff = odd.iter().fold(Tar::new(), |tar, name| tar.pax(&[("mtime", b"1000.5")]).file(name, "x"));
    let log = "2026-11-25T20:00:00Z stdout F \x1b]0;title\x07\n";
    let tar = Tar::new().file("config.dump", r#"{"id":"ab","name":"we\u001bb"}"#).file("ctr.log", log);
    let tar = tar.file("rootfs-diff.tar", diff.finish()).file("checkpoint/inventory.img", image::inventory());
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("odd.tar");
    fs::write(&archive, tar.finish()).unwrap();
    let lines = body(&timeline(&archive, &["--body", "-"]).out);
    let names: Vec<&str> =
        lines.iter().filter(|line| line.numbers[4] == 1000).map(|line| line.name.as_str()).collect();
    for name in [r"/a\x0ab\x7cc", r"/\x1b[2J\xff"] {
        assert!(names.contains(&name), "{names:?}");
    }
    let shown = timeline(&archive, &[]);
    let text = String::from_utf8(shown.out).unwrap() + &shown.err;
    assert!(!text.contains(['\x1b', '\x07', '\u{202e}', '\t']), "{text:?}");
    let document = json(&["timeline".as_ref(), archive.as_os_str()]);
    let events = document["events"].as_array().unwrap();
    assert!(events.iter().any(|event| event["path"] == "/a\nb|c"));
    assert!(events.iter().any(|event| event["path_b64"] == "LxtbMkr/"), "{events:?}");
}
